"""The scheduler at work: a pass over a service environment whenever something in it has changed."""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.model.queues import ServiceEnvironment
from tui.sandbox.batch import capacity, lifecycle
from tui.sandbox.batch.state import Queue
from tui.scheduling import scheduler
from tui.scheduling.scheduler import QueueState

if TYPE_CHECKING:
    from tui.sandbox.world import World

PASS_MS = 500
"""Simulated time from a change to the pass that acts on it; changes in between share the pass."""

ALIVE = frozenset({"VALID", "UPDATING"})
"""Statuses in which a resource takes part in scheduling."""


class Cluster:
    """Dispatches and preempts the service jobs of a world as the documented scheduler decides."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._due: set[str] = set()
        self._promised: dict[str, tuple[str, ...]] = {}

    def mark(self, environment: str) -> None:
        """Something changed in the environment of this name: make a pass soon."""
        if environment not in self._due:
            self._due.add(environment)
            self._world.after(PASS_MS, self._pass, environment)

    def _pass(self, name: str) -> None:
        world = self._world
        self._due.discard(name)
        environment = world.batch.environments.get(name)
        if environment is None or environment.state != "ENABLED" or environment.status not in ALIVE:
            return
        queues = [
            queue
            for queue in world.batch.queues.values()
            if queue.environment == name and queue.shape.status in ALIVE and (queue.waiting or queue.holding)
        ]
        if not queues:
            return
        promised = self._promised.get(name, ())
        states = [replace(state_of(world, queue), promised=promised) for queue in queues]
        decision = scheduler.schedule(states, limits_of(environment), world.now())
        self._promised[name] = decision.promised
        for job_id in decision.preempt:
            lifecycle.preempt(world, world.batch.jobs[job_id])
        for job_id in decision.start:
            lifecycle.dispatch(world, world.batch.jobs[job_id])


def limits_of(environment: ServiceEnvironment) -> dict[str, int]:
    """Instances allowed per capacity unit."""
    return {limit.capacity_unit: limit.max_capacity for limit in environment.capacity_limits}


def state_of(world: "World", queue: Queue) -> QueueState:
    """The queue as the scheduler sees it now."""
    capacity.settle_usage(world, queue)
    quota = capacity.is_quota(world, queue)
    return QueueState(
        name=queue.name,
        priority=queue.shape.priority,
        fairshare=capacity.fairshare_of(world, queue),
        quota_shares=tuple(queue.shares.values()) if quota else None,
        usage=queue.usage,
        waiting=tuple(queue.waiting.values()),
        running=tuple(queue.holding.values()),
    )
