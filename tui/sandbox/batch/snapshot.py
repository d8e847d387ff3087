"""GetJobQueueSnapshot: who is next, and who uses what."""

from collections.abc import Iterable
from typing import Any

from tui.sandbox.batch import find
from tui.sandbox.batch.state import Queue
from tui.sandbox.cluster import limits_of, state_of
from tui.sandbox.world import World
from tui.scheduling import quota, scheduler
from tui.scheduling.cluster import Task

MOST_JOBS = 100
MOST_SHARES = 20


def snapshot(world: World, params: dict[str, Any]) -> dict[str, Any]:
    """The front of the queue as the scheduler sees it now, and the capacity its jobs hold."""
    queue = find.queue(world, params["jobQueue"])
    now = world.now()
    state = state_of(world, queue)
    limits = limits_of(world.batch.environments[queue.environment])
    front = scheduler.front(state, limits, most=MOST_JOBS)
    positions = _positions(world, queue, front)
    prefix = world.arn("batch", "service-job/")

    def line(job_id: str, since: int) -> dict[str, Any]:
        return {"jobArn": prefix + job_id, "earliestTimeAtPosition": since}

    utilization: dict[str, Any] = {
        "totalCapacityUsage": _usage(state.running),
        "lastUpdatedAt": now,
    }
    answer: dict[str, Any] = {
        "frontOfQueue": {
            "jobs": [line(job_id, positions[job_id][1]) for job_id in front],
            "lastUpdatedAt": now,
        },
        "queueUtilization": utilization,
    }
    if state.quota_shares is not None:
        heads = quota.front_of_shares(state, 1)
        answer["frontOfQuotaShares"] = {
            "quotaShares": {
                share: [line(job_id, _since(world, queue, job_id)) for job_id in ids]
                for share, ids in heads.items()
                if ids
            },
            "lastUpdatedAt": now,
        }
        top = [
            {"quotaShareName": share, "capacityUsage": _usage(tasks)}
            for share, tasks in _by_share(state.running)[:MOST_SHARES]
        ]
        utilization["quotaShareUtilization"] = {"topCapacityUtilization": top}
    elif state.fairshare is not None:
        shares = _by_share(state.running)
        utilization["fairshareUtilization"] = {
            "activeShareCount": len(shares),
            "topCapacityUtilization": [
                {"shareIdentifier": share, "capacityUsage": _usage(tasks)}
                for share, tasks in shares[:MOST_SHARES]
            ],
        }
    return answer


def _positions(world: World, queue: Queue, front: list[str]) -> dict[str, tuple[int, int]]:
    """Position and since when, by job. A job that moved has been there since the order last changed."""
    positions: dict[str, tuple[int, int]] = {}
    for position, job_id in enumerate(front):
        before = queue.positions.get(job_id)
        same = before is not None and before[0] == position
        positions[job_id] = before if before and same else (position, _since(world, queue, job_id))
    queue.positions = positions
    return positions


def _since(world: World, queue: Queue, job_id: str) -> int:
    runnable_at = world.batch.jobs[job_id].runnable_at or 0
    return max(runnable_at, queue.changed_at)


def _by_share(tasks: Iterable[Task]) -> list[tuple[str, list[Task]]]:
    """The shares that hold capacity, those that hold most first."""
    shares: dict[str, list[Task]] = {}
    for task in tasks:
        shares.setdefault(task.share, []).append(task)
    return sorted(shares.items(), key=lambda item: (-sum(task.quantity for task in item[1]), item[0]))


def _usage(tasks: Iterable[Task]) -> list[dict[str, Any]]:
    """Instances by type."""
    units: dict[str, int] = {}
    for task in tasks:
        units[task.unit] = units.get(task.unit, 0) + task.quantity
    return [{"capacityUnit": unit, "quantity": float(units[unit])} for unit in sorted(units)]
