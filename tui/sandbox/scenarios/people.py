"""The people of the demo: they keep submitting to a queue, and cancel a job now and then."""

import random
from collections.abc import Sequence

from tui.model.jobs import FINISHED, QUEUED, Status
from tui.sandbox.batch import capacity, jobs, lifecycle
from tui.sandbox.errors import AwsError
from tui.sandbox.scenarios.catalogue import Kind, scripts, submission
from tui.sandbox.world import World

MINUTE_MS = 60_000

CANCELLED = (
    "Superseded by a newer run",
    "Wrong dataset version",
    "Learning rate too high, loss diverges",
    "Cancelled by user",
)


class Submitters:
    """Submit jobs of some kinds to one queue so that about `backlog` of them wait.

    The time between two submissions is `gap_minutes` on average, shorter when few jobs wait, longer
    when many do. With `steady` it is about the same every time, as of a scheduled pipeline. All that
    is random comes from the world's seed and the names of the queue and of the kinds.
    """

    def __init__(
        self,
        world: World,
        queue: str,
        kinds: Sequence[Kind],
        gap_minutes: float,
        backlog: int = 0,
        steady: bool = False,
    ) -> None:
        self._world = world
        self._queue = queue
        self._kinds = kinds
        self._weights = [kind.often for kind in kinds]
        self._gap_ms = gap_minutes * MINUTE_MS
        self._backlog = backlog
        self._steady = steady
        self._chance = random.Random(f"{world.seed} {queue} {kinds[0].stem}")
        self._numbers = {kind.stem: self._chance.randint(100, 900) for kind in kinds}
        self._member = self._share_member()

    def start(self) -> None:
        """Begin, with a first few submissions."""
        for _ in range(self._backlog):
            self._submit()
        self._plan_next()

    def _share_member(self) -> str:
        queue = self._world.batch.queues[self._queue]
        if capacity.is_quota(self._world, queue):
            return "quotaShareName"
        return "shareIdentifier" if capacity.fairshare_of(self._world, queue) else ""

    def _plan_next(self) -> None:
        if self._steady:
            self._world.after(self._gap_ms * self._chance.uniform(0.8, 1.2), self._next)
            return
        queue = self._world.batch.queues.get(self._queue)
        waiting = len(queue.waiting) if queue else 0
        pressure = min(4.0, max(0.25, (waiting / max(1, self._backlog)) ** 2))
        self._world.after(self._chance.expovariate(1 / (self._gap_ms * pressure)), self._next)

    def _next(self) -> None:
        queue = self._world.batch.queues.get(self._queue)
        if queue is None:
            return
        if queue.shape.state == "ENABLED" and queue.shape.status == "VALID":
            self._submit()
            if not self._steady and self._chance.random() < 0.04:
                self._cancel_one()
        self._plan_next()

    def _submit(self) -> None:
        kind = self._chance.choices(self._kinds, self._weights)[0]
        for _ in range(kind.burst):
            number = self._numbers[kind.stem] = self._numbers[kind.stem] + 1
            request = submission(self._world, kind, self._queue, self._member, number)
            try:
                answer = jobs.submit(self._world, request)
            except AwsError:  # whoever uses the sandbox may have closed the share, or made the queue anew
                return
            self._world.batch.jobs[answer["jobId"]].scripts = scripts(self._world, kind, self._queue, number)

    def _cancel_one(self) -> None:
        index = self._world.batch.queues[self._queue].index
        candidates = [
            job
            for status in (Status.RUNNABLE, Status.RUNNING)
            for job in index.of_status(status)
            if job.scripts and job.status not in FINISHED and not job.terminated
        ]
        if candidates:
            job = self._chance.choice(candidates)
            reason = self._chance.choice(CANCELLED[:2] if job.status in QUEUED else CANCELLED)
            lifecycle.terminate(self._world, job, reason)
