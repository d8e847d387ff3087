"""The poller's own thread: all its state lives there, so that nothing of it needs a lock.

Other threads `post` to it: the UI its wishes, the workers their answers. It asks AWS through `Calls`, and
`tell`s the store what came back. What one turn of the loop tells reaches the UI thread as one step.
"""

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from tui.aws.problems import AwsProblem, Problem, problem_from
from tui.aws.session import Aws
from tui.live.calls import Calls, Rank
from tui.live.store import Store

T = TypeVar("T")
Deliver = Callable[[Callable[[], None]], None]
Told = Callable[[Store], None]


class Engine:
    """A thread with an inbox. `turn` is called after every batch of posts, and when it asked to be woken:

    it starts what is due and returns the seconds until it wants to be called again (None: on a post only).
    `deliver` runs a function in the UI thread, soon; it must not wait for it.
    """

    def __init__(
        self, store: Store, deliver: Deliver, calls: Calls, turn: Callable[[], float | None]
    ) -> None:
        self.aws: Aws | None = None
        self.calls = calls
        self.on_answer: Callable[[Problem | None], None] = lambda problem: None
        self._store = store
        self._deliver = deliver
        self._turn = turn
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._outbox: list[Told] = []
        self._stopped = threading.Event()

    def start(self) -> None:
        self.calls.start()
        threading.Thread(target=self._loop, name="poller", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()
        self.calls.stop()
        self._inbox.put(lambda: None)

    def post(self, work: Callable[[], None]) -> None:
        """Run `work` in the engine's thread. From any thread."""
        self._inbox.put(work)

    def tell(self, told: Told) -> None:
        """Have the store take something. From the engine's thread."""
        self._outbox.append(told)

    def ask(
        self,
        rank: Rank,
        operation: Callable[[Aws], T],
        good: Callable[[T], None],
        bad: Callable[[Problem], None],
    ) -> None:
        """Make one call in a worker; `good` or `bad` then runs in the engine's thread."""
        aws = self.aws
        if aws is not None:
            self.work(rank, lambda: operation(aws), good, bad)

    def work(
        self, rank: Rank, job: Callable[[], T], good: Callable[[T], None], bad: Callable[[Problem], None]
    ) -> None:
        """Like `ask`, for work that needs no connection yet."""

        def run() -> None:
            try:
                value = job()
            except AwsProblem as failure:
                problem = failure.problem
            except Exception as exc:
                problem = problem_from(exc)
            else:
                self.post(lambda: self._answer(None, lambda: good(value)))
                return
            self.post(lambda: self._answer(problem, lambda: bad(problem)))

        self.calls.submit(rank, run)

    def _answer(self, problem: Problem | None, then: Callable[[], None]) -> None:
        if problem is not None and problem.code == "Throttled":
            self.calls.throttled()
        self.on_answer(problem)
        then()

    def _loop(self) -> None:
        wait: float | None = 0.0
        mistake: Problem | None = None
        while not self._stopped.is_set():
            try:
                self._take(wait)
                wait = self._turn()
            except Exception as exc:
                # A mistake of ours must not freeze the picture in silence.
                mistake = problem_from(exc)
                self.tell(lambda store, problem=mistake: store.set_problem(problem))
                wait = 1.0
            else:
                if mistake is not None:
                    self.tell(lambda store, problem=mistake: store.solved(problem))
                    mistake = None
            self._flush()

    def _take(self, wait: float | None) -> None:
        try:
            self._inbox.get(timeout=wait)()
            while True:
                self._inbox.get_nowait()()
        except queue.Empty:
            return

    def _flush(self) -> None:
        if not self._outbox or self._stopped.is_set():
            return
        told, self._outbox = self._outbox, []
        store = self._store

        def step() -> None:
            with store.step():
                for tell in told:
                    tell(store)

        try:
            self._deliver(step)
        except RuntimeError:
            # The UI's event loop is closed: the program is leaving.
            self.stop()
