"""Is there a connection at all? Making it, noticing that it is down, finding out that it is back.

Some failures say nothing about one call: no credentials, no network. Then nothing but one probe is
asked, ever more slowly, until it is answered.
"""

import time
from collections.abc import Callable

from msgspec.structs import replace

from tui.aws import batch
from tui.aws.problems import CONNECTION_CODES, CREDENTIAL_CODES, Problem
from tui.aws.session import Aws
from tui.live.backoff import Backoff
from tui.live.calls import Rank
from tui.live.engine import Engine
from tui.live.store import our_now_ms

FIRST = 2.0
LONGEST = 30.0
"""Seconds between two probes: the first time, and at most."""


class Link:
    """The connection of an engine. `up`: calls may be made; `restored` is called when they may again.

    Everything here runs in the engine's thread.
    """

    def __init__(self, engine: Engine, make: Callable[[], Aws], restored: Callable[[], None]) -> None:
        self.problem: Problem | None = None
        self._engine = engine
        self._make = make
        self._restored = restored
        self._failures = 0
        self._backoff = Backoff()
        self._busy = False
        engine.on_answer = self._answered

    @property
    def up(self) -> bool:
        return self._engine.aws is not None and self.problem is None

    def connect(self) -> None:
        """Build the client in a worker: botocore takes a moment to import."""
        self._busy = True

        def make() -> tuple[Aws, str, str | None]:
            aws = self._make()
            aws.check()
            aws.client("batch")
            return aws, aws.region, aws.profile_name

        def good(answer: tuple[Aws, str, str | None]) -> None:
            aws, region, profile = answer
            self._engine.aws = aws
            self._busy = False
            if self.problem is not None:
                self._back()
            self._engine.tell(lambda store: store.connected(region, profile, aws.clock.now_ms))

        self._engine.work(Rank.USER, make, good, self._down)

    def retry_now(self) -> None:
        """Do not wait any longer for the next probe."""
        self._backoff.retry_at = None

    def turn(self) -> float | None:
        """Probe if it is time; returns the seconds until it will be, None if an answer is awaited."""
        if self._busy or (self.problem is not None and self.problem.fatal):
            return None
        if self._backoff.waiting:
            return max(0.0, (self._backoff.retry_at or 0.0) - time.monotonic())
        self._probe()
        return None

    def _probe(self) -> None:
        aws = self._engine.aws
        if aws is None:
            self.connect()
            return
        self._busy = True
        if self.problem is not None and self.problem.code in CREDENTIAL_CODES:
            # They may have been renewed by now; a client keeps those it was built with.
            aws.renew()
        self._engine.ask(Rank.WATCHED, batch.list_queues, lambda _: None, self._probe_failed)

    def _probe_failed(self, problem: Problem) -> None:
        if problem.code in CONNECTION_CODES:
            self._down(problem)
        else:
            # A refusal is an answer, too.
            self._back()

    def _answered(self, problem: Problem | None) -> None:
        """Every answer passes here, before the one who asked gets it."""
        if problem is None:
            if self.problem is not None and self._engine.aws is not None:
                self._back()
        elif problem.code in CONNECTION_CODES and not self._busy and self.problem is None:
            self._down(problem)

    def _down(self, problem: Problem) -> None:
        self._busy = False
        self.problem = problem
        retry_at = None
        if not problem.fatal:
            # Even what cannot heal by itself is tried again: somebody may sign in elsewhere.
            delay = self._backoff.failed(replace(problem, retryable=True), FIRST, LONGEST)
            retry_at = our_now_ms() + int(delay * 1000)
        self._engine.tell(lambda store: store.set_problem(problem, retry_at))

    def _back(self) -> None:
        self._busy = False
        self.problem = None
        self._backoff.clear()
        self._engine.tell(lambda store: store.set_problem(None))
        self._restored()
