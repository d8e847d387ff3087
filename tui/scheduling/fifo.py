"""FIFO queues: by submission, and the first task that does not fit holds up those behind it."""

from collections.abc import Sequence

from tui.scheduling.capacity import Ledger
from tui.scheduling.cluster import Decision, Task
from tui.scheduling.order import by_age


def decide(waiting: Sequence[Task], ledger: Ledger, now_ms: int) -> Decision:
    """Start from the front while the next task fits. Takes what it starts from the ledger.

    A job that can never run blocks its queue too: that is what Batch has `jobStateTimeLimitActions` for.
    """
    start: list[str] = []
    if waiting and not ledger.full:
        for task in by_age(waiting):
            if not ledger.fits(task):
                ledger.hold_for(task, now_ms)
                break
            ledger.take(task)
            start.append(task.id)
    return Decision(tuple(start))


def front(waiting: Sequence[Task], most: int | None) -> list[str]:
    """Ids in dispatch order."""
    return [task.id for task in by_age(waiting)[:most]]
