"""Scheduling priorities as people say them: 9, +2, top, just above the job in fourth place.

AWS knows numbers from 0 to 9999 only (UpdateServiceJob). What they do depends on the other jobs that wait
in the same share: higher goes first, and of equal ones the older.
"""

import re
from collections.abc import Collection, Mapping, Sequence

import msgspec

LOWEST, HIGHEST = 0, 9_999
HINT = "9 · +2 · -1 · top · bottom · above 4"


class WishError(ValueError):
    """The wish makes no sense, or not here. The text says what would."""


class Absolute(msgspec.Struct, frozen=True):
    priority: int


class Relative(msgspec.Struct, frozen=True):
    step: int


class Top(msgspec.Struct, frozen=True):
    """Before all others of the job's share."""


class Bottom(msgspec.Struct, frozen=True):
    """After all others of the job's share."""


class Above(msgspec.Struct, frozen=True):
    """Just before the job that has this place in dispatch order (1 is next)."""

    place: int


Wish = Absolute | Relative | Top | Bottom | Above


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """What decides on a job's place in its share. `priority` is None while it is not known."""

    share: str = ""
    priority: int | None = None
    created_at: int = 0
    waits: bool = True


def parse_wish(text: str) -> Wish:
    """Reads what was typed. Raises WishError."""
    words = text.strip().lower()
    if not words:
        raise WishError(f"say one of {HINT}")
    if words in ("top", "bottom"):
        return Top() if words == "top" else Bottom()
    if match := re.fullmatch(r"above\s*#?(\d+)", words):
        if int(match[1]) < 1:
            raise WishError("places count from 1")
        return Above(int(match[1]))
    if match := re.fullmatch(r"([+-]?)\s*(\d+)", words):
        number = int(match[2])
        if match[1]:
            return Relative(number if match[1] == "+" else -number)
        if number > HIGHEST:
            raise WishError(f"a priority is {LOWEST} to {HIGHEST}, not {number}")
        return Absolute(number)
    if re.fullmatch(r"[+-]?[\d.,]+", words):
        raise WishError("a priority is a whole number")
    raise WishError(f"{text.strip()!r} is none of {HINT}")


def resolve(
    wish: Wish, targets: Collection[str], jobs: Mapping[str, Placed], order: Sequence[str] = ()
) -> dict[str, int]:
    """The priority each target needs. `jobs` are all that wait in the queue, and the targets; `order` is
    their dispatch order. Raises WishError.

    `Relative`, `Top`, `Bottom` and `Above` stop at the lowest and highest priority AWS takes.
    """
    targets = [job_id for job_id in targets if job_id in jobs]
    match wish:
        case Absolute():
            return dict.fromkeys(targets, wish.priority)
        case Relative():
            return {job_id: _within(_known(jobs[job_id]) + wish.step) for job_id in targets}
        case Top() | Bottom():
            return {job_id: _extreme(wish, job_id, targets, jobs) for job_id in targets}
        case Above():
            return _above(wish.place, targets, jobs, order)


def _known(job: Placed) -> int:
    if job.priority is None:
        raise WishError("the present priority is not known yet")
    return job.priority


def _within(priority: int) -> int:
    return max(LOWEST, min(HIGHEST, priority))


def _extreme(wish: Top | Bottom, job_id: str, targets: Collection[str], jobs: Mapping[str, Placed]) -> int:
    job = jobs[job_id]
    others = [
        other
        for key, other in jobs.items()
        if other.waits and other.share == job.share and key not in targets and other.priority is not None
    ]
    if not others:
        return _known(job)
    if isinstance(wish, Top):
        return _within(max(_before(job, other) for other in others))
    return _within(min(_after(job, other) for other in others))


def _before(job: Placed, other: Placed) -> int:
    """The lowest priority with which the job goes before the other."""
    return _known(other) + (job.created_at >= other.created_at)


def _after(job: Placed, other: Placed) -> int:
    """The highest priority with which the job goes after the other."""
    return _known(other) - (job.created_at <= other.created_at)


def _above(
    place: int, targets: Collection[str], jobs: Mapping[str, Placed], order: Sequence[str]
) -> dict[str, int]:
    if place > len(order):
        raise WishError(f"there is no place {place}: {len(order)} jobs wait")
    if order[place - 1] not in jobs:
        raise WishError(f"the job in place {place} is not known yet")
    other = jobs[order[place - 1]]
    for job_id in targets:
        if jobs[job_id].share != other.share:
            raise WishError(
                f"the job in place {place} is of share {other.share or '-'}: priority counts within a share"
            )
    return {
        job_id: _known(other) if job_id == order[place - 1] else _within(_before(jobs[job_id], other))
        for job_id in targets
    }
