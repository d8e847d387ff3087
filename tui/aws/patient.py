"""A connection whose calls are made again when they may succeed later: for work that needs many in a row."""

import threading
from typing import Any

from tui.aws.problems import AwsProblem
from tui.aws.session import Aws

DELAYS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)
"""Seconds before each repetition of a call."""


class PatientAws(Aws):
    """The same connection as another `Aws`, with repetitions. Set, `cancelled` ends the waiting."""

    def __init__(self, aws: Aws, cancelled: threading.Event) -> None:
        super().__init__(aws.connection, read_only=aws.read_only, clock=aws.clock)
        self._aws = aws
        self._cancelled = cancelled

    def client(self, service: str) -> Any:
        return self._aws.client(service)

    def call(self, service: str, operation: str, **arguments: Any) -> dict[str, Any]:
        """Raises `AwsProblem` once it fails for good, or too often."""
        for delay in DELAYS:
            try:
                return super().call(service, operation, **arguments)
            except AwsProblem as failure:
                if not failure.problem.retryable or self._cancelled.wait(delay):
                    raise
        return super().call(service, operation, **arguments)

    def _the_session(self) -> Any:
        return self._aws._the_session()
