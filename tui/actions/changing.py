"""Changes to resources, made one after the other until all are made or one is refused.

make(aws, changes)          # in a worker; one `Made` for each change, whatever happened
"""

import threading
import time
from collections.abc import Callable, Sequence

import msgspec

from tui.aws import resources
from tui.aws.problems import AwsProblem, Problem
from tui.aws.session import Aws
from tui.live.audit import Entry, now_text
from tui.model.resource_changes import Change

PATIENCE = 60.0
"""Seconds in which a change that may yet succeed is tried again."""

BUSY = ("being modified", "is not valid", "not in the valid")
"""What AWS says of a resource that is still at the change before: try again. Lower case."""

LOST = frozenset({"Unreachable", "Timeout", "ServerError"})
"""Failures after which nobody knows whether AWS has made the change."""

FIRST_DELAY, LONGEST_DELAY = 0.3, 4.0


class Made(msgspec.Struct, frozen=True):
    """What became of a change. Without a problem it was made; `tried` is False after another's refusal."""

    change: Change
    problem: Problem | None = None
    tried: bool = True

    @property
    def done(self) -> bool:
        return self.tried and self.problem is None


def make(aws: Aws, changes: Sequence[Change], *, patience: float = PATIENCE) -> tuple[Made, ...]:
    """Make the changes in their order. Blocks: for workers. Never raises `AwsProblem`."""
    made: list[Made] = []
    for at, change in enumerate(changes):
        problem = _make(aws, change, patience)
        made.append(Made(change, problem))
        if problem is not None:
            return (*made, *(Made(left, tried=False) for left in changes[at + 1 :]))
    return tuple(made)


def _make(aws: Aws, change: Change, patience: float) -> Problem | None:
    deadline, delay, pause = time.monotonic() + patience, FIRST_DELAY, threading.Event()
    unanswered = False
    while True:
        try:
            resources.apply(aws, change)
            return None
        except AwsProblem as failure:
            said = failure.problem.cause.lower()
            if unanswered and _was_done(change, failure.problem):
                return None
            unanswered = unanswered or failure.problem.code in LOST
            again = failure.problem.retryable or any(words in said for words in BUSY)
            if not again or time.monotonic() + delay > deadline:
                return failure.problem
        pause.wait(delay)
        delay = min(LONGEST_DELAY, delay * 2)


def _was_done(change: Change, problem: Problem) -> bool:
    """AWS refuses because an earlier try, whose answer was lost, has done it already."""
    if change.operation.startswith("Create"):
        return "already exists" in problem.cause.lower()
    return change.operation.startswith("Delete") and problem.code in ("NotFound", "UnknownQueue")


def audit_entries(
    made: Sequence[Made], queue: str, before: Callable[[Change], str] = lambda change: ""
) -> list[Entry]:
    """The audit lines of what was tried. `before` tells what a change was about to alter, if anything."""
    return [
        Entry(
            when=now_text(),
            action=f"{one.change.operation} {one.change.name}",
            queue=queue,
            before=before(one.change),
            after=msgspec.json.encode(one.change.request).decode(),
            outcome="done" if one.problem is None else "not done",
            problem=f"{one.problem.code}: {one.problem.cause}" if one.problem else "",
        )
        for one in made
        if one.tried
    ]


def made_text(made: Sequence[Made]) -> str:
    """What was not done and why, in AWS's words and ours, and what was done all the same."""
    lines: list[str] = []
    done = [one.change for one in made if one.done]
    if done and len(done) < len(made):
        lines.append(f"Done: {_names(done)}.")
    for one in made:
        if one.problem is not None:
            problem = one.problem
            lines.append(f"Not done: {one.change.operation} {one.change.name}. {problem}")
    left = [one.change for one in made if not one.tried]
    if left:
        lines.append(f"Not tried: {_names(left)}.")
    return "\n".join(lines)


def _names(changes: Sequence[Change]) -> str:
    return ", ".join(f"{change.operation} {change.name}" for change in changes)
