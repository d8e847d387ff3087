"""The rows of a log on screen: which there are, wrapped or not, and how each is drawn."""

import re
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from widgets.cells import fit, wrapped
from widgets.loglook import Highlighter, Palette, Prefix, Stamps, draw, row_starts
from widgets.logscan import Lines
from widgets.logwindow import Shown

_MOST_HOST_CELLS = 12


class Row(NamedTuple):
    """One row of the screen: all that decides how it looks, but for widths, styles and the search."""

    time: int
    host: str
    text: str
    first: bool
    """It is the first of its line's rows: it has the time and the host."""
    start: int
    end: int
    """The characters [start, end) of the text that are in it; -1 is the text's end."""
    cursor: bool
    current: bool


class LogCanvas:
    """Top of the view and drawing. `top` is a line, `sub` the first of its wrapped rows on screen."""

    def __init__(self, view: Widget, highlight: Highlighter) -> None:
        self.top = self.sub = self.left = 0
        self.wrap = self.hosts = self.dated = False
        self.stamps: Stamps = "off"
        self.key: tuple[object, ...] = ()
        self.shown_thumb: tuple[int, int] = (0, 0)
        self.on_screen: list[tuple[int, int]] = []
        self._view = view
        self._highlight = highlight
        self._palette: Palette | None = None
        self._strips: dict[Row, Strip] = {}
        self._starts: dict[tuple[int, int, int], list[int]] = {}
        self._host_cells = 6

    # ---- measures

    @property
    def _height(self) -> int:
        return max(1, self._view.size.height)

    @property
    def prefix(self) -> Prefix:
        return Prefix(self.stamps, self.dated, self._host_cells if self.hosts else 0)

    @property
    def _text_cells(self) -> int:
        return max(8, self._view.size.width - self.prefix.width - 1)

    def _starts_of(self, lines: Lines, line: int) -> list[int]:
        """Where the wrapped rows of a line begin."""
        text = lines.line(line).text
        key = (line, len(text), self._text_cells)
        starts = self._starts.get(key)
        if starts is None:
            if len(self._starts) > 256:
                self._starts.clear()
            starts = self._starts[key] = row_starts(text, self._text_cells)
        return starts

    def _rows_of(self, shown: Shown, line: int) -> int:
        return len(self._starts_of(shown.lines, line)) if self.wrap else 1

    # ---- where the view is

    def reveal(self, shown: Shown, line: int, *, centre: bool = False) -> None:
        """Scroll as little as shows the line; to the middle, if it is out of sight and `centre`."""
        if self._sees(shown, line):
            return
        if centre:
            self._place(shown, line, self._height // 2)
        elif line < self.top or (line == self.top and self.sub):
            self.top, self.sub = line, 0
        else:
            self._place(shown, line, self._height - self._rows_of(shown, line))
        self._fill(shown)

    def _sees(self, shown: Shown, line: int) -> bool:
        if line < self.top or (line == self.top and self.sub):
            return False
        row, used = shown.row_of(self.top), -self.sub
        target = shown.row_of(line)
        if target - row >= self._height:
            return False
        for place in range(row, target):
            used += self._rows_of(shown, shown.line_at(place))
        return used + min(self._rows_of(shown, line), self._height) <= self._height

    def _place(self, shown: Shown, line: int, above: int) -> None:
        """Put the line's first row at `above` rows below the top."""
        self.top, self.sub = line, 0
        if above > 0:
            self.scroll(shown, -above, fill=False)

    def to_end(self, shown: Shown) -> None:
        last = shown.line_at(len(shown) - 1) if len(shown) else 0
        self.top, self.sub = last, 0
        if len(shown):
            rows = self._rows_of(shown, last)
            if rows >= self._height:
                self.sub = rows - self._height
            else:
                self.scroll(shown, rows - self._height, fill=False)

    def _fill(self, shown: Shown) -> None:
        """No blank rows at the bottom while there are lines above."""
        row, used = shown.row_of(self.top), -self.sub
        while row < len(shown) and used < self._height:
            used += self._rows_of(shown, shown.line_at(row))
            row += 1
        if used < self._height:
            self.scroll(shown, used - self._height, fill=False)

    def scroll(self, shown: Shown, rows: int, *, fill: bool = True) -> None:
        """Move the view by rows of the screen, within what there is."""
        if not len(shown):
            return
        if not self.wrap:
            self.top = shown.step(self.top, rows)
        elif rows < 0:
            place, left = shown.row_of(self.top), -rows
            while left > self.sub and place > 0:
                left -= self.sub
                place -= 1
                self.sub = self._rows_of(shown, shown.line_at(place))
            self.sub = max(0, self.sub - left)
            self.top = shown.line_at(place)
        else:
            place, self.sub = shown.row_of(self.top), self.sub + rows
            while self.sub >= (count := self._rows_of(shown, shown.line_at(place))):
                if place == len(shown) - 1:
                    self.sub = count - 1
                    break
                self.sub -= count
                place += 1
            self.top = shown.line_at(place)
        if fill:
            self._fill(shown)

    def scroll_within(self, shown: Shown, line: int, by: int) -> bool:
        """Of a line taller than the screen, show its next row; whether there was one to show."""
        count = self._rows_of(shown, line)
        if count <= self._height or line != self.top:
            return False
        if by > 0 and self.sub + self._height < count:
            self.sub = min(self.sub + by, count - self._height)
            return True
        if by < 0 and self.sub > 0:
            self.sub = max(0, self.sub + by)
            return True
        return False

    def kept_in_sight(self, shown: Shown, line: int, rows: int) -> int:
        """The line nearest to a line that is on screen after scrolling by `rows`."""
        seen = self._layout(shown)
        if not seen or any(each == line for each, _ in seen):
            return line
        return seen[0][0] if rows > 0 else seen[-1][0]

    def _layout(self, shown: Shown) -> list[tuple[int, int]]:
        """(line, wrapped row) for each row of the screen."""
        rows: list[tuple[int, int]] = []
        place, sub = shown.row_of(self.top), self.sub
        while place < len(shown) and len(rows) < self._height:
            line = shown.line_at(place)
            count = self._rows_of(shown, line)
            rows += [(line, each) for each in range(sub, min(count, sub + self._height - len(rows)))]
            place, sub = place + 1, 0
        return rows

    # ---- drawing

    def rows(self, shown: Shown, cursor: int, current: int | None) -> list[Row]:
        """The rows on screen, from the top."""
        self._measure_hosts(shown)
        rows: list[Row] = []

        def lines_of(line: int) -> tuple[int, str, str]:
            found = shown.lines.line(line)
            return found.time, found.host, found.text

        self.on_screen = self._layout(shown)
        for line, sub in self.on_screen:
            if self.wrap:
                starts = self._starts_of(shown.lines, line)
                start = starts[sub]
                end = starts[sub + 1] if sub + 1 < len(starts) else -1
            else:
                start, end = self.left, -1
            time, host, text = lines_of(line)
            rows.append(Row(time, host, text, not sub, start, end, line == cursor, line == current))
        return rows

    def _measure_hosts(self, shown: Shown) -> None:
        if not self.hosts:
            return
        seen = (shown.lines.line(line).host for line, _ in self._layout(shown))
        widest = min(_MOST_HOST_CELLS, max((cell_len(host) for host in seen), default=0))
        self._host_cells = max(self._host_cells, widest)

    def draw(self, row: Row | None, y: int, search: re.Pattern[str] | None) -> Strip:
        palette = self._the_palette()
        bar = Segment(*self._bar(y, palette))
        if row is None:
            return Strip([Segment(" " * (self._view.size.width - 1), palette.row), bar])
        strip = self._strips.get(row)
        if strip is None:
            if len(self._strips) > 512:
                self._strips.clear()
            strip = self._strips[row] = self._drawn(row, palette, search)
        return Strip([*strip, bar])

    def _drawn(self, row: Row, palette: Palette, search: re.Pattern[str] | None) -> Strip:
        style = palette.row + palette.cursor if row.cursor else palette.row
        prefix = self.prefix
        before = [Segment(" " * prefix.width, style)]
        if row.first:
            before = list(prefix.segments(row.time, row.host, palette, style))
        text = row.text if row.end < 0 else row.text[: row.end]
        cells = draw(text, row.start, self._text_cells, style, palette, self._highlight, search, row.current)
        return Strip([*before, *cells]).simplify()

    def draw_empty(self, text: str, y: int) -> Strip:
        """Row `y` of a view without lines: the text in its middle."""
        palette = self._the_palette()
        width = self._view.size.width
        lines = wrapped(text, width - 2)
        y -= max(0, (self._height - len(lines)) // 2)
        shown = fit(lines[y], width, "center") if 0 <= y < len(lines) else " " * width
        return Strip([Segment(shown, palette.row + palette.by_name["empty"])])

    def _bar(self, y: int, palette: Palette) -> tuple[str, Style]:
        start, end = self.shown_thumb
        inside = start <= y < end
        if end - start >= self._height:
            return " ", palette.row
        return ("┃" if inside else "│"), palette.row + palette.by_name["thumb" if inside else "bar"]

    def thumb(self, shown: Shown) -> tuple[int, int]:
        """The rows [start, end) of the scroll bar's thumb; all of them when nothing scrolls."""
        count, height = len(shown), self._height
        if count <= height and not self.wrap:
            return 0, height
        size = max(1, min(height, height * height // max(1, count)))
        last = max(1, count - (1 if self.wrap else height))
        start = min(height - size, round(shown.row_of(self.top) / last * (height - size)))
        return start, start + size

    def _the_palette(self) -> Palette:
        if self._palette is None:
            self._palette = Palette.of(self._view)
        return self._palette

    def restyle(self) -> None:
        """Theme or focus changed."""
        self._palette = None
        self._strips.clear()

    def forget(self) -> None:
        """What was drawn is old."""
        self._strips.clear()
        self._starts.clear()
