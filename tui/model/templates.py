"""A submission as a document: what templates are saved as, and what `queuedeck submit FILE` reads.

A document, JSON or YAML, is one of two things:

- a CreateTrainingJob request (`TrainingJobName`, `RoleArn`, …), or
- a SubmitServiceJob request in AWS's own member names (`jobName`, `jobQueue`, `schedulingPriority`,
  `shareIdentifier`, `quotaShareName`, `retryStrategy`, `timeoutConfig`, `preemptionConfiguration`, `tags`),
  with `serviceRequestPayload` as an object (or as text, as AWS has it). Members may be missing.

A client token is never saved: each reading of a document is a new job.
"""

import difflib
import json
import re
from collections.abc import Iterator
from typing import Any, cast

import msgspec
from msgspec.structs import replace

from tui.model.jobs import RetryStrategy
from tui.model.payload_text import PAYLOAD, escape_json, line_at, lines_of, parse_payload, yaml_text
from tui.model.shape import converted
from tui.model.submission import JOB_TYPE, FieldProblem, Submission, request_of

_MEMBERS: dict[str, tuple[str, Any]] = {
    "jobName": ("job_name", str),
    "jobQueue": ("job_queue", str),
    "schedulingPriority": ("scheduling_priority", int),
    "shareIdentifier": ("share_identifier", str),
    "quotaShareName": ("quota_share_name", str),
    "tags": ("tags", dict[str, str]),
}
_IGNORED = ("serviceJobType", "clientToken")
_ONLY_MEMBER = {
    "timeoutConfig": ("attempt_duration_seconds", "attemptDurationSeconds"),
    "preemptionConfiguration": ("preemption_retries", "preemptionRetriesBeforeTermination"),
}
MEMBERS = (*_MEMBERS, *_ONLY_MEMBER, "retryStrategy", PAYLOAD, *_IGNORED)


def document_of(submission: Submission) -> dict[str, Any]:
    """The submission as a full document, without its token. Empty members are left out."""
    request = request_of(submission)
    for member in (*_IGNORED, PAYLOAD, "tags"):
        request.pop(member, None)
    document = {name: value for name, value in request.items() if value != ""}
    if submission.tags:
        document["tags"] = submission.tags
    payload = submission.payload
    parsed = parse_payload(payload) if isinstance(payload, str) else payload
    return document | {PAYLOAD: payload if isinstance(parsed, FieldProblem) else parsed}


def document_text(submission: Submission, *, yaml: bool = False) -> str:
    """The document as indented JSON, or as YAML."""
    document = document_of(submission)
    if not yaml:
        return escape_json(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"
    return yaml_text(document)


def read_document(text: str) -> Submission | list[FieldProblem]:
    """The submission in a document of either kind, or what is wrong, with lines.

    The first kind comes without a job name and queue.
    """
    found = parse_payload(text)
    if isinstance(found, FieldProblem):
        return [found]
    if not any(name in found for name in MEMBERS):
        return Submission(payload=found)
    values: dict[str, Any] = {}
    problems = list(_read(found, values))
    if problems:
        return with_lines(problems, text)
    return Submission(**values)


def _read(document: dict[str, Any], values: dict[str, Any]) -> Iterator[FieldProblem]:
    for name, value in document.items():
        if name in _MEMBERS:
            field, kind = _MEMBERS[name]
            yield from _converted(name, field, value, kind, values)
        elif name in _ONLY_MEMBER:
            field, member = _ONLY_MEMBER[name]
            yield from _only_member(name, field, member, value, values)
        elif name == "retryStrategy":
            yield from _retry(value, values)
        elif name == PAYLOAD:
            yield from _payload(value, values)
        elif name == "serviceJobType" and value != JOB_TYPE:
            yield FieldProblem(name, f"only {JOB_TYPE} jobs can be submitted")
        elif name not in _IGNORED:
            near = difflib.get_close_matches(name, MEMBERS, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield FieldProblem(name, f"SubmitServiceJob has no such member{hint}")


def _converted(
    name: str, field: str, value: Any, kind: Any, values: dict[str, Any]
) -> Iterator[FieldProblem]:
    try:
        values[field] = converted(value, kind)
    except msgspec.ValidationError as error:
        yield FieldProblem(name, _plain(error))


def _only_member(
    name: str, field: str, member: str, value: Any, values: dict[str, Any]
) -> Iterator[FieldProblem]:
    if not isinstance(value, dict) or set(cast(dict[str, Any], value)) - {member}:
        yield FieldProblem(name, f"it must be an object with the member {member}")
    elif member in value:
        yield from _converted(f"{name}.{member}", field, value[member], int, values)


def _retry(value: Any, values: dict[str, Any]) -> Iterator[FieldProblem]:
    yield from _converted("retryStrategy", "retry_strategy", value, RetryStrategy, values)
    if isinstance(value, dict) and "attempts" not in value:
        yield FieldProblem("retryStrategy.attempts", "it is missing")


def _payload(value: Any, values: dict[str, Any]) -> Iterator[FieldProblem]:
    if isinstance(value, str):
        found = parse_payload(value)
        if isinstance(found, FieldProblem):
            yield replace(found, line=None)
            return
        values["payload"] = found
    elif isinstance(value, dict):
        values["payload"] = value
    else:
        yield FieldProblem(PAYLOAD, "it must be an object, or its text")


_WORDS = {"str": "text", "int": "a whole number", "object": "an object", "array": "a list", "null": "null"}


def _plain(error: msgspec.ValidationError) -> str:
    """msgspec's `Expected `str`, got `int` - at `$.a`` in our words."""
    text = str(error).replace(" - at `$`", "").replace(" - at `$.", ", at `")
    text = re.sub(r"`(\w+)`", lambda match: _WORDS.get(match[1], match[1]), text)
    return f"it is wrong: {text[:1].lower()}{text[1:]}".replace("`", "")


def with_lines(problems: list[FieldProblem], text: str) -> list[FieldProblem]:
    """The problems of a submission with their lines in the document it was read from."""
    lines = lines_of(text)
    whole = any(name in lines for name in MEMBERS)
    return [
        replace(problem, line=problem.line or line_at(lines, _place(problem.field, whole)))
        for problem in problems
    ]


def _place(field: str, whole: bool) -> str:
    return field if whole else field.removeprefix(f"{PAYLOAD}.")
