"""Facts in sections, and the styles of statuses: the words that screens share, without how they look."""

import msgspec

from tui.model.text import one_line
from tui.model.units import count

Fact = tuple[str, str, str]
"""Label, value, style name (empty for plain)."""


class Section(msgspec.Struct, frozen=True):
    title: str
    facts: tuple[Fact, ...]


RECEIVED = "Received status from SageMaker:"
"""How Batch begins every reason that is SageMaker's: in a short cell it would be all that shows."""


def reason_line(reason: str) -> str:
    """A status reason for a cell."""
    return one_line(reason).removeprefix(RECEIVED).lstrip()


def jobs_text(number: int, kind: str = "") -> str:
    """`1 job`, `2,300 running jobs`."""
    return f"{count(number)} {kind}{' ' if kind else ''}{'job' if number == 1 else 'jobs'}"


def are(number: int) -> str:
    """The verb of so many."""
    return "is" if number == 1 else "are"


STATUS_STYLES = {
    "SUBMITTED": "muted",
    "PENDING": "muted",
    "RUNNABLE": "accent",
    "SCHEDULED": "accent",
    "STARTING": "good",
    "RUNNING": "good",
    "SUCCEEDED": "",
    "FAILED": "bad",
}
