"""What the scheduler sees: tasks that wait, tasks that hold capacity, limits, and its decision."""

import msgspec


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A service job in the scheduler's eyes.

    It needs `quantity` instances of `unit` (an instance type) all at once. `share` is its share
    identifier or quota share, empty in a FIFO queue. `created_at` is epoch ms; `dispatched_at` is when it
    was handed to SageMaker (SCHEDULED), None while it waits.
    """

    id: str
    quantity: int
    unit: str = ""
    share: str = ""
    priority: int = 0
    created_at: int = 0
    dispatched_at: int | None = None


class Decision(msgspec.Struct, frozen=True):
    """What to do now: ids to preempt first, then ids to start, each in order."""

    start: tuple[str, ...] = ()
    preempt: tuple[str, ...] = ()


Limits = dict[str, int]
"""Instances allowed per capacity unit; the unit `NUM_INSTANCES` counts instances of every type."""
