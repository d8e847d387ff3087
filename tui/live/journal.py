"""Transitions seen: what happened to jobs while we watched, derived from the store's changes."""

from collections import deque
from collections.abc import Callable
from typing import Literal

import msgspec

from tui.live.changes import Changed, JobsChanged
from tui.live.picture import QueuePicture
from tui.live.store import Store, Unsubscribe
from tui.model.jobs import FINISHED, QUEUED, RUNNING, ServiceJob, Status

EventKind = Literal["arrived", "started", "succeeded", "failed", "returned", "preempted", "left"]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One transition. `at` is AWS's time in epoch ms: the job's own, or when we saw it if it tells none.

    `returned` is a job that went back to the queue, to be tried again; `preempted` one that had to make
    room. `left` is a job that AWS does not know any more.
    """

    at: int
    kind: EventKind
    queue: str
    job_id: str
    job_name: str = ""
    share: str = ""
    reason: str = ""


class Journal:
    """The last `limit` events, oldest first. UI thread only, like the store it follows.

    `total` counts all events since the start, those forgotten too.
    """

    def __init__(self, store: Store, limit: int = 1_000) -> None:
        self.events: deque[Event] = deque(maxlen=limit)
        self.total = 0
        self._store = store
        self._subscribers: list[Callable[[], None]] = []
        self._returned: dict[str, tuple[Event, str]] = {}
        store.subscribe(self._follow)

    def subscribe(self, callback: Callable[[], None]) -> Unsubscribe:
        """Call `callback` when there are new events. The answer ends it."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback) if callback in self._subscribers else None

    def _follow(self, changed: Changed) -> None:
        new: list[Event] = []
        settled = False
        for name, change in changed.queues.items():
            picture = self._store.queues.get(name)
            if picture is not None and change.jobs:
                new += self._events(picture, change.jobs)
                settled = self._settle(picture, change.jobs) or settled
        new.sort(key=lambda event: event.at)
        self.events.extend(new)
        self.total += len(new)
        if new or settled:
            for callback in tuple(self._subscribers):
                callback()

    def _events(self, picture: QueuePicture, change: JobsChanged) -> list[Event]:
        events: list[Event] = []
        for job_id in change.arrived:
            job = picture.jobs[job_id]
            events.append(self._event(picture, job, "arrived", job.created_at))
            events += self._transition(picture, None, job)
        for job_id in change.changed:
            events += self._transition(picture, change.before[job_id], picture.jobs[job_id])
        for job_id in change.gone:
            events.append(self._event(picture, change.before[job_id], "left", None))
        return events

    def _transition(self, picture: QueuePicture, old: ServiceJob | None, job: ServiceJob) -> list[Event]:
        if old is not None and old.status == job.status and old.started_at == job.started_at:
            return []
        if job.status == Status.RUNNING and (old is None or old.started_at != job.started_at):
            return [self._event(picture, job, "started", job.started_at)]
        if job.status in QUEUED and old is not None and old.status in RUNNING:
            event = self._event(picture, job, "returned", None)
            self._returned[job.job_id] = (event, old.training_job_arn)
            return [event]
        if job.status in FINISHED and (old is None or old.status not in FINISHED):
            kind = "succeeded" if job.status == Status.SUCCEEDED else "failed"
            return [self._event(picture, job, kind, job.stopped_at)]
        return []

    def _event(self, picture: QueuePicture, job: ServiceJob, kind: EventKind, at: int | None) -> Event:
        return Event(
            at=self._store.now_ms() if at is None else at,
            kind=kind,
            queue=picture.name,
            job_id=job.job_id,
            job_name=job.job_name,
            share=job.share,
            reason=job.status_reason,
        )

    def _settle(self, picture: QueuePicture, change: JobsChanged) -> bool:
        """A listing does not tell why a job returned; its description names the preempted attempts."""
        settled = False
        for job_id in change.detailed:
            event, attempt = self._returned.pop(job_id, (None, ""))
            summary = picture.details[job_id].preemption_summary
            if event is None or summary is None or event not in self.events:
                continue
            if attempt in {each.training_job_arn for each in summary.recent_preempted_attempts}:
                self.events[self.events.index(event)] = msgspec.structs.replace(event, kind="preempted")
                settled = True
        return settled
