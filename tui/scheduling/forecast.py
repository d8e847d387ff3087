"""When will a job start, and what would another priority change: the scheduler run ahead of time."""

import heapq
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from tui.scheduling.cluster import Decision, Limits, QueueState, Task
from tui.scheduling.fairshare import decayed
from tui.scheduling.scheduler import front, schedule

Estimates = Mapping[str, tuple[int, int]]
"""Per job id the median and the 90th percentile, in ms: of the run time of a waiting job, of what remains
of a running one. A job without an estimate never ends."""


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """What another priority changes: the position in dispatch order (from 1; None for a job that runs).

    `preempted` are the ids that would be preempted because of it; `starts` tells whether the job itself
    would start at once.
    """

    before: int | None
    after: int | None
    starts: bool = False
    preempted: tuple[str, ...] = ()


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What other priorities change: the whole dispatch order before and after, the ids that would start at
    once or once preempted jobs have stopped, and those that would be preempted because of it."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    starts: frozenset[str] = frozenset()
    promised: frozenset[str] = frozenset()
    preempted: tuple[str, ...] = ()


def outlook(
    queue: QueueState,
    limits: Limits,
    priorities: Mapping[str, int],
    others: Sequence[QueueState] = (),
    now_ms: int = 0,
) -> Outlook:
    """What changes if these jobs, waiting or running, get these scheduling priorities."""
    changed = replace(
        queue,
        waiting=tuple(_with_priority(task, priorities) for task in queue.waiting),
        running=tuple(_with_priority(task, priorities) for task in queue.running),
    )
    now = schedule((queue, *others), limits, now_ms)
    then = schedule((changed, *others), limits, now_ms)
    return Outlook(
        before=tuple(front(queue, limits, most=None)),
        after=tuple(front(changed, limits, most=None)),
        starts=frozenset(then.start),
        promised=frozenset(then.promised),
        preempted=tuple(victim for victim in then.preempt if victim not in now.preempt),
    )


def what_if(
    queue: QueueState,
    limits: Limits,
    task_id: str,
    priority: int,
    others: Sequence[QueueState] = (),
    now_ms: int = 0,
) -> WhatIf:
    """What changes if the job, waiting or running, gets this scheduling priority."""
    found = outlook(queue, limits, {task_id: priority}, others, now_ms)
    return WhatIf(
        before=_place(found.before, task_id),
        after=_place(found.after, task_id),
        starts=task_id in found.starts,
        preempted=found.preempted,
    )


def _with_priority(task: Task, priorities: Mapping[str, int]) -> Task:
    return replace(task, priority=priorities[task.id]) if task.id in priorities else task


def _place(order: Sequence[str], task_id: str) -> int | None:
    return order.index(task_id) + 1 if task_id in order else None


def forecast(
    queues: Sequence[QueueState],
    limits: Limits,
    estimates: Estimates,
    now_ms: int,
    *,
    most: int = 200,
    passes: int = 1_000,
) -> dict[str, tuple[int, int]]:
    """When waiting jobs will start, as epoch ms: if jobs take their median time, and their 90th percentile.

    Looks at the first `most` waiting jobs of each queue and at `passes` scheduler passes at most; a job
    that does not start within them is left out. Nothing new is assumed to arrive, and victims of
    preemption to stop at once and to run anew.
    """
    near = [_nearest(queue, limits, most) for queue in queues]
    usual = _starts(near, limits, {key: pair[0] for key, pair in estimates.items()}, now_ms, passes)
    slow = _starts(near, limits, {key: pair[1] for key, pair in estimates.items()}, now_ms, passes)
    return {
        key: (min(start, slow[key]), max(start, slow[key])) for key, start in usual.items() if key in slow
    }


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """One possible course of events: how long, in ms, each waiting job will run and each running one goes on
    (one that is left out never ends), and the jobs still to come, with the names of their queues. Those are
    submitted at their `created_at`."""

    run_ms: Mapping[str, int]
    arrivals: Sequence[tuple[str, Task]] = ()


class StartRange(msgspec.Struct, frozen=True, kw_only=True):
    """When a job starts, as epoch ms: in the middle of many possible courses, and with a chance of four in
    five between `earliest` and `latest` (None: too often it does not start within what was looked at). This
    holds as far as the courses are like what comes.
    """

    earliest: int
    usual: int
    latest: int | None


def start_ranges(
    queues: Sequence[QueueState],
    limits: Limits,
    courses: Iterable[Course],
    now_ms: int,
    *,
    most: int = 200,
    passes: int = 1_000,
) -> dict[str, StartRange]:
    """When waiting jobs will start, over many possible courses of events.

    The mean of the run times would not do: capacity comes free when the *first* of many running jobs
    ends. Bounds are those of `forecast`; a job that starts in half of the courses or fewer is left out.
    The true start is one draw more, and as likely to lie before, between or after the n others: each of the
    n + 1 gaps holds it alike. So it takes a tenth of n + 1 at either end; with 19 courses the 2nd and 18th.
    """
    near = [_nearest(queue, limits, most) for queue in queues]
    found: dict[str, list[int]] = {}
    number = 0
    for course in courses:
        number += 1
        for key, start in _starts(near, limits, course.run_ms, now_ms, passes, course.arrivals).items():
            found.setdefault(key, []).append(start)
    ranges: dict[str, StartRange] = {}
    low = max(0, round((number + 1) / 10) - 1)
    high = number - 1 - low
    for key, starts in found.items():
        starts.sort()
        if len(starts) > number // 2:
            latest = starts[high] if high < len(starts) else None
            ranges[key] = StartRange(earliest=starts[low], usual=starts[number // 2], latest=latest)
    return ranges


def _nearest(queue: QueueState, limits: Limits, most: int) -> QueueState:
    if len(queue.waiting) <= most:
        return queue
    chosen = set(front(queue, limits, most=most))
    return replace(queue, waiting=tuple(task for task in queue.waiting if task.id in chosen))


def _starts(
    queues: Sequence[QueueState],
    limits: Limits,
    run_ms: Mapping[str, int],
    now_ms: int,
    passes: int,
    arrivals: Sequence[tuple[str, Task]] = (),
) -> dict[str, int]:
    """When each waiting task starts for the first time. With `arrivals`, until all that wait now have."""
    states = list(queues)
    starts: dict[str, int] = {}
    lasted = {  # what a running job did until now is lost when it is preempted
        task.id: now_ms - task.dispatched_at
        for queue in queues
        for task in queue.running
        if task.dispatched_at is not None
    }
    coming = sorted(arrivals, key=lambda arrival: arrival[1].created_at, reverse=True)
    awaited = {task.id for queue in queues for task in queue.waiting} if coming else None
    ends = [
        (now_ms if task.stopping else now_ms + max(0, run_ms[task.id]), task.id)
        for queue in states
        for task in queue.running
        if task.stopping or task.id in run_ms
    ]
    heapq.heapify(ends)
    for _ in range(passes):
        decision = schedule(states, limits, now_ms)
        victims = set(decision.preempt)
        states = [_apply(queue, decision, now_ms) for queue in states]
        ends = [end for end in ends if end[1] not in victims]
        heapq.heapify(ends)
        for key in decision.start:
            starts.setdefault(key, now_ms)
            if key in run_ms:
                heapq.heappush(ends, (now_ms + max(0, run_ms[key]) + lasted.get(key, 0), key))
        if victims:
            continue
        if awaited is not None and awaited <= starts.keys():
            break
        if not (ends or coming) or not (coming or any(queue.waiting for queue in states)):
            break
        times = [*(end[0] for end in ends[:1]), *(task.created_at for _, task in coming[-1:])]
        end_ms = max(now_ms, min(times))
        ended: set[str] = set()
        while ends and ends[0][0] <= end_ms:
            ended.add(heapq.heappop(ends)[1])
        states = [_advance(queue, ended, end_ms - now_ms) for queue in states]
        now_ms = end_ms
        while coming and coming[-1][1].created_at <= now_ms:
            name, task = coming.pop()
            states = [_joined(queue, task) if queue.name == name else queue for queue in states]
    return starts


def _joined(queue: QueueState, task: Task) -> QueueState:
    return replace(queue, waiting=(*queue.waiting, task))


def _apply(queue: QueueState, decision: Decision, now_ms: int) -> QueueState:
    """The queue after a decision, with victims back in line at once."""
    started, victims = set(decision.start), set(decision.preempt)
    begun = [replace(task, dispatched_at=now_ms) for task in queue.waiting if task.id in started]
    back = [replace(task, dispatched_at=None) for task in queue.running if task.id in victims]
    return replace(
        queue,
        waiting=(*back, *(task for task in queue.waiting if task.id not in started)),
        running=(*(task for task in queue.running if task.id not in victims), *begun),
        promised=decision.promised,
    )


def _advance(queue: QueueState, ended: set[str], elapsed_ms: int) -> QueueState:
    """The queue when these tasks end, `elapsed_ms` later."""
    usage = queue.usage
    if queue.fairshare is not None:
        usage = decayed(usage, queue.running, elapsed_ms, queue.fairshare.share_decay_seconds)
    running = tuple(task for task in queue.running if task.id not in ended)
    return replace(queue, usage=usage, running=running)
