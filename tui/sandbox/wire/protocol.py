"""What a protocol of AWS's does: requests to operations and parameters, answers and errors to responses."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from tui.sandbox.errors import AwsError
from tui.sandbox.wire.message import Request, Response
from tui.sandbox.wire.model import Model, Operation


class Found(NamedTuple):
    """A request understood: the operation, and its parameters under their model names."""

    operation: Operation
    params: dict[str, Any]


class WireProtocol(Protocol):
    """One of AWS's protocols for one service."""

    def operation(self, request: Request) -> str:
        """The name of the operation a request asks for. Raises AwsError if there is none."""
        ...

    def read(self, operation: Operation, request: Request) -> dict[str, Any]:
        """The request's parameters. Raises AwsError (SerializationException) if they cannot be read."""
        ...

    def write(self, operation: Operation, answer: Mapping[str, Any], request_id: str) -> Response:
        """The response of a successful call."""
        ...

    def error(self, error: AwsError, request_id: str) -> Response:
        """The response of a refusal."""
        ...

    def content_type(self) -> str:
        """Of an answer that a service encoded itself."""
        ...


def unknown_operation(model: Model, name: str, status: int = 400) -> AwsError:
    return AwsError("UnknownOperationException", f"Unknown operation {name} of {model.name}".strip(), status)


def query_error(error: AwsError) -> dict[str, str]:
    """The header by which a service that once spoke the query protocol still names its old codes."""
    return {"x-amzn-query-error": f"{error.code};{'Sender' if error.status < 500 else 'Receiver'}"}
