"""`serviceRequestPayload`: a CreateTrainingJob request in JSON, which Batch passes on unread.

Batch itself needs only to know what capacity it will take.
"""

from typing import Any

import msgspec

from tui.sandbox.training import demand


def request_of(payload: str) -> dict[str, Any] | str:
    """The request, or why it is none. Half a surrogate pair, which no answer could repeat, is no JSON."""
    try:
        request = msgspec.json.decode(payload)
    except (msgspec.DecodeError, RecursionError) as error:
        return f"The request body is not valid JSON: {error}"
    return request if isinstance(request, dict) else "The request body must be a JSON object"


def demand_of(payload: str) -> tuple[str, int]:
    """(instance type, count) that the request asks for; an empty type if it does not say."""
    request = request_of(payload)
    return demand(request) if isinstance(request, dict) else ("", 1)
