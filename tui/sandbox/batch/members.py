"""Values of the model as the members of an answer."""

from typing import Any

import msgspec
from msgspec.structs import fields


def members(value: msgspec.Struct, **always: Any) -> dict[str, Any]:
    """The struct as a dict with the wire's names: without what is not set (None, empty text or list).

    Unlike the model's own encoding it keeps numbers that equal their default: AWS sends a priority of 0.
    `always` are members sent even when empty.
    """
    answer = {
        field.encode_name: _plain(item)
        for field in fields(value)
        if not _unset(item := getattr(value, field.name))
    }
    return {**always, **answer}


def _unset(value: Any) -> bool:
    return value is None or value is False or value == "" or value == () or value == {}


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return members(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
