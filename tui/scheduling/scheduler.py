"""One decision for all the queues of an environment. The policies are in their own modules."""

from collections.abc import Sequence

from tui.scheduling import fairshare, fifo, quota
from tui.scheduling.capacity import Ledger
from tui.scheduling.cluster import Decision, Limits, QueueState, Task

__all__ = ["QueueState", "front", "schedule"]


def schedule(queues: Sequence[QueueState], limits: Limits, now_ms: int = 0) -> Decision:
    """What to preempt and start now in the queues that share an environment of these limits.

    Queues of higher priority go first, and what they leave is for the next; of queues with equal
    priority the one whose oldest job waits longest goes first (not documented). A disabled queue still
    finishes its jobs, so it is passed like any other; for a disabled environment do not ask. Whatever
    blocks a queue's front does not block other queues, until it has waited `capacity.PATIENCE_MS`.
    """
    ledger = Ledger(limits, (task for queue in queues for task in queue.running))
    start: list[str] = []
    preempt: list[str] = []
    promised: list[str] = []
    for queue in sorted(queues, key=_turn):
        decision = _decide(queue, ledger, now_ms)
        start += decision.start
        preempt += decision.preempt
        promised += decision.promised
    return Decision(tuple(start), tuple(preempt), tuple(promised))


def front(
    queue: QueueState, limits: Limits, running_others: Sequence[Task] = (), *, most: int | None = 100
) -> list[str]:
    """The first `most` waiting tasks (all, for None) in the order they would be dispatched.

    It is the order of the policy as capacity comes free, not a statement on what fits now, so it does
    not depend on what other queues run.
    """
    if queue.fairshare is not None:
        return fairshare.front(queue.fairshare, queue.usage, queue.waiting, queue.running, most)
    if queue.quota_shares is not None:
        return quota.front(queue, limits, most)
    return fifo.front(queue.waiting, most)


def _turn(queue: QueueState) -> tuple[int, int, str]:
    oldest = min((task.created_at for task in queue.waiting), default=0)
    return (-queue.priority, oldest, queue.name)


def _decide(queue: QueueState, ledger: Ledger, now_ms: int) -> Decision:
    if queue.fairshare is not None:
        return fairshare.decide(queue.fairshare, queue.usage, queue.waiting, queue.running, ledger, now_ms)
    if queue.quota_shares is not None:
        return quota.decide(queue, ledger)
    return fifo.decide(queue.waiting, ledger, now_ms)
