"""What a merge changed, and how fresh each part is: the values that the store hands out."""

from typing import Literal

import msgspec

from tui.aws.problems import Problem
from tui.model.jobs import ServiceJob

Part = Literal["identity", "queues", "resources", "jobs", "snapshot", "history", "details"]
"""The parts of the picture that are fetched, and grow old, apart from each other.

`identity` and `queues` belong to the account; the others to one queue: `resources` are its environments,
policy and quota shares, `history` its finished jobs, `details` what DescribeServiceJob adds.
"""


class JobsChanged(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to the jobs of one queue. `before` holds the former value of those changed or gone.

    `arrived` are those of `added` that are news: they came up while we watched. The rest of `added` was
    there before we looked (the first picture, a page of history). `detailed` are the ids whose
    priority or details were learned or changed.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    arrived: tuple[str, ...] = ()
    detailed: tuple[str, ...] = ()
    before: dict[str, ServiceJob] = {}

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.gone or self.detailed)


class QueueChanged(msgspec.Struct, frozen=True, kw_only=True):
    """What changed in one queue's picture; `figures` says that its row on the home screen did."""

    jobs: JobsChanged = JobsChanged()
    queue: bool = False
    resources: bool = False
    snapshot: bool = False
    figures: bool = False
    history: bool = False

    def __bool__(self) -> bool:
        return bool(self.jobs) or any((self.queue, self.resources, self.snapshot, self.figures, self.history))


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the picture. `queues` holds the queues that differ; `listed` that queues came or went."""

    queues: dict[str, QueueChanged] = {}
    listed: bool = False
    identity: bool = False

    def __bool__(self) -> bool:
        return bool(self.queues) or self.listed or self.identity

    def of(self, queue: str) -> QueueChanged:
        """What changed in this queue (nothing, if it is not in `queues`)."""
        return self.queues.get(queue, QueueChanged())


class Freshness(msgspec.Struct, frozen=True, kw_only=True):
    """How fresh something is. Times are epoch ms of *our* clock (`time.time()`), as ages are ours.

    `fetched_at` is the last good answer, None if there was none yet. `problem` is why a newer one
    is missing, `retry_at` when we shall ask again.
    """

    fetched_at: int | None = None
    problem: Problem | None = None
    retry_at: int | None = None

    def age_ms(self, our_now_ms: int) -> int | None:
        return None if self.fetched_at is None else max(0, our_now_ms - self.fetched_at)
