"""Keeps the picture fresh: what to ask, and when.

Screens say what they show (`watch`, `visible`) and what they want (`load_history`, `describe`, `act`);
nothing here blocks them. What is on screen is asked at the interval, the rest slower, and all of it no
faster than the budget: with many queues, or many pages, the interval stretches by itself.
"""

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from tui.aws import batch
from tui.aws.identity import caller_identity
from tui.aws.problems import Problem
from tui.aws.session import Aws
from tui.live.backoff import Backoff
from tui.live.budget import Budget
from tui.live.calls import Calls, Rank
from tui.live.changes import Changed
from tui.live.details import Descriptions, Wanted
from tui.live.engine import Deliver, Engine
from tui.live.history import QueueHistory
from tui.live.link import Link
from tui.live.resources import Resources
from tui.live.rounds import QueueRounds
from tui.live.store import Store, our_now_ms
from tui.model.queues import JobQueue

T = TypeVar("T")

MIN_INTERVAL = 1.0
SHARE_OF_RATE = 0.7
"""Of the rate, how much the rounds of what is on screen may use; the rest is for all else."""

BEHIND = 6
"""A queue that is not on screen is asked this many times slower (30 s at least)."""

RESOURCES_LATER, OTHERS_LATER = 0.1, 0.5
"""At the start, seconds by which resources, and queues not on screen, let the jobs on screen go first."""

QUEUES_EVERY = 15.0
RESOURCES_EVERY = 60.0
ROUNDS_AT_ONCE = 4
DESCRIBED_AFTER_ACTING = 20

NOT_CONNECTED = Problem(
    code="NotConnected",
    title="Not connected",
    cause="There is no connection to AWS yet.",
    next_step="Wait until the queues are shown and try again.",
    retryable=True,
)


class Poller:
    """Reads AWS in its own threads and merges into `store` through `deliver`.

    `connect` makes the `Aws`, in a worker. `deliver(fn)` runs `fn` in the UI thread, soon, without
    waiting for it (for Textual: `loop.call_soon_threadsafe`). All public methods are for the UI thread and
    return at once. `rate` is calls a second over everything, `burst` what the first picture may
    take at once (some eight calls for each queue), `threads` how many are under way together.
    """

    def __init__(
        self,
        connect: Callable[[], Aws],
        store: Store,
        deliver: Deliver,
        *,
        interval: float = 5.0,
        rate: float = 10.0,
        burst: float = 40.0,
        threads: int = 8,
    ) -> None:
        self.store = store
        self.deliver = deliver
        self._calls = Calls(Budget(rate, burst), threads)
        self._engine = Engine(store, deliver, self._calls, self._turn)
        self._link = Link(self._engine, connect, self._refresh_now)
        self._interval = max(MIN_INTERVAL, interval)
        self._paused = False
        self._started = False
        self._visible: tuple[str, ...] = ()
        # From here on: the engine's thread only.
        self._watched: str | None = None
        self._with_history = False
        self._queues: tuple[JobQueue, ...] = ()
        self._listed = False
        self._rounds: dict[str, QueueRounds] = {}
        self._forced: set[str] = set()
        self._histories: dict[str, QueueHistory] = {}
        self._resources = Resources(self._engine)
        self._queues_due = 0.0
        self._queues_busy = False
        self._queues_backoff = Backoff()
        self._resources_due = self._identity_due = float("inf")
        self._identity_backoff = Backoff()
        self._descriptions = Descriptions(self._rounds_of)

    # ---- for screens

    def start(self) -> None:
        """Connect, then keep the picture fresh until `stop`."""
        if not self._started:
            self._started = True
            self.store.subscribe(self._on_change)
            self._engine.start()

    def stop(self) -> None:
        """End all work. Returns at once: a call under way is left to itself."""
        self._engine.stop()

    @property
    def interval(self) -> float:
        """Seconds between two rounds of what is on screen; at least 1."""
        return self._interval

    @interval.setter
    def interval(self, seconds: float) -> None:
        self._interval = max(MIN_INTERVAL, seconds)
        self._engine.post(self._reschedule)

    def pace(self, queue: str | None) -> float:
        """Seconds between two rounds as they are now: more than the interval where the rate says so.

        `queue` None asks for the slowest of all.
        """
        one = self._rounds.get(queue or "")
        rounds = [one] if one else list(self._rounds.values())  # a copy: the engine may add to it meanwhile
        return max((self._interval_of(each) for each in rounds), default=max(QUEUES_EVERY, self._interval))

    @property
    def paused(self) -> bool:
        """No rounds are made. What the user asks for himself still goes on."""
        return self._paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._paused = paused
        self._engine.post(lambda: None)

    @property
    def aws(self) -> Aws | None:
        """The connection, once it stands: for what reads in threads of its own, as a log does."""
        return self._engine.aws

    @property
    def calls_made(self) -> int:
        """Answers from AWS since the start."""
        aws = self._engine.aws
        return aws.calls if aws else 0

    @property
    def rate(self) -> float:
        """Calls a second now allowed: less than asked for while AWS throttles."""
        return self._calls.rate

    def watch(self, queue: str | None, history: bool = False) -> None:
        """This queue is on screen (None: the list of them all). `history`: its finished jobs are, too."""
        self._engine.post(lambda: self._watch(queue, history))

    def visible(self, job_ids: Iterable[str]) -> None:
        """These rows are on screen: learn their priorities, once, and again when a new attempt begins."""
        self._visible = tuple(job_ids)
        self._describe_visible()

    def describe(self, job_id: str, queue: str | None = None) -> None:
        """Describe a job now. The answer arrives in the store (`details` of its queue)."""
        found = self.store.find(job_id)
        name = found[0].name if found and queue is None else queue
        if name:
            self._engine.post(lambda: self._rounds_of(name).describe(job_id, Rank.USER))

    def load_history(self, queue: str, pages: int = 1) -> None:
        """Read the next pages of finished jobs, newest first, of each finished status."""
        self._engine.post(lambda: self._history_of(queue).more(pages, Rank.WATCHED))

    def refresh_now(self) -> None:
        """Ask for everything on screen again, now, whatever was waited for."""
        self._engine.post(self._refresh_now)

    def act(
        self,
        operation: Callable[[Aws], T],
        done: Callable[[T | Problem], None],
        *,
        queue: str | None = None,
        job_ids: tuple[str, ...] = (),
        bulk: bool = False,
    ) -> None:
        """The user's own call: it goes before all others. `done` gets its result, in the UI thread.

        After it, the jobs it touched (`job_ids`) are described, or else the `queue` is asked again. One
        of many calls is `bulk`: before the rounds, but at the pace of the budget.
        """
        rank = Rank.BULK if bulk else Rank.USER
        self._engine.post(lambda: self._act(operation, done, queue, job_ids, rank))

    # ---- one turn of the engine

    def _turn(self) -> float | None:
        """Start what is due; returns the seconds until there is more."""
        aws = self._engine.aws
        if aws is None or not self._link.up:
            return self._link.turn()
        now = time.monotonic()
        self._descriptions.ask(self._interval)
        if self._paused and not self._forced:
            return None
        if self._queues_due <= now and not self._queues_busy:
            self._list_queues(Rank.WATCHED)
        if min(self._resources_due, self._resources.retry_at) <= now:
            self._resources_due = now + RESOURCES_EVERY
            self._resources.refresh(self._queues, Rank.VISIBLE)
        if self._identity_due <= now:
            self._ask_identity()
        for rounds in self._due(now):
            self._forced.discard(rounds.name)
            rounds.begin(self._rank_of(rounds.name), self._interval, aws.clock.now_ms())
        if self._paused:
            return None
        times = [self._resources_due, self._resources.retry_at, self._identity_due]
        times += [] if self._queues_busy else [self._queues_due]
        # What is overdue waits for a round to end, and that is a turn of its own.
        times += [r.due for r in self._rounds.values() if not r.busy and r.due > now]
        next_at = min(times)
        return None if next_at == float("inf") else max(0.0, next_at - time.monotonic())

    def _list_queues(self, rank: Rank) -> None:
        self._queues_busy = True

        def good(found: tuple[JobQueue, ...]) -> None:
            self._queues_busy = False
            self._queues_backoff.clear()
            behind = {(q.job_queue_name, q.scheduling_policy_arn, q.service_environment_order) for q in found}
            before = {
                (q.job_queue_name, q.scheduling_policy_arn, q.service_environment_order) for q in self._queues
            }
            first, self._listed, self._queues = not self._listed, True, found
            names = {queue.job_queue_name for queue in found}
            self._rounds = {name: rounds for name, rounds in self._rounds.items() if name in names}
            self._histories = {name: hist for name, hist in self._histories.items() if name in names}
            now = time.monotonic()
            self._queues_due = now + max(QUEUES_EVERY, self._interval)
            jobs_first = first and self._watched in names
            if behind != before:
                self._resources_due = now + RESOURCES_LATER if jobs_first else now
            if jobs_first:
                # Threads share one interpreter: what is not on screen would only delay what is.
                for name in names - {self._watched}:
                    self._rounds_of(name).due = now + OTHERS_LATER
            if self._identity_due == float("inf") and self.store.identity is None:
                # After the first jobs: building the STS client takes the time of a call.
                self._identity_due = now + 0.5
            self._engine.tell(lambda store: store.set_queues(found))
            self._engine.tell(lambda store: store.fetched("queues"))

        def bad(problem: Problem) -> None:
            self._queues_busy = False
            delay = self._queues_backoff.failed(problem, self._interval)
            self._queues_due = time.monotonic() + delay
            retry_at = our_now_ms() + int(delay * 1000)
            self._engine.tell(lambda store: store.failed("queues", "", problem, retry_at))

        self._engine.ask(rank, batch.list_queues, good, bad)

    def _ask_identity(self) -> None:
        self._identity_due = float("inf")

        def bad(problem: Problem) -> None:
            delay = self._identity_backoff.failed(problem, 10.0)
            self._identity_due = time.monotonic() + delay
            self._engine.tell(lambda store: store.failed("identity", "", problem))

        self._engine.ask(
            Rank.BACKGROUND,
            caller_identity,
            lambda identity: self._engine.tell(lambda store: store.set_identity(identity)),
            bad,
        )

    # ---- rounds

    def _due(self, now: float) -> list[QueueRounds]:
        """The rounds to begin now: that of the queue on screen, and of the others a few at a time.

        So a queue that is opened never waits behind the calls of fifty others.
        """
        names = [queue.job_queue_name for queue in self._queues]
        if not self._listed and self._watched is not None and self._watched not in self._rounds:
            # The queue to begin with is asked beside the list of queues, once: it may not be in it.
            names = [self._watched]
        rounds = [self._rounds_of(name) for name in names]
        wanted = [r for r in rounds if not self._paused or r.name in self._forced]
        waiting = sorted((r for r in wanted if r.due <= now and not r.busy), key=lambda r: r.due)
        room = ROUNDS_AT_ONCE - sum(r.busy for r in rounds if r.name != self._watched)
        others = [r for r in waiting if r.name != self._watched][: max(0, room)]
        return [r for r in waiting if r.name == self._watched] + others

    def _rounds_of(self, name: str) -> QueueRounds:
        if name not in self._rounds:
            self._rounds[name] = QueueRounds(self._engine, name, self._round_ended)
        return self._rounds[name]

    def _history_of(self, name: str) -> QueueHistory:
        if name not in self._histories:
            aws = self._engine.aws
            self._histories[name] = QueueHistory(self._engine, name, aws.clock.now_ms if aws else our_now_ms)
        return self._histories[name]

    def _rank_of(self, name: str) -> Rank:
        if self._watched is None:
            return Rank.VISIBLE
        return Rank.WATCHED if name == self._watched else Rank.OTHERS

    def _round_ended(self, rounds: QueueRounds) -> None:
        now = time.monotonic()
        rounds.due = rounds.began + self._interval_of(rounds)
        if rounds.backoff.retry_at is not None:
            rounds.due = max(now, rounds.backoff.retry_at)
        rounds.due = max(rounds.due, now + MIN_INTERVAL / 2)
        history = self._history_of(rounds.name)
        if rounds.loaded:
            watched = rounds.name == self._watched and self._with_history
            rank = Rank.WATCHED if watched else Rank.BACKGROUND
            if history.begun:
                history.resume(rank)
            else:
                history.begin(rank)

    def _interval_of(self, rounds: QueueRounds) -> float:
        """The interval, or more if the calls of a round would not fit the rate."""
        rate = self._calls.rate
        if self._watched is None:
            cost = sum(other.cost for other in list(self._rounds.values()))
            return max(self._interval, cost / (rate * SHARE_OF_RATE))
        if rounds.name == self._watched:
            return max(self._interval, rounds.cost / (rate * SHARE_OF_RATE))
        cost = sum(other.cost for other in list(self._rounds.values()) if other.name != self._watched)
        spare = rate * (1 - SHARE_OF_RATE)
        return max(BEHIND * self._interval, 30.0, cost / spare)

    def _reschedule(self) -> None:
        for rounds in self._rounds.values():
            if not rounds.busy and rounds.backoff.retry_at is None:
                rounds.due = min(rounds.due, rounds.began + self._interval_of(rounds))

    def _watch(self, queue: str | None, history: bool) -> None:
        self._watched, self._with_history = queue, history
        self._reschedule()
        if queue is not None and history and self._engine.aws is not None:
            reader = self._history_of(queue)
            if not reader.begun:
                reader.begin(Rank.WATCHED)

    def _refresh_now(self) -> None:
        self._link.retry_now()
        self._queues_due = self._resources_due = 0.0
        self._descriptions.backoff.clear()
        for rounds in self._rounds.values():
            if self._watched in (None, rounds.name):
                self._force(rounds)
                rounds.snapshots.clear()
        for history in self._histories.values():
            history.backoff.clear()

    def _force(self, rounds: QueueRounds) -> None:
        """A round as soon as may be, even while paused."""
        rounds.due = 0.0
        self._forced.add(rounds.name)

    # ---- descriptions, in the UI thread, where the store can be read

    def _on_change(self, changed: Changed) -> None:
        """A visible row may have a new attempt."""
        if self._visible and any(change.jobs for change in changed.queues.values()):
            self._describe_visible()

    def _describe_visible(self) -> None:
        """Which visible rows lack a description?"""
        wanted: list[Wanted] = []
        for job_id in self._visible:
            found = self.store.find(job_id)
            if found is not None:
                picture, job = found
                detail = picture.details.get(job_id)
                if detail is None or detail.training_job_arn != job.training_job_arn:
                    wanted.append(Wanted(picture.name, job_id, job.training_job_arn))
        self._engine.post(lambda: self._descriptions.want(wanted))

    # ---- the user's own calls

    def _act(
        self,
        operation: Callable[[Aws], T],
        done: Callable[[T | Problem], None],
        queue: str | None,
        job_ids: tuple[str, ...],
        rank: Rank,
    ) -> None:
        def tell(result: T | Problem) -> None:
            self._engine.tell(lambda store: done(result))

        def good(value: T) -> None:
            tell(value)
            if queue is not None and 0 < len(job_ids) <= DESCRIBED_AFTER_ACTING:
                for job_id in job_ids:  # with a callback: an answer under way may be from before
                    self._rounds_of(queue).describe(job_id, Rank.USER, lambda problem: None)
            if queue in self._rounds and len(job_ids) != 1:
                self._force(self._rounds[queue])

        if self._engine.aws is None:
            tell(NOT_CONNECTED)
            return
        self._engine.ask(rank, operation, good, tell)
