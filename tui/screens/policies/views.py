"""What the share policies screen shows of a queue, whatever its policy: rows, facts, words, a chart."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from tui.live.journal import Event
from tui.live.picture import QueuePicture
from tui.screens.job_facts import Section
from widgets.table import Cell, Column

Spark = Callable[[str, int], str]
"""A share's use over the last hours in so many characters."""

SORTED_DOWN = frozenset({"target", "used", "use", "past", "queued", "running", "oldest", "borrowed", "lent"})
"""Columns that one sorts for their greatest values first."""


class Around(msgspec.Struct, frozen=True):
    """What a view looks at beside the picture: AWS's time, the events seen, use over time."""

    now_ms: int
    events: Sequence[Event] = ()
    spark: Spark = lambda share, cells: ""
    utc: bool = False


class Chart(msgspec.Struct, frozen=True):
    """How to draw a share's use over time: the scale's top, the line of what is its own, and its name."""

    top: float
    limit: float
    limit_name: str


class SharesView:
    """The shares of one queue at one moment. A subclass knows the policy."""

    columns: tuple[Column, ...] = ()

    def __init__(self, picture: QueuePicture, around: Around) -> None:
        self.picture = picture
        self.around = around

    @property
    def names(self) -> list[str]:
        """The rows, by name."""
        raise NotImplementedError

    def headline(self) -> str:
        """The policy in words: one or two lines."""
        raise NotImplementedError

    def cells(self, name: str) -> Mapping[str, Cell]:
        """One row, by column."""
        raise NotImplementedError

    def sort_key(self, name: str, column: str) -> Any:
        """The value that a column sorts by."""
        raise NotImplementedError

    def sections(self, name: str) -> list[Section]:
        """All that is known of one share."""
        raise NotImplementedError

    def chart(self, name: str) -> Chart:
        raise NotImplementedError

    def members(self, name: str) -> Sequence[str]:
        """The share identifiers that a row stands for."""
        return (name,)

    def sorted_names(self, column: str, descending: bool) -> list[str]:
        """The rows by a column; equal ones by name."""
        ordered = sorted(self.names)
        ordered.sort(key=lambda name: self.sort_key(name, column), reverse=descending)
        return ordered


def kept_ago(oldest: int | None, now_ms: int) -> int:
    """How long the oldest job waits, for sorting: nothing waits shortest."""
    return -1 if oldest is None else now_ms - oldest


def number(value: int) -> Cell:
    return str(value) if value else ("-", "muted")


def percent(fraction: float) -> str:
    return f"{fraction:.0%}".replace("%", " %")
