"""Possible courses of events: how long jobs run, and who else comes, drawn from what was seen."""

import math
import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from tui.live.picture import QueuePicture
from tui.model.estimates import Basis, Curve, RunTimes
from tui.model.jobs import FINISHED, ServiceJob
from tui.model.units import HOUR
from tui.scheduling.cluster import QueueState, Task
from tui.scheduling.forecast import Course

COURSES = 19
"""Courses that are played. More make the ends of a range steadier, and cost as much more. With this number
a tenth and nine tenths fall on courses (see `start_ranges`)."""

LOOK_BACK_MS = 12 * HOUR
"""Submissions are expected to come as in so long a time; in less if less is known."""

AHEAD_MS = 24 * HOUR
MOST_ARRIVALS = 400
"""Submissions foreseen: for so long, and so many at most."""

BLUR = 0.9
"""By how much of their spread draws are blurred, for n runs times n^-0.2 (Silverman's rule of thumb)."""

Z90 = 1.2816
"""The 90th percentile of the normal distribution, in standard deviations."""


class Recent(msgspec.Struct, frozen=True, kw_only=True):
    """What was submitted to a queue in the last `span_ms`: times since the span began, and tasks with the
    priority that they had in effect."""

    queue: str
    span_ms: int = 0
    tasks: tuple[tuple[int, Task], ...] = ()
    curves: Mapping[str, Curve] = {}

    @classmethod
    def of(cls, picture: QueuePicture, state: QueueState, runs: RunTimes, now_ms: int) -> "Recent":
        """All that is known of the last hours. In a FIFO queue nobody overtakes: nothing is wanted."""
        since = max(now_ms - LOOK_BACK_MS, _known_since(picture))
        jobs = [job for job in picture.jobs.values() if (job.created_at or 0) >= since and job.capacity_usage]
        if picture.policy_kind == "fifo" or since >= now_ms:
            return cls(queue=picture.name)
        rank = _Ranks(state)
        return cls(
            queue=picture.name,
            span_ms=now_ms - since,
            tasks=tuple(((job.created_at or 0) - since, rank.task(job)) for job in jobs),
            curves=runs.curves([replace(job, status="RUNNABLE") for job in jobs], now_ms),
        )


def _known_since(picture: QueuePicture) -> int:
    """From when on every job that was submitted is in the picture: finished ones are read newest first."""
    if picture.history_complete:
        return 0
    oldest: dict[str, int] = {}
    for job in picture.jobs.values():
        if job.status in FINISHED and job.created_at is not None:
            oldest[job.status] = min(oldest.get(job.status, job.created_at), job.created_at)
    return max(oldest.values(), default=0)


class _Ranks:
    """The priority, in effect, of jobs that nobody told the priority of.

    Within a line, one of higher priority goes first, then the older. So a job that has started, while an
    older one of its line still waits, was of higher priority than that.
    """

    def __init__(self, state: QueueState) -> None:
        self._waiting = {task.id: task for task in state.waiting}
        self._quota = state.quota_shares is not None
        self._lines: dict[tuple[str, str], list[Task]] = {}
        for task in state.waiting:
            self._lines.setdefault(self._line(task), []).append(task)

    def task(self, job: ServiceJob) -> Task:
        task = Task(
            id=job.job_id,
            quantity=job.instances,
            unit=job.instance_type,
            share=job.share,
            created_at=job.created_at or 0,
        )
        if job.job_id in self._waiting:
            return replace(task, priority=self._waiting[job.job_id].priority)
        line = self._lines.get(self._line(task), [])
        overtaken = [other.priority + 1 for other in line if other.created_at < task.created_at]
        return replace(task, priority=max(overtaken or [other.priority for other in line], default=0))

    def _line(self, task: Task) -> tuple[str, str]:
        return task.share, task.unit if self._quota else ""


def played(
    curves: Mapping[str, Curve],
    elapsed: Mapping[str, int],
    recent: Sequence[Recent],
    now_ms: int,
    stop: threading.Event,
) -> Iterator[Course]:
    """The courses, one after the other. Between two, the screen gets its turn; `stop` ends them.

    The draws of a job are spread evenly over its curve, in an order that depends on its id only: the same
    picture gives the same courses. Each course leans one way for all jobs of a basis, by as much as so
    few runs can mislead; and each draw is blurred, since few runs do not show how short and long they can be.
    """
    parts: dict[str, list[float]] = {}
    for key in curves:
        parts[key] = [(number + 0.5) / COURSES for number in range(COURSES)]
        random.Random(key).shuffle(parts[key])
    for number in range(COURSES):
        began = time.thread_time()
        chance = random.Random(number)
        lean: dict[Basis, float] = {}
        run_ms = {
            key: _drawn(curve, elapsed[key], parts[key][number], lean, chance)
            for key, curve in curves.items()
        }
        arrivals: list[tuple[str, Task]] = []
        for seen in recent:
            for task in _again(seen, now_ms, chance):
                arrivals.append((seen.queue, task))
                known = seen.curves.get(task.id.partition("~")[0])
                if known is not None:
                    run_ms[task.id] = _drawn(known, 0, chance.random(), lean, chance)
        yield Course(run_ms=run_ms, arrivals=arrivals)
        if stop.wait(time.thread_time() - began):
            return


def _drawn(curve: Curve, elapsed: int, part: float, lean: dict[Basis, float], chance: random.Random) -> int:
    """Milliseconds still to go: the whole run, not just its rest, is longer or shorter than the curve's."""
    runs, spread = curve.basis.runs, _spread(curve)
    if curve.basis not in lean:
        lean[curve.basis] = math.exp(chance.gauss(0, spread / math.sqrt(runs)))
    scale = lean[curve.basis] * math.exp(chance.gauss(0, BLUR * spread * runs**-0.2))
    left = curve.after(int(elapsed / scale), part)
    if left is None:  # it has outlasted such a curve
        left = curve.after(elapsed, part) or 0
    return int(left * scale)


def _spread(curve: Curve) -> float:
    """How far run times lie apart, as the standard deviation of their logarithms."""
    middle, most = curve.after(0, 0.5), curve.after(0, 0.9)
    return math.log(most / middle) / Z90 if middle and most else 0.0


def _again(seen: Recent, now_ms: int, chance: random.Random) -> Iterator[Task]:
    """What may be submitted: hours drawn from a draw of the hours seen.

    Of the same average more come in one hour and fewer in another; and what the average is so few hours do
    not tell for sure either. Within its hour a job keeps its time, so bursts stay bursts.
    """
    if not seen.tasks:
        return
    number = max(1, round(seen.span_ms / HOUR))
    length = seen.span_ms / number
    hours: list[list[tuple[int, Task]]] = [[] for _ in range(number)]
    for at, task in seen.tasks:
        hour = min(int(at / length), number - 1)
        hours[hour].append((int(at - hour * length), task))
    hours = chance.choices(hours, k=number)
    made = 0
    for hour in range(int(AHEAD_MS / length)):
        for at, task in chance.choice(hours):
            made += 1
            if made > MOST_ARRIVALS:
                return
            yield replace(task, id=f"{task.id}~{made}", created_at=now_ms + int(hour * length) + at)
