"""Columns of a table, and the rule that gives them their widths.

    columns = (
        Column("name", "JOB", 16, weight=2),  # at least 16 cells, takes a share of the rest
        Column("age", "AGE", 7, align="right"),  # always 7 cells
        Column("reason", "REASON", 10, weight=1, drop=2),  # the first to go when there is no room
    )
    fit_columns(columns, 80)  # (45, 7, 24)
    fit_columns(columns, 30)  # (21, 7, 0): 0 is "not shown"

Widths are terminal cells throughout.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from widgets.cells import Align, Cut

GAP = 2
"""Blank cells between two columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is called, how wide it is, and how it shares the room."""

    key: str
    """Its name for messages and sorting."""
    label: str
    """Its header."""
    width: int
    """Its least width in cells."""
    max_width: int | None = None
    """Its greatest width, if it has a weight."""
    weight: int = 0
    """Its share of the room that is left over; 0 keeps the least width."""
    align: Align = "left"
    header_align: Align | None = None
    """Alignment of the header; None is that of the cells."""
    cut: Cut = "end"
    """Where its cells are cut."""
    drop: int = 0
    """The order in which columns vanish for want of room: the highest first, 0 never."""


def fit_columns(columns: Sequence[Column], available: int) -> tuple[int, ...]:
    """The width of each column in `available` cells; 0 for a column that is dropped.

    Of columns with an equal `drop` the rightmost goes first. When even the columns that never vanish do
    not fit, they keep their least widths and the sum exceeds `available`: the table then scrolls.
    """
    shown = list(range(len(columns)))
    while total_width([columns[i].width for i in shown]) > available:
        last = max(shown, key=lambda i: (columns[i].drop, i), default=None)
        if last is None or columns[last].drop == 0:
            break
        shown.remove(last)
    widths = {i: columns[i].width for i in shown}
    growing = [i for i in shown if columns[i].weight > 0]
    spare = available - total_width(list(widths.values()))
    while spare > 0 and growing:
        weights = sum(columns[i].weight for i in growing)
        portion = spare
        for i in growing:
            room = (columns[i].max_width or available) - widths[i]
            grown = max(0, min(room, -(-portion * columns[i].weight // weights), spare))
            widths[i] += grown
            spare -= grown
        growing = [i for i in growing if widths[i] < (columns[i].max_width or available)]
    return tuple(widths.get(i, 0) for i in range(len(columns)))


def total_width(widths: Sequence[int]) -> int:
    """Cells that columns of these widths take, with the gaps between those that are shown."""
    shown = [width for width in widths if width > 0]
    return sum(shown) + GAP * max(0, len(shown) - 1)
