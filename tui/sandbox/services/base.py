"""What the services share: a table of operations, paging, and time."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from tui.sandbox.errors import AwsError
from tui.sandbox.service import Answer, Call

Handler = Callable[[Call], Answer]
T = TypeVar("T")


class Operations:
    """A service whose operations are methods. A subclass names itself and fills the table."""

    name = ""
    missing = "UnknownOperationException"
    """The code for an operation of AWS's that the sandbox has not got."""

    def __init__(self, operations: Mapping[str, Handler]) -> None:
        self._operations = operations

    def call(self, call: Call) -> Answer:
        handler = self._operations.get(call.operation)
        if handler is None:
            raise AwsError(
                self.missing, f"The sandbox does not implement {call.operation} of {self.name}.", 400
            )
        return handler(call)


def moment(ms: int) -> datetime:
    """Epoch milliseconds as a time."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def page(
    items: Sequence[T], token: str | None, size: int, invalid: AwsError
) -> tuple[Sequence[T], str | None]:
    """A page of a list, and the token of the next one. Raises `invalid` for a token never given out."""
    start = 0
    if token:
        if not token.startswith("p") or not token[1:].isdigit() or int(token[1:]) > len(items):
            raise invalid
        start = int(token[1:])
    end = start + size
    return items[start:end], f"p{end}" if end < len(items) else None


def without_none(**values: Any) -> dict[str, Any]:
    """The values that are there: AWS leaves out members that have none."""
    return {name: value for name, value in values.items() if value is not None}
