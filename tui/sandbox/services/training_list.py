"""ListTrainingJobs: the jobs on record, and those that are derived, in order and page by page."""

import base64
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from itertools import islice
from typing import Any

import msgspec

from tui.sandbox.errors import AwsError
from tui.sandbox.past import Ended, made_up
from tui.sandbox.services.base import moment, without_none
from tui.sandbox.training import TrainingJob
from tui.sandbox.world import World

Listed = TrainingJob | Ended
Key = tuple[Any, ...]
Entry = tuple[Key, Listed]

_ORDERS: dict[str, Callable[[Listed], Key]] = {
    "CreationTime": lambda job: (job.created_at, job.name),
    "Name": lambda job: (job.name,),
    "Status": lambda job: (job.status, job.name),
}

_NEVER = {"WarmPoolStatusEquals", "TrainingPlanArnEquals"}
"""Filters for what no job of the sandbox has."""


class TrainingList:
    """Pages go on behind the last job shown, so that jobs created meanwhile shift none of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._made_up: dict[str, list[Entry]] = {}

    def page(self, params: dict[str, Any]) -> dict[str, Any]:
        order = params.get("SortBy", "CreationTime")
        descending = params.get("SortOrder") == "Descending"
        after = _after(params.get("NextToken"), order)
        if order not in self._made_up:  # they ended before the start: only their going changes them
            self._made_up[order] = _entries(order, made_up(self._world))
        lists = (_entries(order, self._world.all_training_jobs()), self._made_up[order])
        entries = merge(
            *(_behind(entries, after, descending) for entries in lists), key=_key, reverse=descending
        )
        size = params.get("MaxResults", 10)
        found = list(islice((entry for entry in entries if self._wanted(entry[1], params)), size + 1))
        more = _token(order, found[size - 1][0]) if len(found) > size else None
        return without_none(TrainingJobSummaries=[_summary(job) for _, job in found[:size]], NextToken=more)

    def _wanted(self, job: Listed, params: dict[str, Any]) -> bool:
        """Whether a job is still on record, and passes the filters."""
        created, modified = moment(job.created_at), moment(job.modified_at)
        if params.keys() & _NEVER:
            return False
        return (
            params.get("StatusEquals", job.status) == job.status
            and params.get("NameContains", "").lower() in job.name.lower()
            and params.get("CreationTimeAfter", created)
            <= created
            <= params.get("CreationTimeBefore", created)
            and params.get("LastModifiedTimeAfter", modified)
            <= modified
            <= params.get("LastModifiedTimeBefore", modified)
            and (isinstance(job, TrainingJob) or self._world.batch.job_of_training(job.name) is not None)
        )


def _key(entry: Entry) -> Key:
    return entry[0]


def _entries(order: str, jobs: Iterable[Listed]) -> list[Entry]:
    key = _ORDERS[order]
    return sorted(((key(job), job) for job in jobs), key=_key)


def _behind(entries: list[Entry], after: Key | None, descending: bool) -> Iterator[Entry]:
    """The entries in their order, those behind a key."""
    if descending:
        end = len(entries) if after is None else bisect_left(entries, after, key=_key)
        return (entries[at] for at in range(end - 1, -1, -1))
    start = 0 if after is None else bisect_right(entries, after, key=_key)
    return (entries[at] for at in range(start, len(entries)))


def _token(order: str, key: Key) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode([order, *key])).decode()


def _after(token: str | None, order: str) -> Key | None:
    """The key in a token. Raises AwsError (ValidationException) for one of another order, or of nobody's."""
    if not token:
        return None
    try:
        named, *key = msgspec.json.decode(base64.urlsafe_b64decode(token), type=list[str | int])
    except ValueError:
        named, key = "", []
    shape = [int, str] if order == "CreationTime" else [str] if order == "Name" else [str, str]
    if named != order or [type(part) for part in key] != shape:
        raise AwsError("ValidationException", "Invalid NextToken.")
    return tuple(key)


def _summary(job: Listed) -> dict[str, Any]:
    return without_none(
        TrainingJobName=job.name,
        TrainingJobArn=job.arn,
        CreationTime=moment(job.created_at),
        TrainingEndTime=moment(job.ended_at) if job.ended_at else None,
        LastModifiedTime=moment(job.modified_at),
        TrainingJobStatus=job.status,
        SecondaryStatus=job.secondary_status,
    )
