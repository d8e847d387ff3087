"""One decision for all the queues of an environment. The policies are in their own modules."""

from collections.abc import Mapping, Sequence

import msgspec

from tui.model.queues import FairsharePolicy, QuotaShare
from tui.scheduling.cluster import Task


class QueueState(msgspec.Struct, frozen=True, kw_only=True):
    """A queue as the scheduler sees it. FIFO unless `fairshare` or `quota_shares` is given.

    `usage` is each share's past usage in instance-seconds, already decayed (see `fairshare.decayed`).
    """

    name: str
    priority: int = 0
    fairshare: FairsharePolicy | None = None
    quota_shares: tuple[QuotaShare, ...] | None = None
    usage: Mapping[str, float] = {}
    waiting: Sequence[Task] = ()
    running: Sequence[Task] = ()
