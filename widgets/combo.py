"""A field to type into that offers what is known: `down` opens the list, typing narrows it, `enter` takes.

    yield ComboField("type", "Instance type", [("ml.g5.xlarge", "1 × A10G"), ("ml.m5.large", "")])

What is typed need not be in the list.
"""

from collections.abc import Sequence

from textual import events, on
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from widgets.cells import literal
from widgets.fields import TextField
from widgets.form import Walk

Offer = tuple[str, str]
"""A value, and a few words about it (may be empty)."""


def matching(offers: Sequence[Offer], text: str) -> list[Offer]:
    """Those that contain the text, those that begin with it first; all when it is one of them or empty."""
    wanted = text.strip().lower()
    if not wanted or any(value.lower() == wanted for value, _ in offers):
        return list(offers)
    found = [offer for offer in offers if wanted in offer[0].lower()]
    return sorted(found, key=lambda offer: not offer[0].lower().startswith(wanted))


class _ComboLine(Input):
    BINDINGS = [
        Binding("down", "list(1)", "choose", show=False, id="combo.down"),
        Binding("up", "list(-1)", "previous", show=False, id="combo.up"),
        Binding("enter", "take", "take", show=False, id="combo.take"),
        Binding("escape", "close", "close the list", show=False, id="combo.close"),
    ]

    @property
    def combo(self) -> "ComboField":
        return next(node for node in self.ancestors if isinstance(node, ComboField))

    def action_list(self, step: int) -> None:
        self.combo.step(step)

    def action_take(self) -> None:
        self.combo.take()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While the list is closed, escape means something else."""
        return action != "close" or self.combo.is_open

    def action_close(self) -> None:
        self.combo.close()

    def on_blur(self) -> None:
        self.combo.close()


class ComboField(TextField):
    """See the module's text for its use."""

    DEFAULT_CSS = "ComboField > .field--control { margin: 0 2 0 21; }"
    SIGN = "▼"

    def __init__(
        self,
        key: str,
        label: str,
        offers: Sequence[Offer] = (),
        *,
        value: str = "",
        hint: str = "",
        required: bool = False,
        placeholder: str = "",
    ) -> None:
        super().__init__(key, label, value=value, hint=hint, required=required, placeholder=placeholder)
        self._offers = tuple(offers)
        self._list = OptionList(compact=True, markup=False, classes="field--list")
        self._list.can_focus = False

    def line(self, value: str, placeholder: str) -> Input:
        return _ComboLine(
            value, placeholder=placeholder, compact=True, select_on_focus=False, classes="field--control"
        )

    @property
    def is_open(self) -> bool:
        return self._list.is_attached and bool(self._list.display)

    def offer(self, offers: Sequence[Offer]) -> None:
        """Other values to offer."""
        self._offers = tuple(offers)
        if self.is_open:
            self._narrow()

    def step(self, step: int) -> None:
        """`down` or `up`: in the list if it is open, else it opens on `down`; up goes to the line before."""
        if self.is_open:
            (self._list.action_cursor_down if step > 0 else self._list.action_cursor_up)()
        elif step > 0 and self._offers:
            self._open()
        else:
            self.post_message(Walk(step))

    def take(self) -> None:
        """The highlighted value; or the next line if the list is closed."""
        at = self._list.highlighted
        if self.is_open and at is not None:
            self._put(self._list.get_option_at_index(at))
        else:
            self.close()
            self.post_message(Walk(1))

    def close(self) -> None:
        self._list.display = False

    def _open(self) -> None:
        if not self._list.is_attached:
            self.mount(self._list, after=self.input)
        self._list.display = True
        self._narrow()

    def _put(self, option: Option) -> None:
        self.close()
        if option.id is not None:
            self.value = option.id
            self.input.cursor_position = len(self.input.value)

    def _narrow(self) -> None:
        found = matching(self._offers, self.value)
        width = max((len(value) for value, _ in found), default=0)
        self._list.clear_options()
        self._list.add_options(
            Option(Content(literal(f"{value:<{width}}  {about}".rstrip())), id=value)
            for value, about in found
        )
        values = [value for value, _ in found]
        if not found:
            self.close()
        else:
            self._list.highlighted = values.index(self.value) if self.value in values else 0

    @on(Input.Changed)
    def _narrow_as_typed(self) -> None:
        if self.is_open:
            self._narrow()

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._put(event.option)

    def on_click(self, event: events.Click) -> None:
        """A click on the field that has the keyboard opens the list."""
        if event.widget is self.input and not self.is_open and self._offers:
            self._open()
