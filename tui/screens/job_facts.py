"""Facts in sections, and the styles of statuses: the words that screens share, without how they look."""

import msgspec

Fact = tuple[str, str, str]
"""Label, value, style name (empty for plain)."""


class Section(msgspec.Struct, frozen=True):
    title: str
    facts: tuple[Fact, ...]


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
