"""The orders in which jobs are shown: for each, a key that `sorted` understands."""

from collections.abc import Callable
from typing import Literal, get_args

from tui.live.picture import QueuePicture
from tui.model.jobs import QUEUED, RUNNING, ServiceJob, Status, ran_ms, waited_ms

SortKey = Literal[
    "default",
    "position",
    "name",
    "status",
    "share",
    "priority",
    "instances",
    "age",
    "waited",
    "ran",
    "reason",
    "started",
    "stopped",
]
SORT_KEYS: tuple[SortKey, ...] = get_args(SortKey)

Key = tuple[float, float | str, float, str]
"""(class, value, tie, id). Unique by the id, so that a job is found again by its key."""

_FAR = float("inf")
_STATUS_ORDER: dict[str, int] = {status.value: number for number, status in enumerate(Status)}


def key_maker(
    sort: SortKey, descending: bool, picture: QueuePicture, now_ms: int
) -> Callable[[ServiceJob], Key]:
    """The key of a job in this order. Descending orders are read from the end, see `JobView`.

    A job without a value (no start, no priority) comes last in both directions. Jobs with equal values go by
    age, newest first. `waited` and `ran` of jobs that still wait or run are those at AWS's time `now_ms`.
    """
    if sort == "default":
        return lambda job: _by_stage(job, picture)
    value_of = _value_of(sort, picture, now_ms)
    missing = 0.0 if descending else 1.0
    sign = 1.0 if descending else -1.0

    def key(job: ServiceJob) -> Key:
        value = value_of(job)
        created = sign * (job.created_at or 0)
        if value is None:
            return missing, 0.0, created, job.job_id
        return 1.0 - missing, value, created, job.job_id

    return key


def _by_stage(job: ServiceJob, picture: QueuePicture) -> Key:
    """Running, latest start first; queued, in order of dispatch; finished, latest end first."""
    if job.status in RUNNING:
        began = job.started_at or job.scheduled_at
        return 0.0, -_FAR if began is None else -began, -(job.created_at or 0), job.job_id
    if job.status in QUEUED:
        return 1.0, picture.positions.get(job.job_id, _FAR), job.created_at or 0, job.job_id
    return 2.0, -(job.stopped_at or job.created_at or 0), 0.0, job.job_id


def _value_of(
    sort: SortKey, picture: QueuePicture, now_ms: int
) -> Callable[[ServiceJob], float | str | None]:
    match sort:
        case "position":
            return lambda job: picture.positions.get(job.job_id)
        case "name":
            return lambda job: job.job_name.casefold() or None
        case "status":
            return lambda job: _STATUS_ORDER.get(job.status, len(_STATUS_ORDER))
        case "share":
            return lambda job: job.share.casefold() or None
        case "priority":
            return lambda job: picture.priorities.get(job.job_id)
        case "instances":
            return lambda job: job.instances
        case "age":
            return lambda job: None if job.created_at is None else -job.created_at
        case "waited":
            return lambda job: waited_ms(job, now_ms)
        case "ran":
            return lambda job: ran_ms(job, now_ms)
        case "reason":
            return lambda job: job.status_reason.casefold() or None
        case "started":
            return lambda job: job.started_at
        case "stopped" | "default":
            return lambda job: job.stopped_at
