"""Who holds the capacity: one row for each share of a queue, from what is known of its jobs and policy."""

from collections.abc import Iterable

import msgspec

from tui.model.jobs import QUEUED, RUNNING, ServiceJob
from tui.model.queues import FairsharePolicy, QuotaShare, ShareAttributes


class ShareUse(msgspec.Struct, frozen=True, kw_only=True):
    """A share now. `limit` is its quota, or for fair-share its target at the present demand, in instances.

    `weight` is the fair-share weight factor (lower gets more). `rule` is a quota share's strategy.
    """

    name: str
    used: int = 0
    limit: float = 0.0
    weight: float | None = None
    rule: str = ""
    state: str = "ENABLED"
    queued: int = 0
    running: int = 0
    oldest_queued_at: int | None = None

    @property
    def borrowed(self) -> int:
        """Instances used above its own quota."""
        return max(0, self.used - int(self.limit)) if self.rule else 0


class _Counts:
    def __init__(self) -> None:
        self.used = self.queued = self.running = 0
        self.oldest: int | None = None

    def add(self, job: ServiceJob) -> None:
        if job.status in RUNNING:
            self.running += 1
            self.used += job.instances
        elif job.status in QUEUED:
            self.queued += 1
            if job.created_at is not None and (self.oldest is None or job.created_at < self.oldest):
                self.oldest = job.created_at


def _count(jobs: Iterable[ServiceJob]) -> dict[str, _Counts]:
    counts: dict[str, _Counts] = {}
    for job in jobs:
        if job.share:
            counts.setdefault(job.share, _Counts()).add(job)
    return counts


def weight_of(policy: FairsharePolicy, share: str) -> float:
    """The weight factor of a share identifier: that of its entry, else 1."""
    entry = entry_of(policy, share)
    return entry.weight_factor if entry else 1.0


def entry_of(policy: FairsharePolicy, share: str) -> ShareAttributes | None:
    """The policy's entry for a share identifier: its own, else the longest prefix that fits it."""
    matches = [entry for entry in policy.share_distribution if _covers(entry.share_identifier, share)]
    return max(matches, key=lambda entry: _closeness(entry.share_identifier), default=None)


def _covers(entry: str, share: str) -> bool:
    """Whether a policy's entry (a prefix, if it ends in `*`) is for this share identifier."""
    return share.startswith(entry[:-1]) if entry.endswith("*") else share == entry


def _closeness(entry: str) -> tuple[bool, int]:
    """How closely a policy's entry fits an identifier: a name before a prefix, a longer prefix first."""
    return (not entry.endswith("*"), len(entry))


def fair_shares(policy: FairsharePolicy, jobs: Iterable[ServiceJob], capacity: int) -> list[ShareUse]:
    """The shares of a fair-share queue: those with jobs now, and those the policy names in full.

    A share's target is its part of the capacity among the shares that have jobs, by inverse weight
    (SchedulingPolicyDetail: a lower weight factor gets more).
    """
    counts = _count(jobs)
    named = [e.share_identifier for e in policy.share_distribution if not e.share_identifier.endswith("*")]
    weights = {share: weight_of(policy, share) for share in {*named, *counts}}
    total = sum(1 / weights[share] for share in counts if weights[share] > 0)
    rows: list[ShareUse] = []
    for share in sorted(weights):
        found = counts.get(share, _Counts())
        part = 1 / weights[share] / total if share in counts and total and weights[share] > 0 else 0.0
        rows.append(
            ShareUse(
                name=share,
                used=found.used,
                limit=part * capacity,
                weight=weights[share],
                queued=found.queued,
                running=found.running,
                oldest_queued_at=found.oldest,
            )
        )
    return rows


def quota_shares(shares: Iterable[QuotaShare], jobs: Iterable[ServiceJob]) -> list[ShareUse]:
    """The quota shares of a queue, and any share that jobs name but that is no longer there."""
    counts = _count(jobs)
    known = {share.quota_share_name: share for share in shares}
    rows: list[ShareUse] = []
    for name in sorted({*known, *counts}):
        share = known.get(name, QuotaShare(state="DELETED"))
        found = counts.get(name, _Counts())
        rows.append(
            ShareUse(
                name=name,
                used=found.used,
                limit=float(sum(limit.max_capacity for limit in share.capacity_limits)),
                rule=share.resource_sharing_configuration.strategy,
                state=share.state,
                queued=found.queued,
                running=found.running,
                oldest_queued_at=found.oldest,
            )
        )
    return rows
