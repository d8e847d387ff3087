"""What the people of the demo train: believable kinds of jobs, their requests, and how they fail."""

import json
import random
from dataclasses import dataclass
from typing import Any

from tui.sandbox.batch.records import Script
from tui.sandbox.world import World

_REGISTRY = "763104351884.dkr.ecr.{region}.amazonaws.com"
PYTORCH = _REGISTRY + "/pytorch-training:2.6.0-gpu-py312-cu126-ubuntu22.04-sagemaker"
HUGGING_FACE = (
    _REGISTRY + "/huggingface-pytorch-training:2.5.1-transformers4.49.0-gpu-py311-cu124-ubuntu22.04"
)
TENSORFLOW = _REGISTRY + "/tensorflow-training:2.18.0-gpu-py310-cu125-ubuntu22.04-sagemaker"

OUT_OF_MEMORY = (
    'AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage "torch.OutOfMemoryError: CUDA out of '
    "memory. Tried to allocate 2.51 GiB. GPU 0 has a total capacity of 22.06 GiB of which 1.13 GiB is free."
    '"\nCommand "/opt/conda/bin/python3.11 {script}", exit code: 1'
)
KILLED = (
    'AlgorithmError: ExecuteUserScriptError:\nExitCode -9\nErrorMessage ""\n'
    'Command "/opt/conda/bin/python3.11 {script}", exit code: 137'
)
BAD_SHAPE = (
    'AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage "RuntimeError: mat1 and mat2 shapes '
    'cannot be multiplied (32x1024 and 768x512)"\nCommand "/opt/conda/bin/python3.11 {script}", exit code: 1'
)
NO_MODULE = (
    'AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage "ModuleNotFoundError: No module named '
    '\'flash_attn\'"\nCommand "/opt/conda/bin/python3.11 {script}", exit code: 1'
)
NCCL = (
    'AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage "torch.distributed.DistBackendError: '
    'NCCL error: unhandled system error (run with NCCL_DEBUG=INFO for details)"\nCommand "torchrun '
    '--nnodes 2 --nproc_per_node 8 {script}", exit code: 1'
)
ACCESS_DENIED = (
    "ClientError: Data download failed:AccessDenied (403): User: arn:aws:sts::{account}:assumed-role/"
    "{role}/SageMaker is not authorized to perform: s3:ListBucket on resource: "
    "arn:aws:s3:::{project}-datasets"
)
INTERNAL = "InternalServerError: We encountered an internal error. Please try again."
NO_CAPACITY = (
    "CapacityError: Unable to provision requested ML compute capacity. "
    "Please retry using a different ML instance type."
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of job that people submit again and again. `minutes` is the median time it trains.

    `burst` is how many come at once. `failures` are the reasons it fails for, `fails` how often (0-1), or
    every `fails_every`-th time if that is not 0; `starved` is how often SageMaker lacks its instances at
    the first try. `often` weighs it among others.
    """

    stem: str
    share: str = ""
    often: float = 1.0
    units: tuple[str, ...] = ("ml.g5.xlarge",)
    counts: tuple[int, ...] = (1,)
    minutes: float = 60.0
    priorities: tuple[int, ...] = (1,)
    image: str = PYTORCH
    script: str = "train.py"
    project: str = "vision"
    owners: tuple[str, ...] = ("amara", "jonas")
    parameters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    burst: int = 1
    fails: float = 0.08
    fails_every: int = 0
    failures: tuple[str, ...] = (OUT_OF_MEMORY, BAD_SHAPE, NO_MODULE)
    starved: float = 0.0
    attempts: int = 1
    preemption_retries: int | None = None


def submission(world: World, kind: Kind, queue: str, share_member: str, number: int) -> dict[str, Any]:
    """A SubmitServiceJob request for the `number`-th job of a kind."""
    chance = random.Random(f"{world.seed} {queue} {kind.stem} {number}")
    name = f"{kind.stem}-{number:04d}"
    request: dict[str, Any] = {
        "jobName": name,
        "jobQueue": queue,
        "serviceJobType": "SAGEMAKER_TRAINING",
        "serviceRequestPayload": json.dumps(_training_request(world, kind, name, chance)),
        "timeoutConfig": {"attemptDurationSeconds": 86_400},
        "retryStrategy": {
            "attempts": kind.attempts,
            "evaluateOnExit": [
                {"action": "RETRY", "onStatusReason": "Received status from SageMaker: InternalServerError*"},
                {"action": "EXIT", "onStatusReason": "*"},
            ],
        },
        "tags": {
            "owner": chance.choice(kind.owners),
            "team": kind.share or kind.project,
            "project": kind.project,
        },
    }
    if share_member:
        request[share_member] = kind.share
        request["schedulingPriority"] = chance.choice(kind.priorities)
    if kind.preemption_retries is not None:
        request["preemptionConfiguration"] = {"preemptionRetriesBeforeTermination": kind.preemption_retries}
    return request


def scripts(world: World, kind: Kind, queue: str, number: int) -> tuple[Script, ...]:
    """How the attempts of that job go: most train to the end, some fail on the way."""
    chance = random.Random(f"{world.seed} {queue} {kind.stem} {number} course")
    seconds = kind.minutes * 60 * chance.lognormvariate(0, 0.45)
    course: list[Script] = []
    while chance.random() < kind.starved and len(course) < 3:
        course.append(Script(seconds, NO_CAPACITY))
    chosen = chance.random() < kind.fails
    if (number % kind.fails_every == 0) if kind.fails_every else chosen:
        reason = chance.choice(kind.failures).format(
            script=kind.script, account=world.account, role=_role(kind), project=kind.project
        )
        course.append(Script(seconds * chance.uniform(0.02, 0.5), reason))
    if not course or course[-1].failure != "":
        course.append(Script(seconds))
    return tuple(course)


def _role(kind: Kind) -> str:
    return f"SageMakerTraining-{kind.project}"


def _training_request(world: World, kind: Kind, name: str, chance: random.Random) -> dict[str, Any]:
    bucket = f"s3://{kind.project}-datasets"
    parameters = {key: chance.choice(values) for key, values in kind.parameters}
    parameters["sagemaker_program"] = kind.script
    parameters["sagemaker_submit_directory"] = f"s3://{kind.project}-code/{kind.stem}/sourcedir.tar.gz"
    return {
        "TrainingJobName": name,
        "RoleArn": f"arn:aws:iam::{world.account}:role/{_role(kind)}",
        "AlgorithmSpecification": {
            "TrainingImage": kind.image.format(region=world.region),
            "TrainingInputMode": "FastFile",
            "MetricDefinitions": [
                {"Name": "train:loss", "Regex": r"step \d+ loss=([0-9.]+)"},
                {"Name": "eval:accuracy", "Regex": "val_acc=([0-9.]+)"},
            ],
        },
        "HyperParameters": parameters,
        "InputDataConfig": [
            {
                "ChannelName": channel,
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": f"{bucket}/{kind.stem}/{channel}/",
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
            }
            for channel in ("train", "validation")
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://{kind.project}-models/{kind.stem}/"},
        "ResourceConfig": {
            "InstanceType": chance.choice(kind.units),
            "InstanceCount": chance.choice(kind.counts),
            "VolumeSizeInGB": chance.choice((100, 200, 500)),
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 86_400},
        "EnableNetworkIsolation": False,
    }
