"""A table whose cost follows the lines on screen, never the rows it holds.

    table = VirtualTable(
        [Column("name", "JOB", 16, weight=1), Column("status", "STATUS", 9)],
        cells=lambda key: (jobs[key].name, (jobs[key].status, "good")),
        empty="No jobs here.",
    )
    table.show(keys)                      # the rows, by key, in order
    table.show(keys, changed={"job-7"})   # later: only this row's cells need another look
    table.refresh_cells()                 # time has passed: ages may read differently

`cells` is asked for the rows on screen only. The cursor and the marks belong to keys, so they stay on
their rows when rows come, go and move, and the row under the cursor keeps its line on the screen.
Only lines that read differently are painted again. Cell text is literal, never markup.
"""

from textual import events
from textual.binding import Binding

from widgets.cells import Cell
from widgets.columns import Column
from widgets.tableview import TableView

__all__ = ["Cell", "Column", "VirtualTable"]

_STEP = 8
"""Cells that one key press scrolls sideways."""
_WHEEL = 3
"""Lines that one notch of the wheel scrolls."""


class VirtualTable(TableView):
    """Rows by key on the line API. See the module's text for its use."""

    BINDINGS = [
        Binding("enter", "select", "open", id="table.select"),
        Binding("space", "mark", "mark", id="table.mark"),
        Binding("M", "unmark", "clear marks", show=False, id="table.unmark"),
        Binding("down,j", "move(1)", "down", show=False, id="table.down"),
        Binding("up,k", "move(-1)", "up", show=False, id="table.up"),
        Binding("pagedown", "page(1.0)", "page down", show=False, id="table.page_down"),
        Binding("pageup", "page(-1.0)", "page up", show=False, id="table.page_up"),
        Binding("ctrl+d", "page(0.5)", "half a page down", show=False, id="table.half_page_down"),
        Binding("ctrl+u", "page(-0.5)", "half a page up", show=False, id="table.half_page_up"),
        Binding("home,g", "first", "first row", show=False, id="table.first"),
        Binding("end,G", "last", "last row", show=False, id="table.last"),
        Binding("left,shift+left,h", "sideways(-1)", "scroll left", show=False, id="table.left"),
        Binding("right,shift+right", "sideways(1)", "scroll right", show=False, id="table.right"),
    ]

    class Selected(TableView.Posted):
        """Enter or a double click on a row."""

        def __init__(self, table: TableView, key: str) -> None:
            super().__init__(table)
            self.key = key

    class HeaderPressed(TableView.Posted):
        """A click on the header of the column called `column`."""

        def __init__(self, table: TableView, column: str) -> None:
            super().__init__(table)
            self.column = column

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "select":
            return bool(self._keys)
        if action in ("mark", "unmark"):
            return self._markable and bool(self._keys)
        if action == "sideways":  # nothing to scroll: the key is free for the screen
            return self.max_scroll_x > 0
        return True

    def action_move(self, rows: int) -> None:
        self.move_to(self._cursor + rows)

    def action_page(self, pages: float) -> None:
        rows = int(pages * max(1, self._body - 1)) or (1 if pages > 0 else -1)
        self._scroll_to_line(self.scroll_offset.y + rows)
        self.move_to(self._cursor + rows)

    def action_first(self) -> None:
        self.move_to(0)

    def action_last(self) -> None:
        self.move_to(len(self._keys) - 1)

    def action_sideways(self, steps: int) -> None:
        self.scroll_target_x = self.scroll_x = self.scroll_x + steps * _STEP

    def action_select(self) -> None:
        if self._cursor_key is not None:
            self.post_message(self.Selected(self, self._cursor_key))

    def action_mark(self) -> None:
        if self._cursor_key is not None:
            self.marks = self._marks ^ {self._cursor_key}
            self.action_move(1)

    def action_unmark(self) -> None:
        self.marks = frozenset()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y == 0:
            column = self._frame.column_at(offset.x)
            if column is not None:
                self.post_message(self.HeaderPressed(self, column.key))
        elif offset.y <= len(self._lines):
            self.move_to(self.scroll_offset.y + offset.y - 1)
            if self._cursor_key is not None:
                if self._markable and offset.x < self._gutter:
                    self.marks = self._marks ^ {self._cursor_key}
                elif event.chain == 2:
                    self.post_message(self.Selected(self, self._cursor_key))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, _WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, -_WHEEL)

    def _wheel(self, event: events.MouseEvent, lines: int) -> None:
        """Scrolls at once, without the animation that costs bytes; sideways stays with the base class."""
        if event.ctrl or event.shift:
            return
        event.prevent_default()
        if self.max_scroll_y > 0:
            event.stop()
            self._scroll_to_line(self.scroll_offset.y + lines)
            self._note_user()
