"""What the scheduler sees: queues, tasks that wait, tasks that hold capacity, limits; and its decision."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from tui.model.queues import FairsharePolicy, QuotaShare


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A service job in the scheduler's eyes.

    It needs `quantity` instances of `unit` (an instance type) all at once. `share` is its share
    identifier or quota share, empty in a FIFO queue. `created_at` is epoch ms; `dispatched_at` is when it
    was handed to SageMaker (SCHEDULED), None while it waits. `stopping` is set from the moment it was
    asked to stop (preempted or terminated) until it is gone: it still holds its capacity.
    """

    id: str
    quantity: int
    unit: str = ""
    share: str = ""
    priority: int = 0
    created_at: int = 0
    dispatched_at: int | None = None
    stopping: bool = False


class Decision(msgspec.Struct, frozen=True):
    """What to do now: ids to preempt first, then ids to start, each in order.

    What starts fits into what is free now. A task that needs what stopping tasks hold starts in a later
    decision, once they are gone. Until then pass them as `stopping` and hand `promised`, the ids of those
    who wait for it, to the next decision: no more victims are chosen for them, nor do others go first.
    """

    start: tuple[str, ...] = ()
    preempt: tuple[str, ...] = ()
    promised: tuple[str, ...] = ()


Limits = dict[str, int]
"""Instances allowed per capacity unit; the unit `NUM_INSTANCES` counts instances of every type."""


class QueueState(msgspec.Struct, frozen=True, kw_only=True):
    """A queue as the scheduler sees it. FIFO unless `fairshare` or `quota_shares` is given.

    `usage` is each share's past usage in instance-seconds, already decayed (see `fairshare.decayed`).
    `promised` is that of the decision before. Tasks that were created in the same millisecond count in
    the order they are given in.
    """

    name: str
    priority: int = 0
    fairshare: FairsharePolicy | None = None
    quota_shares: tuple[QuotaShare, ...] | None = None
    usage: Mapping[str, float] = {}
    waiting: Sequence[Task] = ()
    running: Sequence[Task] = ()
    promised: Collection[str] = ()
