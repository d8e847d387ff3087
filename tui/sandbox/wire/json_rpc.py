"""AWS JSON 1.0 and 1.1: POST / with the operation in `X-Amz-Target`."""

from collections.abc import Mapping
from typing import Any

import msgspec

from tui.sandbox.errors import AwsError
from tui.sandbox.wire.json_tree import malformed, read_tree, write_tree
from tui.sandbox.wire.message import Request, Response
from tui.sandbox.wire.model import Model, Operation
from tui.sandbox.wire.protocol import query_error, unknown_operation


def parse_json(body: bytes) -> Any:
    """The JSON value of a body, an empty body being `{}`. Raises AwsError (SerializationException)."""
    if not body:
        return {}
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise malformed("The request body is not valid JSON") from None


class JsonRpc:
    """The protocol for one service."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def operation(self, request: Request) -> str:
        target = request.headers.get("x-amz-target", "")
        prefix, _, name = target.rpartition(".")
        if prefix != self._model.target_prefix or self._model.operation(name) is None:
            raise unknown_operation(self._model, target)
        return name

    def read(self, operation: Operation, request: Request) -> dict[str, Any]:
        value = parse_json(request.body)
        if operation.input is None:
            return {}
        return read_tree(operation.input, value)

    def write(self, operation: Operation, answer: Mapping[str, Any], request_id: str) -> Response:
        tree = write_tree(operation.output, answer) if operation.output else {}
        body = msgspec.json.encode(tree) if operation.output else b""
        return Response(200, self._headers(request_id), body)

    def error(self, error: AwsError, request_id: str) -> Response:
        headers = {**self._headers(request_id), "x-amzn-errortype": error.code}
        if self._model.query_compatible:
            headers |= query_error(error)
        body = msgspec.json.encode({"__type": error.code, "message": error.message})
        return Response(error.status, headers, body)

    def content_type(self) -> str:
        return f"application/x-amz-json-{self._model.json_version}"

    def _headers(self, request_id: str) -> dict[str, str]:
        return {"content-type": self.content_type(), "x-amzn-requestid": request_id}
