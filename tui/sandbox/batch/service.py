"""AWS Batch as the wire sees it: one operation, one function."""

from collections.abc import Callable
from typing import Any

from tui.sandbox.errors import AwsError
from tui.sandbox.service import Answer, Call
from tui.sandbox.world import World

Operation = Callable[[World, dict[str, Any]], Answer]

OPERATIONS: dict[str, Operation] = {}


class BatchService:
    """The operations on training queues. Those on containers and compute environments are refused."""

    name = "batch"

    def __init__(self, world: World) -> None:
        self._world = world

    def call(self, call: Call) -> Answer:
        operation = OPERATIONS.get(call.operation)
        if operation is None:
            raise AwsError(
                "ClientException", f"The sandbox has no {call.operation}: it knows SageMaker training queues."
            )
        return operation(self._world, call.params)
