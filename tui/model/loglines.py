"""The lines of a log as one immutable value, in order of time, compressed in blocks.

A log of a million lines is some twenty megabytes here. Line n is found by bisection, and costs to unpack
one block; the blocks used last stay unpacked. Adding lines makes a new value that shares the blocks it
did not touch, so a thread can prepare it while another reads the old one.
"""

import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

BLOCK_LINES = 512
BLOCK_CHARACTERS = 64_000
"""A block closes at the first of the two, so that reading one line never unpacks much more than it."""

_UNPACKED = 32
"""Blocks kept unpacked: some two megabytes for lines of an ordinary length."""

_BLOCK_OVERHEAD = 400


class Line(NamedTuple):
    """One line: when (epoch ms), on which host, and its text, which has no line break."""

    time: int
    host: str
    text: str


class Entry(NamedTuple):
    """A line on its way in. `source` numbers the stream it was read from."""

    time: int
    source: int
    text: str


class Splice(NamedTuple):
    """How one value differs from the one before: lines [at, at + removed) gave way to `inserted` others."""

    at: int
    removed: int
    inserted: int


class _Block:
    """Consecutive lines. Never changed once made."""

    __slots__ = ("packed", "sources", "times")

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.times = array("q", (entry.time for entry in entries))
        self.sources = array("H", (entry.source for entry in entries))
        text = "\n".join(entry.text for entry in entries)
        self.packed = zlib.compress(text.encode("utf-8", "replace"), 1)

    def __len__(self) -> int:
        return len(self.times)

    @property
    def size(self) -> int:
        return len(self.packed) + 10 * len(self.times) + _BLOCK_OVERHEAD

    def entries(self) -> list[Entry]:
        return [Entry(*each) for each in zip(self.times, self.sources, _texts(self), strict=True)]


@lru_cache(_UNPACKED)
def _texts(block: _Block) -> list[str]:
    return zlib.decompress(block.packed).decode().split("\n")


class LogLines:
    """Lines in order of time. `hosts[s]` is the host of source s; `size` is about the bytes it holds.

    `dropped` counts the oldest lines that had to go to stay within `limit` bytes.
    """

    __slots__ = ("_blocks", "_ends", "dropped", "hosts", "size")

    def __init__(
        self, blocks: tuple[_Block, ...] = (), hosts: tuple[str, ...] = (), dropped: int = 0
    ) -> None:
        self._blocks = blocks
        self._ends = list(accumulate(map(len, blocks)))
        self.hosts = hosts
        self.dropped = dropped
        self.size = sum(block.size for block in blocks)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    # ---- reading

    def line(self, index: int) -> Line:
        """Line `index`, 0 being the oldest that is held. Raises IndexError."""
        number, start = self._block_at(index)
        block, within = self._blocks[number], index - start
        return Line(block.times[within], self.hosts[block.sources[within]], _texts(block)[within])

    def run(self, index: int) -> tuple[int, Sequence[str], Sequence[str]]:
        """The lines that are stored with line `index`: the first one's number, their hosts, their texts."""
        number, start = self._block_at(index)
        block = self._blocks[number]
        return start, [self.hosts[source] for source in block.sources], _texts(block)

    def first_at(self, time: int) -> int:
        """The first line of a time (epoch ms) or later; `len` if there is none."""
        number = bisect_left(self._blocks, time, key=lambda block: block.times[-1])
        if number == len(self._blocks):
            return len(self)
        return self._start(number) + bisect_left(self._blocks[number].times, time)

    def __iter__(self) -> Iterator[Line]:
        for block in self._blocks:
            for entry in block.entries():
                yield Line(entry.time, self.hosts[entry.source], entry.text)

    def _block_at(self, index: int) -> tuple[int, int]:
        if not 0 <= index < len(self):
            raise IndexError(index)
        number = bisect_right(self._ends, index)
        return number, self._start(number)

    def _start(self, number: int) -> int:
        return self._ends[number - 1] if number else 0

    # ---- adding

    def with_hosts(self, hosts: tuple[str, ...]) -> "LogLines":
        """The same lines, with names for more sources."""
        return LogLines(self._blocks, hosts, self.dropped)

    def merged(
        self, entries: Sequence[Entry], *, older: bool = False, limit: int = 0
    ) -> tuple["LogLines", Splice]:
        """With more lines, each where its time belongs; returns the new value and how it differs.

        Among lines of the same time and host those that came first stay first, or with `older`, those
        that came last come first: they were read backwards. Between hosts the host's number decides.
        `limit` is the most bytes to hold (0: any); the oldest lines go.
        """
        if not entries:
            return self, Splice(0, 0, 0)

        def order(entry: Entry) -> tuple[int, int]:
            return entry.time, entry.source

        batch = sorted(entries, key=order)
        low, high = self._overlap(batch[0].time, batch[-1].time)
        if self._blocks and low == high == len(self._blocks) and len(self._blocks[-1]) < BLOCK_LINES:
            low -= 1  # the last block is not full yet
        present = [entry for block in self._blocks[low:high] for entry in block.entries()]
        together = sorted([*batch, *present] if older else [*present, *batch], key=order)
        at = self._start(low)
        blocks = (*self._blocks[:low], *_pack(together), *self._blocks[high:])
        same = _common(present, together)
        tail = _common(present[same:][::-1], together[same:][::-1])
        splice = Splice(at + same, len(present) - same - tail, len(together) - same - tail)
        new = LogLines(blocks, self.hosts, self.dropped)
        return new._within(limit, splice) if limit else (new, splice)

    def _overlap(self, first: int, last: int) -> tuple[int, int]:
        """The blocks [low, high) that hold lines of times between these two."""
        low = bisect_left(self._blocks, first, key=lambda block: block.times[-1])
        high = bisect_right(self._blocks, last, key=lambda block: block.times[0])
        return low, max(low, high)

    def _within(self, limit: int, splice: Splice) -> tuple["LogLines", Splice]:
        size, gone, count = self.size, 0, 0
        while size > limit and gone < len(self._blocks) - 1:
            size -= self._blocks[gone].size
            count += len(self._blocks[gone])
            gone += 1
        if not gone:
            return self, splice
        kept = LogLines(self._blocks[gone:], self.hosts, self.dropped + count)
        # One splice for both: everything up to the end of what was inserted is new.
        end = splice.at + splice.inserted
        removed = splice.at + splice.removed
        return kept, Splice(0, removed + max(0, count - end), max(0, end - count))


def _common(some: Sequence[Entry], others: Sequence[Entry]) -> int:
    """How many entries the two have in common at their start."""
    pairs = enumerate(zip(some, others, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(some), len(others)))


def _pack(entries: Sequence[Entry]) -> Iterator[_Block]:
    start = characters = 0
    for index, entry in enumerate(entries):
        if index > start and (
            index - start == BLOCK_LINES or characters + len(entry.text) > BLOCK_CHARACTERS
        ):
            yield _Block(entries[start:index])
            start, characters = index, 0
        characters += len(entry.text)
    if start < len(entries):
        yield _Block(entries[start:])


def entries_of(time: int, source: int, message: str) -> Iterable[Entry]:
    """A log event as lines: an event may hold line breaks, and often ends with one."""
    return (Entry(time, source, text) for text in message.rstrip("\n").split("\n"))
