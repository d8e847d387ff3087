"""Values of the model as JSON and CBOR trees, both ways."""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tui.sandbox.errors import AwsError
from tui.sandbox.wire.model import Member, Shape
from tui.sandbox.wire.times import parse_time, write_time

_DEEPEST = 100
_INT32 = 1 << 31
_INT64 = 1 << 63


def malformed(message: str) -> AwsError:
    """What AWS says of a body that it cannot read."""
    return AwsError("SerializationException", message)


def read_tree(shape: Shape, value: Any, depth: int = 0) -> Any:
    """A decoded JSON or CBOR value as the model's Python types. Unknown members are ignored, as AWS does.

    Raises AwsError (SerializationException) for a value of another type.
    """
    if depth > _DEEPEST:
        raise malformed("The request is nested too deeply")
    match shape.type:
        case "structure":
            if shape.document:
                return value
            if not isinstance(value, dict):
                raise _mistaken(value, "a structure")
            return read_members(shape.body, value, depth)
        case "list":
            if not isinstance(value, list):
                raise _mistaken(value, "a Collection")
            element = _element(shape)
            return [None if item is None else read_tree(element, item, depth + 1) for item in value]
        case "map":
            if not isinstance(value, dict):
                raise _mistaken(value, "a Map")
            element = _element(shape)
            return {
                str(key): read_tree(element, item, depth + 1)
                for key, item in value.items()
                if item is not None
            }
        case _:
            return _scalar(shape, value)


def read_members(members: Mapping[str, Member], value: dict[Any, Any], depth: int = 0) -> dict[str, Any]:
    """The known members of a structure's value, under their model names; nulls count as absent."""
    found: dict[str, Any] = {}
    for wire_name, item in value.items():
        member = members.get(wire_name)
        if member is not None and item is not None:
            found[member.name] = read_tree(member.shape, item, depth + 1)
    return found


def _scalar(shape: Shape, value: Any) -> Any:
    match shape.type:
        case "string" if isinstance(value, str):
            return value
        case "boolean" if isinstance(value, bool):
            return value
        case "integer" | "long" if isinstance(value, int | float) and not isinstance(value, bool):
            limit = _INT32 if shape.type == "integer" else _INT64
            if -limit <= value < limit and int(value) == value:
                return int(value)
        case "float" | "double" if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        case "float" | "double" if value in ("NaN", "Infinity", "-Infinity"):
            return float(value)
        case "blob" if isinstance(value, bytes):
            return value
        case "blob" if isinstance(value, str):
            try:
                return base64.b64decode(value, validate=True)
            except (binascii.Error, ValueError):
                raise malformed("The blob is not valid base64") from None
        case "timestamp" if isinstance(value, datetime):
            return value
        case "timestamp" if isinstance(value, int | float | str) and not isinstance(value, bool):
            moment = parse_time(value)
            if moment is not None:
                return moment
        case _:
            pass
    raise _mistaken(value, _KINDS.get(shape.type, shape.type))


_KINDS = {
    "string": "a String",
    "boolean": "a Boolean",
    "integer": "an Integer",
    "long": "a Long",
    "float": "a Float",
    "double": "a Double",
    "timestamp": "a Timestamp",
    "blob": "a Blob",
}


def _mistaken(value: Any, wanted: str) -> AwsError:
    match value:
        case None:
            seen = "NULL_VALUE"
        case bool():
            seen = "TRUE_VALUE" if value else "FALSE_VALUE"
        case int() | float():
            seen = "NUMBER_VALUE"
        case str():
            seen = "STRING_VALUE"
        case list():
            seen = "START_ARRAY"
        case dict():
            seen = "START_OBJECT"
        case _:
            seen = type(value).__name__
    return malformed(f"{seen} can not be converted to {wanted}")


def _element(shape: Shape) -> Shape:
    assert shape.element is not None, shape.name
    return shape.element.shape


def write_tree(shape: Shape, value: Any, *, native: bool = False, form: str = "") -> Any:
    """An answer's value as a JSON tree; with `native`, times and blobs stay (CBOR has types for them)."""
    match shape.type:
        case "structure":
            if shape.document:
                return value
            return write_members(shape.body, value, native=native)
        case "list":
            element = _element(shape)
            return [write_tree(element, item, native=native) for item in value]
        case "map":
            element = _element(shape)
            return {key: write_tree(element, item, native=native) for key, item in value.items()}
        case "timestamp" if native:
            return value if isinstance(value, datetime) else datetime.fromtimestamp(value, UTC)
        case "timestamp":
            return write_time(value, form or shape.timestamp_format or "unixTimestamp")
        case "blob" if not native:
            return base64.b64encode(value).decode()
        case _:
            return value


def write_members(
    members: Mapping[str, Member], value: Mapping[str, Any], *, native: bool = False
) -> dict[str, Any]:
    """The members of a structure that have a value, under their wire names."""
    written: dict[str, Any] = {}
    for wire_name, member in members.items():
        item = value.get(member.name)
        if item is not None:
            written[wire_name] = write_tree(member.shape, item, native=native, form=member.timestamp_format)
    return written
