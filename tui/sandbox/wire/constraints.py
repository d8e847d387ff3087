"""Requests checked against the model: required members, lengths, ranges, patterns and enums, as AWS does."""

from collections.abc import Iterator
from typing import Any

from tui.sandbox.wire.model import Shape

_SHOWN = 300
_MOST = 10


def refusal(shape: Shape, params: dict[str, Any]) -> str:
    """AWS's message for everything that is wrong with the parameters; empty if nothing is.

    For example: 1 validation error detected: Value null at 'jobName' failed to satisfy constraint: Member
    must not be null
    """
    found: list[str] = []
    for violation in _structure(shape, params, ""):
        found.append(violation)
        if len(found) == _MOST:
            break
    if not found:
        return ""
    errors = "error" if len(found) == 1 else "errors"
    return f"{len(found)} validation {errors} detected: {'; '.join(found)}"


def _fault(value: Any, path: str, constraint: str) -> str:
    if value is None:
        shown = "null"
    elif isinstance(value, bytes):
        shown = "java.nio.HeapByteBuffer"
    else:
        shown = f"'{str(value)[:_SHOWN]}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def _structure(shape: Shape, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required:
        if value.get(name) is None:
            yield _fault(None, f"{path}{_member_name(name)}", "Member must not be null")
    for name, item in value.items():
        if item is not None:
            yield from _check(shape.members[name].shape, item, f"{path}{_member_name(name)}")


def _check(shape: Shape, value: Any, path: str) -> Iterator[str]:
    match shape.type:
        case "structure":
            if not shape.document:
                yield from _structure(shape, value, f"{path}.")
        case "list":
            yield from _length(shape, len(value), value, path)
            element = shape.element
            for number, item in enumerate(value, start=1) if element else ():
                at = f"{path}.{number}.member"
                if item is None:
                    yield _fault(None, at, "Member must not be null")
                else:
                    yield from _check(element.shape, item, at)  # pyright: ignore[reportOptionalMemberAccess]
        case "map":
            yield from _length(shape, len(value), value, path)
            for key, item in value.items():
                if shape.key:
                    yield from _check(shape.key.shape, key, f"{path}.{key}.key")
                if shape.element and item is not None:
                    yield from _check(shape.element.shape, item, f"{path}.{key}.member")
        case "string":
            yield from _string(shape, value, path)
        case "blob":
            yield from _length(shape, len(value), value, path)
        case "integer" | "long" | "float" | "double":
            if shape.min is not None and value < shape.min:
                yield _fault(value, path, f"Member must have value greater than or equal to {shape.min}")
            if shape.max is not None and value > shape.max:
                yield _fault(value, path, f"Member must have value less than or equal to {shape.max}")
        case _:
            pass


def _string(shape: Shape, value: str, path: str) -> Iterator[str]:
    """A text that is too long is not matched: no pattern can then take long."""
    violations = list(_length(shape, len(value), value, path))
    if violations:
        yield from violations
    elif shape.enum:
        if value not in shape.enum:
            yield _fault(value, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    elif shape.regex is not None and len(value) <= 2048 and not shape.regex.fullmatch(value):
        yield _fault(value, path, f"Member must satisfy regular expression pattern: {shape.pattern}")


def _length(shape: Shape, length: int, value: Any, path: str) -> Iterator[str]:
    if shape.min is not None and length < shape.min:
        yield _fault(value, path, f"Member must have length greater than or equal to {shape.min}")
    if shape.max is not None and length > shape.max:
        yield _fault(value, path, f"Member must have length less than or equal to {shape.max}")


def _member_name(name: str) -> str:
    """Member names as AWS writes them in messages: the first letter in lower case."""
    return name[:1].lower() + name[1:]
