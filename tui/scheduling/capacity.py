"""How many instances are in use and free, per capacity unit."""

from collections.abc import Iterable, Mapping

from tui.model.queues import NUM_INSTANCES
from tui.scheduling.cluster import Limits, Task

PATIENCE_MS = 3_600_000
"""How long a task that could run waits at the front before what comes free is held for it."""


def units_of(unit: str, limits: Mapping[str, int]) -> tuple[str, ...]:
    """The limits that count an instance of this type: its own, and `NUM_INSTANCES`. None: not allowed."""
    if NUM_INSTANCES in limits:
        return (NUM_INSTANCES, unit) if unit in limits and unit != NUM_INSTANCES else (NUM_INSTANCES,)
    return (unit,) if unit in limits else ()


def possible(task: Task, limits: Limits) -> bool:
    """Whether the task could run if nothing else did."""
    units = units_of(task.unit, limits)
    return bool(units) and all(task.quantity <= limits[unit] for unit in units)


class Ledger:
    """Capacity in use under some limits. Use may lie above a limit that was lowered under running jobs."""

    def __init__(self, limits: Limits, running: Iterable[Task] = ()) -> None:
        self.limits = limits
        self.used = dict.fromkeys(limits, 0)
        self.held: set[str] = set()
        for task in running:
            self.take(task)

    def take(self, task: Task) -> None:
        for unit in units_of(task.unit, self.limits):
            self.used[unit] += task.quantity

    def free(self, unit: str) -> int:
        """Instances of this type that are not in use; 0 for a type that is not allowed."""
        units = units_of(unit, self.limits)
        return max(0, min((self.limits[name] - self.used[name] for name in units), default=0))

    def fits(self, task: Task) -> bool:
        units = units_of(task.unit, self.limits)
        return bool(units) and all(
            name not in self.held and self.used[name] + task.quantity <= self.limits[name] for name in units
        )

    def hold_for(self, task: Task, now_ms: int) -> None:
        """Start nothing more of this type in this decision, if the task has waited for too long.

        Batch does not document how it keeps small jobs from starving a large one; this is our way.
        """
        if now_ms - task.created_at >= PATIENCE_MS and possible(task, self.limits):
            self.held.update(units_of(task.unit, self.limits))

    @property
    def full(self) -> bool:
        """Nothing at all can start, whatever its type."""
        closed = {
            unit for unit, limit in self.limits.items() if unit in self.held or self.used[unit] >= limit
        }
        return NUM_INSTANCES in closed or len(closed) == len(self.limits)
