"""The query protocol: a form with the operation in `Action`, answered in XML."""

from bisect import bisect_left
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from tui.sandbox.errors import AwsError
from tui.sandbox.wire import xml_tree
from tui.sandbox.wire.json_tree import malformed
from tui.sandbox.wire.message import Request, Response
from tui.sandbox.wire.model import Model, Operation, Shape

_FIELDS = 20_000
_DEEPEST = 30


class Form(dict[str, str]):
    """The fields of a form, and quickly whether there is any under a name."""

    @cached_property
    def _names(self) -> list[str]:
        return sorted(self)

    def has_under(self, name: str) -> bool:
        prefix = f"{name}."
        at = bisect_left(self._names, prefix)
        return at < len(self._names) and self._names[at].startswith(prefix)


def form_of(request: Request) -> Form:
    """The fields of the body, or of the query string. Raises AwsError if there are too many."""
    if not request.body:
        return Form({name: values[0] for name, values in request.query.items()})
    try:
        return Form(parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=_FIELDS))
    except ValueError:
        raise malformed("The request body is not a valid form") from None


class Query:
    """The protocol for one service."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def operation(self, request: Request) -> str:
        form = form_of(request)
        name = form.get("Action", "")
        if self._model.operation(name) is None:
            version = form.get("Version", "")
            raise AwsError("InvalidAction", f"Could not find operation {name} for version {version}")
        return name

    def read(self, operation: Operation, request: Request) -> dict[str, Any]:
        form = form_of(request)
        return _structure(operation.input, form, "", 0) if operation.input else {}

    def write(self, operation: Operation, answer: Mapping[str, Any], request_id: str) -> Response:
        result = "".join(xml_tree.members(operation.output, answer)) if operation.output else ""
        wrapper = operation.result_wrapper
        if wrapper:
            result = f"<{wrapper}>{result}</{wrapper}>"
        name = f"{operation.name}Response"
        return self._response(
            200,
            f'<{name} xmlns="{self._model.namespace}">{result}<ResponseMetadata>'
            f"<RequestId>{request_id}</RequestId></ResponseMetadata></{name}>",
            request_id,
        )

    def error(self, error: AwsError, request_id: str) -> Response:
        blame = "Sender" if error.status < 500 else "Receiver"
        return self._response(
            error.status,
            f'<ErrorResponse xmlns="{self._model.namespace}"><Error><Type>{blame}</Type>'
            f"<Code>{xml_tree.text(error.code)}</Code><Message>{xml_tree.text(error.message)}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>",
            request_id,
        )

    def content_type(self) -> str:
        return "text/xml"

    def _response(self, status: int, body: str, request_id: str) -> Response:
        headers = {"content-type": self.content_type(), "x-amzn-requestid": request_id}
        return Response(status, headers, body.encode("utf-8", "replace"))


def _structure(shape: Shape, form: Form, prefix: str, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, member in shape.members.items():
        value = _value(member.shape, form, f"{prefix}{member.wire_name}", member.flattened, depth + 1)
        if value is not None:
            found[name] = value
    return found


def _value(shape: Shape, form: Form, at: str, flattened: bool, depth: int) -> Any:
    """The value at a field name, or None if the form has nothing there."""
    if shape.type in ("structure", "list", "map"):
        if shape.type == "list" and form.get(at) == "":
            return []
        if depth > _DEEPEST or not form.has_under(at):
            return None
        if shape.type == "structure":
            return _structure(shape, form, f"{at}.", depth) or None
        return _list(shape, form, at, flattened, depth) if shape.type == "list" else _map(shape, form, at)
    if at not in form:
        return None
    try:
        return xml_tree.from_text(shape, form[at])
    except ValueError:
        raise AwsError("MalformedInput", f"'{form[at][:100]}' is not a valid {shape.type}") from None


def _list(shape: Shape, form: Form, at: str, flattened: bool, depth: int) -> list[Any] | None:
    element = shape.element
    if element is None:
        return None
    base = at if flattened or shape.flattened else f"{at}.{element.wire_name}"
    items: list[Any] = []
    for number in range(1, _FIELDS):
        item = _value(element.shape, form, f"{base}.{number}", False, depth + 1)
        if item is None:
            break
        items.append(item)
    return items or None


def _map(shape: Shape, form: Form, at: str) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for number in range(1, _FIELDS):
        base = f"{at}.{number}" if shape.flattened else f"{at}.entry.{number}"
        if f"{base}.key" not in form:
            break
        found[form[f"{base}.key"]] = form.get(f"{base}.value", "")
    return found or None
