"""The guided form of a training job: the members of CreateTrainingJob that people fill in."""

import shlex
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, cast

import msgspec

from tui.model.payload_text import PAYLOAD
from tui.model.text import clean

KNOWN_INSTANCE_TYPES: tuple[str, ...] = (
    *(f"ml.g4dn.{size}" for size in ("xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")),
    *(
        f"ml.g5.{size}"
        for size in ("xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "24xlarge", "48xlarge")
    ),
    *(
        f"ml.g6.{size}"
        for size in ("xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "24xlarge", "48xlarge")
    ),
    *(
        f"ml.g6e.{size}"
        for size in ("xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "24xlarge", "48xlarge")
    ),
    *("ml.p3.2xlarge", "ml.p3.8xlarge", "ml.p3.16xlarge", "ml.p3dn.24xlarge"),
    *("ml.p4d.24xlarge", "ml.p4de.24xlarge"),
    *("ml.p5.4xlarge", "ml.p5.48xlarge", "ml.p5e.48xlarge", "ml.p5en.48xlarge"),
    *("ml.p6-b200.48xlarge", "ml.p6-b300.48xlarge"),
    *("ml.trn1.2xlarge", "ml.trn1.32xlarge", "ml.trn1n.32xlarge", "ml.trn2.48xlarge"),
    *(f"ml.m5.{size}" for size in ("large", "xlarge", "2xlarge", "4xlarge", "12xlarge", "24xlarge")),
    *(f"ml.c5.{size}" for size in ("xlarge", "2xlarge", "4xlarge", "9xlarge", "18xlarge")),
    *(f"ml.m7i.{size}" for size in ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge")),
    *(f"ml.r5.{size}" for size in ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge")),
)
"""Types to offer, small to large by family. AWS knows more: `tui.aws.validation.instance_types()`."""

SHELL = ["/bin/sh", "-c"]
_OPERATORS = frozenset(";&|<>$`\n")


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """One input channel of a training job: data in S3 under a prefix."""

    name: str = "training"
    s3_uri: str = ""
    content_type: str = ""


class Metric(msgspec.Struct, frozen=True):
    """A metric that SageMaker reads from the log: `regex` has one group, the number."""

    name: str
    regex: str


class TrainingForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the form shows, as text: numbers stay as they were typed, so that nothing typed is lost.

    `payload` makes numbers of them; what is not a number goes on as text, and `check_payload` names it at
    its field. Empty means not given. `command` is the container's entry point, split as a shell would;
    with shell operators in it (`;`, `&&`, `|`, `$`, `>`) it runs under `/bin/sh -c`. `original` is the
    request a clone or file came with: members the form does not show, or that did not change, stay.
    """

    image: str = ""
    algorithm_name: str = ""
    input_mode: str = "File"
    role_arn: str = ""
    instance_type: str = ""
    instance_count: str = "1"
    volume_gb: str = "30"
    command: str = ""
    arguments: str = ""
    hyperparameters: dict[str, str] = {}
    environment: dict[str, str] = {}
    channels: tuple[Channel, ...] = ()
    output_path: str = ""
    checkpoint_s3_uri: str = ""
    checkpoint_local_path: str = ""
    spot: bool = False
    max_wait_seconds: str = ""
    max_runtime_seconds: str = "86400"
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    metrics: tuple[Metric, ...] = ()
    original: dict[str, Any] = {}


FIELDS: dict[str, str] = {
    "image": "AlgorithmSpecification.TrainingImage",
    "algorithm_name": "AlgorithmSpecification.AlgorithmName",
    "input_mode": "AlgorithmSpecification.TrainingInputMode",
    "role_arn": "RoleArn",
    "instance_type": "ResourceConfig.InstanceType",
    "instance_count": "ResourceConfig.InstanceCount",
    "volume_gb": "ResourceConfig.VolumeSizeInGB",
    "command": "AlgorithmSpecification.ContainerEntrypoint",
    "arguments": "AlgorithmSpecification.ContainerArguments",
    "hyperparameters": "HyperParameters",
    "environment": "Environment",
    "channels": "InputDataConfig",
    "output_path": "OutputDataConfig.S3OutputPath",
    "checkpoint_s3_uri": "CheckpointConfig.S3Uri",
    "checkpoint_local_path": "CheckpointConfig.LocalPath",
    "spot": "EnableManagedSpotTraining",
    "max_wait_seconds": "StoppingCondition.MaxWaitTimeInSeconds",
    "max_runtime_seconds": "StoppingCondition.MaxRuntimeInSeconds",
    "subnets": "VpcConfig.Subnets",
    "security_groups": "VpcConfig.SecurityGroupIds",
    "metrics": "AlgorithmSpecification.MetricDefinitions",
}
"""The member of CreateTrainingJob behind each field: to find the field of a FieldProblem."""


def payload(form: TrainingForm) -> dict[str, Any]:
    """The CreateTrainingJob request of the form. `payload(form_of(x)) == x` for any request.

    Only what differs from the form of `original` is written; the rest of `original` stays as it was.
    """
    request = deepcopy(form.original)
    before = form_of(form.original) if form.original else _NOTHING
    for field, path in FIELDS.items():
        value = getattr(form, field)
        if value == getattr(before, field):
            continue
        _put(request, path.split("."), _WRITE.get(field, _as_typed)(value, request))
    return request


def form_of(request: Mapping[str, Any]) -> TrainingForm:
    """The form that shows a request. Control characters in it show as marks, and stay if not edited."""
    values: dict[str, Any] = {}
    for field, path in FIELDS.items():
        found = _get(request, path.split("."))
        values[field] = _READ.get(field, _text)(found)
    return TrainingForm(**values, original=dict(request))


def field_of(problem_field: str) -> str | None:
    """The form's field behind `serviceRequestPayload.…`, None if the form does not show it."""
    path = problem_field.removeprefix(f"{PAYLOAD}.")
    for field, member in FIELDS.items():
        if path == member or path.startswith((f"{member}.", f"{member}[")):
            return field
    # A whole structure that is missing: the first field of it.
    return next((field for field, member in FIELDS.items() if member.startswith(f"{path}.")), None)


def pairs_text(pairs: Mapping[str, str]) -> str:
    """`key=value` lines, for a text area. Line breaks in a value show as `\\n`."""
    return "\n".join(f"{key}={_escape(value)}" for key, value in pairs.items())


def pairs_of(text: str) -> dict[str, str] | str:
    """The mapping in `key=value` lines, or one sentence on what is wrong. Blank lines do not count."""
    pairs: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        key, equals, value = line.partition("=")
        key = key.strip()
        if not equals or not key:
            return f"line {number}: write key=value"
        if key in pairs:
            return f"line {number}: {key} is there twice"
        pairs[key] = _unescape(value.strip())
    return pairs


def _escape(value: str) -> str:
    if "\n" not in value and "\\n" not in value:
        return value
    return value.replace("\\", "\\\\").replace("\n", "\\n")


def _unescape(value: str) -> str:
    if "\\n" not in value:
        return value
    return "\\".join(part.replace("\\n", "\n") for part in value.split("\\\\"))


# ---- reading members


def _text(found: Any) -> str:
    if found is None:
        return ""
    return clean(found) if isinstance(found, str) else str(found)


def _texts(found: Any) -> tuple[str, ...]:
    return tuple(_text(item) for item in _list(found))


def _words(found: Any) -> str:
    words = list(_texts(found))
    if len(words) == 3 and words[:2] == SHELL and _OPERATORS & set(words[2]):
        return words[2]
    return shlex.join(words)


def _pairs(found: Any) -> dict[str, str]:
    if not isinstance(found, dict):
        return {}
    return {_text(key): _text(value) for key, value in cast(dict[Any, Any], found).items()}


def _channels(found: Any) -> tuple[Channel, ...]:
    return tuple(
        Channel(
            name=_text(_get(item, ["ChannelName"])),
            s3_uri=_text(_get(item, ["DataSource", "S3DataSource", "S3Uri"])),
            content_type=_text(_get(item, ["ContentType"])),
        )
        for item in _list(found)
    )


def _metrics(found: Any) -> tuple[Metric, ...]:
    return tuple(Metric(_text(_get(m, ["Name"])), _text(_get(m, ["Regex"]))) for m in _list(found))


def _list(found: Any) -> list[Any]:
    return cast(list[Any], found) if isinstance(found, list) else []


def _get(value: Any, path: list[str]) -> Any:
    for name in path:
        if not isinstance(value, dict):
            return None
        value = cast(dict[str, Any], value).get(name)
    return value


_READ: dict[str, Callable[[Any], Any]] = {
    "command": _words,
    "arguments": _words,
    "hyperparameters": _pairs,
    "environment": _pairs,
    "channels": _channels,
    "spot": lambda found: found is True,
    "subnets": _texts,
    "security_groups": _texts,
    "metrics": _metrics,
}


# ---- writing members; what is empty becomes None, which takes the member out


def _as_typed(value: str, request: dict[str, Any]) -> str | None:
    return value.strip() or None


def _number(value: str, request: dict[str, Any]) -> int | str | None:
    text = value.strip()
    try:
        return int(text) if text.isascii() else text
    except ValueError:
        return text or None


def _argv(value: str, request: dict[str, Any]) -> list[str] | None:
    text = value.strip()
    if _OPERATORS & set(text):
        return [*SHELL, text]
    return _split(text)


def _split(text: str) -> list[str] | None:
    try:
        return shlex.split(text) or None
    except ValueError:  # a quote is not closed: the shell will say so, in the job's log
        return [*SHELL, text]


def _mapping(member: str) -> Callable[[dict[str, str], dict[str, Any]], dict[str, Any] | None]:
    def write(value: dict[str, str], request: dict[str, Any]) -> dict[str, Any] | None:
        """Values that did not change stay as they were, number or odd character."""
        before = request.get(member)
        old: dict[str, Any] = cast(dict[str, Any], before) if isinstance(before, dict) else {}
        old = {_text(key): item for key, item in old.items()}
        shown = _pairs(before)
        return {key: old[key] if text == shown.get(key) else text for key, text in value.items()} or None

    return write


def _names(value: tuple[str, ...], request: dict[str, Any]) -> list[str] | None:
    return [name.strip() for name in value if name.strip()] or None


def _write_channels(value: tuple[Channel, ...], request: dict[str, Any]) -> list[Any] | None:
    """Channels that were there keep the members that the form does not show."""
    before = {channel.name: item for channel, item in _with_items(request)}
    return [_channel(channel, before.get(channel.name)) for channel in value] or None


def _with_items(request: dict[str, Any]) -> list[tuple[Channel, Any]]:
    items = _list(request.get("InputDataConfig"))
    return list(zip(_channels(items), items, strict=True))


def _channel(channel: Channel, before: Any) -> dict[str, Any]:
    new = before is None
    item: dict[str, Any] = {"ChannelName": channel.name} if new else deepcopy(before)
    shown = _channels([item])[0]
    if new or channel.s3_uri != shown.s3_uri:
        source = {"S3DataType": "S3Prefix", "S3DataDistributionType": "FullyReplicated"}
        if not new:
            source |= _get(item, ["DataSource", "S3DataSource"]) or {}
        item["DataSource"] = {"S3DataSource": source | {"S3Uri": channel.s3_uri}}
    if channel.content_type != shown.content_type:
        _put(item, ["ContentType"], channel.content_type or None)
    return item


def _write_metrics(value: tuple[Metric, ...], request: dict[str, Any]) -> list[Any] | None:
    return [{"Name": metric.name, "Regex": metric.regex} for metric in value] or None


def _put(target: dict[str, Any], path: list[str], value: Any) -> None:
    """Set a member, or with None take it out, along with a structure that is empty then."""
    name, *rest = path
    if not rest:
        if value is None:
            target.pop(name, None)
        else:
            target[name] = value
        return
    inner = target.get(name)
    if not isinstance(inner, dict):
        inner = {}
    inner = cast(dict[str, Any], inner)
    _put(inner, rest, value)
    if inner:
        target[name] = inner
    else:
        target.pop(name, None)


_WRITE: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "instance_count": _number,
    "volume_gb": _number,
    "command": _argv,
    "arguments": lambda value, request: _split(value.strip()),
    "hyperparameters": _mapping("HyperParameters"),
    "environment": _mapping("Environment"),
    "channels": _write_channels,
    "spot": lambda value, request: value or None,
    "max_wait_seconds": _number,
    "max_runtime_seconds": _number,
    "subnets": _names,
    "security_groups": _names,
    "metrics": _write_metrics,
}

_NOTHING = TrainingForm(input_mode="", instance_count="", volume_gb="", max_runtime_seconds="")
"""The form of an empty request: every field that is given counts as changed."""
