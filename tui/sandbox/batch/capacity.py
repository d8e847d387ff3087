"""Who waits and who holds capacity in a queue, kept as the scheduler's tasks."""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.model.queues import FairsharePolicy, SchedulingPolicy
from tui.sandbox.batch.records import Job
from tui.sandbox.batch.state import Queue
from tui.scheduling import fairshare
from tui.scheduling.cluster import Task

if TYPE_CHECKING:
    from tui.sandbox.world import World


def policy_of(world: "World", queue: Queue) -> SchedulingPolicy | None:
    return world.batch.policies.get(queue.shape.scheduling_policy_arn)


def fairshare_of(world: "World", queue: Queue) -> FairsharePolicy | None:
    policy = policy_of(world, queue)
    return policy.fairshare_policy if policy else None


def is_quota(world: "World", queue: Queue) -> bool:
    policy = policy_of(world, queue)
    return policy is not None and policy.quota_share_policy is not None


def settle_usage(world: "World", queue: Queue) -> None:
    """Bring the shares' past usage up to now: what is held counts, what is past fades."""
    policy = fairshare_of(world, queue)
    if policy is None:
        return
    now = world.now()
    queue.usage = fairshare.decayed(
        queue.usage, tuple(queue.holding.values()), now - queue.usage_at, policy.share_decay_seconds
    )
    queue.usage_at = now


def wait(world: "World", queue: Queue, job: Job) -> None:
    """The job waits for capacity."""
    queue.waiting[job.id] = Task(
        id=job.id,
        quantity=job.quantity,
        unit=job.unit,
        share=job.share,
        priority=job.priority or 0,
        created_at=job.created_at,
    )
    order_changed(world, queue)


def hold(world: "World", queue: Queue, job: Job) -> None:
    """The job takes its capacity."""
    settle_usage(world, queue)
    task = queue.waiting.pop(job.id)
    queue.holding[job.id] = replace(task, dispatched_at=world.now())
    order_changed(world, queue)


def stopping(queue: Queue, job: Job) -> None:
    """The job will give its capacity back soon."""
    task = queue.holding.get(job.id)
    if task is not None:
        queue.holding[job.id] = replace(task, stopping=True)


def leave(world: "World", queue: Queue, job: Job) -> None:
    """The job neither waits nor holds capacity any more."""
    settle_usage(world, queue)
    queue.waiting.pop(job.id, None)
    queue.holding.pop(job.id, None)
    order_changed(world, queue)


def reprioritise(world: "World", queue: Queue, job: Job) -> None:
    """The job's scheduling priority changed."""
    for tasks in (queue.waiting, queue.holding):
        if job.id in tasks:
            tasks[job.id] = replace(tasks[job.id], priority=job.priority or 0)
    order_changed(world, queue)


def order_changed(world: "World", queue: Queue) -> None:
    """The front of the queue may be another one, and something may start: look again soon."""
    queue.changed_at = world.now()
    world.cluster.mark(queue.environment)
