"""The part of a table that shows: rows on the line API, by key, with a cursor and marks.

Use `VirtualTable` of `widgets.table`, which adds keys and mouse; this module is how it shows.
The rows on screen are looked at in `_repaint`, which compares each line with the one painted before;
`render_line` only draws what was looked at.
"""

from collections.abc import Callable, Collection, Iterable, Sequence, Set

from textual.cache import LRUCache
from textual.geometry import Region, Size, clamp
from textual.message import Message
from textual.reactive import Reactive, reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from widgets.cells import Cell
from widgets.columns import Column, fit_columns, total_width
from widgets.rows import follow, index_of, keep_window
from widgets.tablelook import (
    COMPONENTS,
    CSS,
    Frame,
    Line,
    Palette,
    draw_empty,
    draw_header,
    draw_line,
)

_SETTLE = 0.08
"""Seconds without a scroll before the rows on screen are announced."""


class TableView(ScrollView, can_focus=True):
    """Rows by key, a cursor, marks; draws them, and tells what is on screen."""

    ALLOW_SELECT = False

    COMPONENT_CLASSES = COMPONENTS
    DEFAULT_CSS = CSS

    # A change of the number of rows moves no other widget: no layout of the screen, no full repaint.
    virtual_size = Reactive(Size(0, 0), layout=False, repaint=False)

    empty: reactive[str] = reactive("")
    """What is shown, centred, when there are no rows. Literal; newlines start a line."""
    sort: reactive[tuple[str, bool] | None] = reactive(None, repaint=False)
    """The column that the header shows as sorted, and whether descending. The table itself sorts nothing."""

    class Posted(Message):
        """A message of a table: `table`, also called `control`, is the one it is from."""

        def __init__(self, table: "TableView") -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> "TableView":
            return self.table

    class Highlighted(Posted, namespace="virtual_table"):
        """The cursor is on another row; `key` is None when there is no row."""

        def __init__(self, table: "TableView", key: str | None) -> None:
            super().__init__(table)
            self.key = key

    class Marked(Posted, namespace="virtual_table"):
        """The set of marked keys is another."""

        def __init__(self, table: "TableView", marks: frozenset[str]) -> None:
            super().__init__(table)
            self.marks = marks

    class NearEnd(Posted, namespace="virtual_table"):
        """The last row is less than a page away: the time to fetch more. Once for the same rows."""

    class VisibleChanged(Posted, namespace="virtual_table"):
        """Other rows are on screen, and have been for a moment."""

        def __init__(self, table: "TableView", keys: tuple[str, ...]) -> None:
            super().__init__(table)
            self.keys = keys

    def __init__(
        self,
        columns: Sequence[Column],
        cells: Callable[[str], Sequence[Cell]],
        *,
        empty: str = "",
        markable: bool = True,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """`cells` gives a row's cells in the order of `columns`; `markable` False takes `space` away."""
        self._columns = tuple(columns)
        self._ask = cells
        self._markable = markable
        self._keys: Sequence[str] = ()
        self._cursor = 0
        self._cursor_key: str | None = None
        self._marks: frozenset[str] = frozenset()
        self._at_top = True  # the user looks at the first row from the top: new rows may push it down
        self._area = Size(0, 0)
        self._body = 0  # lines for rows
        self._span = 0  # cells for columns
        self._bars: tuple[object, ...] = ()  # what the scroll bars were drawn for
        self._widths = fit_columns(self._columns, 0)
        self._known: dict[str, tuple[Cell, ...]] = {}  # the cells of the rows on screen
        self._on_screen: tuple[str, ...] = ()
        self._announced: tuple[str, ...] = ()
        self._announcing: Timer | None = None
        self._end_announced: tuple[int, str] | None = None
        self._lines: list[Line] = []
        self._strips: LRUCache[Line, Strip] = LRUCache(512)
        self._palette: Palette | None = None
        super().__init__(id=id, classes=classes)
        self.set_reactive(TableView.empty, empty)

    # ── What it shows ────────────────────────────────────────────────────────────────────────────

    @property
    def keys(self) -> Sequence[str]:
        """The rows, as last given to `show`."""
        return self._keys

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, those dropped for want of room too."""
        return self._columns

    @columns.setter
    def columns(self, columns: Sequence[Column]) -> None:
        self._columns = tuple(columns)
        self._widths = ()
        self._known.clear()
        self._arrange()

    @property
    def visible_keys(self) -> tuple[str, ...]:
        """The rows on screen, from the top."""
        return self._on_screen

    @property
    def cursor_index(self) -> int | None:
        """The row the cursor is on, counted from 0; None without rows."""
        return self._cursor if self._keys else None

    @property
    def cursor_key(self) -> str | None:
        """The key of the row the cursor is on. Setting a key that is not among the rows changes nothing."""
        return self._cursor_key

    @cursor_key.setter
    def cursor_key(self, key: str) -> None:
        index = index_of(self._keys, key, self._cursor)
        if index is not None:
            self.move_to(index)

    @property
    def marks(self) -> frozenset[str]:
        """The marked keys. A mark outlives its row (a filter hides it only); set this to drop some."""
        return self._marks

    @marks.setter
    def marks(self, marks: Iterable[str]) -> None:
        marks = frozenset(marks)
        if marks != self._marks:
            self._marks = marks
            self._repaint()
            self.post_message(self.Marked(self, marks))

    @property
    def targets(self) -> tuple[str, ...]:
        """What an action is about: the marked keys, else the one under the cursor."""
        if self._marks:
            return tuple(sorted(self._marks))
        return () if self._cursor_key is None else (self._cursor_key,)

    def show(self, keys: Sequence[str], changed: Collection[str] | None = None) -> None:
        """Shows these rows in this order.

        `keys` is kept, not copied: give another sequence next time rather than changing this one.
        `changed` names the keys whose cells may differ; None is "any". Keys must be unique.
        """
        before, top, old = self._keys, self.scroll_offset.y, self._cursor
        self._keys = keys
        if changed is None:
            self._known.clear()
        elif isinstance(changed, Set):
            self._known = {key: cells for key, cells in self._known.items() if key not in changed}
        else:
            for key in changed:
                self._known.pop(key, None)
        self._cursor = follow(before, keys, self._cursor_key, old)
        if self._at_top:
            top = self._nearest_top(0)
        else:
            top = keep_window(before, keys, top=top, body=self._body, old=old, cursor=self._cursor)
        self._measure()
        self._scroll_to_line(top)
        self._repaint()
        self._note_cursor()
        if bool(before) != bool(keys):
            self.refresh_bindings()  # enter does something now, or nothing any more

    def refresh_cells(self, keys: Iterable[str] | None = None) -> None:
        """Asks again for the cells of these rows (None: all on screen) and paints what reads differently."""
        if keys is None:
            self._known.clear()
        else:
            for key in keys:
                self._known.pop(key, None)
        self._repaint()

    def move_to(self, index: int) -> None:
        """Puts the cursor on a row, by number from 0, and scrolls as little as shows it."""
        if not self._keys:
            return
        self._cursor = clamp(index, 0, len(self._keys) - 1)
        self._scroll_to_line(self._nearest_top(self.scroll_offset.y))
        self._repaint()
        self._note_user()
        self._note_cursor()

    def _note_cursor(self) -> None:
        key = self._keys[self._cursor] if self._keys else None
        if key != self._cursor_key:
            self._cursor_key = key
            self.post_message(self.Highlighted(self, key))

    def _note_user(self) -> None:
        self._at_top = self._cursor == 0 and self.scroll_offset.y == 0

    # ── Sizes and scrolling ──────────────────────────────────────────────────────────────────────

    def on_resize(self) -> None:
        self._arrange()

    def notify_style_update(self) -> None:
        self._palette = None
        self._strips.clear()
        super().notify_style_update()

    def _arrange(self) -> None:
        """New widths: everything is drawn again, and the cursor stays in sight."""
        cursor_was_seen = self.scroll_offset.y <= self._cursor < self.scroll_offset.y + self._body
        self._measure()
        if cursor_was_seen:
            self._scroll_to_line(self._nearest_top(self.scroll_offset.y))
        self._repaint()
        self.refresh()

    def _measure(self) -> None:
        """Shares the area between rows, columns and the bars that scroll them."""
        area = self.size
        bar_width, bar_height = self.styles.scrollbar_size_vertical, self.styles.scrollbar_size_horizontal
        lines = len(self._keys) + 1
        tall = lines > area.height
        least = self._gutter + total_width(fit_columns(self._columns, 0)) + 1
        wide = least > area.width - bar_width * tall
        if wide and not tall:
            tall = lines > area.height - bar_height
        body = max(0, area.height - bar_height * wide - 1)
        span = max(0, area.width - bar_width * tall)
        if (area, body, span) != (self._area, self._body, self._span) or not self._widths:
            self._area, self._body, self._span = area, body, span
            self._widths = fit_columns(self._columns, span - self._gutter - 1)
            self._strips.clear()
            self.refresh()
        self.virtual_size = Size(max(least, span) if wide else span, lines)

    def watch_virtual_size(self) -> None:
        self._scroll_update(self.virtual_size)

    def _scroll_update(self, virtual_size: Size) -> None:
        """Called on every layout of the screen, too: paints the scroll bars only if they have news."""
        shown = (self.show_horizontal_scrollbar, self.show_vertical_scrollbar)
        bars = (virtual_size, self.container_size, self.styles.scrollbar_size_vertical, *shown)
        if bars != self._bars:
            self._bars = bars
            super()._scroll_update(virtual_size)

    def _nearest_top(self, top: int) -> int:
        """The first line on screen that is nearest to `top` and keeps the cursor in sight."""
        return clamp(top, self._cursor - max(1, self._body) + 1, self._cursor)

    def _scroll_to_line(self, top: int) -> None:
        self.scroll_target_y = self.scroll_y = float(top)  # both validated: within what there is

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        self._strips.clear()
        super().watch_scroll_x(old_value, new_value)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = new_value
        if round(old_value) != round(new_value):
            self._repaint()

    # ── Painting ─────────────────────────────────────────────────────────────────────────────────

    @property
    def _gutter(self) -> int:
        return 3 if self._markable else 2

    def _repaint(self) -> None:
        """Looks at the rows on screen and marks the lines that read differently for painting."""
        top = self.scroll_offset.y
        keys = tuple(self._keys[top : top + self._body])
        known, ask, marks = self._known, self._ask, self._marks
        self._known = {key: known[key] if key in known else tuple(ask(key)) for key in keys}
        cursor = self._cursor - top
        lines = [Line(cells, i == cursor, key in marks) for i, (key, cells) in enumerate(self._known.items())]
        before, self._lines = self._lines, lines
        if bool(before) != bool(lines):
            self.refresh()
        else:
            regions = [
                Region(0, i + 1, self._area.width, 1)
                for i in range(max(len(before), len(lines)))
                if i >= len(lines) or i >= len(before) or before[i] != lines[i]
            ]
            if regions:
                self.refresh(*regions)
        self._on_screen = keys
        self._announce()

    def _announce(self) -> None:
        if self._on_screen != self._announced and self.is_attached:
            if self._announcing is None:
                self._announcing = self.set_timer(_SETTLE, self._announce_visible)
            else:
                self._announcing.reset()
        count = len(self._keys)
        if count and self._body and self.scroll_offset.y + 2 * self._body >= count:
            end = (count, self._keys[-1])
            if end != self._end_announced:
                self._end_announced = end
                self.post_message(self.NearEnd(self))

    def _announce_visible(self) -> None:
        self._announcing = None
        if self._on_screen != self._announced:
            self._announced = self._on_screen
            self.post_message(self.VisibleChanged(self, self._on_screen))

    def watch_sort(self) -> None:
        self.refresh(Region(0, 0, self._area.width, 1))

    def render_line(self, y: int) -> Strip:
        palette = self._palette
        if palette is None:
            palette = self._palette = Palette.of(self)
        if y == 0:
            return draw_header(self._frame, palette, self.sort)
        if not self._keys:
            return draw_empty(self.empty, y - 1, self._area.height - 1, self._frame, palette)
        if y > len(self._lines):
            return Strip.blank(self._area.width, palette.row)
        line = self._lines[y - 1]
        strip = self._strips.get(line)
        if strip is None:
            strip = self._strips[line] = draw_line(line, self._frame, palette)
        return strip

    @property
    def _frame(self) -> Frame:
        left = self.scroll_offset.x
        return Frame(self._columns, self._widths, self._gutter, self._span, self._area.width, left)
