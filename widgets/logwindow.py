"""Where a view of a log is: cursor, top, matches and filter, in numbers of lines. Nothing here draws.

Lines are counted as the log counts them; the rows of a filtered view are found by bisection. So no step
costs more than what is on screen, however long the log is.
"""

from array import array
from bisect import bisect_left, bisect_right

from widgets.logscan import Keep, Lines, Scan


class Shown:
    """Which lines are shown, in order: all, or those a filter keeps."""

    def __init__(self, lines: Lines, scan: Scan | None = None) -> None:
        self.lines = lines
        self.scan = scan

    @property
    def _matches(self) -> "array[int] | None":
        return None if self.scan is None else self.scan.matches

    def __len__(self) -> int:
        matches = self._matches
        return len(self.lines) if matches is None else len(matches)

    def line_at(self, row: int) -> int:
        """The line that is shown as number `row`."""
        matches = self._matches
        return row if matches is None else matches[row]

    def row_of(self, line: int) -> int:
        """The place of a line, or of the next one that is shown."""
        matches = self._matches
        return line if matches is None else bisect_left(matches, line)

    def nearest(self, line: int) -> int:
        """The line, or if it is not shown the next one that is, or else the last."""
        if not len(self):
            return 0
        return self.line_at(min(self.row_of(line), len(self) - 1))

    def step(self, line: int, by: int) -> int:
        """The line `by` places further on, within what there is."""
        if not len(self):
            return 0
        return self.line_at(max(0, min(self.row_of(line) + by, len(self) - 1)))


class Found:
    """The matches of a search, and which of them the view is at."""

    def __init__(self, keep: Keep, count: int) -> None:
        self.scan = Scan(keep)
        self.scan.reset(count)
        self.current: int | None = None

    def __len__(self) -> int:
        return len(self.scan.matches)

    @property
    def number(self) -> int:
        """The place of the current match among all, from 1; 0 if the view is at none."""
        if self.current is None:
            return 0
        place = bisect_left(self.scan.matches, self.current)
        return place + 1 if place < len(self) and self.scan.matches[place] == self.current else 0

    def next(self, line: int, direction: int, *, here: bool = False) -> int | None:
        """The next match before or after a line (or on it), round the end; None if there is none."""
        matches = self.scan.matches
        if not matches:
            return None
        if direction > 0:
            place = (bisect_left if here else bisect_right)(matches, line)
            return matches[place % len(matches)]
        place = bisect_left(matches, line) - 1
        return matches[place]

    def splice(self, at: int, removed: int, inserted: int) -> None:
        self.scan.splice(at, removed, inserted)
        if self.current is not None:
            self.current = moved(self.current, at, removed, inserted)


def moved(line: int, at: int, removed: int, inserted: int) -> int:
    """The number of a line after lines [at, at + removed) gave way to `inserted` others."""
    if line >= at + removed:
        return line + inserted - removed
    return line if line < at else min(line, at + max(0, inserted - 1))
