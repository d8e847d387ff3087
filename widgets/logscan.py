"""Which lines of a log match: found in small steps, and kept right while lines come and go.

scan = Scan(re.compile("error").search)
scan.reset(lines)                # look at everything
while not scan.complete:
    scan.step(lines, 0.008)      # eight milliseconds of work, then let others go on
scan.splice(at=..., removed=..., inserted=...)   # the lines changed: only the new ones are looked at
"""

import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import NoReturn, Protocol

Keep = Callable[[str, str], object]
"""Whether a line matches, by host and text."""


class LogLine(Protocol):
    @property
    def time(self) -> int: ...
    @property
    def host(self) -> str: ...
    @property
    def text(self) -> str: ...


class Lines(Protocol):
    """What a log is to the widgets. An implementation may change only by being replaced by another."""

    def __len__(self) -> int: ...
    def line(self, index: int) -> LogLine:
        """A line, 0 being the first."""
        ...

    def run(self, index: int) -> tuple[int, Sequence[str], Sequence[str]]:
        """Lines around one, as many as are cheap: number of the first, their hosts, their texts."""
        ...

    def first_at(self, time: int) -> int:
        """The first line of a time or later; `len` if there is none."""
        ...


class NoLines:
    """A log without lines."""

    def __len__(self) -> int:
        return 0

    def line(self, index: int) -> NoReturn:
        raise IndexError(index)

    def run(self, index: int) -> NoReturn:
        raise IndexError(index)

    def first_at(self, time: int) -> int:
        return 0


class Scan:
    """The numbers of the lines that match, ascending. `pending` are ranges not looked at yet."""

    def __init__(self, keep: Keep) -> None:
        self.matches = array("L")
        self._keep = keep
        self._pending: list[tuple[int, int]] = []

    @property
    def complete(self) -> bool:
        return not self._pending

    def reset(self, count: int) -> None:
        """Look at all of `count` lines."""
        self.matches = array("L")
        self._pending = [(0, count)] if count else []

    def splice(self, at: int, removed: int, inserted: int) -> None:
        """Lines [at, at + removed) gave way to `inserted` new ones."""
        low, high = bisect_left(self.matches, at), bisect_left(self.matches, at + removed)
        shift = inserted - removed
        after = self.matches[high:]
        if shift and after:
            after = array("L", [index + shift for index in after])
        self.matches = self.matches[:low] + after if low or after else array("L")
        pending: list[tuple[int, int]] = []
        for start, stop in self._pending:
            if start < at:
                pending.append((start, min(stop, at)))
            if stop > at + removed:
                pending.append((max(start, at + removed) + shift, stop + shift))
        if inserted:
            pending.append((at, at + inserted))
        self._pending = _joined(pending)

    def step(self, lines: Lines, seconds: float) -> bool:
        """Look at lines for about so long; returns whether more matches are known than before."""
        deadline = time.perf_counter() + seconds
        before = len(self.matches)
        while self._pending:
            start, stop = self._pending[0]
            first, hosts, texts = lines.run(start)
            end = min(stop, first + len(texts))
            keep = self._keep
            window = range(start - first, end - first)
            found = array("L", [first + i for i in window if keep(hosts[i], texts[i])])
            if found:
                place = bisect_left(self.matches, start)
                if place == len(self.matches):
                    self.matches.extend(found)
                else:
                    self.matches[place:place] = found
            if end == stop:
                del self._pending[0]
            else:
                self._pending[0] = (end, stop)
            if time.perf_counter() > deadline:
                break
        return len(self.matches) != before


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, stop in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        else:
            joined.append((start, stop))
    return joined
