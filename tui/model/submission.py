"""A training job to be: all that SubmitServiceJob takes, and the exact request that it becomes."""

import re
import uuid
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from tui.model.jobs import RetryStrategy, ServiceJobDetail
from tui.model.payload_text import PAYLOAD, FieldProblem, compact, parse_payload

__all__ = [
    "PAYLOAD",
    "FieldProblem",
    "Submission",
    "new_token",
    "next_name",
    "parse_payload",
    "request_of",
    "submission_of",
]

JOB_TYPE = "SAGEMAKER_TRAINING"
MAX_NAME = 128
MAX_TRAINING_JOB_NAME = 63


def new_token() -> str:
    """A client token: the same one makes repeats of a submission one job."""
    return str(uuid.uuid4())


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One job to submit. What is None or empty is not sent.

    `payload` is the CreateTrainingJob request, as an object or as JSON or YAML text being edited.
    `client_token` stays with the submission for its whole life: `msgspec.structs.replace` keeps it, and a
    job that is not a repeat of this one needs `new_token()`. `attempt_duration_seconds` ends an attempt;
    `preemption_retries` (quota queues) counts the preemptions that are survived, None for any number.
    """

    job_name: str = ""
    job_queue: str = ""
    payload: dict[str, Any] | str = msgspec.field(default_factory=dict[str, Any])
    scheduling_priority: int | None = None
    share_identifier: str = ""
    quota_share_name: str = ""
    retry_strategy: RetryStrategy | None = None
    attempt_duration_seconds: int | None = None
    preemption_retries: int | None = None
    tags: dict[str, str] = {}
    client_token: str = msgspec.field(default_factory=new_token)


def request_of(submission: Submission) -> dict[str, Any]:
    """The SubmitServiceJob request, exactly as it is sent (and previewed).

    `Tags` of the payload become tags of the Batch job, as the SageMaker SDK does; tags of the submission
    win over them. A payload without `TrainingJobName`, which CreateTrainingJob requires, gets the job's
    name. A payload that is text goes through `parse_payload`; text that cannot be read is sent as it is.
    """
    payload, tags = _payload_and_tags(submission)
    request: dict[str, Any] = {
        "jobName": submission.job_name,
        "jobQueue": submission.job_queue,
        "serviceJobType": JOB_TYPE,
        PAYLOAD: payload,
        "clientToken": submission.client_token,
    }
    if submission.scheduling_priority is not None:
        request["schedulingPriority"] = submission.scheduling_priority
    if submission.share_identifier:
        request["shareIdentifier"] = submission.share_identifier
    if submission.quota_share_name:
        request["quotaShareName"] = submission.quota_share_name
    if submission.retry_strategy is not None:
        request["retryStrategy"] = _retry(submission.retry_strategy)
    if submission.attempt_duration_seconds is not None:
        request["timeoutConfig"] = {"attemptDurationSeconds": submission.attempt_duration_seconds}
    if submission.preemption_retries is not None:
        request["preemptionConfiguration"] = {
            "preemptionRetriesBeforeTermination": submission.preemption_retries
        }
    if tags:
        request["tags"] = tags
    return request


def _retry(strategy: RetryStrategy) -> dict[str, Any]:
    rules = [
        {"action": rule.action, "onStatusReason": rule.on_status_reason} for rule in strategy.evaluate_on_exit
    ]
    return {"attempts": strategy.attempts} | ({"evaluateOnExit": rules} if rules else {})


def _payload_and_tags(submission: Submission) -> tuple[str, dict[str, str]]:
    found = submission.payload
    if isinstance(found, str):
        parsed = parse_payload(found)
        if isinstance(parsed, FieldProblem):
            return found, dict(submission.tags)
        found = parsed
    payload = dict(found)
    tags = tags_of(payload.get("Tags"))
    if tags is None:  # not a list of Key and Value: left for the checks to name
        tags = {}
    else:
        payload.pop("Tags", None)
    if "TrainingJobName" not in payload and submission.job_name:
        payload = {"TrainingJobName": training_job_name(submission.job_name)} | payload
    return compact(payload), tags | submission.tags


def tags_of(members: Any) -> dict[str, str] | None:
    """CreateTrainingJob's list of `Key` and `Value` as a mapping; None if it is no such list."""
    tags: dict[str, str] = {}
    if members is None:
        return tags
    if not isinstance(members, list):
        return None
    for member in cast(list[Any], members):
        if not isinstance(member, dict):
            return None
        pair = cast(dict[str, Any], member)
        key, value = pair.get("Key"), pair.get("Value", "")
        if set(pair) - {"Key", "Value"} or not isinstance(key, str) or not isinstance(value, str):
            return None
        tags[key] = value
    return tags


def training_job_name(job_name: str) -> str:
    """The job's name as SageMaker allows it: up to 63 letters, digits and hyphens between them."""
    return re.sub(r"[^A-Za-z0-9-]", "-", job_name)[:MAX_TRAINING_JOB_NAME].strip("-") or "training"


def submission_of(detail: ServiceJobDetail, new_name: str | None = None) -> Submission:
    """A job like this one, finished or not, with a fresh token and the next name (`next_name`)."""
    timeout, preemption = detail.timeout_config, detail.preemption_configuration
    parsed = parse_payload(detail.service_request_payload)
    return Submission(
        job_name=new_name or next_name(detail.job_name),
        job_queue=detail.job_queue.rpartition("/")[2],
        payload=detail.service_request_payload if isinstance(parsed, FieldProblem) else parsed,
        scheduling_priority=detail.scheduling_priority,
        share_identifier=detail.share_identifier,
        quota_share_name=detail.quota_share_name,
        retry_strategy=detail.retry_strategy,
        attempt_duration_seconds=timeout.attempt_duration_seconds if timeout else None,
        preemption_retries=preemption.preemption_retries_before_termination if preemption else None,
        tags={key: value for key, value in detail.tags.items() if not key.lower().startswith("aws:")},
    )


def next_name(name: str) -> str:
    """`train` → `train-copy` → `train-copy-2` → `train-copy-3`, cut so that it stays a job name."""
    match = re.fullmatch(r"(.*)-copy(?:-(\d+))?", name)
    if not match:
        return suffixed(name, "-copy")
    return suffixed(match[1], f"-copy-{int(match[2] or 1) + 1}")


def suffixed(name: str, suffix: str) -> str:
    """The name with a suffix, cut before it so that both fit into a job name."""
    return name[: MAX_NAME - len(suffix)] + suffix


def problems_with_lines(problems: list[FieldProblem], lines: Mapping[str, int]) -> list[FieldProblem]:
    """The problems, those in the payload with their lines in its text (`payload_text.lines_of`)."""
    from tui.model.payload_text import line_at

    prefix = f"{PAYLOAD}."
    return [
        msgspec.structs.replace(problem, line=line_at(lines, problem.field[len(prefix) :]))
        if problem.line is None and problem.field.startswith(prefix)
        else problem
        for problem in problems
    ]
