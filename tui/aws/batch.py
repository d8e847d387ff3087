"""The Batch operations that queuedeck uses: typed in, typed out.

Every function makes its calls through an `Aws`, raises `AwsProblem` for any failure, and returns frozen
Structs whose strings are cleaned. Nothing of a botocore dict leaves this module.
"""

import re
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from tui.aws.problems import AwsProblem
from tui.aws.session import Aws
from tui.model.jobs import ServiceJob, ServiceJobDetail
from tui.model.payload_text import escape_json
from tui.model.queues import JobQueue, JobQueueSnapshot, QuotaShare, SchedulingPolicy, ServiceEnvironment
from tui.model.shape import Shape, lenient
from tui.model.submission import Submission, request_of
from tui.model.text import clean_tree

QUEUE_TYPE = "SAGEMAKER_TRAINING"
PAGE = 100
"""The most that any listing of Batch returns at once."""

TERMINATE_AT_ONCE = 50
"""The most jobs one TerminateServiceJobs takes."""

T = TypeVar("T", bound=Shape)


class Page(msgspec.Struct, frozen=True):
    """Some jobs of a listing, and the token of the next page (None at the end)."""

    jobs: tuple[ServiceJob, ...] = ()
    next_token: str | None = None


class Submitted(Shape, frozen=True):
    """SubmitServiceJob's and UpdateServiceJob's answer."""

    job_arn: str = ""
    job_name: str = ""
    job_id: str = ""


class TerminateError(Shape, frozen=True):
    """One job that TerminateServiceJobs refused, and why."""

    job: str = ""
    code: str = ""
    message: str = ""


class Terminated(Shape, frozen=True):
    """What became of each job of a bulk termination (ids that do not exist count as successful)."""

    successful: tuple[str, ...] = ()
    errors: tuple[TerminateError, ...] = ()


def typed(shape: type[T], response: Any) -> T | None:
    """The value behind one item of a response, its strings cleaned; None if it makes no sense at all."""
    return lenient(shape, clean_tree(response))


def _items(shape: type[T], items: Any) -> Iterator[T]:
    for item in items if isinstance(items, list) else ():  # pyright: ignore[reportUnknownVariableType]
        value = typed(shape, item)
        if value is not None:
            yield value


def _pages(aws: Aws, operation: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    while True:
        page = aws.call("batch", operation, **arguments)
        yield page
        token = page.get("nextToken")
        if not token or token == arguments.get("nextToken"):
            return
        arguments["nextToken"] = token


# ---- reading


def list_queues(aws: Aws) -> tuple[JobQueue, ...]:
    """Every training queue of the account and region, by name."""
    found = [
        queue
        for page in _pages(aws, "DescribeJobQueues", maxResults=PAGE)
        for queue in _items(JobQueue, page.get("jobQueues"))
        if queue.job_queue_type == QUEUE_TYPE
    ]
    return tuple(sorted(found, key=lambda queue: queue.job_queue_name))


def environments(aws: Aws, names: tuple[str, ...] = ()) -> tuple[ServiceEnvironment, ...]:
    """The service environments of these names or ARNs (all, if none is named)."""
    arguments = {"serviceEnvironments": list(names)} if names else {"maxResults": PAGE}
    return tuple(
        environment
        for page in _pages(aws, "DescribeServiceEnvironments", **arguments)
        for environment in _items(ServiceEnvironment, page.get("serviceEnvironments"))
    )


def policies(aws: Aws, arns: tuple[str, ...]) -> tuple[SchedulingPolicy, ...]:
    """The scheduling policies of these ARNs."""
    if not arns:
        return ()
    answer = aws.call("batch", "DescribeSchedulingPolicies", arns=list(arns))
    return tuple(_items(SchedulingPolicy, answer.get("schedulingPolicies")))


def quota_shares(aws: Aws, queue: str) -> tuple[QuotaShare, ...]:
    """The quota shares of a queue, by name. Only queues with quota management have some."""
    found = [
        share
        for page in _pages(aws, "ListQuotaShares", jobQueue=queue, maxResults=PAGE)
        for share in _items(QuotaShare, page.get("quotaShares"))
    ]
    return tuple(sorted(found, key=lambda share: share.quota_share_name))


def snapshot(aws: Aws, queue: str) -> JobQueueSnapshot:
    """The front of the queue and its utilisation."""
    answer = aws.call("batch", "GetJobQueueSnapshot", jobQueue=queue)
    answer.pop("ResponseMetadata", None)
    return typed(JobQueueSnapshot, answer) or JobQueueSnapshot()


def list_jobs(
    aws: Aws,
    queue: str,
    *,
    status: str | None = None,
    created_after: int | None = None,
    created_before: int | None = None,
    name: str | None = None,
    share_identifier: str | None = None,
    quota_share: str | None = None,
    token: str | None = None,
    max_results: int = PAGE,
) -> Page:
    """One page of ListServiceJobs.

    AWS takes one filter at a time: `created_after` and `created_before` (epoch ms) and `name` (a trailing
    `*` is a prefix) list jobs of any status, newest `createdAt` first; the shares combine with a status.
    Without all of these AWS lists RUNNING jobs.
    """
    arguments: dict[str, Any] = {"jobQueue": queue, "maxResults": max_results}
    filters = {
        "AFTER_CREATED_AT": created_after,
        "BEFORE_CREATED_AT": created_before,
        "JOB_NAME": name,
        "SHARE_IDENTIFIER": share_identifier,
        "QUOTA_SHARE_NAME": quota_share,
    }
    given = [{"name": key, "values": [str(value)]} for key, value in filters.items() if value is not None]
    if given:
        arguments["filters"] = given
    if status is not None:
        arguments["jobStatus"] = status
    if token is not None:
        arguments["nextToken"] = token
    answer = aws.call("batch", "ListServiceJobs", **arguments)
    jobs = tuple(job for job in _items(ServiceJob, answer.get("jobSummaryList")) if job.job_id)
    return Page(jobs, answer.get("nextToken") or None)


def describe_job(aws: Aws, job_id: str) -> ServiceJobDetail:
    """Everything AWS tells of one job."""
    answer = aws.call("batch", "DescribeServiceJob", jobId=job_id)
    detail = typed(ServiceJobDetail, answer) or ServiceJobDetail(job_id=job_id)
    # JSON has its own way to make characters harmless, one that keeps the request what it is: for clones.
    payload = escape_json(str(answer.get("serviceRequestPayload") or ""))
    return msgspec.structs.replace(detail, service_request_payload=payload)


# ---- acting


def submit(aws: Aws, submission: Submission) -> Submitted:
    """Submit a training job. Sending the same `Submission` again makes no second job.

    AWS says of a token that comes again that "the second request is rejected". If it is, the answer is the
    job that the first request made.
    """
    aws.forbid_if_read_only()
    request = request_of(submission)
    try:
        answer = aws.call("batch", "SubmitServiceJob", **request)
    except AwsProblem as failure:
        made = _made_before(aws, request) if _TOKEN_AGAIN.search(failure.problem.cause) else None
        if made is None:
            raise
        return made
    return typed(Submitted, answer) or Submitted()


_TOKEN_AGAIN = re.compile(r"client ?token|idempoten|duplicate", re.IGNORECASE)


def _made_before(aws: Aws, request: dict[str, Any]) -> Submitted | None:
    """The newest job that is as this request says; what it left out, AWS may have filled in."""
    for job in list_jobs(aws, request["jobQueue"], name=request["jobName"]).jobs[:MADE_LATELY]:
        found = aws.call("batch", "DescribeServiceJob", jobId=job.job_id)
        if all(found.get(member) == request[member] for member in _DESCRIBED if member in request):
            return Submitted(job_arn=job.job_arn, job_name=job.job_name, job_id=job.job_id)
    return None


MADE_LATELY = 5
_DESCRIBED = ("jobName", "serviceRequestPayload", "schedulingPriority", "shareIdentifier", "quotaShareName")


def update_priority(aws: Aws, job_id: str, priority: int) -> Submitted:
    """Change the scheduling priority (0-9999); it counts in fair-share and quota queues only."""
    aws.forbid_if_read_only()
    answer = aws.call("batch", "UpdateServiceJob", jobId=job_id, schedulingPriority=priority)
    return typed(Submitted, answer) or Submitted()


def terminate(aws: Aws, job_id: str, reason: str) -> None:
    """Cancel a queued job, or stop a running one. `reason` becomes its `statusReason`."""
    aws.forbid_if_read_only()
    aws.call("batch", "TerminateServiceJob", jobId=job_id, reason=reason)


def terminate_together(aws: Aws, job_ids: tuple[str, ...], reason: str) -> Terminated:
    """Terminate up to 50 jobs with one call; what became of each is in the answer."""
    aws.forbid_if_read_only()
    answer = aws.call("batch", "TerminateServiceJobs", jobs=list(job_ids), reason=reason)
    answer.pop("ResponseMetadata", None)
    return typed(Terminated, answer) or Terminated()
