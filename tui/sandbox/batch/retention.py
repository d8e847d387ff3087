"""Batch keeps the records of finished jobs for some days."""

from typing import TYPE_CHECKING

from tui.model.jobs import FINISHED
from tui.model.units import DAY, HOUR
from tui.sandbox.batch.records import Job

if TYPE_CHECKING:
    from tui.sandbox.world import World

KEPT_MS = 7 * DAY
"""How long, since the job ended. Not documented for service jobs."""


def watch(world: "World") -> None:
    """Forget, once an hour, what ended too long ago: jobs, their training jobs and client tokens."""
    _sweep(world)
    world.after(HOUR, watch, world)


def _sweep(world: "World") -> None:
    too_old = world.now() - KEPT_MS
    batch = world.batch
    for queue in batch.queues.values():
        for status in FINISHED:
            # The oldest come first, and a job was created before it ended
            for job in _leading(queue.index.of_status(status), too_old):
                if job.stopped_at is not None and job.stopped_at < too_old:
                    queue.index.remove(job)
                    del batch.jobs[job.id]
    # By their own age, not by their service job's: that may be gone with its queue, or have had many.
    for name in [name for name, job in world.training_jobs.items() if (job.ended_at or too_old) < too_old]:
        del world.training_jobs[name]
    for token in [token for token, made in batch.submissions.items() if made.job_id not in batch.jobs]:
        del batch.submissions[token]


def _leading(jobs: list[Job], created_before: int) -> list[Job]:
    """A copy of the jobs created before a time."""
    found: list[Job] = []
    for job in jobs:
        if job.created_at >= created_before:
            break
        found.append(job)
    return found
