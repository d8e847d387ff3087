"""Training jobs of attempts that ended before the sandbox started, derived from their service job."""

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.model.jobs import Attempt
from tui.sandbox.batch.payload import request_of
from tui.sandbox.training import MESSAGES, TrainingJob

if TYPE_CHECKING:
    from tui.sandbox.world import World

REPORTED = "Received status from SageMaker: "
"""How Batch begins a reason that SageMaker gave."""

_TOO_LONG = MESSAGES["MaxRuntimeExceeded"]


def training_job_of(world: "World", name: str) -> TrainingJob | None:
    """The training job of this name that a finished attempt of a service job ran as, if there is one."""
    found = world.batch.job_of_training(name)
    if found is None:
        return None
    job = found[0]
    job.fill()
    arn = world.arn("sagemaker", f"training-job/{name}")
    request = request_of(job.payload)
    for attempt in (*job.attempts, *job.preempted):
        if attempt.training_job_arn == arn and isinstance(request, dict):
            return _derived(name, request, attempt)
    return None


class Ended(NamedTuple):
    """What ListTrainingJobs says of a training job that is derived."""

    created_at: int
    name: str
    arn: str
    modified_at: int
    status: str
    secondary_status: str

    @property
    def ended_at(self) -> int:
        return self.modified_at


def made_up(world: "World") -> Iterator[Ended]:
    """The training jobs of the finished service jobs that a scenario made up, at little cost for each."""
    for job in world.batch.jobs.values():
        if job.training is None and job.latest_arn and job.stopped_at is not None:
            name = job.latest_arn.rpartition("/")[2]
            created = _created(name, job.started_at, job.stopped_at)
            yield Ended(created, name, job.latest_arn, job.stopped_at, *_end(job.status_reason))


def _created(name: str, started: int | None, stopped: int) -> int:
    return (started if started is not None else stopped) - sum(_waits(name))


def _waits(name: str) -> tuple[int, int]:
    """Milliseconds in Pending, and from then to the training."""
    seed = zlib.crc32(name.encode())
    return 4_000 + seed % 9_000, 30_000 + seed % 45_000


def _end(reason: str) -> tuple[str, str]:
    """The last TrainingJobStatus and SecondaryStatus of an attempt that ended for a reason of Batch's."""
    said = reason.removeprefix(REPORTED)
    if said == _TOO_LONG:
        return "Stopped", "MaxRuntimeExceeded"
    if said == reason or said == MESSAGES["Stopped"]:
        return "Stopped", "Stopped"
    return ("Completed", "Completed") if said == MESSAGES["Completed"] else ("Failed", "Failed")


def _derived(name: str, request: dict[str, Any], attempt: Attempt) -> TrainingJob:
    """The phases laid out backwards from when the attempt ran; it was never in a queue of SageMaker's."""
    seed = zlib.crc32(name.encode())
    stopped = attempt.stopped_at or 0
    started = attempt.started_at
    pending, setup = _waits(name)
    created = _created(name, started, stopped)
    job = TrainingJob(name=name, arn=attempt.training_job_arn, request=request, created_at=created, seed=seed)
    job.enter("Pending", created)
    if started is not None:
        job.enter("Starting", created + pending)
        job.enter("Downloading", created + pending + setup // 2)
        job.enter("Training", started)
    status, secondary = _end(attempt.status_reason)
    if secondary == "Completed":
        job.enter("Uploading", max(started or 0, stopped - 5_000 - seed % 20_000))
    elif secondary == "Stopped":
        job.enter("Stopping", max(started or created, stopped - 8_000))
    reason = attempt.status_reason.removeprefix(REPORTED) if status == "Failed" else ""
    job.end(status, secondary, stopped, reason)
    return job
