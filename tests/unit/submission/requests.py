"""A request that is complete and right, to be made wrong by tests."""

from copy import deepcopy
from typing import Any

GOOD: dict[str, Any] = {
    "TrainingJobName": "train",
    "RoleArn": "arn:aws:iam::123456789012:role/training",
    "AlgorithmSpecification": {
        "TrainingImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/train:1",
        "TrainingInputMode": "File",
        "ContainerEntrypoint": ["python", "train.py", "--name", "two words"],
        "MetricDefinitions": [{"Name": "loss", "Regex": "loss=([0-9.]+)"}],
        "EnableSageMakerMetricsTimeSeries": True,
    },
    "HyperParameters": {"lr": "0.1", "epochs": "3"},
    "Environment": {"MODE": "test"},
    "InputDataConfig": [
        {
            "ChannelName": "training",
            "DataSource": {
                "S3DataSource": {
                    "S3DataType": "S3Prefix",
                    "S3Uri": "s3://bucket/data",
                    "S3DataDistributionType": "ShardedByS3Key",
                }
            },
            "ContentType": "text/csv",
            "InputMode": "FastFile",
        }
    ],
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out", "CompressionType": "NONE"},
    "CheckpointConfig": {"S3Uri": "s3://bucket/checkpoints", "LocalPath": "/opt/ml/checkpoints"},
    "ResourceConfig": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 100},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200},
    "EnableManagedSpotTraining": True,
    "VpcConfig": {"SecurityGroupIds": ["sg-0123456789abcdef0"], "Subnets": ["subnet-1", "subnet-2"]},
}


def good(**members: Any) -> dict[str, Any]:
    """A copy with members replaced by dotted path (`__` stands for the dot); None takes one out."""
    request = deepcopy(GOOD)
    for path, value in members.items():
        *around, name = path.split("__")
        place = request
        for step in around:
            place = place[step]
        if value is None:
            del place[name]
        else:
            place[name] = value
    return request
