"""What is wrong, in order of harm: one sentence each, true and with its figures."""

from collections.abc import Iterable

import msgspec

from tui.model.units import HOUR, duration


class QueueFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the alerts look at, of one queue. None where it is not known yet."""

    name: str
    enabled: bool = True
    status: str = "VALID"
    status_reason: str = ""
    environment: str = ""
    environment_ok: bool = True
    queued: int | None = None
    running: int | None = None
    capacity: int | None = None
    in_use: float | None = None
    oldest_wait_ms: int | None = None
    failed_24h: int | None = None


class Alert(msgspec.Struct, frozen=True, order=True):
    """`harm` sorts: 0 nothing can run, 1 nothing new runs, 2 work is being lost, 3 work waits long."""

    harm: int
    queue: str
    text: str


LONG_WAIT_MS = 6 * HOUR
MANY_FAILURES = 10


def alerts(queues: Iterable[QueueFacts]) -> list[Alert]:
    """All alerts, the most harmful first."""
    return sorted(alert for queue in queues for alert in _of(queue))


def _of(queue: QueueFacts) -> Iterable[Alert]:
    queued = queue.queued or 0
    waits = f"{queued} job{'s' if queued != 1 else ''} wait{'' if queued != 1 else 's'}"
    if queue.status == "INVALID":
        yield Alert(0, queue.name, f"INVALID: {queue.status_reason or 'no reason given'}; {waits}")
    elif not queue.environment_ok and queued:
        yield Alert(0, queue.name, f"service environment {queue.environment} is DISABLED; {waits}")
    elif queue.capacity == 0 and queued:
        yield Alert(0, queue.name, f"its service environment has no capacity; {waits}")
    elif not queue.enabled and queued:
        yield Alert(1, queue.name, f"DISABLED: it takes no new jobs; {waits} to finish")
    if queue.running == 0 and queued and queue.enabled and (queue.in_use or 0) == 0 and queue.capacity:
        yield Alert(1, queue.name, f"nothing runs, yet {waits} and {queue.capacity} instances are free")
    if (queue.failed_24h or 0) >= MANY_FAILURES:
        yield Alert(2, queue.name, f"{queue.failed_24h} jobs failed in the last 24 h")
    if (queue.oldest_wait_ms or 0) >= LONG_WAIT_MS:
        yield Alert(3, queue.name, f"the oldest job has waited {duration(queue.oldest_wait_ms)}")
