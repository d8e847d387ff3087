"""Who held how much of a queue over the last hours: kept in memory from the jobs seen, by the minute.

    history = UsageHistory(store)              # follows the store from now on
    history.series("research", "llm", columns=60, span_ms=3 * HOUR)   # 60 means, the oldest first

While we watch, every change of a job counts when it is seen. What was before is taken from the times of the
jobs that are read: the last attempt of each, which is all that a listing tells.
"""

from tui.live.changes import Changed, JobsChanged
from tui.live.picture import QueuePicture
from tui.live.store import Store
from tui.model.jobs import FINISHED, RUNNING, ServiceJob
from tui.model.units import HOUR, MINUTE

KEPT_MS = 6 * HOUR

Bucket = dict[str, float]
"""Instance-milliseconds in one minute, by share."""


class UsageHistory:
    """Instances in use over time, by queue and share. Times are AWS's, in epoch ms. UI thread only."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: dict[str, _Watched] = {}
        store.subscribe(self._follow)

    def series(self, queue: str, share: str | None, *, columns: int, span_ms: int) -> list[float]:
        """The mean number of instances that a share (None: all together) held in each of `columns` equal
        stretches of the last `span_ms`, at most `KEPT_MS`. Empty while the queue has not been read."""
        watched = self._seen.get(queue)
        if watched is None or columns <= 0:
            return []
        now_ms = self._store.now_ms()
        watched.advance(now_ms)
        start_ms, step = now_ms - span_ms, span_ms / columns
        return [
            watched.mean(share, start_ms + column * step, start_ms + (column + 1) * step)
            for column in range(columns)
        ]

    def _follow(self, changed: Changed) -> None:
        now_ms = self._store.now_ms()
        for name in [name for name in self._seen if name not in self._store.queues]:
            del self._seen[name]
        for name, change in changed.queues.items():
            picture = self._store.queues.get(name)
            if picture is None:
                continue
            if name in self._seen:
                self._seen[name].follow(now_ms, picture, change.jobs)
            elif picture.loaded:
                self._seen[name] = _Watched(now_ms, picture)


class _Watched:
    """One queue since we watch it: what each share holds now, and what it held in each minute."""

    def __init__(self, now_ms: int, picture: QueuePicture) -> None:
        self._at_ms = now_ms
        self._held: dict[str, int] = {}
        self._buckets: dict[int, Bucket] = {}
        for job in picture.jobs.values():
            self._begin(job)

    def follow(self, now_ms: int, picture: QueuePicture, change: JobsChanged) -> None:
        if not change:
            return
        self.advance(now_ms)
        for job in change.before.values():
            self._hold(job, -1)
        for job_id in change.changed:
            self._hold(picture.jobs[job_id], 1)
        for job_id in change.added:
            self._begin(picture.jobs[job_id])

    def advance(self, now_ms: int) -> None:
        """Count what is held up to now, and forget what is too long ago."""
        for share, held in self._held.items():
            self._add(share, held, self._at_ms, now_ms)
        self._at_ms = max(self._at_ms, now_ms)
        oldest = (now_ms - KEPT_MS) // MINUTE
        for number in [number for number in self._buckets if number < oldest]:
            del self._buckets[number]

    def mean(self, share: str | None, left: float, right: float) -> float:
        """Instances held between two times, on average; a minute cut by an edge counts in part."""
        total = 0.0
        for number in range(int(left // MINUTE), int(right // MINUTE) + 1):
            bucket = self._buckets.get(number)
            if bucket:
                begins, ends = number * MINUTE, min((number + 1) * MINUTE, self._at_ms)
                part = (min(right, ends) - max(left, begins)) / max(1, ends - begins)
                held = sum(bucket.values()) if share is None else bucket.get(share, 0.0)
                total += held * min(1.0, max(0.0, part))
        return total / (right - left)

    def _begin(self, job: ServiceJob) -> None:
        """A job that we see for the first time: what it held before counts as its own times tell."""
        began = job.scheduled_at or job.started_at
        if job.status in RUNNING:
            self._hold(job, 1)
            if began is not None:
                self._add(job.share, job.instances, began, self._at_ms)
        elif job.status in FINISHED and began is not None and job.stopped_at is not None:
            self._add(job.share, job.instances, began, job.stopped_at)

    def _hold(self, job: ServiceJob, sign: int) -> None:
        if job.status in RUNNING:
            held = self._held.get(job.share, 0) + sign * job.instances
            if held > 0:
                self._held[job.share] = held
            else:
                self._held.pop(job.share, None)

    def _add(self, share: str, instances: int, left: int, right: int) -> None:
        left = max(left, right - KEPT_MS, self._at_ms - KEPT_MS)
        while left < right:
            number = left // MINUTE
            edge = min(right, (number + 1) * MINUTE)
            bucket = self._buckets.setdefault(number, {})
            bucket[share] = bucket.get(share, 0.0) + instances * (edge - left)
            left = edge
