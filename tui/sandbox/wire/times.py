"""Timestamps in AWS's three notations."""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime


def parse_time(value: float | str) -> datetime | None:
    """Epoch seconds, ISO 8601 or an HTTP date as an aware datetime; None if it is none of them."""
    try:
        if not isinstance(value, str):
            return datetime.fromtimestamp(value, UTC)
        if value.replace(".", "", 1).removeprefix("-").isdigit():
            return datetime.fromtimestamp(float(value), UTC)
        moment = parsedate_to_datetime(value) if "," in value else datetime.fromisoformat(value)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def write_time(value: datetime | float, form: str) -> str | float:
    """A time (aware, or epoch seconds) in the notation the model names."""
    moment = value if isinstance(value, datetime) else datetime.fromtimestamp(value, UTC)
    if form == "unixTimestamp":
        return moment.timestamp()
    if form == "rfc822":
        return format_datetime(moment.astimezone(UTC), usegmt=True)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
