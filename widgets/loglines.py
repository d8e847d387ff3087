"""A view of a log whose cost follows the lines on screen, never the lines it has.

    view = LogView()
    view.show(lines)                        # see `widgets.logscan.Lines` for what a log is
    view.show(newer, splices=[(at, removed, inserted)])    # the same log, changed in places
    view.search("loss=0\\\\.1")             # n and N go from match to match
    view.filter("ERROR|WARN", host="algo-2")

The cursor belongs to a line and stays on it while lines come and go; with `follow` it stays on the last.
Searches and filters look at the lines in slices of some milliseconds, so keys are never held up. Text is
literal; of a long line only what is visible is looked at, and `wrap` shows all of it.
"""

from textual import events
from textual.binding import Binding

from widgets.loglook import Stamps
from widgets.logpane import LogPane

_SIDEWAYS = 16
"""Cells that one key press scrolls sideways."""
_WHEEL = 3
"""Rows that one notch of the wheel scrolls."""
_STAMPS: tuple[Stamps, ...] = ("local", "utc", "off")


class LogView(LogPane):
    """See the module's text for its use."""

    BINDINGS = [
        Binding("down,j", "move(1)", "down", show=False, id="log.down"),
        Binding("up,k", "move(-1)", "up", show=False, id="log.up"),
        Binding("pagedown,ctrl+f", "page(1.0)", "page down", show=False, id="log.page_down"),
        Binding("pageup,ctrl+b", "page(-1.0)", "page up", show=False, id="log.page_up"),
        Binding("ctrl+d", "page(0.5)", "half a page down", show=False, id="log.half_page_down"),
        Binding("ctrl+u", "page(-0.5)", "half a page up", show=False, id="log.half_page_up"),
        Binding("home,g", "first", "first line", show=False, id="log.first"),
        Binding("end,G", "last", "last line", show=False, id="log.last"),
        Binding("right", "sideways(1)", "scroll right", show=False, id="log.right"),
        Binding("left,h", "sideways(-1)", "scroll left", show=False, id="log.left"),
        Binding("n", "match(1)", "next match", show=False, id="log.next"),
        Binding("N", "match(-1)", "match before", show=False, id="log.previous"),
        Binding("w", "wrap", "wrap", show=False, id="log.wrap"),
    ]

    def action_move(self, by: int) -> None:
        if not len(self._shown):
            return
        if self.wrap and self._canvas.scroll_within(self._shown, self._cursor, by):
            self._paint()
            return
        if by < 0:
            self.follow = False
        self._cursor = self._shown.step(self._cursor, by)
        self._canvas.reveal(self._shown, self._cursor)
        self._paint()

    def action_page(self, pages: float) -> None:
        if not len(self._shown):
            return
        rows = int(pages * max(1, self.size.height - 1)) or (1 if pages > 0 else -1)
        if rows < 0:
            self.follow = False
        if self.wrap:
            self._canvas.scroll(self._shown, rows)
            self._cursor = self._canvas.kept_in_sight(self._shown, self._cursor, rows)
        else:
            self._canvas.scroll(self._shown, rows)
            self._cursor = self._shown.step(self._cursor, rows)
            self._canvas.reveal(self._shown, self._cursor)
        self._paint()

    def action_first(self) -> None:
        self.follow = False
        self._cursor = self._shown.nearest(0)
        self._canvas.reveal(self._shown, self._cursor)
        self._paint()

    def action_last(self) -> None:
        self._cursor = self._shown.nearest(len(self.lines))
        self._canvas.to_end(self._shown)
        self._paint()

    def action_match(self, direction: int) -> None:
        """The next match, or the one before."""
        found = self._found
        line = None if found is None else found.next(self._cursor, direction)
        if found is not None and line is not None:
            self.follow = False
            found.current = line
            self.go_to(line)

    def action_sideways(self, steps: int) -> None:
        if not self.wrap:
            self._canvas.left = max(0, self._canvas.left + steps * _SIDEWAYS)
            self._paint()

    def action_wrap(self) -> None:
        self.wrap = not self.wrap

    def action_stamps(self) -> None:
        self.stamps = _STAMPS[(_STAMPS.index(self.stamps) + 1) % len(_STAMPS)]

    def key_enter(self, event: events.Key) -> None:
        if len(self._shown):
            event.stop()
            self.post_message(self.Opened(self))

    # ── The mouse ────────────────────────────────────────────────────────────────────────────────

    def on_click(self, event: events.Click) -> None:
        if event.x >= self.size.width - 1 and len(self._shown):
            place = round(event.y / max(1, self.size.height - 1) * (len(self._shown) - 1))
            self.follow = False
            self.go_to(self._shown.line_at(place))
        elif event.y < len(self._canvas.on_screen):
            self.follow = False
            self._cursor = self._canvas.on_screen[event.y][0]
            self._paint()
            if event.chain == 2:
                self.post_message(self.Opened(self))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, _WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, -_WHEEL)

    def _wheel(self, event: events.MouseEvent, rows: int) -> None:
        event.stop()
        if len(self._shown):
            self.follow = self.follow and rows > 0
            self._canvas.scroll(self._shown, rows)
            self._cursor = self._canvas.kept_in_sight(self._shown, self._cursor, rows)
            self._paint()
