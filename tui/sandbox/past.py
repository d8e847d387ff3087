"""Training jobs of attempts that ended before the sandbox started, derived from their service job."""

import json
import zlib
from typing import TYPE_CHECKING, Any

from tui.model.jobs import Attempt
from tui.sandbox.training import TrainingJob

if TYPE_CHECKING:
    from tui.sandbox.world import World

REPORTED = "Received status from SageMaker: "
"""How Batch begins a reason that SageMaker gave."""

_STOPPED = ("Training job stopped", "Training job runtime exceeded MaxRuntimeInSeconds provided")


def training_job_of(world: "World", name: str) -> TrainingJob | None:
    """The training job of this name that a finished attempt of a service job ran as, if there is one."""
    found = world.batch.job_of_training(name)
    if found is None:
        return None
    job = found[0]
    job.fill()
    arn = world.arn("sagemaker", f"training-job/{name}")
    for attempt in (*job.attempts, *job.preempted):
        if attempt.training_job_arn == arn:
            return _derived(name, json.loads(job.payload), attempt)
    return None


def _derived(name: str, request: dict[str, Any], attempt: Attempt) -> TrainingJob:
    """The phases laid out backwards from when the attempt ran; it was never in a queue of SageMaker's."""
    seed = zlib.crc32(name.encode())
    stopped = attempt.stopped_at or 0
    started = attempt.started_at
    setup = 30_000 + seed % 45_000
    pending = 4_000 + seed % 9_000
    created = (started if started is not None else stopped) - setup - pending
    job = TrainingJob(name=name, arn=attempt.training_job_arn, request=request, created_at=created, seed=seed)
    job.enter("Pending", created)
    if started is not None:
        job.enter("Starting", created + pending)
        job.enter("Downloading", created + pending + setup // 2)
        job.enter("Training", started)
    said = attempt.status_reason
    reason = said.removeprefix(REPORTED)
    if said == REPORTED + "Training job completed":
        job.enter("Uploading", max(started or 0, stopped - 5_000 - seed % 20_000))
        job.end("Completed", "Completed", stopped)
    elif said.startswith(REPORTED) and reason not in _STOPPED:
        job.end("Failed", "Failed", stopped, reason)
    elif reason == _STOPPED[1]:
        job.end("Stopped", "MaxRuntimeExceeded", stopped)
    else:
        job.enter("Stopping", max(started or created, stopped - 8_000))
        job.end("Stopped", "Stopped", stopped)
    return job
