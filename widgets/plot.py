"""A line plot with axes, and a cursor that reads the values off.

    plot = Plot("GPUUtilization", unit="%", x_label=lambda ms: clock(ms))
    plot.show([Curve("algo-1", points), Curve("algo-2", points)], across=(start, end))
    plot.cursor = moment          # all curves' values there stand in the first line

Each curve has a colour of its own, and its value at the cursor stands in the same colour beside its name.
"""

import bisect
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from widgets.braille import Canvas, draw_line
from widgets.cells import fit, literal

_COLOURS = 6
_NAMES = ("title", "axis", "cursor", "note", *(f"curve-{number}" for number in range(_COLOURS)))


class Curve(NamedTuple):
    """One line of a plot: its name, and its points, oldest first."""

    name: str
    points: Sequence[tuple[float, float]]

    def at(self, x: float) -> float | None:
        """The value of the point nearest to x; None before the first point."""
        place = bisect.bisect_right(self.points, (x, math.inf))
        near = self.points[place - 1 : place + 1] if place else ()
        return min(near, key=lambda point: abs(point[0] - x))[1] if near else None


class Plot(Widget):
    """See the module's text for its use."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {f"plot--{name}" for name in _NAMES}
    DEFAULT_CSS = """
    Plot {
        height: 10;
        background: $surface;
        & > .plot--title { text-style: bold; color: $foreground; }
        & > .plot--axis { color: $text-muted; }
        & > .plot--cursor { color: $text-warning; text-style: bold; }
        & > .plot--note { color: $text-muted; }
        & > .plot--curve-0 { color: $text-primary; }
        & > .plot--curve-1 { color: $text-success; }
        & > .plot--curve-2 { color: $text-warning; }
        & > .plot--curve-3 { color: $text-accent; }
        & > .plot--curve-4 { color: $text-error; }
        & > .plot--curve-5 { color: $text-secondary; }
        &.-chosen > .plot--title { color: $text-primary; text-style: bold reverse; }
    }
    """

    cursor: reactive[float | None] = reactive(None)
    """Where along the x axis values are read off; None reads the last ones."""

    def __init__(
        self,
        title: str,
        *,
        unit: str = "",
        x_label: Callable[[float], str] = str,
        least: float | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """`least` is a value that the y axis must reach down to (0 for per cent)."""
        super().__init__(id=id, classes=classes)
        self._title = literal(title)
        self._unit = unit
        self._x_label = x_label
        self._least = least
        self._curves: tuple[Curve, ...] = ()
        self._across = (0.0, 1.0)
        self._note = ""
        self._drawn: tuple[object, ...] = ()
        self._canvas: Canvas | None = None
        self._up = (0.0, 1.0)
        self._steps: list[float] = []
        self._styles: dict[str, Style] | None = None

    # ── What it shows ────────────────────────────────────────────────────────────────────────────

    def show(self, curves: Sequence[Curve], across: tuple[float, float], note: str = "") -> None:
        """Show these curves between two values of x. `note` stands there when there are none."""
        new = (tuple(curves), across, note)
        if new != (self._curves, self._across, self._note):
            self._curves, self._across, self._note = new
            self._canvas = None
            self.refresh()

    def values(self) -> list[tuple[str, float, float]]:
        """Every point in sight: name of its curve, x, y."""
        return [(curve.name, x, y) for curve in self._curves for x, y in curve.points if self._inside(x)]

    @property
    def columns(self) -> int:
        """How many cells the plot itself is wide: steps of the cursor."""
        return max(1, self.size.width - self._gutter - 1)

    def notify_style_update(self) -> None:
        self._styles = None
        super().notify_style_update()

    def on_resize(self) -> None:
        self._canvas = None

    # ── Measures ─────────────────────────────────────────────────────────────────────────────────

    @property
    def _rows(self) -> int:
        """Rows of the plot itself: without the title, the x axis and its labels."""
        return max(1, self.size.height - 3)

    @property
    def _gutter(self) -> int:
        return 8

    def _prepare(self) -> Canvas:
        canvas = self._canvas
        if canvas is not None and (canvas.width, canvas.height) == (self.columns, self._rows):
            return canvas
        values = [y for curve in self._curves for x, y in curve.points if self._inside(x)]
        self._up, self._steps = y_axis(values, self._rows, self._least)
        canvas = self._canvas = Canvas(self.columns, self._rows)
        for number, curve in enumerate(self._curves):
            draw_line(canvas, curve.points, self._across, self._up, number)
        return canvas

    def _inside(self, x: float) -> bool:
        return self._across[0] <= x <= self._across[1]

    @property
    def _cursor_column(self) -> int | None:
        low, high = self._across
        if self.cursor is None or high <= low:
            return None
        return max(0, min(self.columns - 1, int((self.cursor - low) / (high - low) * self.columns)))

    # ── Drawing ──────────────────────────────────────────────────────────────────────────────────

    def render_line(self, y: int) -> Strip:
        canvas = self._prepare()
        width = self.size.width
        row = self.rich_style
        if y == 0:
            segments = self._heading(width, row)
        elif y <= self._rows:
            segments = self._plot_row(canvas, y - 1, row)
        elif y == self._rows + 1:
            segments = self._axis_row(row)
        else:
            segments = self._label_row(row) if y == self._rows + 2 else []
        return Strip(segments).adjust_cell_length(width, row)

    def _style(self, name: str) -> Style:
        if self._styles is None:
            self._styles = {each: self.get_component_rich_style(f"plot--{each}") for each in _NAMES}
        return self._styles[name]

    def _heading(self, width: int, row: Style) -> list[Segment]:
        """The title, then each curve's name and its value at the cursor."""
        segments = [Segment(f" {self._title} ", row + self._style("title")), Segment(" ", row)]
        used = cell_len(self._title) + 3  # with the blanks round it
        # A cell of the plot is a stretch of time: what falls into it counts.
        low, high = self._across
        where = high if self.cursor is None else self.cursor + (high - low) / self.columns / 2
        if self.cursor is not None:
            text = f"{self._x_label(self.cursor)}  "
            segments.append(Segment(text, row + self._style("cursor")))
            used += len(text)
        for number, curve in enumerate(self._curves):
            value = curve.at(where)
            text = f"{literal(curve.name)} {number_text(value)}{self._unit if value is not None else ''}  "
            if used + cell_len(text.rstrip()) > width - 1:
                segments.append(Segment("…", row + self._style("note")))
                break
            segments.append(Segment(text, row + self._style(f"curve-{number % _COLOURS}")))
            used += cell_len(text)
        return segments

    def _plot_row(self, canvas: Canvas, line: int, row: Style) -> list[Segment]:
        label = ""
        span = self._up[1] - self._up[0]
        for step in self._steps:
            place = self._rows - 1 - int((step - self._up[0]) / span * (self._rows * 4 - 1) / 4)
            if place == line:
                label = number_text(step)
        segments = [
            Segment(f"{label.rjust(self._gutter - 1)[: self._gutter - 1]}", row + self._style("axis")),
            Segment("┤" if label else "│", row + self._style("axis")),
        ]
        if not self._curves or not any(curve.points for curve in self._curves):
            note = self._note if line == (self._rows - 1) // 2 else ""
            return [*segments, Segment(fit(literal(note), self.columns, "center"), row + self._style("note"))]
        cursor = self._cursor_column
        for column in range(canvas.width):
            sign, owner = canvas.cell(column, line)
            style = row + self._style(f"curve-{owner % _COLOURS}") if owner >= 0 else row
            if column == cursor and sign == " ":
                sign, style = "│", row + self._style("cursor")
            segments.append(Segment(sign, style))
        return list(Segment.simplify(segments))

    def _axis_row(self, row: Style) -> list[Segment]:
        line = ["─"] * self.columns
        for column, _ in self._x_ticks():
            line[column] = "┬"
        if (cursor := self._cursor_column) is not None:
            line[cursor] = "▲"
        text = "└".rjust(self._gutter) + "".join(line)
        return [Segment(text, row + self._style("axis"))]

    def _label_row(self, row: Style) -> list[Segment]:
        labels = [" "] * (self._gutter + self.columns + 1)
        free = 0
        for column, text in self._x_ticks():
            begin = max(0, min(self._gutter + column - len(text) // 2, len(labels) - len(text)))
            if begin >= free:
                labels[begin : begin + len(text)] = text
                free = begin + len(text) + 2
        return [Segment("".join(labels), row + self._style("axis"))]

    def _x_ticks(self) -> list[tuple[int, str]]:
        low, high = self._across
        count = max(2, self.columns // 18)
        places = [round(number * (self.columns - 1) / (count - 1)) for number in range(count)]
        return [
            (place, literal(self._x_label(low + (high - low) * place / max(1, self.columns - 1))))
            for place in places
        ]


def y_axis(
    values: Sequence[float], rows: int, least: float | None
) -> tuple[tuple[float, float], list[float]]:
    """((least, greatest), steps) of an axis that holds all values and has round steps."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if least is not None:
        low = min(low, least)
    if high - low < 1e-12:
        pad = abs(high) * 0.1 or 1.0
        low, high = low - pad if least is None else low, high + pad
    rough = (high - low) / max(1, min(5, rows // 2))
    magnitude = 10 ** math.floor(math.log10(rough))
    step = next(m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    steps = [number * step for number in range(first, last + 1)]
    return (steps[0], steps[-1]), steps


def number_text(value: float | None) -> str:
    """A value in at most seven characters: `0.0123`, `87.3`, `1,250`, `3.2e+07`."""
    if value is None:
        return "-"
    size = abs(value)
    if size and (size >= 1e6 or size < 1e-3):
        return f"{value:.1e}"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"
