"""SageMaker training jobs of the simulated cluster: records, and the course each of them takes."""

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui.sandbox.errors import AwsError
from tui.sandbox.outcomes import Course, course_of
from tui.sandbox.wire.json_tree import read_tree
from tui.sandbox.wire.model import load

if TYPE_CHECKING:
    from tui.sandbox.world import World

FINISHED = frozenset({"Completed", "Failed", "Stopped"})

MESSAGES = {
    "Pending": "Waiting for capacity",
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading the training image",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopping": "Stopping the training job",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}
"""SecondaryStatus → the message SageMaker shows with it."""

_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_DEMAND = ("InstanceType", "InstanceCount")
_MOST_INSTANCES = 2**31 - 1
_STEPS = ("Pending", "Starting", "Downloading", "Training", "Uploading")


@dataclass(slots=True)
class Transition:
    """One entry of SecondaryStatusTransitions. Times are epoch ms; `end` is None while it lasts."""

    status: str
    start: int
    end: int | None
    message: str


Watcher = Callable[["TrainingJob"], None]


@dataclass(slots=True, eq=False)
class TrainingJob:
    """A training job. `request` is its CreateTrainingJob request; times are epoch ms.

    `status` is TrainingJobStatus (InProgress, Completed, Failed, Stopping, Stopped). `seed` makes what
    is derived (log lines, metric values) the same at every read. `watcher` is told of each transition.
    """

    name: str
    arn: str
    request: dict[str, Any]
    created_at: int
    seed: int
    status: str = "InProgress"
    failure_reason: str = ""
    transitions: list[Transition] = field(default_factory=list[Transition])
    training_started_at: int | None = None
    training_ended_at: int | None = None
    ended_at: int | None = None
    watcher: Watcher | None = None

    @property
    def secondary_status(self) -> str:
        return self.transitions[-1].status if self.transitions else "Pending"

    @property
    def modified_at(self) -> int:
        """LastModifiedTime: the latest transition, epoch ms."""
        return self.transitions[-1].start if self.transitions else self.created_at

    @property
    def instance_count(self) -> int:
        return demand(self.request)[1]

    @property
    def instance_type(self) -> str:
        return demand(self.request)[0]

    def enter(self, status: str, now: int, message: str = "") -> None:
        """End the current secondary status and begin another at `now`."""
        if self.transitions and self.transitions[-1].end is None:
            self.transitions[-1].end = now
        self.transitions.append(Transition(status, now, None, message or MESSAGES.get(status, status)))
        if status == "Training":
            self.training_started_at = now
        elif self.training_started_at is not None and self.training_ended_at is None:
            self.training_ended_at = now

    def end(self, status: str, secondary: str, now: int, reason: str = "") -> None:
        """Reach a final TrainingJobStatus at `now`."""
        self.enter(secondary, now, reason)
        self.transitions[-1].end = now
        self.status = status
        self.failure_reason = reason if status == "Failed" else ""
        self.ended_at = now


def create_training_job(world: "World", request: dict[str, Any]) -> TrainingJob:
    """CreateTrainingJob by a client: the job starts at once, outside any queue.

    Raises AwsError: ValidationException for a request SageMaker refuses, ResourceInUse for a name taken.
    """
    refusal = refused(request)
    if refusal:
        raise AwsError("ValidationException", refusal)
    if world.training_job(request["TrainingJobName"]) is not None:
        raise AwsError("ResourceInUse", "Training job names must be unique within an AWS account and region.")
    seed = world.seed ^ world.number("training job") << 8
    return start(world, request, course_of(request, seed), None)


def stop_training_job(world: "World", name: str) -> None:
    """StopTrainingJob by a client. Raises AwsError (ValidationException) if unknown or finished."""
    job = world.training_job(name)
    if job is None:
        raise AwsError("ValidationException", "Requested resource not found.")
    if job.status in FINISHED:
        raise AwsError(
            "ValidationException",
            f"The request was rejected because the training job is in status {job.status}.",
        )
    stop(world, job)


def typed(request: dict[str, Any]) -> dict[str, Any]:
    """A CreateTrainingJob request that nobody has checked, as the model's types.

    Raises AwsError (SerializationException) for a value of another type.
    """
    operation = load("sagemaker").operation("CreateTrainingJob")
    assert operation is not None and operation.input is not None
    return read_tree(operation.input, request)


def refused(request: dict[str, Any]) -> str:
    """Why SageMaker refuses a CreateTrainingJob request, in its words; empty if it does not."""
    algorithm = _structure(request, "AlgorithmSpecification")
    resources = _structure(request, "ResourceConfig")
    missing = [
        path
        for path, value in (
            ("trainingJobName", request.get("TrainingJobName")),
            ("algorithmSpecification", algorithm),
            ("algorithmSpecification.trainingInputMode", algorithm.get("TrainingInputMode")),
            ("roleArn", request.get("RoleArn")),
            ("outputDataConfig", _structure(request, "OutputDataConfig")),
            ("outputDataConfig.s3OutputPath", _structure(request, "OutputDataConfig").get("S3OutputPath")),
            ("resourceConfig", resources),
            ("stoppingCondition", "StoppingCondition" in request),
        )
        if not value
    ]
    if missing:
        parts = "; ".join(
            f"Value null at '{path}' failed to satisfy constraint: Member must not be null"
            for path in missing
        )
        errors = "errors" if len(missing) > 1 else "error"
        return f"{len(missing)} validation {errors} detected: {parts}"
    if not _NAME.fullmatch(request["TrainingJobName"]):
        return (
            f"1 validation error detected: Value '{request['TrainingJobName']}' at 'trainingJobName' failed "
            f"to satisfy constraint: Member must satisfy regular expression pattern: {_NAME.pattern}"
        )
    if not algorithm.get("TrainingImage") and not algorithm.get("AlgorithmName"):
        return "You must specify either TrainingImage or AlgorithmName in AlgorithmSpecification."
    if not demand(request)[0]:
        return (
            "ResourceConfig must name an InstanceType and an InstanceCount of at least 1, or InstanceGroups."
        )
    return ""


def demand(request: dict[str, Any]) -> tuple[str, int]:
    """(instance type, count) that a request asks for; an empty type if it does not say, or says nonsense."""
    config = _structure(request, "ResourceConfig")
    groups = config.get("InstanceGroups") or [config]
    unit, quantity = "", 0
    for group in groups if isinstance(groups, list) else [config]:
        name, count = (group.get(key) if isinstance(group, dict) else None for key in _DEMAND)
        if not isinstance(name, str) or type(count) is not int or not 1 <= count <= _MOST_INSTANCES:
            return "", 1
        unit, quantity = unit or name, quantity + count
    return unit, quantity


def _structure(request: dict[str, Any], member: str) -> dict[str, Any]:
    value = request.get(member)
    return value if isinstance(value, dict) else {}


def start(world: "World", request: dict[str, Any], course: Course, watcher: Watcher | None) -> TrainingJob:
    """Record a training job and set it on its course."""
    name = request["TrainingJobName"]
    job = TrainingJob(
        name=name,
        arn=world.arn("sagemaker", f"training-job/{name}"),
        request=request,
        created_at=world.now(),
        seed=zlib.crc32(name.encode()),
        watcher=watcher,
    )
    world.training_jobs[name] = job
    job.enter("Pending", world.now())
    world.after(course.pending_ms, _step, world, job, course, 1)
    return job


def resume(world: "World", job: TrainingJob, course: Course, step: int, delay_ms: int) -> None:
    """Let a job that a scenario placed in the middle of its course go on with `step` after a delay."""
    world.after(delay_ms, _step, world, job, course, step)


def stop(world: "World", job: TrainingJob, delay_ms: int = 8_000) -> None:
    """Stop the job's containers; it is Stopped `delay_ms` later. Nothing happens if it already ends."""
    if job.status != "InProgress":
        return
    job.status = "Stopping"
    job.enter("Stopping", world.now())
    world.after(delay_ms, _stopped, world, job)


def _stopped(world: "World", job: TrainingJob) -> None:
    job.end("Stopped", "Stopped", world.now())
    _tell(job)


def _step(world: "World", job: TrainingJob, course: Course, step: int) -> None:
    """Enter the secondary status number `step`, or the end, unless the job was stopped meanwhile."""
    if job.status != "InProgress":
        return
    if course.failure and step == course.fails_before:
        job.end("Failed", "Failed", world.now(), course.failure)
    elif step == 4 and course.too_long:
        job.end("Stopped", "MaxRuntimeExceeded", world.now())
    elif step == len(_STEPS):
        job.end("Completed", "Completed", world.now())
    else:
        job.enter(_STEPS[step], world.now())
        world.after(course.durations[step], _step, world, job, course, step + 1)
    _tell(job)


def _tell(job: TrainingJob) -> None:
    if job.watcher is not None:
        job.watcher(job)
