"""AWS Batch's rules for a submission that need no botocore model.

Sources: the SubmitServiceJob, ServiceJobRetryStrategy and ServiceJobEvaluateOnExit references; the
service quotas and the tag rules of the Batch user guide. That a time-out is at least 60 s is documented
for other Batch jobs, and taken to hold here.
"""

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from tui.model.jobs import RetryStrategy
from tui.model.payload_text import lines_of
from tui.model.queues import PolicyKind
from tui.model.submission import (
    MAX_NAME,
    PAYLOAD,
    FieldProblem,
    Submission,
    parse_payload,
    problems_with_lines,
    request_of,
    tags_of,
)

MAX_PRIORITY = 9999
MAX_ATTEMPTS = 10
MAX_RULES = 5
MAX_PATTERN = 512
MIN_TIMEOUT = 60
MAX_TAGS = 50
MAX_TAG_KEY = 128
MAX_TAG_VALUE = 256
MAX_PAYLOAD_BYTES = 10 * 1024
MAX_REQUEST_BYTES = 30 * 1024
MAX_TOKEN = 64
ACTIONS = ("RETRY", "EXIT")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_SHARE = re.compile(r"[A-Za-z0-9]{1,255}")
_TAG = re.compile(r"[\w\s.:/=+\-@]*")


def check(
    submission: Submission, queue_kind: PolicyKind | None, share_names: Collection[str] | None = None
) -> list[FieldProblem]:
    """What AWS would refuse, or never start, in the order of the form's fields. Empty if nothing.

    `queue_kind` is the queue's policy (`tui.model.queues.policy_kind`), None if unknown: shares are then
    not checked. `share_names` are the quota shares that exist, None if unknown; share identifiers need
    not exist. The members of the payload are the business of `tui.aws.validation.check_payload`.
    """
    problems = [
        *_name(submission.job_name),
        *_queue(submission.job_queue),
        *_shares(submission, queue_kind, share_names),
        *_range("schedulingPriority", submission.scheduling_priority, 0, MAX_PRIORITY),
        *_retry(submission.retry_strategy),
        *_range("timeoutConfig.attemptDurationSeconds", submission.attempt_duration_seconds, MIN_TIMEOUT),
        *_preemption(submission, queue_kind),
        *_token(submission.client_token),
    ]
    payload = _payload(submission.payload)
    # Sizes and tags are those of the request, in which tags of the payload have moved.
    request = request_of(submission)
    problems += _tags(request.get("tags", {}))
    return problems + (payload or _sizes(request))


def _name(name: str) -> Iterator[FieldProblem]:
    if not name:
        yield FieldProblem("jobName", "give the job a name")
    elif len(name) > MAX_NAME:
        yield FieldProblem("jobName", f"it has {len(name)} characters; the most is {MAX_NAME}")
    elif not _NAME.fullmatch(name):
        odd = next(char for char in name if not _NAME.fullmatch(char))
        yield FieldProblem("jobName", f"{odd!r} is not allowed: letters, digits, hyphens and underscores are")


def _queue(queue: str) -> Iterator[FieldProblem]:
    if not queue:
        yield FieldProblem("jobQueue", "choose a job queue")


def _shares(
    submission: Submission, kind: PolicyKind | None, known: Collection[str] | None
) -> Iterator[FieldProblem]:
    share, quota = submission.share_identifier, submission.quota_share_name
    if kind is None:
        if share and quota:
            yield FieldProblem("quotaShareName", "give a share identifier or a quota share, not both")
        return
    if kind == "fair" and not share:
        yield FieldProblem("shareIdentifier", "a fair-share queue needs a share identifier")
    if kind != "fair" and share:
        yield FieldProblem("shareIdentifier", f"{_a(kind)} takes no share identifier")
    if kind == "quota" and not quota:
        yield FieldProblem("quotaShareName", f"a quota queue needs a quota share{_one_of(known)}")
    if kind != "quota" and quota:
        yield FieldProblem("quotaShareName", f"{_a(kind)} takes no quota share")
    if kind == "fair" and share and not _SHARE.fullmatch(share):
        yield FieldProblem("shareIdentifier", "it has up to 255 letters and digits, nothing else")
    if kind == "quota" and quota and known is not None and quota not in known:
        yield FieldProblem("quotaShareName", f"the queue has no quota share {quota!r}{_one_of(known)}")


def _a(kind: PolicyKind) -> str:
    return {"fifo": "a FIFO queue", "fair": "a fair-share queue", "quota": "a quota queue"}[kind]


def _one_of(names: Collection[str] | None) -> str:
    return f": {', '.join(sorted(names))}" if names else ""


def _range(field: str, value: int | None, low: int, high: int | None = None) -> Iterator[FieldProblem]:
    if value is None:
        return
    if type(value) is not int:
        yield FieldProblem(field, f"{value!r} is not a whole number")
    elif value < low or (high is not None and value > high):
        bounds = f"between {low} and {high}" if high is not None else f"at least {low}"
        yield FieldProblem(field, f"{value} is out of range: it must be {bounds}")


def _retry(strategy: RetryStrategy | None) -> Iterator[FieldProblem]:
    if strategy is None:
        return
    yield from _range("retryStrategy.attempts", strategy.attempts, 1, MAX_ATTEMPTS)
    rules = strategy.evaluate_on_exit
    if len(rules) > MAX_RULES:
        field = "retryStrategy.evaluateOnExit"
        yield FieldProblem(field, f"there are {len(rules)} rules; the most is {MAX_RULES}")
    for index, rule in enumerate(rules):
        field = f"retryStrategy.evaluateOnExit[{index}]"
        pattern = rule.on_status_reason
        if rule.action not in ACTIONS:
            yield FieldProblem(f"{field}.action", f"{rule.action!r} is no action: RETRY or EXIT")
        if not pattern:
            yield FieldProblem(f"{field}.onStatusReason", "give a pattern; * fits every reason")
        elif len(pattern) > MAX_PATTERN:
            message = f"it has {len(pattern)} characters; the most is {MAX_PATTERN}"
            yield FieldProblem(f"{field}.onStatusReason", message)


def _preemption(submission: Submission, kind: PolicyKind | None) -> Iterator[FieldProblem]:
    field = "preemptionConfiguration.preemptionRetriesBeforeTermination"
    yield from _range(field, submission.preemption_retries, 0)
    if submission.preemption_retries is not None and kind not in (None, "quota"):
        yield FieldProblem(field, f"{_a(kind)} preempts nothing: leave it out")


def _token(token: str) -> Iterator[FieldProblem]:
    if not 1 <= len(token) <= MAX_TOKEN:
        yield FieldProblem("clientToken", f"it has {len(token)} characters; 1 to {MAX_TOKEN} are allowed")


def _tags(tags: dict[str, str]) -> Iterator[FieldProblem]:
    if len(tags) > MAX_TAGS:
        yield FieldProblem("tags", f"there are {len(tags)} tags; the most is {MAX_TAGS}")
    for key, value in tags.items():
        shown = f"{key[:24]}…" if len(key) > 24 else key
        if not key:
            yield FieldProblem("tags", f"the value {value[:24]!r} has no key")
        elif len(key) > MAX_TAG_KEY:
            message = f"the key {shown!r} has {len(key)} characters; the most is {MAX_TAG_KEY}"
            yield FieldProblem("tags", message)
        elif key.lower().startswith("aws:"):
            yield FieldProblem("tags", f"the key {shown!r}: keys that begin with aws: are reserved")
        elif not _TAG.fullmatch(key):
            yield FieldProblem(
                "tags", f"the key {shown!r} may have letters, digits, blanks and _.:/=+-@ only"
            )
        if len(value) > MAX_TAG_VALUE:
            message = f"the value of {shown!r} has {len(value)} characters; the most is {MAX_TAG_VALUE}"
            yield FieldProblem("tags", message)
        elif not _TAG.fullmatch(value):
            message = f"the value of {shown!r} may have letters, digits, blanks and _.:/=+-@ only"
            yield FieldProblem("tags", message)


def _payload(payload: dict[str, Any] | str) -> list[FieldProblem]:
    """What keeps the payload from being read at all."""
    lines: dict[str, int] = {}
    if isinstance(payload, str):
        parsed = parse_payload(payload)
        if isinstance(parsed, FieldProblem):
            return [parsed]
        lines, payload = lines_of(payload), parsed
    if not payload:
        return [FieldProblem(PAYLOAD, "describe the training job")]
    if tags_of(payload.get("Tags")) is None:
        problem = FieldProblem(
            f"{PAYLOAD}.Tags", "it must be a list of objects with a Key and a Value of text"
        )
        return problems_with_lines([problem], lines)
    return []


def _sizes(request: dict[str, Any]) -> list[FieldProblem]:
    size = len(request[PAYLOAD].encode(errors="replace"))
    if size > MAX_PAYLOAD_BYTES:
        message = f"it has {size:,} bytes; the most is {MAX_PAYLOAD_BYTES:,} (10 KiB)"
        return [FieldProblem(PAYLOAD, message)]
    whole = len(json.dumps(request).encode())  # as botocore sends it
    if whole > MAX_REQUEST_BYTES:
        message = f"the whole request has {whole:,} bytes; the most is {MAX_REQUEST_BYTES:,} (30 KiB)"
        return [FieldProblem(PAYLOAD, message)]
    return []
