"""What the REST protocols share: URI templates, and parameters in paths, query strings and headers."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from tui.sandbox.wire.json_tree import malformed
from tui.sandbox.wire.message import Request, decoded
from tui.sandbox.wire.model import Member, Model, Operation
from tui.sandbox.wire.times import parse_time, write_time

_LABEL = re.compile(r"\{(\w+)(\+?)\}")


class _Route(NamedTuple):
    """An operation's URI template, ready to be matched."""

    name: str
    path: re.Pattern[str]
    query: tuple[tuple[str, str], ...]


class Router:
    """Finds the operation for a method, path and query. Templates without labels cost one dict look-up."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._fixed: dict[tuple[str, str], str] = {}
        self._templates: dict[str, list[_Route]] = {}
        for name in model.operation_names:
            method, uri = model.uri_of(name)
            path, _, query = uri.partition("?")
            if "{" not in uri and not query:
                self._fixed.setdefault((method, path), name)  # S3 has two: one is not for this host
                continue
            pairs = [pair.partition("=") for pair in query.split("&") if pair]
            route = _Route(name, _compiled(path), tuple((key, value) for key, _, value in pairs))
            self._templates.setdefault(method, []).append(route)

    def find(self, request: Request) -> str | None:
        """The operation's name. Where several match, the one that asks for the most of the request."""
        fixed = self._fixed.get((request.method, request.path))
        if fixed is not None:
            return fixed
        best, most = None, -1
        for route in self._templates.get(request.method, ()):
            if not route.path.fullmatch(request.path):
                continue
            if any(value not in request.query.get(key, ("\0",)) for key, value in route.query):
                continue
            demands = self._demands(route.name, request)
            if demands is not None and demands + len(route.query) > most:
                best, most = route.name, demands + len(route.query)
        return best

    def _demands(self, name: str, request: Request) -> int | None:
        """How many required members outside the path the request has; None if one is missing."""
        operation = self._model.operation(name)
        count = 0
        for member in _required(operation) if operation else ():
            source: Mapping[str, Any] = request.query if member.location == "querystring" else request.headers
            key = member.wire_name if member.location == "querystring" else member.wire_name.lower()
            if key not in source:
                return None
            count += 1
        return count


def _required(operation: Operation) -> Iterator[Member]:
    shape = operation.input
    for name in shape.required if shape else ():
        member = shape.members[name]  # pyright: ignore[reportOptionalMemberAccess]
        if member.location in ("querystring", "header"):
            yield member


@cache
def _compiled(path: str) -> re.Pattern[str]:
    """A URI template as a pattern: `{name}` is one segment, `{name+}` all that is left."""
    pattern, at = "", 0
    for label in _LABEL.finditer(path):
        pattern += re.escape(path[at : label.start()])
        pattern += f"(?P<{label[1]}>.+)" if label[2] else f"(?P<{label[1]}>[^/]+)"
        at = label.end()
    return re.compile(pattern + re.escape(path[at:]) + "/?" * (not path.endswith("/")))


def read_outside(operation: Operation, request: Request) -> dict[str, Any]:
    """The parameters that are not in the body. Raises AwsError for a value of another type."""
    shape = operation.input
    found: dict[str, Any] = {}
    if shape is None:
        return found
    if "{" in operation.uri:
        match = _compiled(operation.uri.partition("?")[0]).fullmatch(request.path)
        labels = match.groupdict() if match else {}
    else:
        labels = {}
    for name, member in shape.members.items():
        match member.location:
            case "uri" if labels.get(member.wire_name):
                found[name] = _from_text(member, decoded(labels[member.wire_name]))
            case "querystring" if member.shape.type == "list" and member.wire_name in request.query:
                element = member.shape.element
                values = request.query[member.wire_name]
                found[name] = [_from_text(element, value) for value in values] if element else values
            case "querystring" if member.wire_name in request.query:
                found[name] = _from_text(member, request.query[member.wire_name][0])
            case "header" if member.wire_name.lower() in request.headers:
                found[name] = _from_text(member, request.headers[member.wire_name.lower()])
            case "headers":
                prefix = member.wire_name.lower()
                values = {k[len(prefix) :]: v for k, v in request.headers.items() if k.startswith(prefix)}
                if values:
                    found[name] = values
            case _:
                pass
    return found


def _from_text(member: Member, text: str) -> Any:
    shape = member.shape
    try:
        match shape.type:
            case "boolean":
                return {"true": True, "false": False}[text.lower()]
            case "integer" | "long":
                return int(text)
            case "float" | "double":
                return float(text)
            case "timestamp":
                moment = parse_time(text)
                if moment is None:
                    raise ValueError
                return moment
            case "list":
                return [item.strip() for item in text.split(",")]
            case _:
                return text
    except (ValueError, KeyError):
        raise malformed(f"{member.wire_name}: '{text[:100]}' is not a valid {shape.type}") from None


def write_outside(operation: Operation, answer: Mapping[str, Any]) -> tuple[int, dict[str, str]]:
    """The status and the headers that an answer's members stand for."""
    status, headers = operation.status, dict[str, str]()
    for name, member in operation.output.members.items() if operation.output else ():
        value = answer.get(name)
        if value is None:
            continue
        match member.location:
            case "statusCode":
                status = int(value)
            case "header":
                headers[member.wire_name.lower()] = _to_text(member, value)
            case "headers":
                headers |= {f"{member.wire_name.lower()}{key}": str(text) for key, text in value.items()}
            case _:
                pass
    return status, headers


def _to_text(member: Member, value: Any) -> str:
    if member.shape.type == "boolean":
        return "true" if value else "false"
    if member.shape.type == "timestamp":
        form = member.timestamp_format or member.shape.timestamp_format or "rfc822"
        return str(write_time(value, form))
    return str(value)
