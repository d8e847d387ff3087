"""Bars over time: one column a stretch of it, several lines high, with a limit, a scale and the ages below.

    chart = Timeline()
    chart.show(values, top=16, limit=5.3, ages=("3h", "now"))

    spark([0, 4, 8], top=8)      # ' ▄█': the same in one line of text, for a cell of a table

The part of a bar above the limit has another glyph, so that it reads without colours.
"""

import math
from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from widgets.cells import literal

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_OVER = " ▁▂▃▄▅▆▇▓"


def spark(values: Sequence[float], top: float) -> str:
    """One character a value; what is not nothing shows."""
    return "".join(_EIGHTHS[_eighths(value, top, 8)] for value in values)


def _eighths(value: float, top: float, most: int) -> int:
    if top <= 0 or value <= 0 or not math.isfinite(value):
        return 0
    return max(1, min(most, round(value / top * most)))


class Timeline(Widget):
    """A chart as wide and high as its place. `columns` says how many values it has room for."""

    DEFAULT_CSS = """
    Timeline { height: 1fr; width: 1fr; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._shown: tuple[tuple[float, ...], float, float, tuple[str, ...], str] = ((), 1.0, 0.0, (), "")

    SCALE = 5
    """Cells before the bars, for the numbers of the scale."""

    @property
    def columns(self) -> int:
        """Values that fit."""
        return max(0, self.size.width - self.SCALE)

    def show(
        self,
        values: Sequence[float],
        *,
        top: float,
        limit: float = 0,
        ages: Sequence[str] = (),
        title: str = "",
    ) -> None:
        """These values, the newest last. `top` is the value at the upper edge, `limit` where the line is
        drawn, `ages` the words below, spread evenly; `title` goes above. It repaints only what differs."""
        shown = (tuple(values), top, limit, tuple(ages), title)
        if shown != self._shown:
            self._shown = shown
            self.refresh()

    def render(self) -> Content:
        values, top, limit, ages, title = self._shown
        width = self.columns
        high = self.size.height - bool(ages) - bool(title)
        if high < 1 or width < 1:
            return Content("")
        values = values[-width:]
        top = max(top, limit, *values, 1.0) if values else max(top, limit, 1.0)
        lines: list[Content] = [Content.styled(literal(title)[: self.size.width], "dim")] if title else []
        mark = high - 1 - min(high - 1, int(limit / top * high)) if limit > 0 else -1
        for row in range(high):
            scale = (
                f"{top:.4g}"
                if row == 0
                else f"{limit:.3g}"
                if row == mark
                else "0"
                if row == high - 1
                else ""
            )
            lines.append(
                Content.assemble(
                    (f"{scale:>{self.SCALE - 1}} ", "dim"), self._bars(values, top, limit, row, high)
                )
            )
        if ages:
            lines.append(Content.styled(" " * self.SCALE + _spread(ages, width), "dim"))
        return Content("\n").join(lines)

    def _bars(self, values: Sequence[float], top: float, limit: float, row: int, high: int) -> Content:
        below = (high - 1 - row) * 8
        pieces: list[tuple[str, str]] = []
        edge = limit / top * high * 8 if limit > 0 else math.inf
        at_limit = limit > 0 and below <= edge < below + 8
        for value in values:
            filled = min(8, max(0, _eighths(value, top, high * 8) - below))
            if filled and below >= edge - 0.5:
                pieces.append((_OVER[filled], "$text-warning"))
            elif filled:
                pieces.append((_EIGHTHS[filled], "$primary"))
            else:
                pieces.append(("┄" if at_limit else " ", "dim"))
        return Content.assemble(*_merged(pieces))


def _merged(pieces: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    merged: list[tuple[str, str]] = []
    for text, style in pieces:
        if merged and merged[-1][1] == style:
            merged[-1] = (merged[-1][0] + text, style)
        else:
            merged.append((text, style))
    return merged


def _spread(words: Sequence[str], width: int) -> str:
    """The words over so many cells: the first at the left, the last at the right."""
    if len(words) == 1:
        return words[0].rjust(width)
    line = [" "] * width
    for index, word in enumerate(words):
        at = round(index * (width - cell_len(word)) / (len(words) - 1))
        for offset, character in enumerate(word):
            if 0 <= at + offset < width:
                line[at + offset] = character
    return "".join(line)
