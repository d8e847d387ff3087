"""Which jobs a headless command is about: by id, or those of a queue that a filter lets through."""

import argparse
import re
from collections.abc import Sequence
from functools import partial

import msgspec

from tui.aws import batch
from tui.aws.problems import AwsProblem
from tui.aws.session import Aws
from tui.headless.connection import UsageError, patiently, say
from tui.model.filters import Facts, FilterError, Predicate, parse
from tui.model.jobs import ACTIVE, FINISHED, ServiceJob, ServiceJobDetail

_PRIORITY = re.compile(r"(^|\s)!*pri[<>=:]", re.IGNORECASE)


class Chosen(msgspec.Struct, frozen=True):
    """A job, and the queue it is in."""

    job: ServiceJob
    queue: str
    priority: int | None = None


def add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("jobs", nargs="*", metavar="JOB", help="job ids or ARNs")
    add("--queue", metavar="NAME", help="the active jobs of this queue instead")
    add("--filter", metavar="TERMS", help="those of them that this lets through, as typed after /")
    add("--dry-run", action="store_true", help="only say what would be done")


def choose(aws: Aws, jobs: Sequence[str], queue: str | None, terms: str | None) -> list[Chosen]:
    """The jobs that were meant, those that have not ended. Raises UsageError; AwsProblem if AWS fails."""
    if bool(jobs) == bool(queue):
        raise UsageError("name jobs, or a --queue with a --filter")
    if jobs:
        if terms:
            raise UsageError("--filter belongs to --queue")
        return [described(aws, job.rpartition("/")[2]) for job in dict.fromkeys(jobs)]
    if not queue or not terms or not terms.strip():
        raise UsageError("--queue needs a --filter (status:runnable for all that wait)")
    if _PRIORITY.search(terms):
        raise UsageError("pri is not known in a listing: leave it out of --filter")
    predicate = _predicate(aws, terms)
    try:
        return [Chosen(job, queue) for job in active_jobs(aws, queue) if predicate is None or predicate(job)]
    except AwsProblem as failure:
        if failure.problem.code == "UnknownQueue":
            raise UsageError(str(failure.problem)) from None
        raise


def not_ended(chosen: Sequence[Chosen]) -> list[Chosen]:
    """Those that can still be acted on; the others are told."""
    for found in chosen:
        if found.job.status in FINISHED:
            say(f"left out: {found.job.job_name} ({found.job.job_id}) is {found.job.status}")
    return [found for found in chosen if found.job.status not in FINISHED]


def described(aws: Aws, job_id: str) -> Chosen:
    """A job as DescribeServiceJob tells it. Raises UsageError if there is none."""
    try:
        detail: ServiceJobDetail = patiently(lambda: batch.describe_job(aws, job_id))
    except AwsProblem as failure:
        if failure.problem.retryable or failure.problem.code == "AccessDenied":
            raise
        raise UsageError(f"job {job_id}: {failure.problem.cause}") from None
    return Chosen(detail, detail.job_queue.rpartition("/")[2], detail.scheduling_priority)


def active_jobs(aws: Aws, queue: str, statuses: Sequence[str] = ACTIVE) -> list[ServiceJob]:
    """All jobs of a queue in these statuses, over all pages."""
    found: dict[str, ServiceJob] = {}
    for status in statuses:
        token: str | None = None
        while True:
            page = patiently(partial(batch.list_jobs, aws, queue, status=status, token=token))
            found.update((job.job_id, job) for job in page.jobs)
            token = page.next_token
            if not token:
                break
    return list(found.values())


def _predicate(aws: Aws, terms: str) -> Predicate | None:
    try:
        return parse(terms, Facts(now_ms=aws.clock.now_ms, priority=lambda job_id: None))
    except FilterError as error:
        raise UsageError(f"filter {terms!r}: {error}") from None
