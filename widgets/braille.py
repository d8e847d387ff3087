"""Lines drawn in braille: two dots across and four down in each cell of the terminal."""

from collections.abc import Sequence

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


class Canvas:
    """Dots in `width` × `height` cells. Each cell has the number of the line that drew in it last."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = max(1, width), max(1, height)
        self._dots = [[0] * self.width for _ in range(self.height)]
        self._owner = [[-1] * self.width for _ in range(self.height)]

    def dot(self, x: int, y: int, owner: int) -> None:
        """A dot; (0, 0) is at the bottom left."""
        if 0 <= x < 2 * self.width and 0 <= y < 4 * self.height:
            row = self.height - 1 - y // 4
            self._dots[row][x // 2] |= _DOTS[3 - y % 4][x % 2]
            self._owner[row][x // 2] = owner

    def column(self, x: int, low: int, high: int, owner: int) -> None:
        """All dots from `low` to `high` at one place across."""
        for y in range(max(0, low), min(high, 4 * self.height - 1) + 1):
            self.dot(x, y, owner)

    def cell(self, column: int, row: int) -> tuple[str, int]:
        """What a cell shows, and the line that it belongs to (-1: none). Row 0 is the top."""
        dots = self._dots[row][column]
        return (chr(0x2800 + dots) if dots else " "), self._owner[row][column]


def draw_line(
    canvas: Canvas,
    points: Sequence[tuple[float, float]],
    across: tuple[float, float],
    up: tuple[float, float],
    owner: int,
) -> None:
    """A line through points, oldest first, in a frame from `across` and `up` (least, greatest).

    Points that fall on one column of dots become a bar from their least to their greatest, so that
    peaks show however many points there are.
    """
    wide, tall = 2 * canvas.width, 4 * canvas.height
    x0, x1 = across
    y0, y1 = up
    if x1 <= x0 or y1 <= y0:
        return
    before: tuple[int, int] | None = None
    column, low, high, last = -1, 0, 0, 0

    def put() -> None:
        nonlocal before
        if column < 0:
            return
        if before is not None:
            _join(canvas, before, (column, low if last == low else high), owner)
        canvas.column(column, low, high, owner)
        before = (column, last)

    for x, y in points:
        if not x0 <= x <= x1:
            continue
        at = min(wide - 1, int((x - x0) / (x1 - x0) * wide))
        level = max(0, min(tall - 1, round((y - y0) / (y1 - y0) * (tall - 1))))
        if at != column:
            put()
            column, low, high = at, level, level
        low, high, last = min(low, level), max(high, level), level
    put()


def _join(canvas: Canvas, start: tuple[int, int], end: tuple[int, int], owner: int) -> None:
    """A straight line between two dots."""
    (xa, ya), (xb, yb) = start, end
    width = xb - xa
    for x in range(xa + 1, xb + 1):
        a = ya + (yb - ya) * (x - 1 - xa) / width
        b = ya + (yb - ya) * (x - xa) / width
        canvas.column(x, round(min(a, b)), round(max(a, b)), owner)
