"""REST-JSON: the operation is a method and a path, the parameters are there, in headers and in JSON."""

from collections.abc import Mapping
from typing import Any

import msgspec

from tui.sandbox.errors import AwsError
from tui.sandbox.wire.json_rpc import parse_json
from tui.sandbox.wire.json_tree import malformed, read_members, read_tree, write_members
from tui.sandbox.wire.message import Request, Response
from tui.sandbox.wire.model import Model, Operation
from tui.sandbox.wire.protocol import unknown_operation
from tui.sandbox.wire.rest import Router, read_outside, write_outside


class RestJson:
    """The protocol for one service."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._router = Router(model)

    def operation(self, request: Request) -> str:
        name = self._router.find(request)
        if name is None:
            raise unknown_operation(self._model, f"{request.method} {request.path}", 404)
        return name

    def read(self, operation: Operation, request: Request) -> dict[str, Any]:
        shape = operation.input
        if shape is None:
            return {}
        params = read_outside(operation, request) if len(shape.body) < len(shape.members) else {}
        if shape.payload:
            member = shape.members[shape.payload]
            raw = member.shape.type == "blob"
            params[shape.payload] = request.body if raw else read_tree(member.shape, parse_json(request.body))
        elif shape.body:
            value = parse_json(request.body)
            if not isinstance(value, dict):
                raise malformed("The request body is not a JSON object")
            params |= read_members(shape.body, value)
        return params

    def write(self, operation: Operation, answer: Mapping[str, Any], request_id: str) -> Response:
        status, headers = write_outside(operation, answer)
        tree = write_members(operation.output.body, answer) if operation.output else {}
        headers |= {"content-type": self.content_type(), "x-amzn-requestid": request_id}
        return Response(status, headers, msgspec.json.encode(tree))

    def error(self, error: AwsError, request_id: str) -> Response:
        headers = {
            "content-type": self.content_type(),
            "x-amzn-errortype": error.code,
            "x-amzn-requestid": request_id,
        }
        return Response(error.status, headers, msgspec.json.encode({"message": error.message}))

    def content_type(self) -> str:
        return "application/json"
