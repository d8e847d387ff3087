"""What an edit of weights, limits or strategies would do to the jobs that are there now."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from tui.scheduling.cluster import Decision, Limits, QueueState
from tui.scheduling.scheduler import schedule

PASSES = 50
"""Decisions looked ahead: each needs the victims of the one before to have stopped."""


class EditEffect(NamedTuple):
    """Ids of the jobs that start, and of those that are preempted, because of an edit. Each in order."""

    starts: tuple[str, ...] = ()
    preempted: tuple[str, ...] = ()


def edit_preview(
    before: QueueState,
    after: QueueState,
    limits_before: Limits,
    limits_after: Limits,
    now_ms: int = 0,
    others: Sequence[QueueState] = (),
) -> EditEffect:
    """What happens with the edit and would not happen without it, until all is quiet again.

    Nothing arrives and nothing ends meanwhile; victims stop, and wait again. `others` are the other queues
    of the environment, for whom the limits change, too.
    """
    now = _settled((before, *others), limits_before, now_ms)
    then = _settled((after, *others), limits_after, now_ms)
    started, preempted = set(now.starts), set(now.preempted)
    return EditEffect(
        starts=tuple(job for job in then.starts if job not in started),
        preempted=tuple(job for job in then.preempted if job not in preempted),
    )


def _settled(queues: Sequence[QueueState], limits: Limits, now_ms: int) -> EditEffect:
    """Who starts and who is preempted until no decision changes anything any more."""
    states = [_stopped(queue) for queue in queues]
    held = {task.id for queue in states for task in queue.running}
    starts: dict[str, None] = {}
    preempted: dict[str, None] = {}
    for _ in range(PASSES):
        decision = schedule(states, limits, now_ms)
        if not decision.start and not decision.preempt:
            break
        starts |= dict.fromkeys(decision.start)
        preempted |= dict.fromkeys(decision.preempt)
        states = [_after(queue, decision, now_ms) for queue in states]
    running = {task.id for queue in states for task in queue.running}
    return EditEffect(
        starts=tuple(job for job in starts if job in running and job not in held),
        preempted=tuple(job for job in preempted if job in held),
    )


def _stopped(queue: QueueState) -> QueueState:
    """The queue once what is stopping already has stopped."""
    return replace(queue, running=tuple(task for task in queue.running if not task.stopping))


def _after(queue: QueueState, decision: Decision, now_ms: int) -> QueueState:
    """The queue after a decision, with its victims back in line."""
    started, victims = set(decision.start), set(decision.preempt)
    begun = (replace(task, dispatched_at=now_ms) for task in queue.waiting if task.id in started)
    back = (replace(task, dispatched_at=None) for task in queue.running if task.id in victims)
    return replace(
        queue,
        waiting=(*back, *(task for task in queue.waiting if task.id not in started)),
        running=(*(task for task in queue.running if task.id not in victims), *begun),
        promised=decision.promised,
    )
