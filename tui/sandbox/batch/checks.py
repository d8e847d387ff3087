"""What Batch checks beyond the types of a request's members. Each raises AwsError (ClientException)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tui.sandbox.errors import client_error

MAX_TAGS = 50
_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_SHARE = re.compile(r"[A-Za-z0-9]{1,255}")
_SHARE_ENTRY = re.compile(r"[A-Za-z0-9]{1,255}\*?|\*")
_UNIT = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9-]+")


def name(value: str, what: str) -> None:
    """1-128 letters, digits, hyphens and underscores."""
    if not _NAME.fullmatch(value):
        raise client_error(
            f"{what} should match valid pattern: up to 128 letters (uppercase and lowercase), numbers, "
            "hyphens (-) and underscores (_)."
        )


def in_range(value: float | None, low: float, high: float, what: str) -> None:
    if value is not None and not low <= value <= high:
        raise client_error(f"{what} must be between {low} and {high}, but was {value}.")


def at_most(number: int, limit: int, what: str) -> None:
    """A quota of the account or of one request."""
    if number > limit:
        raise client_error(f"{what} exceeds the limit of {limit}.")


def tags(values: Mapping[str, str] | None) -> dict[str, str]:
    """At most 50; keys of 1-128 and values of 0-256 characters; none that begins with `aws:`."""
    values = dict(values or {})
    at_most(len(values), MAX_TAGS, "The number of tags")
    for key, value in values.items():
        if not 1 <= len(key) <= 128 or len(value) > 256:
            raise client_error("A tag key has 1-128 characters and a tag value up to 256.")
        if key.lower().startswith("aws:"):
            raise client_error("Tag keys that start with aws: are reserved.")
    return values


def share_identifier(value: str) -> None:
    """Up to 255 letters and digits."""
    if not _SHARE.fullmatch(value):
        raise client_error("shareIdentifier must be up to 255 letters and numbers.")


def share_distribution(entries: Sequence[Mapping[str, Any]]) -> None:
    """Weights in 0.0001-999.9999; no entry twice, none under another's prefix (`UserA*` and `UserA1`)."""
    at_most(len(entries), 500, "The number of shareDistribution entries")
    names: list[str] = []
    for entry in entries:
        identifier = entry["shareIdentifier"]
        if not _SHARE_ENTRY.fullmatch(identifier):
            raise client_error(
                f"shareIdentifier {identifier} must be letters and numbers, with an optional *."
            )
        in_range(entry.get("weightFactor"), 0.0001, 999.9999, "weightFactor")
        for other in names:
            if overlap(identifier, other):
                raise client_error(f"Share identifiers can't overlap: {other} and {identifier}.")
        names.append(identifier)


def overlap(first: str, second: str) -> bool:
    """Whether some share identifier would match both entries."""
    if first.endswith("*") and second.endswith("*"):
        return first.startswith(second[:-1]) or second.startswith(first[:-1])
    if first.endswith("*"):
        return second.startswith(first[:-1])
    if second.endswith("*"):
        return first.startswith(second[:-1])
    return first == second


def capacity_unit(value: str) -> None:
    """NUM_INSTANCES or an instance type."""
    if value != "NUM_INSTANCES" and not _UNIT.fullmatch(value):
        raise client_error(f"capacityUnit {value} must be NUM_INSTANCES or an instance type.")


def instance_type(value: str) -> None:
    if not _UNIT.fullmatch(value):
        raise client_error(f"capacityUnit {value} must be an instance type, for example ml.m5.large.")
