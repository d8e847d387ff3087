"""ListServiceJobs: filters, pages, and an answer encoded in one go."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from tui.model.jobs import Status
from tui.sandbox.batch import capacity, find
from tui.sandbox.batch.index import newest_first
from tui.sandbox.batch.paging import key_of, page_size, token
from tui.sandbox.batch.records import Job, summary_of
from tui.sandbox.batch.state import Queue
from tui.sandbox.errors import AwsError, client_error
from tui.sandbox.service import Encoded
from tui.sandbox.world import World

_encode = msgspec.json.Encoder().encode

BY_SHARE = ("SHARE_IDENTIFIER", "QUOTA_SHARE_NAME")


def list_jobs(world: World, params: dict[str, Any]) -> Encoded:
    """A page of a queue's jobs, newest first.

    Without a filter: those of `jobStatus`, RUNNING by default. A share filter narrows them to a share; the
    other filters take jobs of any status and ignore `jobStatus`.
    """
    if not params.get("jobQueue"):
        raise client_error("jobQueue must be specified.")
    queue = find.queue(world, params["jobQueue"])
    size = page_size(params)
    status = params.get("jobStatus") or Status.RUNNING
    if status not in Status.__members__:
        raise client_error(f"{status} is not a service job status.")
    name, value = _filter(params.get("filters") or [])
    listing = "|".join(("jobs", queue.name, name, value, status if name in ("", *BY_SHARE) else ""))
    key = key_of(listing, params)
    before = _key(key) if key is not None else None
    jobs = list(islice(_select(world, queue, status, name, value, before), size + 1))
    quota = capacity.is_quota(world, queue)
    prefix = world.arn("batch", "service-job/")
    answer: dict[str, Any] = {
        "jobSummaryList": [summary_of(job, prefix + job.id, quota) for job in jobs[:size]]
    }
    if len(jobs) > size:
        answer["nextToken"] = token(listing, *jobs[size - 1].key)
    return Encoded(_encode(answer))


def _key(parts: list[str | int]) -> tuple[int, str]:
    created, job_id = (*parts, "", "")[:2]
    if not isinstance(created, int) or not isinstance(job_id, str):
        raise client_error("The nextToken provided is not valid.")
    return created, job_id


def _filter(filters: list[dict[str, Any]]) -> tuple[str, str]:
    """(name, value) of the one filter allowed; both empty if there is none."""
    if not filters:
        return "", ""
    if len(filters) > 1:
        raise client_error("Only one filter can be used at a time.")
    name, values = filters[0].get("name") or "", filters[0].get("values") or []
    if name not in ("JOB_NAME", "BEFORE_CREATED_AT", "AFTER_CREATED_AT", *BY_SHARE):
        raise client_error(f"{name or 'An empty name'} is not a valid filter name.")
    if len(values) != 1:
        raise client_error(f"The filter {name} takes exactly one value.")
    return name, values[0]


def _select(
    world: World, queue: Queue, status: str, name: str, value: str, before: tuple[int, str] | None
) -> Iterator[Job] | Iterable[Job]:
    if name == "":
        return newest_first(queue.index.of_status(status), before)
    if name in BY_SHARE:
        quota = capacity.is_quota(world, queue)
        if quota != (name == "QUOTA_SHARE_NAME"):
            return ()
        return newest_first(queue.index.of_share(status, value), before)
    if name == "JOB_NAME":
        return _named(newest_first(queue.index.all, before), value.lower())
    time_ms = _time(name, value)
    if name == "BEFORE_CREATED_AT":
        return newest_first(queue.index.all, before, created_before=time_ms)
    return _until(newest_first(queue.index.all, before), time_ms)


def _named(jobs: Iterator[Job], wanted: str) -> Iterator[Job]:
    if wanted.endswith("*"):
        prefix = wanted[:-1]
        return (job for job in jobs if job.name.lower().startswith(prefix))
    return (job for job in jobs if job.name.lower() == wanted)


def _until(jobs: Iterator[Job], time_ms: int) -> Iterator[Job]:
    for job in jobs:
        if job.created_at <= time_ms:
            return
        yield job


def _time(name: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise AwsError(
            "ClientException", f"The value of {name} must be a number of milliseconds, but was {value}."
        ) from None
