"""One run: read what exists, plan, make the calls that can be made, wait, and again until it is over.

A run keeps nothing that it could not find out anew. It ends when all is as wanted, when something is in the
way, when AWS refuses, when it is cancelled, or when nothing has moved for too long.
"""

import threading
import time
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from tui.aws import resources
from tui.aws.problems import AwsProblem, Problem
from tui.aws.session import Aws
from tui.live.audit import Entry, now_text
from tui.model import plan
from tui.model.existing import Existing
from tui.model.plan import Step
from tui.model.resource_changes import Change
from tui.provision.progress import Progress

PATIENCE = 600.0
"""Seconds without any movement after which a run gives up."""

REFUSED_PATIENCE = 60.0
"""The same while AWS refuses a call for a reason that may pass by itself."""

SHORTEST, LONGEST = 0.25, 4.0
"""Seconds between two looks at what exists."""

AGAIN = ("being modified", "already exists", "is not valid", "not in the valid", "relationship")
"""What AWS says of a call that came too early, or twice: another look shows how things are. Lower case."""

CANCELLED = Problem(
    code="Cancelled",
    title="Stopped",
    cause="It was stopped before the end; what was done stays.",
    next_step="Start it again to go on from there.",
)

Planner = Callable[[Existing], Sequence[Step]]
Reader = Callable[[Existing | None], Existing]
Told = Callable[[Progress], None]
Logged = Callable[[Entry], None]


class Run:
    """The state of one run. `carry_out` blocks until it is over."""

    def __init__(
        self,
        aws: Aws,
        queue: str,
        reader: Reader,
        planner: Planner,
        told: Told,
        cancelled: threading.Event,
        *,
        logged: Logged | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._aws = aws
        self._queue = queue
        self._reader = reader
        self._planner = planner
        self._told = told
        self._cancelled = cancelled
        self._logged = logged
        self._patience = patience
        self._touched: set[str] = set()
        self._seen: dict[str, Step] = {}
        self._existing: Existing | None = None
        self._refusal: Problem | None = None
        self._planned: tuple[Step, ...] = ()
        self._moved_at = time.monotonic()
        self._looks = 0

    def carry_out(self) -> Progress:
        """Blocks. Returns the last progress, which was told, too."""
        progress = Progress()
        while not progress.over:
            progress = self._turn(progress)
            self._told(progress)
            if not progress.over:
                self._cancelled.wait(min(LONGEST, SHORTEST * 1.4**self._looks))
                self._looks += 1
        return progress

    def _turn(self, last: Progress) -> Progress:
        try:
            self._existing = self._reader(self._existing)
        except AwsProblem as failure:
            return self._failed(last.steps, failure.problem)
        steps = self._merged(self._planner(self._existing))
        if steps != self._planned:
            self._planned = steps
            self._moved()
        if plan.complete(steps):
            return Progress(steps=steps, over=True)
        obstacles = plan.blocked(steps)
        if obstacles:
            return Progress(steps=steps, over=True, problem=in_the_way(obstacles))
        if self._cancelled.is_set():
            return Progress(steps=steps, over=True, problem=CANCELLED)
        self._told(Progress(steps=steps))
        return self._advance(steps)

    def _advance(self, steps: tuple[Step, ...]) -> Progress:
        """Make the calls that can be made now."""
        done = list(steps)
        for at, step in enumerate(steps):
            if not step.ready or step.state != "todo":
                continue
            if self._cancelled.is_set():
                break
            try:
                self._make(step.changes[0])
            except AwsProblem as failure:
                if failure.problem.retryable or _again(failure.problem):
                    self._refusal = failure.problem
                    done[at] = replace(step, state="doing", detail=f"again soon: {failure.problem.cause}")
                    continue
                return Progress(steps=tuple(done), over=True, problem=failure.problem)
            self._touched.add(step.key)
            self._moved()
            done[at] = replace(step, state="doing")
        return self._unless_too_long(tuple(done))

    def _make(self, change: Change) -> None:
        try:
            resources.apply(self._aws, change)
        except AwsProblem as failure:
            if not failure.problem.retryable and not _again(failure.problem):
                self._log(change, failure.problem)
            raise
        self._log(change, None)
        if change.operation in ("TagResource", "UntagResource"):
            self._existing = None  # tags of quota shares are to be read again

    def _merged(self, steps: Sequence[Step]) -> tuple[Step, ...]:
        """The plan as the user follows it: what this run did is done, what is gone was deleted."""
        now = {step.key: step for step in steps}
        for key, step in now.items():
            if step.state == "adopted" and key in self._touched:
                now[key] = replace(step, state="done", verb=self._seen[key].verb)
        gone = {
            key: replace(step, state="done", detail="", changes=(), ready=False)
            for key, step in self._seen.items()
            if key not in now
        }
        order = [*self._seen, *(key for key in now if key not in self._seen)]
        self._seen = {key: now.get(key) or gone[key] for key in order}
        return tuple(self._seen.values())

    def _failed(self, steps: tuple[Step, ...], problem: Problem) -> Progress:
        """What exists could not be read; a queue that goes away meanwhile is no reason to give up."""
        if not problem.retryable and not _again(problem):
            return Progress(steps=steps, over=True, problem=problem)
        self._refusal = problem
        if self._cancelled.is_set():
            return Progress(steps=steps, over=True, problem=CANCELLED)
        return self._unless_too_long(steps)

    def _unless_too_long(self, steps: tuple[Step, ...]) -> Progress:
        patience = min(self._patience, REFUSED_PATIENCE) if self._refused else self._patience
        if time.monotonic() - self._moved_at < patience:
            return Progress(steps=steps)
        return Progress(steps=steps, over=True, problem=self._refusal or too_long(steps, self._patience))

    @property
    def _refused(self) -> bool:
        return self._refusal is not None and not self._refusal.retryable

    def _moved(self) -> None:
        self._moved_at = time.monotonic()
        self._looks = 0
        self._refusal = None

    def _log(self, change: Change, problem: Problem | None) -> None:
        if self._logged is None:
            return
        self._logged(
            Entry(
                when=now_text(),
                action=f"{change.operation} {change.name}",
                queue=self._queue,
                region=self._aws.region,
                outcome="not done" if problem else "done",
                problem=f"{problem.code}: {problem.cause}" if problem else "",
            )
        )


def in_the_way(obstacles: Sequence[Step]) -> Problem:
    """The Problem behind steps that are blocked."""
    words = [f"{step.kind} {step.name}: {step.why}" for step in obstacles]
    return Problem(
        code="Blocked",
        title="Something is in the way",
        cause="; ".join(words),
        next_step="Clear it and start again.",
    )


def too_long(steps: Sequence[Step], seconds: float) -> Problem:
    """The Problem behind steps on which nothing moves."""
    waiting = [f"{step.kind} {step.name}" for step in steps if not step.over]
    return Problem(
        code="Timeout",
        title="Nothing moves",
        cause=f"Nothing has changed for {seconds:.0f} s; still open: {', '.join(waiting)}.",
        next_step="Look at their status in the resources; start again to go on waiting.",
        retryable=True,
    )


def _again(problem: Problem) -> bool:
    """Whether another look may show that it is done, or can be done now. What is not found any more was
    deleted by a call whose answer was lost, or by somebody else."""
    if problem.code in ("NotFound", "UnknownQueue"):
        return True
    return problem.code == "InvalidRequest" and any(words in problem.cause.lower() for words in AGAIN)
