"""SageMaker training jobs: what DescribeTrainingJob says, and what a request asks for. Times are epoch ms."""

import json
from typing import Any

import msgspec

from tui.model.shape import EpochMs, Shape, lenient
from tui.model.text import clean_tree


class TrainingShape(Shape, frozen=True, rename="pascal"):
    """A value whose fields are members of a SageMaker shape (`TrainingJobName` is `training_job_name`)."""


class Transition(TrainingShape, frozen=True):
    """One secondary status, and when it held. `end_time` is None while it lasts."""

    status: str = ""
    start_time: EpochMs | None = None
    end_time: EpochMs | None = None
    status_message: str = ""


class InstanceGroup(TrainingShape, frozen=True):
    instance_type: str = ""
    instance_count: int = 1


class ResourceConfig(TrainingShape, frozen=True):
    instance_type: str = ""
    instance_count: int = 1
    instance_groups: tuple[InstanceGroup, ...] = ()
    volume_size_in_gb: int | None = msgspec.field(default=None, name="VolumeSizeInGB")

    @property
    def instances(self) -> int:
        return sum(group.instance_count for group in self.instance_groups) or self.instance_count

    def __str__(self) -> str:
        groups = self.instance_groups or (
            InstanceGroup(instance_type=self.instance_type, instance_count=self.instance_count),
        )
        return " + ".join(f"{group.instance_count} × {group.instance_type}" for group in groups)


class MetricDefinition(TrainingShape, frozen=True):
    """A metric that SageMaker reads from the log: `regex` has one group, the value."""

    name: str = ""
    regex: str = ""


class AlgorithmSpecification(TrainingShape, frozen=True):
    training_image: str = ""
    algorithm_name: str = ""
    metric_definitions: tuple[MetricDefinition, ...] = ()


class OutputDataConfig(TrainingShape, frozen=True):
    s3_output_path: str = ""


class CheckpointConfig(TrainingShape, frozen=True):
    s3_uri: str = ""


class TensorBoardOutputConfig(TrainingShape, frozen=True):
    s3_output_path: str = ""


class ModelArtifacts(TrainingShape, frozen=True):
    s3_model_artifacts: str = ""


class StoppingCondition(TrainingShape, frozen=True):
    max_runtime_in_seconds: int | None = None


class FinalMetric(TrainingShape, frozen=True):
    metric_name: str = ""
    value: float | None = None
    timestamp: EpochMs | None = None


class TrainingRequest(TrainingShape, frozen=True):
    """The members of a CreateTrainingJob request that people ask about."""

    training_job_name: str = ""
    role_arn: str = ""
    algorithm_specification: AlgorithmSpecification = AlgorithmSpecification()
    resource_config: ResourceConfig = ResourceConfig()
    output_data_config: OutputDataConfig = OutputDataConfig()
    checkpoint_config: CheckpointConfig | None = None
    tensor_board_output_config: TensorBoardOutputConfig | None = None
    stopping_condition: StoppingCondition = StoppingCondition()

    @property
    def image(self) -> str:
        algorithm = self.algorithm_specification
        return algorithm.training_image or algorithm.algorithm_name


class TrainingJob(TrainingRequest, frozen=True):
    """DescribeTrainingJob: a training job as it is. Durations are in seconds, as SageMaker says them."""

    training_job_arn: str = ""
    training_job_status: str = ""
    secondary_status: str = ""
    secondary_status_transitions: tuple[Transition, ...] = ()
    failure_reason: str = ""
    creation_time: EpochMs | None = None
    training_start_time: EpochMs | None = None
    training_end_time: EpochMs | None = None
    billable_time_in_seconds: int | None = None
    final_metric_data_list: tuple[FinalMetric, ...] = ()
    model_artifacts: ModelArtifacts = ModelArtifacts()

    @property
    def over(self) -> bool:
        """It will not change any more."""
        return self.training_job_status in ("Completed", "Failed", "Stopped")

    @property
    def ended_at(self) -> int | None:
        """When it ended; None while it has not."""
        if not self.over:
            return None
        ends = [step.end_time or step.start_time for step in self.secondary_status_transitions]
        return self.training_end_time or next((end for end in reversed(ends) if end), None)


def request_of(payload: str) -> TrainingRequest:
    """What a service job's payload asks for. Batch passes it on unread: what makes no sense is left out."""
    try:
        tree: Any = json.loads(payload)
    except (ValueError, RecursionError):
        return TrainingRequest()
    return lenient(TrainingRequest, clean_tree(tree)) or TrainingRequest()


def name_of(training_job_arn: str) -> str:
    """The name at the end of a training job's ARN."""
    return training_job_arn.rpartition("/")[2]


def instance_hours(job: TrainingJob, now_ms: int) -> float | None:
    """Instances times hours that are billed; up to now for a job that still runs. None before it starts.

    SageMaker tells BillableTimeInSeconds, for one instance, when the job has ended; until then
    the time since TrainingStartTime stands for it. Managed spot training is billed less than it ran.
    """
    seconds = billable_seconds(job, now_ms)
    return None if seconds is None else seconds / 3600 * job.resource_config.instances


def billable_seconds(job: TrainingJob, now_ms: int) -> int | None:
    """BillableTimeInSeconds, or for a job that still runs the seconds since it began to be billed."""
    if job.billable_time_in_seconds is not None:
        return job.billable_time_in_seconds
    if job.training_start_time is None:
        return None
    return max(0, (job.ended_at or now_ms) - job.training_start_time) // 1000
