"""The live picture as the scheduler's state: what its pure functions are asked about.

What AWS does not tell is taken as well as it can be: past usage of fair-share identifiers from the jobs' own
times, the priority of a job that was not described as 0.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from tui.live.picture import QueuePicture
from tui.model.jobs import QUEUED, RUNNING, ServiceJob
from tui.scheduling.cluster import Limits, QueueState, Task
from tui.scheduling.fairshare import window_seconds
from tui.scheduling.forecast import Outlook, outlook

FADED = 1.0
"""Instance-seconds below which past usage is forgotten, as the scheduler does."""

FORGOTTEN = 30
"""Decay windows after which nothing is left of a job's usage (a part in 10^13)."""


def limits_of(picture: QueuePicture) -> Limits:
    """Instances that the queue's service environment allows, per capacity unit."""
    return {
        limit.capacity_unit: limit.max_capacity
        for environment in picture.environments
        for limit in environment.capacity_limits
    }


def state_of(picture: QueuePicture, now_ms: int) -> QueueState:
    """The queue as the scheduler sees it at AWS's time `now_ms`."""
    policy = picture.policy
    fairshare = policy.fairshare_policy if policy else None
    jobs = picture.active.values()
    return QueueState(
        name=picture.name,
        priority=picture.queue.priority,
        fairshare=fairshare,
        quota_shares=picture.quota_shares if picture.policy_kind == "quota" else None,
        usage=past_usage(picture.jobs.values(), now_ms, fairshare.share_decay_seconds) if fairshare else {},
        waiting=tuple(
            _task(job, picture.priorities)
            for job in sorted(jobs, key=_created)
            if job.status in QUEUED and not job.is_terminated
        ),
        running=tuple(_task(job, picture.priorities) for job in jobs if job.status in RUNNING),
    )


def told_state(picture: QueuePicture, now_ms: int) -> tuple[QueueState, frozenset[str]]:
    """The same, for who goes before whom; and the ids of waiting jobs whose place nobody has told.

    Priorities are read one job at a time, but AWS tells the order of the first hundred that are RUNNABLE. So
    where a share's priorities are not all read, its jobs go in that order, below every priority: who they
    would preempt within their share is then not known, and not assumed.
    """
    state = state_of(picture, now_ms)
    if picture.policy_kind == "fifo":
        return state, frozenset()
    unread = {task.share for task in state.waiting if task.id not in picture.priorities}
    places = picture.positions
    last = len(places) + 1
    waiting = tuple(
        replace(task, priority=-places.get(task.id, last)) if task.share in unread else task
        for task in state.waiting
    )
    lines = Counter(task.share for task in state.waiting)
    untold = frozenset(
        task.id
        for task in state.waiting
        if task.share in unread and task.id not in places and lines[task.share] > 1
    )
    return replace(state, waiting=waiting), untold


def neighbours(picture: QueuePicture, queues: Mapping[str, QueuePicture], now_ms: int) -> list[QueueState]:
    """The other queues on the same service environment."""
    ours = environments_of(picture)
    return [
        state_of(other, now_ms)
        for name, other in queues.items()
        if name != picture.name and ours & environments_of(other)
    ]


def environments_of(picture: QueuePicture) -> set[str]:
    """The service environments that the queue takes its capacity from."""
    return {entry.service_environment for entry in picture.queue.service_environment_order}


def if_priorities(
    picture: QueuePicture,
    queues: Mapping[str, QueuePicture],
    priorities: Mapping[str, int],
    now_ms: int,
) -> Outlook:
    """What these scheduling priorities, by job id, would change."""
    state = state_of(picture, now_ms)
    return outlook(state, limits_of(picture), priorities, neighbours(picture, queues, now_ms), now_ms)


def past_usage(jobs: Iterable[ServiceJob], now_ms: int, decay_seconds: int) -> dict[str, float]:
    """What each share identifier has used, in instance-seconds, faded as `fairshare.decayed` fades it.

    An earlier attempt of a job leaves no times in a listing, and is left out.
    """
    window = window_seconds(decay_seconds)
    usage: dict[str, float] = {}
    for job in jobs:
        began = job.scheduled_at or job.started_at
        if began is None or began > now_ms:
            continue
        ended = min(now_ms, job.stopped_at or now_ms)
        if now_ms - ended > FORGOTTEN * 1000 * window:  # most of a long history
            continue
        kept = math.exp((ended - now_ms) / 1000 / window) - math.exp((began - now_ms) / 1000 / window)
        usage[job.share] = usage.get(job.share, 0.0) + job.instances * window * max(0.0, kept)
    return {share: used for share, used in usage.items() if used >= FADED}


def _created(job: ServiceJob) -> int:
    return job.created_at or 0


def _task(job: ServiceJob, priorities: Mapping[str, int]) -> Task:
    running = job.status in RUNNING
    return Task(
        id=job.job_id,
        quantity=job.instances,
        unit=job.instance_type,
        share=job.share,
        priority=priorities.get(job.job_id, 0),
        created_at=job.created_at or 0,
        dispatched_at=(job.scheduled_at or job.started_at) if running else None,
        stopping=running and job.is_terminated,
    )
