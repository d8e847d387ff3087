"""Training jobs made over the wire, in a queue or directly."""

import json
from typing import Any

from tests.wire.batch import G5, Batch

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
NAMESPACE = "/aws/sagemaker/TrainingJobs"


def request(name: str = "train", count: int = 1, unit: str = G5, **wishes: str) -> dict[str, Any]:
    """A CreateTrainingJob request. `wishes` are its environment: SANDBOX_SECONDS and the like."""
    return {
        "TrainingJobName": name,
        "RoleArn": "arn:aws:iam::123456789012:role/training",
        "AlgorithmSpecification": {"TrainingImage": "registry/pytorch:2.6", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        "ResourceConfig": {"InstanceType": unit, "InstanceCount": count, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 86_400},
        "Environment": wishes,
    }


def queued(batch: Batch, count: int = 1, **wishes: str) -> str:
    """Run one job through a new queue until it trains; the name of its training job."""
    batch.environment(capacity=count)
    batch.queue()
    job = batch.submit("train", request=json.dumps(request(count=count, **wishes)))
    batch.skip(240)
    assert batch.status(job) == "RUNNING"
    return batch.job(job)["latestAttempt"]["serviceResourceId"]["value"].rpartition("/")[2]
