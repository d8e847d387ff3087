"""Requests checked before they are sent, against botocore's own service models.

The models take about 100 ms to load the first time: call from a worker.
"""
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false

import difflib
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from tui.model.payload_text import PAYLOAD, FieldProblem, parse_payload
from tui.model.training_rules import check_training

_INSTANCE_TYPE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9-]+")
_FILLED_IN = ("TrainingJobName", "clientToken")
"""Required members that the request gets without the user's doing."""

_HINTS = {
    "RoleArn": "a role's ARN looks like arn:aws:iam::123456789012:role/name",
    "S3Uri": "an S3 URI looks like s3://bucket/prefix",
    "SecurityGroupId": "letters, digits and hyphens, such as sg-0123456789abcdef0",
    "SubnetId": "letters, digits and hyphens, such as subnet-0123456789abcdef0",
    "TrainingJobName": "up to 63 letters, digits and hyphens; no hyphen at the ends",
    "TrainingEnvironmentKey": "letters, digits and underscores; no digit first",
    "ChannelName": "letters, digits, dots, hyphens and underscores",
}
"""What a pattern means, by the name of the shape that has it."""

_PATTERNS = {".*": "it must be one line", ".+": "it must be one line, and not empty"}

_TYPES: dict[str, tuple[type | tuple[type, ...], str]] = {
    "string": (str, "text"),
    "integer": (int, "a whole number"),
    "long": (int, "a whole number"),
    "float": ((int, float), "a number"),
    "double": ((int, float), "a number"),
    "boolean": (bool, "true or false"),
    "structure": (dict, "an object"),
    "map": (dict, "an object"),
    "list": (list, "a list"),
}


def check_payload(payload: dict[str, Any]) -> list[FieldProblem]:
    """What botocore's CreateTrainingJob shape does not allow: members that are missing or unknown, types,
    enumerations, patterns, ranges and lengths; and SageMaker's rules beyond it (`training_rules`).

    Paths begin with `serviceRequestPayload.`. `TrainingJobName` may be missing: `request_of` fills it in.
    Instance types need not be known here, as AWS adds new ones: they must only look like one.
    """
    found = list(_structure(_input("sagemaker", "CreateTrainingJob"), payload, PAYLOAD))
    named = {problem.field for problem in found}
    return found + [problem for problem in check_training(payload) if problem.field not in named]


def check_request(request: dict[str, Any]) -> list[FieldProblem]:
    """The same for a SubmitServiceJob request (`request_of`), and for the payload inside it."""
    found = list(_structure(_input("batch", "SubmitServiceJob"), request, ""))
    payload = parse_payload(str(request.get(PAYLOAD, "")))
    return found + ([payload] if isinstance(payload, FieldProblem) else check_payload(payload))


def instance_types() -> tuple[str, ...]:
    """Every instance type that botocore's CreateTrainingJob knows."""
    shape = _input("sagemaker", "CreateTrainingJob")
    return tuple(shape.members["ResourceConfig"].members["InstanceType"].enum)


def typed_value(path: str, text: str) -> Any:
    """What a member of CreateTrainingJob should hold for a text that was typed: `HyperParameters.lr` text,
    `ResourceConfig.InstanceCount` a number, a list or an object what the text says as JSON.

    What does not fit stays text, for `check_payload` to name.
    """
    shape = _input("sagemaker", "CreateTrainingJob")
    for step in re.findall(r"[^.\[\]]+|\[\d+\]", path):
        if shape.type_name == "map":
            shape = shape.value
            break
        if step.startswith("["):
            shape = getattr(shape, "member", None)
        else:
            shape = getattr(shape, "members", {}).get(step)
        if shape is None:
            return text
    if shape.type_name == "string":
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


@lru_cache
def _input(service: str, operation: str) -> Any:
    import botocore.session

    model: Any = botocore.session.Session().get_service_model(service)
    return model.operation_model(operation).input_shape


def _structure(shape: Any, value: Any, path: str) -> Iterator[FieldProblem]:
    members: dict[str, Any] = shape.members
    for name in shape.required_members:
        if value.get(name) is None and name not in _FILLED_IN:
            yield FieldProblem(_join(path, name), "it is missing")
    for name, item in value.items():
        if name not in members:
            near = difflib.get_close_matches(name, members, n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]}?" if near else ""
            owner = shape.name.removesuffix("Request")
            yield FieldProblem(_join(path, name), f"{owner} has no such member{hint}")
        elif item is not None or name not in shape.required_members:
            yield from _value(members[name], item, _join(path, name))


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _value(shape: Any, value: Any, path: str) -> Iterator[FieldProblem]:
    kind = shape.type_name
    if not _fits(value, kind):
        yield FieldProblem(path, _wrong_type(value, kind))
        return
    match kind:
        case "structure":
            yield from _structure(shape, value, path)
        case "list":
            yield from _length(shape, len(value), path, "entries")
            for index, item in enumerate(value):
                yield from _value(shape.member, item, f"{path}[{index}]")
        case "map":
            yield from _length(shape, len(value), path, "entries")
            for key, item in value.items():
                yield from _value(shape.key, key, _join(path, key))
                yield from _value(shape.value, item, _join(path, key))
        case "string":
            yield from _string(shape, value, path)
        case _:
            yield from _number(shape, value, path)


def _fits(value: Any, kind: str) -> bool:
    if kind not in _TYPES:
        return True
    return isinstance(value, _TYPES[kind][0]) and (kind == "boolean" or not isinstance(value, bool))


def _wrong_type(value: Any, kind: str) -> str:
    words = _TYPES[kind][1]
    if value is None:
        return f"it must be {words}, not null: leave the member out instead"
    if kind == "string" and isinstance(value, (int, float)):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return f'it must be text: write "{text}"'
    shown = repr(value) if isinstance(value, (str, int, float)) else _kind(value)
    return f"it must be {words}, not {shown[:60]}"


def _kind(value: Any) -> str:
    return "an object" if isinstance(value, dict) else "a list"


def _length(shape: Any, length: int, path: str, unit: str) -> Iterator[FieldProblem]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and length < low:
        yield FieldProblem(path, f"it has {length} {unit}; the least is {low}")
    elif high is not None and length > high:
        yield FieldProblem(path, f"it has {length:,} {unit}; the most is {high:,}")


def _number(shape: Any, value: Any, path: str) -> Iterator[FieldProblem]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        yield FieldProblem(path, f"{value} is out of range: the least is {low}")
    elif high is not None and value > high:
        yield FieldProblem(path, f"{value} is out of range: the most is {high}")


def _string(shape: Any, value: str, path: str) -> Iterator[FieldProblem]:
    too_long = list(_length(shape, len(value), path, "characters"))
    pattern = _pattern(shape.metadata.get("pattern", ""))
    if pattern is not None and not pattern.fullmatch(value):
        hint = _HINTS.get(shape.name) or _PATTERNS.get(pattern.pattern, f"it must match {pattern.pattern}")
        yield FieldProblem(path, f"{value[:60]!r} is not allowed: {hint}")
        return
    allowed: list[str] = shape.enum
    if too_long:
        yield from too_long
    elif allowed and value not in allowed and not _new_instance_type(shape, value):
        near = difflib.get_close_matches(value, allowed, n=3)
        some = ", ".join(near) if near else f"{', '.join(allowed[:8])}{'…' if len(allowed) > 8 else ''}"
        yield FieldProblem(path, f"{value[:60]!r} is not one of {some}")


def _new_instance_type(shape: Any, value: str) -> bool:
    return shape.name.endswith("InstanceType") and _INSTANCE_TYPE.fullmatch(value) is not None


@lru_cache
def _pattern(pattern: str) -> re.Pattern[str] | None:
    """AWS's pattern for Python: Unicode classes become the nearest ones; None if it cannot be read."""
    if not pattern:
        return None
    for theirs, ours in (
        (r"\p{Alnum}", "A-Za-z0-9"),
        (r"\p{L}", r"\w"),
        (r"\p{N}", r"\w"),
        (r"\p{Z}", r"\s"),
    ):
        pattern = pattern.replace(theirs, ours)
    try:
        return re.compile(pattern)
    except re.error:
        return None
