"""What a table looks like: its styles, and the drawing of its lines from cells.

The component classes are `table--header`, `--sorted`, `--cursor`, `--mark`, `--empty`, and one for each
named style of cells (`widgets.cells.STYLES`). An app restyles them in its CSS like any other.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from widgets.cells import STYLES, Cell, fit, literal, wrapped
from widgets.columns import GAP, Column

COMPONENTS = {f"table--{name}" for name in ("cursor", "empty", "header", "mark", "sorted", *STYLES)}

CSS = """
TableView {
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


class Line(NamedTuple):
    """All that decides what a line of the body looks like, but for widths and styles."""

    cells: tuple[Cell, ...]
    cursor: bool
    marked: bool


class Palette(NamedTuple):
    """The styles of the component classes, resolved for the present theme and focus."""

    row: Style
    cursor: Style
    mark: Style
    header: Style
    sorted: Style
    empty: Style
    cells: dict[str, Style]

    @classmethod
    def of(cls, table: Widget) -> "Palette":
        """The palette of a widget that has the component classes."""

        def text_style(name: str) -> Style:
            style = table.get_component_rich_style(f"table--{name}")
            return Style(color=style.color, bold=style.bold or None, dim=style.dim or None)

        return cls(
            row=table.rich_style,
            cursor=table.get_component_rich_style("table--cursor"),
            mark=text_style("mark"),
            header=table.get_component_rich_style("table--header"),
            sorted=table.get_component_rich_style("table--sorted"),
            empty=table.get_component_rich_style("table--empty"),
            cells={name: text_style(name) for name in STYLES},
        )


class Frame(NamedTuple):
    """Where the columns are: their widths, the cells before them, and the part of them in sight."""

    columns: tuple[Column, ...]
    widths: tuple[int, ...]
    gutter: int
    span: int
    """Cells that gutter and columns share."""
    width: int
    """Cells of a line, with the place of the scroll bar."""
    left: int
    """Cells of the columns that are scrolled out at the left."""

    def shown(self) -> Iterator[tuple[Column, int]]:
        """The columns that are not dropped, with their widths."""
        return ((column, width) for column, width in zip(self.columns, self.widths, strict=True) if width)

    def column_at(self, x: int) -> Column | None:
        """The column under a cell of the line; a gap belongs to the column before it."""
        end = self.gutter - self.left
        for column, width in self.shown():
            end += width + GAP
            if x < end:
                return column
        return None

    def strip(self, gutter: Sequence[Segment], body: Sequence[Segment], style: Style) -> Strip:
        """A whole line: the gutter stays, the body scrolls behind it."""
        cropped = Strip(body).crop(self.left, self.left + max(0, self.span - self.gutter))
        return Strip([*gutter, *cropped]).adjust_cell_length(self.width, style).simplify()


def draw_line(line: Line, frame: Frame, palette: Palette) -> Strip:
    """A line of the body. Cursor and mark have a sign each: the colour never tells alone."""
    row = palette.cursor if line.cursor else palette.row
    plain = bool(row.reverse)  # a reversed line in several colours is a patchwork: keep one
    body: list[Segment] = []
    gap = Segment(" " * GAP, row)
    for column, width, cell in zip(frame.columns, frame.widths, line.cells, strict=False):
        if width:
            text, name = (cell, "") if isinstance(cell, str) else cell
            style = None if plain else palette.cells.get(name)
            style = row if style is None else row + style
            body += (Segment(fit(literal(text), width, column.align, column.cut), style), gap)
    mark = Segment("✓", row if plain else row + palette.mark) if line.marked else Segment(" ", row)
    signs = (Segment("▸" if line.cursor else " ", row), mark, Segment(" ", row))
    return frame.strip(signs if frame.gutter == 3 else signs[::2], body, row)


def draw_header(frame: Frame, palette: Palette, sort: tuple[str, bool] | None) -> Strip:
    """The header. The sign of the sorted column stands in the gap behind its label."""
    key, descending = sort or ("", False)
    body: list[Segment] = []
    for column, width in frame.shown():
        text = fit(column.label, width, column.header_align or column.align)
        if column.key == key:
            text = fit(text.rstrip() + ("▼" if descending else "▲"), width + 1)
            body += (Segment(text, palette.sorted), Segment(" " * (GAP - 1), palette.header))
        else:
            body.append(Segment(text + " " * GAP, palette.header))
    return frame.strip([Segment(" " * frame.gutter, palette.header)], body, palette.header)


def draw_empty(text: str, y: int, height: int, frame: Frame, palette: Palette) -> Strip:
    """Line `y` of a body without rows: the text in its middle, wrapped."""
    lines = wrapped(text, frame.width - 2)
    y -= max(0, (height - len(lines)) // 2)
    line = lines[y] if 0 <= y < len(lines) else ""
    return Strip([Segment(fit(line, frame.width, "center"), palette.empty)], frame.width)
