"""A moment as people type it: `12:41`, `2026-11-24 12:41:07`, `-10m`."""

import re
from datetime import UTC, datetime

from tui.model.filters import FilterError, parse_duration

EXAMPLES = "12:41, 12:41:07, 11-24 12:41, 2026-11-24 12:41 or -10m"

_MOMENT = re.compile(
    r"(?:(?:(?P<year>\d{4})-)?(?P<month>\d{1,2})-(?P<day>\d{1,2})[ T]+)?"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?(?P<zulu>Z?)"
)


def moment(text: str, around_ms: int, *, utc: bool) -> int:
    """Epoch milliseconds. What is left out (year, day) is taken from `around_ms`; `-10m` is before it.

    Times are local, unless `utc` or a Z at the end says otherwise. Raises ValueError.
    """
    text = text.strip()
    if text[:1] in ("-", "+"):
        try:
            offset = parse_duration(text[1:].strip())
        except FilterError as error:
            raise ValueError(str(error)) from None
        return around_ms - offset if text[0] == "-" else around_ms + offset
    found = _MOMENT.fullmatch(text)
    if not found:
        raise ValueError(f"say {EXAMPLES}")
    given = {name: int(value) for name, value in found.groupdict().items() if value and name != "zulu"}
    base = datetime.fromtimestamp(around_ms / 1000, UTC)
    if not (utc or found["zulu"]):
        base = base.astimezone()
    try:
        chosen = base.replace(**{"second": 0, "microsecond": 0, **given}, tzinfo=base.tzinfo)
        if not (utc or found["zulu"]):
            chosen = chosen.replace(tzinfo=None).astimezone()  # the offset of that day, not of this one
        return int(chosen.timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"there is no such time; say {EXAMPLES}") from None
