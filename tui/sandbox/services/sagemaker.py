"""Amazon SageMaker: training jobs, those of Batch's queues and those created directly."""

from collections.abc import Iterable
from typing import Any

from tui.sandbox import training
from tui.sandbox.errors import AwsError
from tui.sandbox.service import Answer, Call
from tui.sandbox.services.base import Operations, moment, without_none
from tui.sandbox.services.journal import final_metrics
from tui.sandbox.services.training_list import TrainingList
from tui.sandbox.training import TrainingJob
from tui.sandbox.wire.json_tree import read_tree
from tui.sandbox.wire.model import Shape, load
from tui.sandbox.world import World

# Members that DescribeTrainingJob gives back as CreateTrainingJob got them.
_ECHOED = (
    "AlgorithmSpecification",
    "CheckpointConfig",
    "DebugHookConfig",
    "DebugRuleConfigurations",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
    "EnableNetworkIsolation",
    "Environment",
    "ExperimentConfig",
    "HyperParameters",
    "InfraCheckConfig",
    "InputDataConfig",
    "OutputDataConfig",
    "ProfilerConfig",
    "ProfilerRuleConfigurations",
    "RemoteDebugConfig",
    "ResourceConfig",
    "RetryStrategy",
    "RoleArn",
    "SessionChainingConfig",
    "StoppingCondition",
    "TensorBoardOutputConfig",
    "VpcConfig",
)


# What AWS fills in; clients count on finding some of it.
_DEFAULTS: dict[str, Any] = {
    "EnableInterContainerTrafficEncryption": False,
    "EnableManagedSpotTraining": False,
    "EnableNetworkIsolation": False,
}
_OUTPUT_DEFAULTS = {"KmsKeyId": "", "CompressionType": "GZIP"}


class SageMakerService(Operations):
    """Training jobs and their tags."""

    name = "sagemaker"

    def __init__(self, world: World) -> None:
        super().__init__(
            {
                "CreateTrainingJob": self._create,
                "DescribeTrainingJob": self._describe,
                "ListTrainingJobs": self._list,
                "StopTrainingJob": self._stop,
                "ListTags": self._list_tags,
                "AddTags": self._add_tags,
                "DeleteTags": self._delete_tags,
            }
        )
        self._world = world
        self._listed = TrainingList(world)
        self._tags: dict[str, dict[str, str]] = {}

    def _create(self, call: Call) -> Answer:
        request = {name: value for name, value in call.params.items() if name != "Tags"}
        job = training.create_training_job(self._world, request)
        if "Tags" in call.params:
            self._tags[job.arn] = _as_dict(call.params["Tags"])
        return {"TrainingJobArn": job.arn}

    def _job(self, name: str) -> TrainingJob:
        job = self._world.training_job(name)
        if job is None:
            raise AwsError("ValidationException", "Requested resource not found.")
        return job

    def _describe(self, call: Call) -> Answer:
        job = self._job(call.params["TrainingJobName"])
        operation = load("sagemaker").operation("DescribeTrainingJob")
        assert operation is not None and operation.output is not None
        return described(job, self._world.now(), operation.output)

    def _stop(self, call: Call) -> Answer:
        training.stop_training_job(self._world, call.params["TrainingJobName"])
        return {}

    def _list(self, call: Call) -> Answer:
        return self._listed.page(call.params)

    # Tags

    def _tagged(self, call: Call) -> dict[str, str]:
        arn = call.params["ResourceArn"]
        self._job(arn.rpartition("/")[2])
        return self._tags.get(arn, {})

    def _list_tags(self, call: Call) -> Answer:
        return {"Tags": _as_list(self._tagged(call))}

    def _add_tags(self, call: Call) -> Answer:
        tags = self._tagged(call) | _as_dict(call.params["Tags"])
        self._tags[call.params["ResourceArn"]] = tags
        return {"Tags": _as_list(tags)}

    def _delete_tags(self, call: Call) -> Answer:
        tags = self._tagged(call)
        for key in call.params["TagKeys"]:
            tags.pop(key, None)
        return {}


def described(job: TrainingJob, now: int, shape: Shape) -> dict[str, Any]:
    """DescribeTrainingJob's answer."""
    echoed: dict[str, Any] = dict(_DEFAULTS)
    for name in _ECHOED:
        if name in job.request:
            echoed[name] = read_tree(shape.members[name].shape, job.request[name])
    started = next((step.start for step in job.transitions if step.status == "Downloading"), None)
    billed = (job.ended_at - started) // 1000 if started is not None and job.ended_at is not None else None
    uploaded = any(step.status in ("Uploading", "Completed") for step in job.transitions)
    echoed["OutputDataConfig"] = _OUTPUT_DEFAULTS | echoed.get("OutputDataConfig", {})
    output = echoed["OutputDataConfig"].get("S3OutputPath", "").rstrip("/")
    return echoed | without_none(
        TrainingJobName=job.name,
        TrainingJobArn=job.arn,
        ModelArtifacts={"S3ModelArtifacts": f"{output}/{job.name}/output/model.tar.gz" if uploaded else ""},
        TrainingJobStatus=job.status,
        SecondaryStatus=job.secondary_status,
        FailureReason=job.failure_reason or None,
        CreationTime=moment(job.created_at),
        TrainingStartTime=moment(started) if started is not None else None,
        TrainingEndTime=moment(job.ended_at) if job.ended_at is not None and started is not None else None,
        LastModifiedTime=moment(job.modified_at),
        SecondaryStatusTransitions=[
            without_none(
                Status=step.status,
                StartTime=moment(step.start),
                EndTime=moment(step.end) if step.end is not None else None,
                StatusMessage=step.message,
            )
            for step in job.transitions
        ],
        FinalMetricDataList=final_metrics(job, now) or None,
        TrainingTimeInSeconds=billed,
        BillableTimeInSeconds=billed,
    )


def _as_dict(tags: Iterable[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def _as_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
