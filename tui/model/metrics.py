"""Training metrics read from the log: the metric definitions' regexes, applied line by line to series.

SageMaker does the same for CloudWatch; reading the log ourselves needs no other permission, and shows a
value as soon as its line is there.
"""

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tui.model.training import MetricDefinition

MOST_POINTS = 4_096
"""A series keeps at most so many points; beyond, neighbours in time become their mean."""

LONGEST = 2_000
"""Characters of a line that are looked at: a value stands near the start, and a regex has its price."""


class Point(NamedTuple):
    time: int
    value: float


class Series:
    """Values over time (epoch ms), in any order of arrival, in bounded memory.

    Points nearer than `bucket` ms are one, with their mean; the bucket doubles whenever there are too many.
    """

    __slots__ = ("_sums", "bucket", "last")

    def __init__(self) -> None:
        self.bucket = 1
        self.last: Point | None = None
        self._sums: dict[int, tuple[float, int]] = {}

    def add(self, time: int, value: float) -> None:
        total, count = self._sums.get(time // self.bucket, (0.0, 0))
        self._sums[time // self.bucket] = (total + value, count + 1)
        if self.last is None or time >= self.last.time:
            self.last = Point(time, value)
        if len(self._sums) > MOST_POINTS:
            self._double()

    def _double(self) -> None:
        self.bucket *= 2
        merged: dict[int, tuple[float, int]] = {}
        for place, (total, count) in self._sums.items():
            sums, counts = merged.get(place // 2, (0.0, 0))
            merged[place // 2] = (sums + total, counts + count)
        self._sums = merged

    @property
    def points(self) -> list[Point]:
        """In order of time."""
        half = self.bucket // 2
        return [
            Point(place * self.bucket + half, total / count)
            for place, (total, count) in sorted(self._sums.items())
        ]

    def __len__(self) -> int:
        return len(self._sums)


class Reading(NamedTuple):
    """A value that a line told."""

    metric: str
    host: str
    time: int
    value: float


class Scraper:
    """Applies metric definitions to lines.

    `faults` names the definitions whose regex is not applied, and why.
    """

    def __init__(self, definitions: Iterable[MetricDefinition]) -> None:
        self.faults: dict[str, str] = {}
        self._patterns: list[tuple[str, re.Pattern[str]]] = []
        for definition in definitions:
            try:
                pattern = re.compile(definition.regex)
            except (re.error, RecursionError, OverflowError) as error:
                self.faults[definition.name] = str(error)
                continue
            if pattern.groups == 0:
                self.faults[definition.name] = "it has no group for the value"
            elif explodes(definition.regex):
                self.faults[definition.name] = "a repetition inside a repetition: it could take for ever"
            else:
                self._patterns.append((definition.name, pattern))

    @property
    def names(self) -> Sequence[str]:
        """The metrics that are looked for, in the order of their definitions."""
        return tuple(dict.fromkeys(name for name, _ in self._patterns))

    def read(self, time: int, host: str, text: str) -> list[Reading]:
        """The values that one line tells."""
        found: list[Reading] = []
        for name, pattern in self._patterns:
            match = pattern.search(text, 0, LONGEST)
            if match and (value := _number(match.group(1))) is not None:
                found.append(Reading(name, host, time, value))
        return found


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


_REPEATED_GROUP = re.compile(r"\)(?:[*+]|\{\d*,\d*\})")
_REPETITION = re.compile(r"(?<!\\)(?:[*+]|\{\d*,\d*\})")


def explodes(regex: str) -> bool:
    """Whether a regex repeats a group that itself repeats: such can take exponential time to fail.

    The regexes come with a job, from whoever submitted it, and Python cannot interrupt a search.
    """
    bare = re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", "x", regex)
    for match in _REPEATED_GROUP.finditer(bare):
        depth = 0
        for index in range(match.start(), -1, -1):
            depth += (bare[index] == ")") - (bare[index] == "(")
            if depth == 0:
                if _REPETITION.search(bare, index, match.start()) or "|" in bare[index : match.start()]:
                    return True
                break
    return False
