"""Who waits and runs in each share of a queue: the counts that all views of its shares begin with."""

from collections.abc import Iterable, Sequence

import msgspec

from tui.model.jobs import QUEUED, RUNNING, CapacityUsage, ServiceJob
from tui.model.queues import JobQueueSnapshot


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Who waits and runs in one share."""

    queued: int = 0
    running: int = 0
    oldest_queued_at: int | None = None
    held: dict[str, int] = {}
    """Instances its running jobs hold, by instance type."""
    asked: dict[str, int] = {}
    """Instances its queued jobs ask for, by instance type."""

    @property
    def used(self) -> int:
        return sum(self.held.values())

    @property
    def active(self) -> bool:
        return bool(self.queued or self.running)


def lines(jobs: Iterable[ServiceJob]) -> dict[str, Line]:
    """The shares that active jobs name."""
    sums: dict[str, _Sums] = {}
    for job in jobs:
        if job.share:
            sums.setdefault(job.share, _Sums()).add(job)
    return {share: found.line() for share, found in sums.items()}


class _Sums:
    def __init__(self) -> None:
        self.queued = self.running = 0
        self.oldest: int | None = None
        self.held: dict[str, int] = {}
        self.asked: dict[str, int] = {}

    def add(self, job: ServiceJob) -> None:
        if job.status in RUNNING:
            self.running += 1
            _sum(self.held, job.capacity_usage)
        elif job.status in QUEUED:
            self.queued += 1
            _sum(self.asked, job.capacity_usage)
            if job.created_at is not None and (self.oldest is None or job.created_at < self.oldest):
                self.oldest = job.created_at

    def line(self) -> Line:
        return Line(
            queued=self.queued,
            running=self.running,
            oldest_queued_at=self.oldest,
            held=self.held,
            asked=self.asked,
        )


def _sum(units: dict[str, int], usage: Iterable[CapacityUsage]) -> None:
    for item in usage:
        units[item.capacity_unit] = units.get(item.capacity_unit, 0) + int(item.quantity)


def together(found: Sequence[Line]) -> Line:
    """Several lines as one."""
    held: dict[str, int] = {}
    asked: dict[str, int] = {}
    for line in found:
        for sums, seen in ((held, line.held), (asked, line.asked)):
            for unit, amount in seen.items():
                sums[unit] = sums.get(unit, 0) + amount
    return Line(
        queued=sum(line.queued for line in found),
        running=sum(line.running for line in found),
        oldest_queued_at=min(
            (at for line in found if (at := line.oldest_queued_at) is not None), default=None
        ),
        held=held,
        asked=asked,
    )


def snapshot_use(snapshot: JobQueueSnapshot | None) -> dict[str, int]:
    """Instances in use by share, as the snapshot tells: the 20 shares that use most."""
    use = snapshot.queue_utilization if snapshot else None
    if use is None:
        return {}
    if use.fairshare_utilization is not None:
        top = use.fairshare_utilization.top_capacity_utilization
        return {item.share_identifier: _instances(item.capacity_usage) for item in top}
    if use.quota_share_utilization is not None:
        top = use.quota_share_utilization.top_capacity_utilization
        return {item.quota_share_name: _instances(item.capacity_usage) for item in top}
    return {}


def _instances(usage: Iterable[CapacityUsage]) -> int:
    return int(sum(item.quantity for item in usage))
