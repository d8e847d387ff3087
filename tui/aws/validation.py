"""Requests checked before they are sent, against botocore's own service models.

The models take about 100 ms to load the first time: call from a worker.
"""

from typing import Any

from tui.model.submission import FieldProblem


def check_payload(payload: dict[str, Any]) -> list[FieldProblem]:
    """What botocore's CreateTrainingJob shape does not allow: members that are missing or unknown, types,
    enumerations, patterns, ranges and lengths. Paths begin with `serviceRequestPayload.`.
    """
    raise NotImplementedError


def check_request(request: dict[str, Any]) -> list[FieldProblem]:
    """The same for a SubmitServiceJob request (`request_of`), and for the payload inside it."""
    raise NotImplementedError


def instance_types() -> tuple[str, ...]:
    """Every instance type that CreateTrainingJob knows."""
    raise NotImplementedError
