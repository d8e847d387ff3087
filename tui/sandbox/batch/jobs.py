"""Operations on single service jobs: submit, describe, update, terminate."""

import hashlib
import random
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from tui.model.jobs import (
    FINISHED,
    PreemptionConfiguration,
    PreemptionSummary,
    RetryStrategy,
    ServiceJobDetail,
    TimeoutConfig,
)
from tui.model.shape import converted
from tui.sandbox.batch import capacity, checks, find, lifecycle, names
from tui.sandbox.batch.members import members
from tui.sandbox.batch.payload import demand_of
from tui.sandbox.batch.records import Job, summary_of
from tui.sandbox.batch.state import Queue, Submission
from tui.sandbox.errors import AwsError, client_error
from tui.sandbox.world import World

MAX_PAYLOAD = 10 * 1024
MAX_REQUEST = 30 * 1024
MAX_SUBMITTED = 1_000_000
MAX_ACTIVE_SHARES = 500
MAX_AT_ONCE = 50

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def submit(world: World, params: dict[str, Any]) -> dict[str, Any]:
    """A new job, or the one that the same client token made before."""
    name = params["jobName"]
    checks.name(name, "Job name")
    if params["serviceJobType"] != "SAGEMAKER_TRAINING":
        raise client_error("serviceJobType must be SAGEMAKER_TRAINING.")
    payload = params["serviceRequestPayload"]
    if len(payload.encode()) > MAX_PAYLOAD:
        raise client_error(f"serviceRequestPayload exceeds the limit of {MAX_PAYLOAD} bytes.")
    request = msgspec.json.encode({key: params[key] for key in sorted(params)})
    if len(request) > MAX_REQUEST:
        raise client_error(f"The request exceeds the limit of {MAX_REQUEST} bytes.")
    token, digest = params.get("clientToken"), hashlib.sha256(request).digest()
    if token is not None:
        checks.in_range(len(token), 1, 64, "The length of clientToken")
        before = world.batch.submissions.get(token)
        if before is not None and before.job_id in world.batch.jobs:
            if before.request != digest:
                raise client_error("The clientToken was already used for a request with other parameters.")
            return _named(world, world.batch.jobs[before.job_id])
    queue = find.queue(world, params["jobQueue"])
    _check_open(queue)
    share = _share(world, queue, params)
    checks.in_range(params.get("schedulingPriority"), 0, 9999, "schedulingPriority")
    unit, quantity = demand_of(payload)
    job = Job(
        id=names.job_id(random.Random(f"{world.seed} job {world.number('job')}")),
        name=name,
        queue=queue.name,
        created_at=queue.index.next_creation(world.now()),
        payload=payload,
        unit=unit,
        quantity=quantity,
        share=share,
        priority=params.get("schedulingPriority"),
        retry=_retry(params.get("retryStrategy")),
        timeout_seconds=_timeout(params.get("timeoutConfig")),
        preemption=_preemption(params.get("preemptionConfiguration")),
        tags=checks.tags(params.get("tags")),
    )
    lifecycle.submit(world, queue, job)
    if token is not None:
        world.batch.submissions[token] = Submission(digest, job.id)
    return _named(world, job)


def describe(world: World, params: dict[str, Any]) -> dict[str, Any]:
    job = find.job(world, params["jobId"])
    job.fill()
    queue = world.batch.queues[job.queue]
    summary = summary_of(job, arn_of(world, job), capacity.is_quota(world, queue))
    detail = ServiceJobDetail(
        **msgspec.structs.asdict(summary),
        job_queue=queue.arn,
        scheduling_priority=job.priority,
        attempts=job.attempts,
        retry_strategy=job.retry,
        timeout_config=TimeoutConfig(attempt_duration_seconds=job.timeout_seconds)
        if job.timeout_seconds is not None
        else None,
        preemption_configuration=job.preemption,
        preemption_summary=PreemptionSummary(
            preempted_attempt_count=job.preempted_count, recent_preempted_attempts=job.preempted
        )
        if job.preempted_count
        else None,
        service_request_payload=job.payload,
        tags=job.tags,
    )
    return members(detail, attempts=[], tags={})


def update(world: World, params: dict[str, Any]) -> dict[str, Any]:
    """A new scheduling priority. A FIFO queue keeps it, and does not heed it."""
    job = find.job(world, params["jobId"])
    checks.in_range(params["schedulingPriority"], 0, 9999, "schedulingPriority")
    if job.status in FINISHED:
        raise client_error(f"ServiceJob {job.id} is in the terminal status {job.status}.")
    queue = world.batch.queues[job.queue]
    job.priority = params["schedulingPriority"]
    capacity.reprioritise(world, queue, job)
    return _named(world, job)


def terminate(world: World, params: dict[str, Any]) -> dict[str, Any]:
    job = find.job(world, params["jobId"])
    lifecycle.terminate(world, job, _reason(params))
    return {}


def terminate_many(world: World, params: dict[str, Any]) -> dict[str, Any]:
    """Each job on its own: unknown ids count as done, malformed ones as errors."""
    reason = _reason(params)
    if not 1 <= len(params["jobs"]) <= MAX_AT_ONCE:
        raise client_error(f"jobs must have between 1 and {MAX_AT_ONCE} entries.")
    successful: list[str] = []
    errors: list[dict[str, str]] = []
    for reference in params["jobs"]:
        bare = find.bare(reference, "service-job", world)
        if not _ID.fullmatch(bare):
            message = f"{reference} is not a valid service job identifier."
            errors.append({"job": reference, "code": "ValidationException", "message": message})
            continue
        job = world.batch.jobs.get(bare)
        if job is not None:
            lifecycle.terminate(world, job, reason)
        successful.append(reference)
    return {"successful": successful, "errors": errors}


def arn_of(world: World, job: Job) -> str:
    return world.arn("batch", f"service-job/{job.id}")


def _named(world: World, job: Job) -> dict[str, Any]:
    return {"jobName": job.name, "jobId": job.id, "jobArn": arn_of(world, job)}


def _reason(params: dict[str, Any]) -> str:
    reason = params["reason"]
    if not reason.strip():
        raise client_error("reason must not be empty.")
    return reason


def _check_open(queue: Queue) -> None:
    if queue.shape.status not in ("VALID", "UPDATING"):
        raise client_error(f"JobQueue {queue.name} is not in the VALID status.")
    if queue.shape.state != "ENABLED":
        raise client_error(f"JobQueue {queue.name} is disabled and can't accept new jobs.")
    if queue.index.count("SUBMITTED") >= MAX_SUBMITTED:
        raise AwsError("ClientException", f"More than {MAX_SUBMITTED} jobs are SUBMITTED.")


def _share(world: World, queue: Queue, params: Mapping[str, Any]) -> str:
    """The job's share: required in, and only in, queues whose policy has shares of that kind."""
    identifier, quota_share = params.get("shareIdentifier"), params.get("quotaShareName")
    quota = capacity.is_quota(world, queue)
    fair = capacity.fairshare_of(world, queue) is not None
    if identifier is not None and not fair:
        raise client_error("shareIdentifier can't be specified: the job queue has no fair-share policy.")
    if quota_share is not None and not quota:
        raise client_error("quotaShareName can't be specified: the job queue has no quota share policy.")
    if fair:
        if not identifier:
            raise client_error("shareIdentifier must be specified: the job queue has a fair-share policy.")
        checks.share_identifier(identifier)
        active = {task.share for tasks in (queue.waiting, queue.holding) for task in tasks.values()}
        checks.at_most(
            len(active | {identifier}), MAX_ACTIVE_SHARES, "The number of active share identifiers"
        )
        return identifier
    if quota:
        if not quota_share:
            raise client_error("quotaShareName must be specified: the job queue has a quota share policy.")
        share = queue.shares.get(quota_share)
        if share is None:
            raise client_error(f"QuotaShare {quota_share} not found in job queue {queue.name}.")
        if share.status not in ("VALID", "UPDATING"):
            raise client_error(f"QuotaShare {quota_share} is not in the VALID status.")
        if share.state != "ENABLED":
            raise client_error(f"QuotaShare {quota_share} is disabled and can't accept new jobs.")
        return quota_share
    return ""


def _retry(values: dict[str, Any] | None) -> RetryStrategy | None:
    if values is None:
        return None
    checks.in_range(values["attempts"], 1, 10, "attempts")
    rules = values.get("evaluateOnExit") or []
    checks.at_most(len(rules), 5, "The number of evaluateOnExit rules")
    for rule in rules:
        checks.in_range(len(rule.get("onStatusReason") or ""), 1, 512, "The length of onStatusReason")
        if (rule.get("action") or "").upper() not in ("RETRY", "EXIT"):
            raise client_error("The action of an evaluateOnExit rule must be RETRY or EXIT.")
    return converted(values, RetryStrategy)


def _timeout(values: dict[str, Any] | None) -> int | None:
    seconds = (values or {}).get("attemptDurationSeconds")
    checks.in_range(seconds, 60, 2**31 - 1, "attemptDurationSeconds")
    return seconds


def _preemption(values: dict[str, Any] | None) -> PreemptionConfiguration | None:
    if values is None:
        return None
    checks.in_range(
        values.get("preemptionRetriesBeforeTermination"), 0, 2**31 - 1, "preemptionRetriesBeforeTermination"
    )
    return converted(values, PreemptionConfiguration)
