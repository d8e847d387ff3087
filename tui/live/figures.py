"""The numbers of a queue's row on the home screen, kept up at the cost of what changes."""

from bisect import bisect_left, insort

import msgspec

from tui.model.jobs import QUEUED, RUNNING, ServiceJob, Status, median
from tui.model.queues import NUM_INSTANCES, JobQueueSnapshot, PolicyKind, ServiceEnvironment, total_capacity
from tui.model.units import DAY

STARTS_KEPT = 1_000
"""The median wait is taken over at most this many latest starts."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the home screen.

    `failed_24h` counts jobs that ended FAILED in the last 24 h; `failed_capped` says there may be more
    than were read. `wait_p50_ms` is the median wait of the latest starts of the last 24 h (1,000 at most, of
    the jobs we have seen), None if none started. `oldest_queued_at` is the `createdAt` of the job
    waiting longest (a time, not an age, so that it is stable). `used` and `limit` are instances: `used`
    comes from the snapshot, or, while there is none, from the running jobs.
    """

    queued: int = 0
    running: int = 0
    failed_24h: int = 0
    failed_capped: bool = False
    wait_p50_ms: int | None = None
    oldest_queued_at: int | None = None
    used: int = 0
    limit: int = 0
    unit: str = ""
    policy: PolicyKind | None = None

    def oldest_waiting_ms(self, now_ms: int) -> int | None:
        """How long the oldest queued job has waited, at AWS's time `now_ms`."""
        return None if self.oldest_queued_at is None else max(0, now_ms - self.oldest_queued_at)


class Tally:
    """The counts behind `Figures`: give it every change of a job, ask it for the sums."""

    def __init__(self) -> None:
        self.active: dict[str, ServiceJob] = {}
        self._failures: list[tuple[int, str]] = []
        self._starts: list[tuple[int, str, int]] = []

    def replace(self, old: ServiceJob | None, new: ServiceJob | None) -> None:
        """Count `new` instead of `old` (None: was not there, is gone)."""
        if old is not None:
            self.active.pop(old.job_id, None)
            self._forget(old)
        if new is None:
            return
        if new.status in QUEUED or new.status in RUNNING:
            self.active[new.job_id] = new
        elif new.status == Status.FAILED and new.stopped_at is not None:
            insort(self._failures, (new.stopped_at, new.job_id))
        start = _start(new)
        if start is not None and (len(self._starts) < STARTS_KEPT or start > self._starts[0]):
            insort(self._starts, start)
            if len(self._starts) > STARTS_KEPT:
                del self._starts[0]

    def _forget(self, job: ServiceJob) -> None:
        if job.status == Status.FAILED and job.stopped_at is not None:
            _drop(self._failures, (job.stopped_at, job.job_id))
        start = _start(job)
        if start is not None:
            _drop(self._starts, start)

    def failed_since(self, since_ms: int) -> int:
        return len(self._failures) - bisect_left(self._failures, (since_ms, ""))

    def waits_since(self, since_ms: int) -> list[int]:
        return [wait for _, _, wait in self._starts[bisect_left(self._starts, (since_ms, "", 0)) :]]

    def figures(
        self,
        now_ms: int,
        policy: PolicyKind | None,
        environments: tuple[ServiceEnvironment, ...],
        snapshot: JobQueueSnapshot | None,
        failed_capped: bool,
    ) -> Figures:
        """The row as of AWS's time `now_ms`. Costs in proportion to the active jobs."""
        queued = [job.created_at for job in self.active.values() if job.status in QUEUED]
        running = [job for job in self.active.values() if job.status in RUNNING]
        usage = (
            snapshot.queue_utilization.total_capacity_usage
            if snapshot and snapshot.queue_utilization
            else None
        )
        units = {limit.capacity_unit for env in environments for limit in env.capacity_limits}
        return Figures(
            queued=len(queued),
            running=len(running),
            failed_24h=self.failed_since(now_ms - DAY),
            failed_capped=failed_capped,
            wait_p50_ms=median(self.waits_since(now_ms - DAY)),
            oldest_queued_at=min((at for at in queued if at is not None), default=None),
            used=sum(job.instances for job in running)
            if usage is None
            else int(sum(u.quantity for u in usage)),
            limit=total_capacity(environments),
            unit=units.pop() if len(units) == 1 and NUM_INSTANCES not in units else "",
            policy=policy,
        )


def _start(job: ServiceJob) -> tuple[int, str, int] | None:
    if job.started_at is None or job.created_at is None or job.status in QUEUED:
        return None
    return job.started_at, job.job_id, max(0, job.started_at - job.created_at)


def _drop(items: list, item: tuple) -> None:  # pyright: ignore
    index = bisect_left(items, item)  # pyright: ignore
    if index < len(items) and items[index] == item:  # pyright: ignore
        del items[index]
