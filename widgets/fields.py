"""The kinds of fields a form is made of: a line, several lines, one of a list, on or off.

See `widgets.form` for their use, and `widgets.combo` for the one that offers what is known.
"""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widget import Widget
from textual.widgets import Input, Select, TextArea

from widgets.cells import literal
from widgets.form import Field, Walk

ON = "yes"
"""The value of a switch that is on; off is empty."""


class _Line(Input):
    BINDINGS = [
        Binding("enter,down", "walk(1)", "next", show=False, id="form.next"),
        Binding("up", "walk(-1)", "previous", show=False, id="form.previous"),
    ]

    def action_walk(self, step: int) -> None:
        self.post_message(Walk(step))


class TextField(Field):
    """One line of text."""

    def __init__(
        self,
        key: str,
        label: str,
        *,
        value: str = "",
        hint: str = "",
        required: bool = False,
        placeholder: str = "",
    ) -> None:
        super().__init__(key, label, hint=hint, required=required)
        self.input = self.line(value, placeholder)

    def line(self, value: str, placeholder: str) -> Input:
        return _Line(
            value, placeholder=placeholder, compact=True, select_on_focus=False, classes="field--control"
        )

    def control(self) -> ComposeResult:
        yield self.input

    @property
    def value(self) -> str:
        return self.input.value

    @value.setter
    def value(self, text: str) -> None:
        self.input.value = text

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.changed()


class ChoiceField(Field):
    """One of a list. The options are (what it reads, value); the first is chosen if none is."""

    def __init__(
        self,
        key: str,
        label: str,
        options: Sequence[tuple[str, str]],
        *,
        value: str = "",
        hint: str = "",
        required: bool = False,
    ) -> None:
        super().__init__(key, label, hint=hint, required=required)
        self._options = tuple(options) or (("", ""),)
        self._before = value if value in self._values else self._options[0][1]
        """The value before it is mounted: a `Select` shows none that it was given by then."""
        self._select: Select[str] | None = None

    def control(self) -> ComposeResult:
        self._select = Select(
            self._prompts(), value=self._before, allow_blank=False, compact=True, classes="field--control"
        )
        yield self._select

    @property
    def _values(self) -> list[str]:
        return [value for _, value in self._options]

    def _prompts(self) -> list[tuple[Content, str]]:
        return [(Content(literal(text)), value) for text, value in self._options]

    def offer(self, options: Sequence[tuple[str, str]]) -> None:
        """Other options; the value stays if it is among them."""
        options = tuple(options) or (("", ""),)
        if options != self._options:
            kept = self.value
            self._options = options
            if self._select is not None:
                self._select.set_options(self._prompts())
            self.value = kept if kept in self._values else self._values[0]

    @property
    def value(self) -> str:
        value = self._before if self._select is None else self._select.value
        return str(value) if value in self._values else self._values[0]

    @value.setter
    def value(self, text: str) -> None:
        if text not in self._values:
            return
        if self._select is None:
            self._before = text
        else:
            self._select.value = text

    @on(Select.Changed)
    def _chosen(self, event: Select.Changed) -> None:
        event.stop()
        self.changed()


class _Box(Widget, can_focus=True):
    """`[x] text`. A box that shows by its form, not by a colour, whether it is ticked."""

    BINDINGS = [
        Binding("space", "tick", "on or off", id="form.tick"),
        Binding("enter,down", "walk(1)", "next", show=False, id="form.next"),
        Binding("up", "walk(-1)", "previous", show=False, id="form.previous"),
    ]
    ticked = var(False, init=False)

    def __init__(self, text: str, ticked: bool) -> None:
        super().__init__(classes="field--control form--box")
        self._text = literal(text)
        self.set_reactive(type(self).ticked, ticked)  # pyright: ignore[reportArgumentType]

    def render(self) -> Content:
        return Content(f"[{'x' if self.ticked else ' '}] {self._text}")

    def watch_ticked(self) -> None:
        self.refresh()
        self.post_message(Ticked())

    def action_tick(self) -> None:
        self.ticked = not self.ticked

    def action_walk(self, step: int) -> None:
        self.post_message(Walk(step))

    def on_click(self) -> None:
        self.action_tick()


class Ticked(Message):
    """A box was ticked, or not any more."""


class SwitchField(Field):
    """On (`ON`) or off (empty). `text` stands beside the box; `space` changes it."""

    def __init__(self, key: str, label: str, text: str = "", *, value: str = "", hint: str = "") -> None:
        super().__init__(key, label, hint=hint)
        self.box = _Box(text, value == ON)

    def control(self) -> ComposeResult:
        yield self.box

    @property
    def value(self) -> str:
        return ON if self.box.ticked else ""

    @value.setter
    def value(self, text: str) -> None:
        self.box.ticked = text == ON

    @on(Ticked)
    def _ticked(self, event: Ticked) -> None:
        event.stop()
        self.changed()


class _Lines(TextArea):
    """`up` on the first line and `down` on the last one leave it."""

    def action_cursor_up(self, select: bool = False) -> None:
        if self.cursor_at_first_line and not select:
            self.post_message(Walk(-1))
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        if self.cursor_at_last_line and not select:
            self.post_message(Walk(1))
        else:
            super().action_cursor_down(select)


class LinesField(Field):
    """Several lines of text; it grows with them up to a height."""

    DEFAULT_CSS = """
    LinesField TextArea { height: auto; min-height: 1; max-height: 7; padding: 0; }
    """

    def __init__(
        self,
        key: str,
        label: str,
        *,
        value: str = "",
        hint: str = "",
        required: bool = False,
        placeholder: str = "",
    ) -> None:
        super().__init__(key, label, hint=hint, required=required)
        self.area = _Lines(
            value,
            compact=True,
            soft_wrap=False,
            placeholder=Content(literal(placeholder)),
            highlight_cursor_line=False,
            classes="field--control",
        )

    def control(self) -> ComposeResult:
        yield self.area

    @property
    def value(self) -> str:
        return self.area.text

    @value.setter
    def value(self, text: str) -> None:
        if text != self.area.text:
            self.area.load_text(text)

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.changed()
