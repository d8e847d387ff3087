"""One line that tells which keys do something now: `enter open  / filter  s submit  ? help`.

    def compose(self):
        yield table
        yield KeyHints(keep=("help", "quit"))     # these actions' hints stay when the line is short

It reads the active bindings of its screen (those with `show`), in their order: focused widget, screen,
app; not those that the focused widget would take as text. A hint that does not fit whole is left out.
It repaints only when it reads differently.
"""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.keys import key_to_character
from textual.screen import Screen
from textual.widget import Widget

from widgets.cells import literal

_GAP = 2
_NAMES = {"enter": "enter", "escape": "esc", "space": "space", "delete": "del", "tab": "tab"}

# Textual names these keys otherwise than Unicode does.
_CHARACTERS = {"slash": "/", "backslash": "\\", "minus": "-", "plus": "+"}


class Hint(NamedTuple):
    """A key as it is shown, what it does, the key to press for it, and whether it must stay."""

    shown: str
    does: str
    key: str
    kept: bool

    @property
    def width(self) -> int:
        return cell_len(self.shown) + 1 + cell_len(self.does)


def fit_hints(hints: Sequence[Hint], width: int) -> tuple[Hint, ...]:
    """The hints that fit in `width` cells, in their order; those that are kept go before others."""
    room = width
    chosen: set[Hint] = set()
    for hint in sorted(hints, key=lambda hint: not hint.kept):
        needed = hint.width + (_GAP if chosen else 0)
        if needed <= room:
            chosen.add(hint)
            room -= needed
    return tuple(hint for hint in hints if hint in chosen)


class KeyHints(Widget):
    """See the module's text for its use."""

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    KeyHints { dock: bottom; height: 1; padding: 0 1; color: $text-muted; background: $panel; }
    """

    def __init__(
        self, keep: Sequence[str] = (), *, id: str | None = None, classes: str | None = None
    ) -> None:
        """`keep` names actions (without `app.` or parameters) that go first when room is short."""
        super().__init__(id=id, classes=classes)
        self._keep = frozenset(keep)
        self._hints: tuple[Hint, ...] = ()

    @property
    def text(self) -> str:
        """What it reads."""
        return (" " * _GAP).join(f"{hint.shown} {hint.does}" for hint in self._hints)

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)
        self.call_after_refresh(self._look)

    def on_resize(self) -> None:
        self._look()

    def _bindings_changed(self, screen: Screen[object]) -> None:
        if self.is_attached and screen is self.screen and self.app.app_focus:
            self.call_after_refresh(self._look)

    def _look(self) -> None:
        if not self.is_attached or not self.screen.is_current:  # covered, it would read as the dialog's
            return
        found: dict[str, Hint] = {}
        for _, binding, enabled, _ in self.screen.active_bindings.values():
            if not (binding.show and enabled and binding.description) or self._is_typed(binding):
                continue
            if binding.action not in found:
                found[binding.action] = self._hint(binding)
        hints = fit_hints(list(found.values()), self.size.width)
        if hints != self._hints:
            self._hints = hints
            self.refresh()

    def _is_typed(self, binding: Binding) -> bool:
        """Would the focused widget take the key as text?"""
        focused = self.screen.focused
        if focused is None or binding.priority:
            return False
        character = _CHARACTERS.get(binding.key) or key_to_character(binding.key)
        return focused.check_consume_key(binding.key, character)

    def _hint(self, binding: Binding) -> Hint:
        shown = binding.key_display or _NAMES.get(binding.key) or self.app.get_key_display(binding)
        action = binding.action.partition("(")[0].rpartition(".")[2]
        return Hint(literal(shown), literal(binding.description), binding.key, action in self._keep)

    def render(self) -> Content:
        pieces: list[str | tuple[str, str]] = []
        for hint in self._hints:
            pieces += [" " * _GAP if pieces else "", (hint.shown, "$foreground bold"), f" {hint.does}"]
        return Content.assemble(*pieces)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        end = 0
        for hint in self._hints if offset else ():
            end += hint.width + _GAP
            if offset and offset.x < end:
                self.app.simulate_key(hint.key)
                return
