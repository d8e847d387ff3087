"""The state of the simulated account: its time, its training jobs and its Batch resources."""

import threading
from collections.abc import Iterator
from typing import Any

from tui.sandbox.batch.state import BatchState
from tui.sandbox.clock import Clock
from tui.sandbox.cluster import Cluster
from tui.sandbox.events import Action, Events
from tui.sandbox.past import training_job_of
from tui.sandbox.training import TrainingJob

STEP_LIMIT = 20_000
"""Events carried out by one `advance` at most, so that a long sleep cannot block the endpoint."""


class World:
    """One account in one region. Hold `lock` while you read or change it.

    Time stands still between two calls of `advance`: everything that happens in a call happens at
    `now()`. Everything the simulation does by itself is an event; `advance` carries out those that are
    due, each at its own time, so the story does not depend on how often the world is looked at.
    """

    def __init__(
        self, clock: Clock, seed: int = 0, account: str = "123456789012", region: str = "us-east-1"
    ) -> None:
        self.clock = clock
        self.seed = seed
        self.account = account
        self.region = region
        self.lock = threading.RLock()
        self.events = Events()
        self.training_jobs: dict[str, TrainingJob] = {}
        self.batch = BatchState()
        self.cluster = Cluster(self)
        self._now = clock.now()
        self.started_at = self._now
        self._numbers: dict[str, int] = {}

    def now(self) -> int:
        """The simulated time this world has been brought to, epoch ms."""
        return self._now

    def advance(self, limit: int = STEP_LIMIT) -> None:
        """Bring the simulation up to the clock: carry out the events that are due, `limit` at most.

        What is left over is carried out by the next call; until then `now()` lags behind the clock.
        """
        with self.lock:
            self.run_until(self.clock.now(), limit)

    def run_until(self, time_ms: int, limit: int = STEP_LIMIT) -> None:
        """Carry out the events due by `time_ms`, `limit` at most, and bring `now()` there."""
        for _ in range(limit):
            due = self.events.next_time()
            if due is None or due > time_ms:
                self._now = max(self._now, time_ms)
                return
            self._now = max(self._now, due)
            self.events.run_next()

    def begin_before(self, ms: int) -> None:
        """Let the story of this still empty world begin `ms` before its start. `run_until` plays it."""
        self._now = self.started_at - ms

    def after(self, delay_ms: float, action: Action, *args: Any) -> None:
        """Let the simulation call `action(*args)` `delay_ms` from now."""
        self.events.add(self._now + int(delay_ms), action, *args)

    def number(self, kind: str) -> int:
        """The next number of a sequence of its own: seeds for what is random about one thing."""
        value = self._numbers.get(kind, 0)
        self._numbers[kind] = value + 1
        return value

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def training_job(self, name: str) -> TrainingJob | None:
        """A training job by name: recorded, or derived from the finished service job that ran it."""
        return self.training_jobs.get(name) or training_job_of(self, name)

    def all_training_jobs(self) -> Iterator[TrainingJob]:
        """Every training job on record, in the order they were created."""
        return iter(self.training_jobs.values())
