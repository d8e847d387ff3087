"""Smithy RPC v2 CBOR: POST /service/NAME/operation/NAME, with CBOR both ways. CloudWatch speaks it."""

import io
from collections.abc import Mapping
from typing import Any

import cbor2

from tui.sandbox.errors import AwsError
from tui.sandbox.wire.json_tree import malformed, read_tree, write_tree
from tui.sandbox.wire.message import Request, Response
from tui.sandbox.wire.model import Model, Operation
from tui.sandbox.wire.protocol import query_error, unknown_operation


class Cbor:
    """The protocol for one service."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def operation(self, request: Request) -> str:
        parts = request.path.split("/")
        name = parts[4] if len(parts) == 5 and parts[3] == "operation" else ""
        if request.method != "POST" or self._model.operation(name) is None:
            raise unknown_operation(self._model, name or request.path, 404)
        return name

    def read(self, operation: Operation, request: Request) -> dict[str, Any]:
        if not request.body or operation.input is None:
            return {}
        stream = io.BytesIO(request.body)
        try:
            value = cbor2.load(stream)
        except (cbor2.CBORDecodeError, ValueError, TypeError, OverflowError, RecursionError, MemoryError):
            raise malformed("The request body is not valid CBOR") from None
        if stream.tell() != len(request.body):
            raise malformed("The request body has more than one CBOR value")
        return read_tree(operation.input, value)

    def write(self, operation: Operation, answer: Mapping[str, Any], request_id: str) -> Response:
        tree = write_tree(operation.output, answer, native=True) if operation.output else {}
        return Response(200, self._headers(request_id), self._encoded(tree))

    def error(self, error: AwsError, request_id: str) -> Response:
        headers = self._headers(request_id)
        if self._model.query_compatible:
            headers |= query_error(error)
        body = self._encoded({"__type": error.code, "message": error.message})
        return Response(error.status, headers, body)

    def content_type(self) -> str:
        return "application/cbor"

    def _headers(self, request_id: str) -> dict[str, str]:
        return {
            "content-type": self.content_type(),
            "smithy-protocol": "rpc-v2-cbor",
            "x-amzn-requestid": request_id,
        }

    def _encoded(self, value: Any) -> bytes:
        """Times are tag 1 with seconds, as Smithy asks."""
        return cbor2.dumps(value, datetime_as_timestamp=True)
