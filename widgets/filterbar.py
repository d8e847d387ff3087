"""A line to type a filter into, with a count or a complaint to the right of it.

    bar = FilterBar(placeholder="name:llama* !failed age>1h")
    bar.open()                                    # on the `/` key, see below
    bar.set_status("14 of 389")                   # in answer to FilterBar.Changed
    bar.set_status("age> needs a time, as age>1h", error=True)

Typing posts `Changed`, a moment after the last key. Enter keeps the filter and gives the focus back; the
bar stays in sight while a filter is in force. Escape puts back the filter that was in force when the bar
opened; what was typed stays in the history, which the up and down arrows walk.

Bind `/` with `priority=True`, and let `check_action` refuse it while `bar.is_open`: only then do keys that
arrive in one read with it (a fast typist, a slow line) go to the bar, not to the bindings of the screen.
"""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from widgets.cells import literal

_PAUSE = 0.1
"""Seconds without a key before a change is told."""
_REMEMBERED = 50


class _Line(Input):
    BINDINGS = [Binding("enter", "submit", "keep", id="filter.keep")]


class FilterBar(Horizontal):
    """See the module's text for its use."""

    DEFAULT_CSS = """
    FilterBar {
        height: 1;
        background: $surface;
        & > .filterbar--sign { width: auto; color: $text-primary; text-style: bold; }
        & > Input { width: 1fr; padding: 0; background: $surface; border: none; height: 1; }
        & > Input:focus { border: none; background-tint: $foreground 5%; }
        & > .filterbar--status { width: auto; max-width: 60%; padding: 0 1; color: $text-muted; }
        &.-error > .filterbar--status { color: $text-error; text-style: bold; }
        &:ansi > Input:focus { background-tint: transparent; }
    }
    """

    BINDINGS = [
        Binding("escape", "cancel", "undo", id="filter.cancel"),
        Binding("up", "recall(-1)", "earlier filter", show=False, id="filter.earlier"),
        Binding("down", "recall(1)", "later filter", show=False, id="filter.later"),
    ]

    class _Posted(Message):
        def __init__(self, bar: "FilterBar", text: str) -> None:
            super().__init__()
            self.bar = bar
            self.text = text

        @property
        def control(self) -> "FilterBar":
            return self.bar

    class Changed(_Posted):
        """The filter to apply now."""

    class Submitted(_Posted):
        """Enter: the filter stays in force. `Changed` came before."""

    class Closed(_Posted):
        """Escape: the filter is the one from before again. `Changed` came before, if it differs."""

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        sign: str = "/",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """`value` is the filter in force at the start; `sign` stands before it, as the key that opens it."""
        super().__init__(id=id, classes=classes)
        self._sign = sign
        self._told = value
        self._kept = value
        self._history: list[str] = [value] if value else []
        self._recalled = 0
        self._pending: Timer | None = None
        self._came_from: Widget | None = None
        self._status = ""
        self._input = _Line(value, placeholder=placeholder, compact=True, select_on_focus=False)
        self._note = Static("", markup=False, classes="filterbar--status")
        self.display = bool(value)

    def compose(self) -> ComposeResult:
        yield Static(f"{self._sign} ", markup=False, classes="filterbar--sign")
        yield self._input
        yield self._note

    def on_mount(self) -> None:
        self._input.can_focus = False  # not a stop for `tab` until it is opened

    @property
    def value(self) -> str:
        """The filter as it was last told with `Changed`, or set."""
        return self._told

    @property
    def is_open(self) -> bool:
        """Does it have the keyboard? (`has_focus` would tell only once the input has heard of it.)"""
        return self._input.is_attached and self.screen.focused is self._input

    def open(self) -> None:
        """Shows the bar and gives it the keyboard."""
        if self.is_open:
            return
        self._came_from = self.screen.focused
        self._kept = self._told
        self._recalled = 0
        self.display = True
        self._input.can_focus = True
        self.screen.set_focus(self._input)  # at once: the next key may be here already
        self._input.cursor_position = len(self._input.value)

    def set_filter(self, text: str) -> None:
        """Puts a filter in force, as if typed and entered; the keyboard stays where it is."""
        self._kept = text
        self._write(text)
        self._tell()
        self._remember(text)
        self.display = bool(text) or self.is_open

    def set_status(self, text: str, error: bool = False) -> None:
        """What to say to the right: how many match, or (`error`) what is wrong with the filter."""
        if text != self._status:
            self._status = text
            self._note.update(Content(literal(text)))
        self.set_class(error, "-error")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value == self._told:
            return
        if self._pending is None:
            self._pending = self.set_timer(_PAUSE, self._tell)
        else:
            self._pending.reset()

    @on(Input.Submitted)
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        self._tell()
        self._remember(self._told)
        self._leave()
        self.post_message(self.Submitted(self, self._told))

    def action_cancel(self) -> None:
        self._remember(self._input.value)
        self._write(self._kept)
        self._tell()
        self._leave()
        self.post_message(self.Closed(self, self._told))

    def action_recall(self, step: int) -> None:
        """Walks the history; past its newest entry is the filter from before the bar opened."""
        recalled = self._recalled + step
        if -len(self._history) <= recalled <= 0:
            self._recalled = recalled
            self._write(self._history[recalled] if recalled else self._kept)
            self._input.cursor_position = len(self._input.value)

    def _write(self, text: str) -> None:
        if self._input.value != text:
            self._input.value = text

    def _tell(self) -> None:
        if self._pending is not None:
            self._pending.stop()
            self._pending = None
        if self._input.value != self._told:
            self._told = self._input.value
            self.post_message(self.Changed(self, self._told))

    def _remember(self, text: str) -> None:
        if text.strip():
            self._history = [*(past for past in self._history if past != text), text][-_REMEMBERED:]

    def _leave(self) -> None:
        self.display = bool(self._told)
        back = self._came_from
        self.screen.set_focus(back if back is not None and back.is_attached and back.focusable else None)
        self._input.can_focus = False
