"""The last good picture of one account and region, its age, and the diff to the one before.

Only the UI thread touches it; it does no I/O. The poller delivers merges; screens read the picture and
subscribe to `Changed`. A merge that changes nothing calls nobody.
"""

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager

from tui.aws.identity import Identity
from tui.aws.problems import Problem
from tui.live.changes import Changed, Freshness, Part, QueueChanged
from tui.live.picture import QueueDraft, QueuePicture
from tui.model.jobs import ServiceJob, ServiceJobDetail
from tui.model.queues import JobQueue, JobQueueSnapshot, QuotaShare, SchedulingPolicy, ServiceEnvironment

Unsubscribe = Callable[[], None]


def our_now_ms() -> int:
    """Epoch milliseconds of this machine, for the age of the picture itself."""
    return time.time_ns() // 1_000_000


class Store:
    """The picture. `queues` maps names to `QueuePicture`, in the order AWS listed them.

    `loaded` says that the list of queues has been read once; `problem` is a failure of the whole
    connection (nothing can be asked at all), None while it works. `now_ms()` is AWS's time, against
    which every age of a job is to be computed.
    """

    def __init__(self) -> None:
        self.queues: dict[str, QueuePicture] = {}
        self.identity: Identity | None = None
        self.region = ""
        self.profile: str | None = None
        self.loaded = False
        self.problem: Problem | None = None
        self.problem_retry_at: int | None = None
        self.now_ms: Callable[[], int] = our_now_ms
        self._freshness: dict[tuple[str, Part], Freshness] = {}
        self._subscribers: list[Callable[[Changed], None]] = []
        self._lights: list[Callable[[], None]] = []
        self._drafts: dict[str, QueueDraft] = {}
        self._listed = False
        self._identified = False
        self._lit = False
        self._depth = 0

    # ---- reading

    def subscribe(self, callback: Callable[[Changed], None]) -> Unsubscribe:
        """Call `callback` after every step that changed something. The answer ends it."""
        self._subscribers.append(callback)
        return lambda: _discard(self._subscribers, callback)

    def subscribe_light(self, callback: Callable[[], None]) -> Unsubscribe:
        """Call `callback` when freshness or problems may look different. The answer ends it."""
        self._lights.append(callback)
        return lambda: _discard(self._lights, callback)

    def freshness(self, part: Part, queue: str = "") -> Freshness:
        """How fresh one part is; `queue` is empty for `identity` and `queues`."""
        return self._freshness.get((queue, part), Freshness())

    def light(self, queue: str | None = None) -> Freshness:
        """One freshness for a whole screen: of a queue, or (None) of the list of queues.

        The age is that of the oldest part that is kept live; the problem that of the connection, else of
        the first part that has one.
        """
        if queue is None:
            keys: list[tuple[str, Part]] = [("", "queues"), *((name, "jobs") for name in self.queues)]
        else:
            keys = [(queue, "jobs"), (queue, "snapshot"), (queue, "history"), (queue, "details")]
        known = [self._freshness.get(key, Freshness()) for key in keys]
        # The list of queues is read slower than what is in them, and tells only where there is nothing else.
        kept = {key[1] for key in keys} & {"jobs", "snapshot"} or {"queues"}
        ages = [known[i].fetched_at for i, key in enumerate(keys) if key[1] in kept]
        dated = [at for at in ages if at is not None]
        troubled = next((item for item in known if item.problem is not None), Freshness())
        return Freshness(
            fetched_at=min(dated, default=None),
            problem=self.problem or troubled.problem,
            retry_at=self.problem_retry_at if self.problem else troubled.retry_at,
        )

    def problems(self) -> Iterator[tuple[str, Part, Problem]]:
        """Every part that has a problem now: (queue or "", part, problem)."""
        for (queue, part), fresh in self._freshness.items():
            if fresh.problem is not None:
                yield queue, part, fresh.problem

    def find(self, job_id: str) -> tuple[QueuePicture, ServiceJob] | None:
        """The job and the queue it is in, if it is in the picture."""
        for picture in self.queues.values():
            if job_id in picture.jobs:
                return picture, picture.jobs[job_id]
        return None

    # ---- merging: called by the poller, in the UI thread

    @contextmanager
    def step(self) -> Generator[None]:
        """Merges inside make one `Changed` together."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if self._depth == 0:
                self._publish()

    def connected(self, region: str, profile: str | None, now_ms: Callable[[], int]) -> None:
        """The connection stands: its region and profile, and the clock of the other side."""
        with self.step():
            self.region, self.profile, self.now_ms = region, profile, now_ms
            self._identified = self._lit = True

    def set_identity(self, identity: Identity) -> None:
        with self.step():
            if identity != self.identity:
                self.identity = identity
                self._identified = True

    def set_queues(self, queues: Iterable[JobQueue]) -> None:
        """The whole list of queues: those not in it are gone, their pictures with them."""
        with self.step():
            names: list[str] = []
            for queue in queues:
                name = queue.job_queue_name
                names.append(name)
                draft = self._draft(name)
                if name not in self.queues:
                    self.queues[name] = draft.picture
                    self._listed = True
                draft.set_queue(queue)
            for name in [name for name in (*self.queues, *self._drafts) if name not in names]:
                self.queues.pop(name, None)
                self._drafts.pop(name, None)
                for key in [key for key in self._freshness if key[0] == name]:
                    del self._freshness[key]
                self._listed = True
            if not self.loaded:
                self.loaded = self._listed = True

    def set_resources(
        self,
        queue: str,
        environments: tuple[ServiceEnvironment, ...] | None = None,
        policy: SchedulingPolicy | None = None,
        quota_shares: tuple[QuotaShare, ...] | None = None,
    ) -> None:
        """What stands behind a queue; None keeps what is known."""
        if self._takes(queue):
            with self.step():
                self._draft(queue).set_resources(environments, policy, quota_shares)

    def set_snapshot(self, queue: str, snapshot: JobQueueSnapshot) -> None:
        if self._takes(queue):
            with self.step():
                self._draft(queue).set_snapshot(snapshot)

    def merge_jobs(
        self, queue: str, jobs: Iterable[ServiceJob], *, gone: Iterable[str] = (), news: bool = True
    ) -> None:
        """Take newer versions of jobs, and forget those `gone`. A finished job never changes again.

        `news` says that jobs not seen before came up just now, and were not simply read late.
        """
        if self._takes(queue):
            with self.step():
                self._draft(queue).merge(jobs, gone, news)

    def merge_details(self, queue: str, details: Iterable[ServiceJobDetail], *, news: bool = True) -> None:
        """Take answers of DescribeServiceJob: the jobs themselves, and their priorities and details."""
        if self._takes(queue):
            with self.step():
                self._draft(queue).merge_details(details, news)

    def set_loaded(self, queue: str) -> None:
        """All active jobs of the queue have been read once."""
        if self._takes(queue):
            with self.step():
                self._draft(queue).set_loaded()

    def set_history(
        self,
        queue: str,
        *,
        complete: bool | None = None,
        loading: bool | None = None,
        failed_capped: bool | None = None,
    ) -> None:
        """How much of the finished jobs has been read; None keeps what is known."""
        if self._takes(queue):
            with self.step():
                self._draft(queue).set_history(complete, loading, failed_capped)

    def fetched(self, part: Part, queue: str = "") -> None:
        """A good answer came for this part: its age is 0 and it has no problem."""
        with self.step():
            self._freshness[queue, part] = Freshness(fetched_at=our_now_ms())
            self._lit = True

    def failed(self, part: Part, queue: str, problem: Problem, retry_at: int | None = None) -> None:
        """This part could not be fetched. What was known of it stays."""
        with self.step():
            old = self.freshness(part, queue)
            self._freshness[queue, part] = Freshness(
                fetched_at=old.fetched_at, problem=problem, retry_at=retry_at
            )
            self._lit = True

    def set_problem(self, problem: Problem | None, retry_at: int | None = None) -> None:
        """The connection as a whole fails, or (None) works again."""
        if (problem, retry_at) != (self.problem, self.problem_retry_at):
            with self.step():
                self.problem, self.problem_retry_at = problem, retry_at
                self._lit = True

    def solved(self, problem: Problem) -> None:
        """This failure of the whole connection is over, if it is the one that is shown."""
        if self.problem is problem:
            self.set_problem(None)

    # ---- inside

    def _takes(self, queue: str) -> bool:
        """It is in the list of queues, or there is no list yet: then its draft waits for the list."""
        return queue in self.queues or not self.loaded

    def _draft(self, name: str) -> QueueDraft:
        if name not in self._drafts:
            self._drafts[name] = QueueDraft(self.queues.get(name) or QueuePicture(name))
        return self._drafts[name]

    def _publish(self) -> None:
        drafts = {name: draft for name, draft in self._drafts.items() if name in self.queues}
        self._drafts = {name: draft for name, draft in self._drafts.items() if name not in drafts}
        now_ms = self.now_ms()
        queues: dict[str, QueueChanged] = {}
        for name, draft in drafts.items():
            changed = draft.finish(now_ms)
            if changed:
                queues[name] = changed
        change = Changed(queues=queues, listed=self._listed, identity=self._identified)
        lit = self._lit
        self._listed = self._identified = self._lit = False
        if change:
            for callback in tuple(self._subscribers):
                callback(change)
        if lit:
            for callback in tuple(self._lights):
                callback()


def _discard(callbacks: list[Callable[..., None]], callback: Callable[..., None]) -> None:
    if callback in callbacks:
        callbacks.remove(callback)
