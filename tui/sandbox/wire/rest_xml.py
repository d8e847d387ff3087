"""REST-XML, as S3 speaks it: objects are bodies, everything else is in paths, headers and XML."""

from collections.abc import Mapping
from typing import Any

from tui.sandbox.errors import AwsError
from tui.sandbox.wire import xml_tree
from tui.sandbox.wire.message import Request, Response
from tui.sandbox.wire.model import Model, Operation
from tui.sandbox.wire.rest import Router, read_outside, write_outside

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


class RestXml:
    """The protocol for one service. Buckets are in the path, or in the host (`bucket.localhost`)."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._router = Router(model)

    def operation(self, request: Request) -> str:
        name = self._router.find(_path_style(request))
        if name is None:
            raise AwsError(
                "MethodNotAllowed", "The specified method is not allowed against this resource.", 405
            )
        return name

    def read(self, operation: Operation, request: Request) -> dict[str, Any]:
        shape = operation.input
        if shape is None:
            return {}
        params = read_outside(operation, _path_style(request))
        if shape.payload:
            member = shape.members[shape.payload]
            if member.shape.type == "structure":
                if request.body:
                    params[shape.payload] = xml_tree.read_element(
                        member.shape, xml_tree.parse_xml(request.body)
                    )
            else:
                params[shape.payload] = request.body
        return params

    def write(self, operation: Operation, answer: Mapping[str, Any], request_id: str) -> Response:
        status, headers = write_outside(operation, answer)
        headers["x-amz-request-id"] = request_id
        shape = operation.output
        if shape is None or not (shape.payload or shape.body):
            return Response(status, headers)
        if shape.payload and shape.members[shape.payload].shape.type != "structure":
            return Response(status, headers, answer.get(shape.payload) or b"")
        headers["content-type"] = self.content_type()
        if shape.payload:
            member = shape.members[shape.payload]
            value = answer.get(shape.payload) or {}
            body = "".join(xml_tree.element(member.wire_name, member.shape, value))
        else:
            root = shape.name.removesuffix("Output").removesuffix("Response") + "Result"
            body = (
                f'<{root} xmlns="{self._model.namespace}">{"".join(xml_tree.members(shape, answer))}</{root}>'
            )
        return Response(status, headers, (_HEAD + body).encode("utf-8", "replace"))

    def error(self, error: AwsError, request_id: str) -> Response:
        body = (
            f"{_HEAD}<Error><Code>{xml_tree.text(error.code)}</Code><Message>{xml_tree.text(error.message)}"
            f"</Message><RequestId>{request_id}</RequestId></Error>"
        )
        headers = {"content-type": self.content_type(), "x-amz-request-id": request_id}
        return Response(error.status, headers, body.encode("utf-8", "replace"))

    def content_type(self) -> str:
        return "application/xml"


def _path_style(request: Request) -> Request:
    """The request with its bucket in the path, wherever the client put it."""
    host = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
    bucket = host.removesuffix(".localhost")
    if bucket == host:
        return request
    return Request(
        request.method, f"/{bucket}{request.path}".rstrip("/"), request.query, request.headers, request.body
    )
