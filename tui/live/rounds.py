"""One queue, kept live: what a round asks, and what its answers mean.

A round is, all in parallel: a listing of each of the six active statuses, one listing of what was
created since the newest job seen (what came and went between two rounds), and the snapshot. The
listings are not one moment: a job can move from one status to another between them and be missed by both. So
a job that is missing is described: the description is the truth, finished or not.
"""

import time
from collections.abc import Callable
from functools import partial

from tui.aws import batch
from tui.aws.batch import Page
from tui.aws.problems import Problem
from tui.live.backoff import Backoff
from tui.live.calls import Rank
from tui.live.changes import Part
from tui.live.engine import Engine
from tui.live.store import our_now_ms
from tui.model.jobs import ACTIVE, FINISHED, QUEUED, RUNNING, ServiceJob, ServiceJobDetail, Status

SLACK_MS = 2_000
"""AWS's time is known to the second only."""

TRIES = 3
PASSING = frozenset({"Throttled", "ServerError"})
"""Failures of a single call that are tried again within the round: it would be incomplete without."""

# The listings people look for first come first: with a slow budget that is what is seen first.
_ORDER = sorted(ACTIVE, key=lambda status: status not in (Status.RUNNING, Status.RUNNABLE))


class _Round:
    """One round under way."""

    def __init__(self, rank: Rank, since: int) -> None:
        self.rank = rank
        self.since = since
        self.began = time.monotonic()
        self.open = 0
        self.calls = 0
        self.jobs: dict[str, tuple[float, ServiceJob]] = {}
        self.incomplete = False
        self.problem: Problem | None = None


class QueueRounds:
    """The rounds of one queue. Everything here runs in the engine's thread.

    `due` is when the next round begins (monotonic seconds), `cost` how many calls the last one took.
    """

    def __init__(self, engine: Engine, name: str, ended: Callable[["QueueRounds"], None]) -> None:
        self.name = name
        self.due = 0.0
        self.began = 0.0
        self.cost = len(ACTIVE) + 2
        self.loaded = False
        self.snapshots = Backoff()
        self.backoff = Backoff()
        self._engine = engine
        self._ended = ended
        self._round: _Round | None = None
        self._known: dict[str, str] = {}
        self._since: int | None = None
        self._described_at: dict[str, float] = {}
        self._describing: set[str] = set()

    @property
    def busy(self) -> bool:
        """A round is under way."""
        return self._round is not None

    def begin(self, rank: Rank, interval: float, now_ms: int) -> None:
        """Start a round. `now_ms` is AWS's time, `interval` the pace that a failure backs off from."""
        since = now_ms - SLACK_MS if self._since is None else self._since
        this = self._round = _Round(rank, since)
        self.began = this.began
        self._interval = interval
        for status in _ORDER:
            self._list(this, partial(batch.list_jobs, queue=self.name, status=status.value), None)
        if self._since is not None:
            self._list(this, partial(batch.list_jobs, queue=self.name, created_after=self._since), None)
        if not self.snapshots.waiting:
            this.open += 1
            this.calls += 1
            self._engine.ask(
                rank,
                lambda aws: batch.snapshot(aws, self.name),
                lambda value: self._got_snapshot(this, value),
                lambda problem: self._no_snapshot(this, problem),
            )

    # ---- listings

    def _list(
        self, this: _Round, listing: Callable[..., Page], token: str | None, tries: int = TRIES
    ) -> None:
        this.open += 1
        this.calls += 1
        asked = time.monotonic()
        self._engine.ask(
            this.rank,
            lambda aws: listing(aws, token=token),
            lambda page: self._got_page(this, listing, token, page, asked),
            lambda problem: self._no_page(this, listing, token, tries - 1, problem),
        )

    def _got_page(
        self, this: _Round, listing: Callable[..., Page], token: str | None, page: Page, asked: float
    ) -> None:
        fresh = [job for job in page.jobs if self._described_at.get(job.job_id, 0.0) < asked]
        for job in fresh:
            seen = this.jobs.get(job.job_id)
            if seen is None or seen[1].status not in FINISHED:
                this.jobs[job.job_id] = (asked, job)
        if not self.loaded and fresh:
            # The first picture grows page by page; later ones come whole, as one change.
            self._engine.tell(lambda store: store.merge_jobs(self.name, fresh, news=False))
        if page.next_token and page.next_token != token:
            self._list(this, listing, page.next_token)
        self._close(this)

    def _no_page(
        self, this: _Round, listing: Callable[..., Page], token: str | None, tries: int, problem: Problem
    ) -> None:
        if problem.code in PASSING and tries:
            # In the budget's own time: after throttling that has slowed down.
            self._list(this, listing, token, tries)
        else:
            this.incomplete = True
            this.problem = this.problem or problem
        self._close(this)

    # ---- the snapshot

    def _got_snapshot(self, this: _Round, value: batch.JobQueueSnapshot) -> None:
        self.snapshots.clear()
        self._engine.tell(lambda store: store.set_snapshot(self.name, value))
        self._engine.tell(lambda store: store.fetched("snapshot", self.name))
        self._close(this)

    def _no_snapshot(self, this: _Round, problem: Problem) -> None:
        delay = self.snapshots.failed(problem, self._interval)
        self._report("snapshot", problem, delay)
        self._close(this)

    # ---- the end of a round

    def _close(self, this: _Round) -> None:
        this.open -= 1
        if this.open or this is not self._round:
            return
        self._round = None
        self.cost = this.calls
        jobs = [job for _, job in this.jobs.values()]
        active = {job.job_id: job.status for job in jobs if job.status not in FINISHED}
        finished = {job.job_id for job in jobs if job.status in FINISHED}
        left = [] if this.incomplete else [i for i in self._known if i not in active and i not in finished]
        returned = [i for i, s in active.items() if s in QUEUED and self._known.get(i) in RUNNING]
        created = [job.created_at for job in jobs if job.created_at is not None]
        # By AWS's own times. A queue that is empty at first counts from when we looked.
        self._since = this.since if this.incomplete else max([*created, this.since])
        if this.incomplete:
            self._known = {i: s for i, s in (self._known | active).items() if i not in finished}
        else:
            # Those that left stay known until their description came: one that fails is asked again.
            self._known = active | {job_id: self._known[job_id] for job_id in left}
        self._described_at = {i: at for i, at in self._described_at.items() if at > this.began}
        self._engine.tell(lambda store: store.merge_jobs(self.name, jobs))
        if this.problem is None:
            self.backoff.clear()
            self._engine.tell(lambda store: store.fetched("jobs", self.name))
            if not self.loaded:
                self.loaded = True
                self._engine.tell(lambda store: store.set_loaded(self.name))
        else:
            self._report("jobs", this.problem, self.backoff.failed(this.problem, self._interval))
        # Why a job went back to the queue, only its description tells.
        for job_id in (*left, *returned):
            self.describe(job_id, this.rank)
        self._ended(self)

    def describe(self, job_id: str, rank: Rank, done: Callable[[Problem | None], None] | None = None) -> None:
        """Ask for the truth about one job, and tell the store. One question at a time for each job."""
        if job_id in self._describing and done is None:
            return
        self._describing.add(job_id)
        asked = time.monotonic()

        def good(detail: ServiceJobDetail) -> None:
            self._describing.discard(job_id)
            if self._described_at.get(job_id, 0.0) > asked:  # a later question was answered first
                if done:
                    done(None)
                return
            self._described_at[job_id] = asked
            if detail.status in FINISHED:
                self._known.pop(job_id, None)
            else:
                self._known[job_id] = detail.status
            self._engine.tell(lambda store: store.merge_details(self.name, (detail,)))
            self._engine.tell(lambda store: store.fetched("details", self.name))
            if done:
                done(None)

        def bad(problem: Problem) -> None:
            self._describing.discard(job_id)
            if problem.code == "NotFound":
                self._known.pop(job_id, None)
                self._engine.tell(lambda store: store.merge_jobs(self.name, (), gone=(job_id,)))
            else:
                self._report("details", problem, None)
            if done:
                done(problem)

        self._engine.ask(rank, lambda aws: batch.describe_job(aws, job_id), good, bad)

    def _report(self, part: Part, problem: Problem, delay: float | None) -> None:
        retry_at = None if delay is None else our_now_ms() + int(delay * 1000)
        self._engine.tell(lambda store: store.failed(part, self.name, problem, retry_at))
