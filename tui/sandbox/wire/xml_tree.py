"""Values of the model as XML, both ways, in the manner of AWS's query and REST-XML protocols."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from tui.sandbox.errors import AwsError
from tui.sandbox.wire.model import Member, Shape
from tui.sandbox.wire.times import parse_time, write_time

_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DEEPEST = 50


def malformed_xml() -> AwsError:
    return AwsError("MalformedXML", "The XML you provided was not well-formed or did not validate.")


def text(value: str) -> str:
    """Text for XML. What XML 1.0 cannot say, not even escaped, becomes U+FFFD."""
    return escape(_UNSPEAKABLE.sub("�", value)).replace("\r", "&#13;")


def element(name: str, shape: Shape, value: Any, form: str = "") -> Iterator[str]:
    """One value as an element, in pieces."""
    yield f"<{name}>"
    match shape.type:
        case "structure":
            yield from members(shape, value)
        case "list":
            inner = _element(shape)
            for item in value:
                yield from element(inner.wire_name, inner.shape, item, inner.timestamp_format)
        case "map":
            for key, item in value.items():
                yield "<entry>"
                yield from _pair(shape, key, item)
                yield "</entry>"
        case _:
            yield scalar(shape, value, form)
    yield f"</{name}>"


def members(shape: Shape, value: Mapping[str, Any]) -> Iterator[str]:
    """The body members of a structure that have a value."""
    for wire_name, member in shape.body.items():
        item = value.get(member.name)
        if item is None:
            continue
        if member.flattened or member.shape.flattened:
            yield from _flat(wire_name, member, item)
        else:
            yield from element(wire_name, member.shape, item, member.timestamp_format)


def _flat(name: str, member: Member, value: Any) -> Iterator[str]:
    shape = member.shape
    if shape.type == "map":
        for key, item in value.items():
            yield f"<{name}>"
            yield from _pair(shape, key, item)
            yield f"</{name}>"
        return
    inner = _element(shape)
    name = name if member.named or not inner.named else inner.wire_name
    for item in value:
        yield from element(name, inner.shape, item, inner.timestamp_format)


def _pair(shape: Shape, key: str, value: Any) -> Iterator[str]:
    inner = _element(shape)
    key_name = shape.key.wire_name if shape.key else "key"
    yield f"<{key_name}>{text(key)}</{key_name}>"
    yield from element(inner.wire_name, inner.shape, value)


def scalar(shape: Shape, value: Any, form: str = "") -> str:
    match shape.type:
        case "boolean":
            return "true" if value else "false"
        case "blob":
            return base64.b64encode(value).decode()
        case "timestamp":
            return str(write_time(value, form or shape.timestamp_format or "iso8601"))
        case _:
            return text(str(value))


def from_text(shape: Shape, value: str) -> Any:
    """A scalar from its text. Raises ValueError."""
    match shape.type:
        case "boolean":
            if value.lower() not in ("true", "false"):
                raise ValueError(f"'{value[:100]}' is not a boolean")
            return value.lower() == "true"
        case "integer" | "long":
            return int(value)
        case "float" | "double":
            return float(value)
        case "timestamp":
            moment = parse_time(value)
            if moment is None:
                raise ValueError(f"'{value[:100]}' is not a timestamp")
            return moment
        case "blob":
            try:
                return base64.b64decode(value, validate=True)
            except binascii.Error as problem:
                raise ValueError(str(problem)) from None
        case _:
            return value


def parse_xml(body: bytes) -> ElementTree.Element:
    """The root of an XML body. Raises AwsError (MalformedXML), also for a document type: AWS sends none."""
    if b"<!DOCTYPE" in body:
        raise malformed_xml()
    try:
        return ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError):
        raise malformed_xml() from None


def read_element(shape: Shape, node: ElementTree.Element, depth: int = 0) -> Any:
    """An element as the model's Python types. Raises AwsError (MalformedXML)."""
    if depth > _DEEPEST:
        raise malformed_xml()
    match shape.type:
        case "structure":
            return _read_members(shape, node, depth)
        case "list":
            inner = _element(shape)
            return [read_element(inner.shape, child, depth + 1) for child in node]
        case "map":
            raise malformed_xml()  # no request of ours has one
        case _:
            try:
                return from_text(shape, node.text or "")
            except ValueError:
                raise malformed_xml() from None


def _read_members(shape: Shape, node: ElementTree.Element, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in node:
        member = shape.body.get(child.tag.rpartition("}")[2])
        if member is None:
            continue
        if member.shape.type == "list" and (member.flattened or member.shape.flattened):
            inner = _element(member.shape)
            found.setdefault(member.name, []).append(read_element(inner.shape, child, depth + 1))
        else:
            found[member.name] = read_element(member.shape, child, depth + 1)
    return found


def _element(shape: Shape) -> Member:
    assert shape.element is not None, shape.name
    return shape.element
