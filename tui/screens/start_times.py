"""When the waiting jobs of a queue will probably start: worked out in a thread, when the picture changed."""

import copy
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from tui.live.picture import QueuePicture
from tui.model.estimates import Curve, RunTimes, elapsed_ms
from tui.model.jobs import FINISHED, QUEUED, ServiceJob
from tui.scheduling.cluster import QueueState
from tui.scheduling.forecast import StartRange, start_ranges
from tui.screens.courses import AHEAD_MS, Recent, played
from tui.screens.forecasts import environments_of, limits_of, told_state

if TYPE_CHECKING:
    from tui.live.changes import Changed
    from tui.live.store import Store, Unsubscribe

MOST = 60
"""Waiting jobs looked at in each queue. What starts after so many others nobody can tell."""

SETTLE = 0.3
"""Seconds before work begins: a first picture comes in pieces, and the screen goes first."""

REST = 9.0
"""A forecast that took a second is not made again for so many."""

LEAST_REST = 3.0
"""Seconds between two forecasts at least: nobody reads faster."""

STALE_MS = 60_000
"""Milliseconds of AWS's time after which it is made anew even if nothing changed: running jobs got older."""


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """What is expected at AWS's time `at`.

    `starts` has the waiting jobs whose start can be told, `curves` what each active job's run is judged by
    (no entry: there is no basis). `untold` are those whose place in their line is not known. `enabled`: the
    service environment starts jobs at all. Waiting jobs that are nowhere are too far off to tell.
    """

    at: int = 0
    starts: Mapping[str, StartRange] = {}
    curves: Mapping[str, Curve] = {}
    untold: frozenset[str] = frozenset()
    enabled: bool = True


NOTHING = Forecast()


class StartTimes:
    """The forecasts of all queues. UI thread only; the work is done in a thread, one queue at a time.

    `want` a queue as often as you like, and `subscribe` to hear which jobs' starts read differently.
    """

    def __init__(self, store: "Store", deliver: Callable[[Callable[[], None]], None]) -> None:
        self._store = store
        self._deliver = deliver
        self._forecasts: dict[str, Forecast] = {}
        self._histories: dict[str, _History] = {}
        self._stale: set[str] = set()
        self._subscribers: list[Callable[[str, frozenset[str]], None]] = []
        self._working = False
        self._rested_at = 0.0
        self._stop = threading.Event()
        self._leave = store.subscribe(self._changed)

    def close(self) -> None:
        """End all work."""
        self._leave()
        self._stop.set()

    def of(self, queue: str) -> Forecast | None:
        """The last forecast of a queue; None if there is none yet."""
        return self._forecasts.get(queue)

    def start_of(self, queue: str, job_id: str) -> StartRange | None:
        return self._forecasts.get(queue, NOTHING).starts.get(job_id)

    def subscribe(self, callback: Callable[[str, frozenset[str]], None]) -> "Unsubscribe":
        """Call `callback(queue, job ids)` for each new forecast: those whose start is another."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback) if callback in self._subscribers else None

    def want(self, queue: str) -> None:
        """Make a forecast if the picture changed since the last, no other is in work, and it is time."""
        picture = self._store.queues.get(queue)
        if picture is None or not picture.loaded or not picture.environments or self._working:
            return
        old = self._forecasts.get(queue)
        now_ms = self._store.now_ms()
        if old is not None and queue not in self._stale and abs(now_ms - old.at) < STALE_MS:
            return
        if time.monotonic() < self._rested_at:
            return
        self._working = True
        self._stale.discard(queue)
        threading.Thread(target=self._work, args=(queue,), name="start-times", daemon=True).start()

    # ---- inside

    def _changed(self, change: "Changed") -> None:
        for name, changed in change.queues.items():
            jobs = changed.jobs
            if name in self._histories:
                self._histories[name].note((*jobs.added, *jobs.changed))
            if changed.queue or changed.resources or changed.snapshot or jobs:
                self._stale.update(self._together(name))

    def _together(self, queue: str) -> list[str]:
        """The queues that take from the same capacity, itself among them."""
        picture = self._store.queues.get(queue)
        ours = environments_of(picture) if picture else set[str]()
        return [name for name, other in self._store.queues.items() if ours & environments_of(other)]

    def _take(self, queue: str, took: Callable[["_Asked"], None]) -> None:
        """In the UI thread: what the work needs, as it is now."""
        if queue in self._store.queues:
            still = {name: _still(self._store.queues[name]) for name in {queue, *self._together(queue)}}
            for name, copied in still.items():
                history = self._histories.get(name)
                if history is None or not history.is_of(self._store.queues[name]):
                    history = self._histories[name] = _History(self._store.queues[name])
                history.take(copied)
            took(_Asked(queue, still, {name: self._histories[name] for name in still}, self._store.now_ms()))

    def _work(self, queue: str) -> None:
        """In the thread."""
        self._stop.wait(SETTLE)
        asked: list[_Asked] = []
        ready = threading.Event()

        def took(what: "_Asked") -> None:
            asked.append(what)

        def take() -> None:
            self._take(queue, took)
            ready.set()

        self._deliver(take)
        while not ready.wait(0.5):
            if self._stop.is_set():
                return
        began = time.thread_time()
        made = _forecast(asked[0], self._stop) if asked else None
        spent = time.thread_time() - began
        if not self._stop.is_set():
            self._deliver(lambda: self._told(queue, made, spent))

    def _told(self, queue: str, made: Forecast | None, spent: float) -> None:
        self._working = False
        self._rested_at = time.monotonic() + max(LEAST_REST, REST * spent)
        if made is None:
            return
        old = self._forecasts.get(queue, NOTHING)
        self._forecasts[queue] = made
        ids = old.starts.keys() | made.starts.keys()
        differ = frozenset(job_id for job_id in ids if old.starts.get(job_id) != made.starts.get(job_id))
        for callback in tuple(self._subscribers):
            callback(queue, differ)


class _Asked:
    """What a forecast is made of: pictures that nobody changes any more."""

    def __init__(
        self, queue: str, pictures: dict[str, QueuePicture], histories: dict[str, "_History"], now_ms: int
    ) -> None:
        self.queue = queue
        self.pictures = pictures
        self.histories = histories
        self.now_ms = now_ms


class _History:
    """The finished runs of a queue: noted in the UI thread, counted in the thread."""

    def __init__(self, picture: QueuePicture) -> None:
        self.runs = RunTimes()
        self._picture = picture
        self._noted: list[str] = []
        self._whole = True
        self._news: list[ServiceJob] = []
        self._known: set[str] = set()

    def is_of(self, picture: QueuePicture) -> bool:
        return picture is self._picture

    def note(self, job_ids: tuple[str, ...]) -> None:
        if not self._whole:
            self._noted += job_ids

    def take(self, still: QueuePicture) -> None:
        """What came since the last time waits to be counted."""
        if self._whole:
            self._news += still.jobs.values()
        else:
            self._news += [still.jobs[job_id] for job_id in self._noted if job_id in still.jobs]
        self._whole, self._noted = False, []

    def count(self) -> RunTimes:
        """In the thread."""
        news, self._news = self._news, []
        fresh = {job.job_id: job for job in news if job.status in FINISHED and job.job_id not in self._known}
        self._known |= fresh.keys()
        self.runs.add(fresh.values())
        return self.runs


def _still(picture: QueuePicture) -> QueuePicture:
    """A copy that later merges leave alone."""
    still = copy.copy(picture)
    still.jobs = dict(picture.jobs)
    still.priorities = dict(picture.priorities)
    still.tally = copy.copy(picture.tally)
    still.tally.active = dict(picture.tally.active)
    return still


def in_sight(found: StartRange, now_ms: int) -> bool:
    """Whether the whole range lies within the time for which submissions are foreseen."""
    return found.latest is not None and found.latest <= now_ms + AHEAD_MS


def _forecast(asked: _Asked, stop: threading.Event) -> Forecast:
    picture, now_ms = asked.pictures[asked.queue], asked.now_ms
    enabled = all(environment.state != "DISABLED" for environment in picture.environments)
    elapsed: dict[str, int] = {}
    curves: dict[str, Curve] = {}
    recent: list[Recent] = []
    states: list[QueueState] = []
    untold: frozenset[str] = frozenset()
    for name, each in asked.pictures.items():
        state, unknown = told_state(each, now_ms)
        states.append(state)
        active = list(each.active.values())
        elapsed |= {job.job_id: elapsed_ms(job, now_ms) for job in active}
        runs = asked.histories[name].count()
        curves |= runs.curves(active, now_ms)
        recent.append(Recent.of(each, state, runs, now_ms))
        if each is picture:
            untold = unknown
    if not enabled:
        return Forecast(at=now_ms, curves=curves, enabled=False)
    courses = played(curves, elapsed, recent, now_ms, stop)
    ranges = start_ranges(states, limits_of(picture), courses, now_ms, most=MOST)
    waiting = {key for key, job in picture.active.items() if job.status in QUEUED}
    fifo = picture.policy_kind == "fifo"
    starts = {
        key: found
        for key, found in ranges.items()
        if key in waiting and key not in untold and (fifo or in_sight(found, now_ms))
    }
    return Forecast(at=now_ms, starts=starts, curves=curves, untold=untold)
