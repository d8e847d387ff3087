"""The picture of one queue, and the draft in which merges are collected into one change."""

from collections.abc import Iterable

import msgspec

from tui.live.changes import JobsChanged, QueueChanged
from tui.live.figures import Figures, Tally
from tui.model.jobs import FINISHED, ServiceJob, ServiceJobDetail
from tui.model.queues import (
    FrontOfQueue,
    JobQueue,
    JobQueueSnapshot,
    PolicyKind,
    QuotaShare,
    SchedulingPolicy,
    ServiceEnvironment,
    policy_kind,
)


class QueuePicture:
    """What is known of one queue. Screens read it, only a `QueueDraft` writes it.

    `jobs` maps ids to jobs, active and those finished ones that were read. `details` maps ids to the
    last DescribeServiceJob, `priorities` to the scheduling priority it told. `positions` maps
    RUNNABLE jobs to their place in dispatch order (1 is next; the first 100 only). `loaded` says that all
    active jobs have been read once; `history_complete` that all finished ones have, too.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.queue = JobQueue(job_queue_name=name)
        self.policy: SchedulingPolicy | None = None
        self.environments: tuple[ServiceEnvironment, ...] = ()
        self.quota_shares: tuple[QuotaShare, ...] = ()
        self.snapshot: JobQueueSnapshot | None = None
        self.jobs: dict[str, ServiceJob] = {}
        self.priorities: dict[str, int] = {}
        self.details: dict[str, ServiceJobDetail] = {}
        self.positions: dict[str, int] = {}
        self.loaded = False
        self.history_complete = False
        self.history_loading = False
        self.figures = Figures()
        self.tally = Tally()
        self.failed_capped = False

    @property
    def active(self) -> dict[str, ServiceJob]:
        """The jobs that are queued or running, by id."""
        return self.tally.active

    @property
    def policy_kind(self) -> PolicyKind | None:
        return policy_kind(self.queue, self.policy)


class QueueDraft:
    """Merges into one `picture`, remembered until `finish` tells them as one change."""

    def __init__(self, picture: QueuePicture) -> None:
        self.picture = picture
        self._before: dict[str, ServiceJob | None] = {}
        self._news: set[str] = set()
        self._detailed: set[str] = set()
        self._queue = self._resources = self._snapshot = self._history = False

    def set_queue(self, queue: JobQueue) -> None:
        if queue != self.picture.queue:
            self.picture.queue = queue
            self._queue = True

    def set_resources(
        self,
        environments: tuple[ServiceEnvironment, ...] | None,
        policy: SchedulingPolicy | None,
        quota_shares: tuple[QuotaShare, ...] | None,
    ) -> None:
        picture = self.picture
        if environments is not None and environments != picture.environments:
            picture.environments = environments
            self._resources = True
        if policy is not None and policy != picture.policy:
            picture.policy = policy
            self._resources = True
        if quota_shares is not None and quota_shares != picture.quota_shares:
            picture.quota_shares = quota_shares
            self._resources = True

    def set_snapshot(self, snapshot: JobQueueSnapshot) -> None:
        picture = self.picture
        old, picture.snapshot = picture.snapshot, snapshot
        if old is None or _undated(old) != _undated(snapshot):
            picture.positions = _positions(snapshot)
            self._snapshot = True

    def merge(self, jobs: Iterable[ServiceJob], gone: Iterable[str], news: bool) -> None:
        known = self.picture.jobs
        for job in jobs:
            old = known.get(job.job_id)
            if old == job or (old is not None and old.status in FINISHED):
                continue
            self._put(job.job_id, old, job)
            if old is None and news and self.picture.loaded:
                self._news.add(job.job_id)
        for job_id in gone:
            old = known.get(job_id)
            if old is not None:
                self._put(job_id, old, None)
                self.picture.details.pop(job_id, None)
                self.picture.priorities.pop(job_id, None)

    def merge_details(self, details: Iterable[ServiceJobDetail], news: bool) -> None:
        picture = self.picture
        for detail in details:
            if picture.details.get(detail.job_id) != detail:
                picture.details[detail.job_id] = detail
                if detail.scheduling_priority is not None:
                    picture.priorities[detail.job_id] = detail.scheduling_priority
                self._detailed.add(detail.job_id)
            self.merge((summary_of(detail),), (), news)

    def set_loaded(self) -> None:
        if not self.picture.loaded:
            self.picture.loaded = self._history = True

    def set_history(self, complete: bool | None, loading: bool | None, failed_capped: bool | None) -> None:
        picture = self.picture
        if failed_capped is not None:
            picture.failed_capped = failed_capped
        if complete is not None and complete != picture.history_complete:
            picture.history_complete = complete
            self._history = True
        if loading is not None and loading != picture.history_loading:
            picture.history_loading = loading
            self._history = True

    def _put(self, job_id: str, old: ServiceJob | None, new: ServiceJob | None) -> None:
        self._before.setdefault(job_id, old)
        self.picture.tally.replace(old, new)
        if new is None:
            del self.picture.jobs[job_id]
        else:
            self.picture.jobs[job_id] = new

    def finish(self, now_ms: int) -> QueueChanged:
        """The change from before the first merge to now, with the figures as of AWS's time `now_ms`."""
        picture = self.picture
        figures = picture.tally.figures(
            now_ms, picture.policy_kind, picture.environments, picture.snapshot, picture.failed_capped
        )
        refigured, picture.figures = figures != picture.figures, figures
        return QueueChanged(
            jobs=self._jobs_changed(),
            queue=self._queue,
            resources=self._resources,
            snapshot=self._snapshot,
            figures=refigured,
            history=self._history,
        )

    def _jobs_changed(self) -> JobsChanged:
        jobs = self.picture.jobs
        added: list[str] = []
        changed: list[str] = []
        gone: list[str] = []
        before: dict[str, ServiceJob] = {}
        for job_id, old in self._before.items():
            if old is None:
                if job_id in jobs:
                    added.append(job_id)
            elif job_id not in jobs:
                gone.append(job_id)
                before[job_id] = old
            elif jobs[job_id] != old:
                changed.append(job_id)
                before[job_id] = old
        return JobsChanged(
            added=tuple(added),
            changed=tuple(changed),
            gone=tuple(gone),
            arrived=tuple(job_id for job_id in added if job_id in self._news),
            detailed=tuple(job_id for job_id in self._detailed if job_id in jobs),
            before=before,
        )


_SUMMARY_FIELDS = ServiceJob.__struct_fields__


def summary_of(detail: ServiceJobDetail) -> ServiceJob:
    """The part of a description that a listing would tell."""
    return ServiceJob(**{name: getattr(detail, name) for name in _SUMMARY_FIELDS})


def job_id_of(job_arn: str) -> str:
    """The id at the end of a service job's ARN."""
    return job_arn.rpartition("/")[2]


def _positions(snapshot: JobQueueSnapshot) -> dict[str, int]:
    front = snapshot.front_of_queue
    return {job_id_of(job.job_arn): i for i, job in enumerate(front.jobs, 1)} if front else {}


def _undated(snapshot: JobQueueSnapshot) -> JobQueueSnapshot:
    """The snapshot without the times at which AWS took it: those alone are no change."""
    front, quota, use = snapshot.front_of_queue, snapshot.front_of_quota_shares, snapshot.queue_utilization
    return JobQueueSnapshot(
        front_of_queue=front and FrontOfQueue(jobs=front.jobs),
        front_of_quota_shares=quota and msgspec.structs.replace(quota, last_updated_at=None),
        queue_utilization=use and msgspec.structs.replace(use, last_updated_at=None),
    )
