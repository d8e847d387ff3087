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

from collections.abc import Callable, Collection, Iterable, Sequence, Set
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.cache import LRUCache
from textual.geometry import Region, Size, clamp
from textual.message import Message
from textual.reactive import Reactive, reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from widgets.cells import STYLES, Cell, fit, literal
from widgets.columns import GAP, Column, fit_columns, total_width

__all__ = ["Cell", "Column", "VirtualTable"]

_SETTLE = 0.08
"""Seconds without a scroll before the rows on screen are announced."""
_STEP = 8
"""Cells that one key press scrolls sideways."""
_WHEEL = 3
"""Lines that one notch of the wheel scrolls."""


class _Line(NamedTuple):
    """All that decides what a line of the body looks like, but for widths and styles."""

    cells: tuple[Cell, ...]
    cursor: bool
    marked: bool


class _Palette(NamedTuple):
    """The styles of the component classes, resolved for the present theme and focus."""

    row: Style
    cursor: Style
    mark: Style
    header: Style
    sorted: Style
    cells: dict[str, Style]


class VirtualTable(ScrollView, can_focus=True):
    """Rows by key on the line API. See the module's text for its use."""

    ALLOW_SELECT = False

    COMPONENT_CLASSES = {
        "table--cursor",
        "table--empty",
        "table--header",
        "table--mark",
        "table--sorted",
        *(f"table--{name}" for name in STYLES),
    }

    DEFAULT_CSS = """
    VirtualTable {
        height: 1fr;
        background: $surface;
        color: $foreground;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 1;

        & > .table--header { color: $text-muted; background: $surface; text-style: bold underline; }
        & > .table--sorted { color: $text; background: $surface; text-style: bold underline; }
        & > .table--cursor { color: $foreground; background: $foreground 8%; text-style: none; }
        & > .table--mark { color: $text-primary; text-style: bold; }
        & > .table--empty { color: $text-muted; }
        & > .table--muted { color: $text-muted; }
        & > .table--good { color: $text-success; }
        & > .table--warn { color: $text-warning; }
        & > .table--bad { color: $text-error; text-style: bold; }
        & > .table--accent { color: $text-primary; }
        & > .table--strong { color: $foreground; text-style: bold; }

        &:focus > .table--cursor { background: $primary 35%; text-style: bold; }
        &:light:focus > .table--cursor { background: $primary 20%; }

        &:ansi {
            & > .table--header { color: ansi_default; text-style: bold underline; }
            & > .table--muted { color: ansi_default; text-style: dim; }
            & > .table--accent { color: ansi_cyan; }
            & > .table--mark { color: ansi_cyan; }
            & > .table--empty { color: ansi_default; text-style: dim; }
            & > .table--cursor { color: ansi_default; text-style: bold; }
        }
        &:ansi:focus > .table--cursor { background: ansi_default; text-style: reverse; }
        &:nocolor:focus > .table--cursor { text-style: reverse; }
    }
    """

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
        Binding("left,h", "sideways(-1)", "scroll left", show=False, id="table.left"),
        Binding("right,l", "sideways(1)", "scroll right", show=False, id="table.right"),
    ]

    # A change of the number of rows moves no other widget: no layout of the screen, no full repaint.
    virtual_size = Reactive(Size(0, 0), layout=False, repaint=False)

    empty: reactive[str] = reactive("")
    """What is shown, centred, when there are no rows. Literal; newlines start a line."""
    sort: reactive[tuple[str, bool] | None] = reactive(None, repaint=False)
    """The column that the header shows as sorted, and whether descending. The table itself sorts nothing."""

    class _Posted(Message):
        def __init__(self, table: "VirtualTable") -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> "VirtualTable":
            return self.table

    class Highlighted(_Posted):
        """The cursor is on another row; `key` is None when there is no row."""

        def __init__(self, table: "VirtualTable", key: str | None) -> None:
            super().__init__(table)
            self.key = key

    class Selected(_Posted):
        """Enter or a double click on a row."""

        def __init__(self, table: "VirtualTable", key: str) -> None:
            super().__init__(table)
            self.key = key

    class Marked(_Posted):
        """The set of marked keys is another."""

        def __init__(self, table: "VirtualTable", marks: frozenset[str]) -> None:
            super().__init__(table)
            self.marks = marks

    class HeaderPressed(_Posted):
        """A click on the header of the column called `column`."""

        def __init__(self, table: "VirtualTable", column: str) -> None:
            super().__init__(table)
            self.column = column

    class NearEnd(_Posted):
        """The last row is less than a page away: the time to fetch more. Once for the same rows."""

    class VisibleChanged(_Posted):
        """Other rows are on screen, and have been for a moment."""

        def __init__(self, table: "VirtualTable", keys: tuple[str, ...]) -> None:
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
        self._widths = fit_columns(self._columns, 0)
        self._known: dict[str, tuple[Cell, ...]] = {}  # the cells of the rows on screen
        self._on_screen: tuple[str, ...] = ()
        self._announced: tuple[str, ...] = ()
        self._announcing: Timer | None = None
        self._end_announced: tuple[int, str] | None = None
        self._lines: list[_Line] = []
        self._strips: LRUCache[_Line, Strip] = LRUCache(512)
        self._palette: _Palette | None = None
        super().__init__(id=id, classes=classes)
        self.set_reactive(VirtualTable.empty, empty)

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
        index = _index(self._keys, key, self._cursor)
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
        before, top = self._keys, self.scroll_offset.y
        was_on_screen = top <= self._cursor < top + self._body
        self._keys = keys
        if changed is None:
            self._known.clear()
        elif isinstance(changed, Set):
            self._known = {key: cells for key, cells in self._known.items() if key not in changed}
        else:
            for key in changed:
                self._known.pop(key, None)
        old = self._cursor
        self._cursor = self._find_cursor(before)
        if self._at_top:
            top = self._nearest_top(0)
        elif was_on_screen:
            top += self._cursor - old
        elif top < len(before):
            moved = _index(keys, before[top], top)
            top = top if moved is None else moved
        self._measure()
        self._scroll_to_line(top)
        self._repaint()
        self._note_cursor()

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

    def _find_cursor(self, before: Sequence[str]) -> int:
        """Where the cursor's key is now; if it is gone, its nearest neighbour below, else above."""
        keys, old = self._keys, self._cursor
        if not keys or self._cursor_key is None:
            return 0
        index = _index(keys, self._cursor_key, old)
        if index is None:
            near = [*before[old + 1 : old + 100], *reversed(before[max(0, old - 100) : old])]
            left = set(near).intersection(keys)
            heir = next((key for key in near if key in left), None)
            index = None if heir is None else _index(keys, heir, old)
        return min(old, len(keys) - 1) if index is None else index

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
        lines = [
            _Line(cells, i == cursor, key in marks) for i, (key, cells) in enumerate(self._known.items())
        ]
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
        palette = self._palette or self._resolve()
        if y == 0:
            return self._draw_header(palette)
        if not self._keys:
            return self._draw_empty(y - 1)
        if y > len(self._lines):
            return Strip.blank(self._area.width, palette.row)
        line = self._lines[y - 1]
        strip = self._strips.get(line)
        if strip is None:
            strip = self._strips[line] = self._draw(line, palette)
        return strip

    def _resolve(self) -> _Palette:
        def text_style(name: str) -> Style:
            style = self.get_component_rich_style(f"table--{name}")
            return Style(color=style.color, bold=style.bold or None, dim=style.dim or None)

        self._palette = _Palette(
            row=self.rich_style,
            cursor=self.get_component_rich_style("table--cursor"),
            mark=text_style("mark"),
            header=self.get_component_rich_style("table--header"),
            sorted=self.get_component_rich_style("table--sorted"),
            cells={name: text_style(name) for name in STYLES},
        )
        return self._palette

    def _draw(self, line: _Line, palette: _Palette) -> Strip:
        row = palette.cursor if line.cursor else palette.row
        plain = bool(row.reverse)  # a reversed line in several colours is a patchwork: keep one
        segments: list[Segment] = []
        gap = Segment(" " * GAP, row)
        for column, width, cell in zip(self._columns, self._widths, line.cells, strict=False):
            if width:
                text, name = (cell, "") if isinstance(cell, str) else cell
                style = palette.cells.get(name)
                style = row if style is None or plain else row + style
                segments += (Segment(fit(literal(text), width, column.align), style), gap)
        gutter = [Segment("▸" if line.cursor else " ", row)]
        if self._markable:
            gutter.append(
                Segment("✓", row if plain else row + palette.mark) if line.marked else Segment(" ", row)
            )
        gutter.append(Segment(" ", row))
        return self._assemble(gutter, segments, row)

    def _draw_header(self, palette: _Palette) -> Strip:
        segments: list[Segment] = []
        key, descending = self.sort or ("", False)
        for column, width in zip(self._columns, self._widths, strict=True):
            if not width:
                continue
            text = fit(column.label, width, column.header_align or column.align)
            if column.key == key:  # the sign takes the first cell of the gap, or the padding before it
                text = fit(text.rstrip() + ("▼" if descending else "▲"), width + 1)
                segments += (Segment(text, palette.sorted), Segment(" " * (GAP - 1), palette.header))
            else:
                segments.append(Segment(text + " " * GAP, palette.header))
        return self._assemble([Segment(" " * self._gutter, palette.header)], segments, palette.header)

    def _assemble(self, gutter: list[Segment], segments: list[Segment], style: Style) -> Strip:
        left = self.scroll_offset.x
        body = Strip(segments).crop(left, left + self._span - self._gutter)
        return Strip([*gutter, *body]).adjust_cell_length(self._area.width, style).simplify()

    def _draw_empty(self, y: int) -> Strip:
        width = self._area.width
        style = self.get_component_rich_style("table--empty")
        text = self.empty.splitlines()
        y -= max(0, (self._area.height - 1 - len(text)) // 2)
        if not 0 <= y < len(text):
            return Strip.blank(width, self.rich_style)
        return Strip([Segment(fit(literal(text[y]), width, "center"), style)], width)

    # ── Keys and mouse ───────────────────────────────────────────────────────────────────────────

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("mark", "unmark"):
            return self._markable
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
            column = self._column_at(offset.x)
            if column is not None:
                self.post_message(self.HeaderPressed(self, column.key))
        elif offset.y <= len(self._lines):
            self.move_to(self.scroll_offset.y + offset.y - 1)
            if self._cursor_key is not None:
                if self._markable and offset.x < self._gutter:
                    self.marks = self._marks ^ {self._cursor_key}
                elif event.chain == 2:
                    self.post_message(self.Selected(self, self._cursor_key))

    def _column_at(self, x: int) -> Column | None:
        end = self._gutter - self.scroll_offset.x
        for column, width in zip(self._columns, self._widths, strict=True):
            end += width + GAP if width else 0
            if width and x < end:
                return column
        return None

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


def _index(keys: Sequence[str], key: str, guess: int) -> int | None:
    """Where the key is: at the guess most of the time, else looked for at C speed; None if nowhere."""
    if 0 <= guess < len(keys) and keys[guess] == key:
        return guess
    try:
        return keys.index(key)
    except ValueError:
        return None
