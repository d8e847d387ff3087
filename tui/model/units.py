"""Numbers as people read them: durations, times, counts."""

from datetime import UTC, datetime

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_STEPS = ((DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s"))


def duration(ms: int | None) -> str:
    """Milliseconds as the two largest units: `41s`, `3m`, `1h 4m`, `2d 3h`; `-` for None.

    Minutes stand alone (`3m`, not `3m 12s`) from ten minutes on, so that a table does not flicker.
    """
    if ms is None:
        return "-"
    for index, (size, letter) in enumerate(_STEPS):
        if ms >= size:
            whole, rest = divmod(ms, size)
            if index + 1 == len(_STEPS) or (size == MINUTE and whole >= 10):
                return f"{whole}{letter}"
            part_size, part_letter = _STEPS[index + 1]
            part = rest // part_size
            return f"{whole}{letter} {part}{part_letter}" if part else f"{whole}{letter}"
    return "0s"


def clock(ms: int | None, *, utc: bool = False) -> str:
    """An epoch time as `2026-11-24 12:41:07`, local or UTC; `-` for None."""
    if ms is None:
        return "-"
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return (moment if utc else moment.astimezone()).strftime("%Y-%m-%d %H:%M:%S")


def count(number: int) -> str:
    """`1,234`."""
    from humanize import intcomma  # here: the first frame counts nothing

    return intcomma(number)


def size(number: int) -> str:
    """Bytes as `3.4 MB`."""
    from humanize import naturalsize

    return naturalsize(number)
