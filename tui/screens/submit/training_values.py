"""The guided form as text fields, to and from the model's `TrainingForm`."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from tui.model.training_form import Channel, Metric, TrainingForm, form_of, pairs_of, pairs_text
from widgets.fields import ON

PLAIN = (
    "image",
    "algorithm_name",
    "input_mode",
    "role_arn",
    "instance_type",
    "instance_count",
    "volume_gb",
    "command",
    "arguments",
    "output_path",
    "checkpoint_s3_uri",
    "checkpoint_local_path",
    "max_wait_seconds",
    "max_runtime_seconds",
)
"""Members of the form that are one line of text in both."""


def training_defaults() -> dict[str, str]:
    return training_values(TrainingForm())


def training_values(form: TrainingForm) -> dict[str, str]:
    """What the fields of the guided form show."""
    return {
        **{key: str(getattr(form, key)) for key in PLAIN},
        "hyperparameters": pairs_text(form.hyperparameters),
        "environment": pairs_text(form.environment),
        "channels": "\n".join(_channel_text(channel) for channel in form.channels),
        "spot": ON if form.spot else "",
        "subnets": " ".join(form.subnets),
        "security_groups": " ".join(form.security_groups),
        "metrics": "\n".join(f"{metric.name}={metric.regex}" for metric in form.metrics),
    }


def form_from(values: Mapping[str, str], original: dict[str, Any]) -> tuple[TrainingForm, dict[str, str]]:
    """The form behind the fields, and what cannot be read of them, by field.

    A field that still shows what `original` holds keeps exactly that: not every value survives being text.
    """
    before = form_of(original) if original else TrainingForm()
    shown = training_values(before)
    members: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for key, text in values.items():
        if text == shown.get(key):
            members[key] = getattr(before, key)
        elif (read := _READ.get(key)) is None:
            members[key] = text.strip()
        else:
            found = read(text)
            if isinstance(found, str):
                errors[key] = found
            members[key] = getattr(before, key) if isinstance(found, str) else found
    return replace(before, **members, original=original), errors


def _channel_text(channel: Channel) -> str:
    return f"{channel.name}={channel.s3_uri} {channel.content_type}".rstrip()


def _channel(name: str, text: str) -> Channel:
    uri, _, content_type = text.strip().partition(" ")
    return Channel(name=name, s3_uri=uri, content_type=content_type.strip())


def _channels(text: str) -> tuple[Channel, ...] | str:
    found = _lines(text, "training=s3://bucket/prefix")
    if isinstance(found, str):
        return found
    if twice := sorted({name for name, _ in found if [n for n, _ in found].count(name) > 1}):
        return f"the channel {twice[0]} is there twice"
    return tuple(_channel(name, rest) for name, rest in found)


def _metrics(text: str) -> tuple[Metric, ...] | str:
    found = _lines(text, "loss=loss: ([0-9.]+)")
    return found if isinstance(found, str) else tuple(Metric(name, regex) for name, regex in found)


def _lines(text: str, example: str) -> list[tuple[str, str]] | str:
    pairs: list[tuple[str, str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        name, equals, value = (part.strip() for part in line.partition("="))
        if line.strip() and not (name and equals):
            return f"line {number}: write it as {example}"
        if line.strip():
            pairs.append((name, value))
    return pairs


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


_READ: dict[str, Callable[[str], Any]] = {
    "hyperparameters": pairs_of,
    "environment": pairs_of,
    "channels": _channels,
    "spot": lambda text: text == ON,
    "subnets": _words,
    "security_groups": _words,
    "metrics": _metrics,
}
"""Members that are more than a line of text; a sentence says what is wrong with the text."""
