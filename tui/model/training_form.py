"""The guided form of a training job: the members of CreateTrainingJob that people fill in."""

from typing import Any

import msgspec

KNOWN_INSTANCE_TYPES: tuple[str, ...] = ("ml.g5.xlarge",)
"""Types to offer, small to large by family. AWS knows more: `tui.aws.validation.instance_types()`."""


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """One input channel of a training job: data in S3 under a prefix."""

    name: str = "training"
    s3_uri: str = ""
    content_type: str = ""


class Metric(msgspec.Struct, frozen=True):
    """A metric that SageMaker reads from the log: `regex` has one group, the number."""

    name: str
    regex: str


class TrainingForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the form shows, as text: numbers stay as they were typed, so that nothing typed is lost.

    `payload` makes numbers of them; what is not a number goes on as text, and `check_payload` names it at
    its field. Empty means not given. `command` is the container's entry point, split as a shell would;
    with shell operators in it (`;`, `&&`, `|`, `$`, `>`) it runs under `/bin/sh -c`. `original` is the
    request a clone or file came with: members the form does not show, or that did not change, stay.
    """

    image: str = ""
    algorithm_name: str = ""
    input_mode: str = "File"
    role_arn: str = ""
    instance_type: str = ""
    instance_count: str = "1"
    volume_gb: str = "30"
    command: str = ""
    arguments: str = ""
    hyperparameters: dict[str, str] = {}
    environment: dict[str, str] = {}
    channels: tuple[Channel, ...] = ()
    output_path: str = ""
    checkpoint_s3_uri: str = ""
    checkpoint_local_path: str = ""
    spot: bool = False
    max_wait_seconds: str = ""
    max_runtime_seconds: str = "86400"
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    metrics: tuple[Metric, ...] = ()
    original: dict[str, Any] = {}


FIELDS: dict[str, str] = {
    "image": "AlgorithmSpecification.TrainingImage",
    "algorithm_name": "AlgorithmSpecification.AlgorithmName",
    "input_mode": "AlgorithmSpecification.TrainingInputMode",
    "role_arn": "RoleArn",
    "instance_type": "ResourceConfig.InstanceType",
    "instance_count": "ResourceConfig.InstanceCount",
    "volume_gb": "ResourceConfig.VolumeSizeInGB",
    "command": "AlgorithmSpecification.ContainerEntrypoint",
    "arguments": "AlgorithmSpecification.ContainerArguments",
    "hyperparameters": "HyperParameters",
    "environment": "Environment",
    "channels": "InputDataConfig",
    "output_path": "OutputDataConfig.S3OutputPath",
    "checkpoint_s3_uri": "CheckpointConfig.S3Uri",
    "checkpoint_local_path": "CheckpointConfig.LocalPath",
    "spot": "EnableManagedSpotTraining",
    "max_wait_seconds": "StoppingCondition.MaxWaitTimeInSeconds",
    "max_runtime_seconds": "StoppingCondition.MaxRuntimeInSeconds",
    "subnets": "VpcConfig.Subnets",
    "security_groups": "VpcConfig.SecurityGroupIds",
    "metrics": "AlgorithmSpecification.MetricDefinitions",
}
"""The member of CreateTrainingJob behind each field: to find the field of a FieldProblem."""


def payload(form: TrainingForm) -> dict[str, Any]:
    """The CreateTrainingJob request of the form. `payload(form_of(x)) == x` for any request."""
    raise NotImplementedError


def form_of(request: dict[str, Any]) -> TrainingForm:
    """The form that shows a request."""
    raise NotImplementedError


def field_of(problem_field: str) -> str | None:
    """The form's field behind `serviceRequestPayload.…`, None if the form does not show it."""
    raise NotImplementedError


def pairs_text(pairs: dict[str, str]) -> str:
    """`key=value` lines, for a text area."""
    raise NotImplementedError


def pairs_of(text: str) -> dict[str, str] | str:
    """The mapping in `key=value` lines, or one sentence on what is wrong."""
    raise NotImplementedError
