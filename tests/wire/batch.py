"""A queue, and jobs for it, made over the wire."""

import json
from typing import Any

from botocore.exceptions import ClientError

from tests.conftest import Running

G5 = "ml.g5.xlarge"


def payload(count: int = 1, seconds: int = 3600, unit: str = G5, fail: str = "") -> str:
    return json.dumps(
        {
            "TrainingJobName": "train",
            "RoleArn": "arn:aws:iam::123456789012:role/training",
            "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
            "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
            "ResourceConfig": {"InstanceType": unit, "InstanceCount": count, "VolumeSizeInGB": 10},
            "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
            "Environment": {"SANDBOX_SECONDS": str(seconds), "SANDBOX_FAIL": fail},
        }
    )


class Batch:
    """A boto3 client with the steps that tests repeat. Time passes only when a test skips it."""

    def __init__(self, sandbox: Running) -> None:
        self.sandbox = sandbox
        self.client = sandbox.client("batch")

    def skip(self, seconds: float) -> None:
        self.sandbox.skip(seconds)

    def environment(self, name: str = "env", capacity: int = 2, unit: str = "NUM_INSTANCES") -> None:
        self.client.create_service_environment(
            serviceEnvironmentName=name,
            serviceEnvironmentType="SAGEMAKER_TRAINING",
            capacityLimits=[{"maxCapacity": capacity, "capacityUnit": unit}],
        )
        self.skip(5)

    def queue(self, name: str = "queue", environment: str = "env", **more: Any) -> None:
        self.client.create_job_queue(
            jobQueueName=name,
            jobQueueType="SAGEMAKER_TRAINING",
            priority=more.pop("priority", 1),
            serviceEnvironmentOrder=[{"order": 1, "serviceEnvironment": environment}],
            **more,
        )
        self.skip(5)

    def fair_queue(self, name: str = "fair", environment: str = "env", **policy: Any) -> None:
        arn = self.client.create_scheduling_policy(name=f"{name}-policy", fairsharePolicy=policy)["arn"]
        self.queue(name, environment, schedulingPolicyArn=arn)

    def quota_queue(self, name: str = "quota", environment: str = "env") -> None:
        arn = self.client.create_scheduling_policy(
            name=f"{name}-policy", quotaSharePolicy={"idleResourceAssignmentStrategy": "FIFO"}
        )["arn"]
        self.queue(name, environment, schedulingPolicyArn=arn)

    def share(self, name: str, limit: int, strategy: str, preempts: bool = False, **sharing: Any) -> str:
        answer = self.client.create_quota_share(
            quotaShareName=name,
            jobQueue="quota",
            capacityLimits=[{"maxCapacity": limit, "capacityUnit": G5}],
            resourceSharingConfiguration={"strategy": strategy, **sharing},
            preemptionConfiguration={"inSharePreemption": "ENABLED" if preempts else "DISABLED"},
        )
        self.skip(5)
        return answer["quotaShareArn"]

    def submit(self, name: str = "job", queue: str = "queue", request: str | None = None, **more: Any) -> str:
        answer = self.client.submit_service_job(
            jobName=name,
            jobQueue=queue,
            serviceJobType="SAGEMAKER_TRAINING",
            serviceRequestPayload=payload() if request is None else request,
            **more,
        )
        return answer["jobId"]

    def job(self, identifier: str) -> dict[str, Any]:
        return self.client.describe_service_job(jobId=identifier)

    def status(self, identifier: str) -> str:
        return self.job(identifier)["status"]

    def names(self, queue: str = "queue", **how: Any) -> list[str]:
        """Names of the jobs listed, over all pages."""
        names: list[str] = []
        while True:
            page = self.client.list_service_jobs(jobQueue=queue, **how)
            names += [job["jobName"] for job in page["jobSummaryList"]]
            if not page.get("nextToken"):
                return names
            how["nextToken"] = page["nextToken"]


def refusal(call: Any, **params: Any) -> str:
    """The message with which Batch refuses a call. Fails if it does not."""
    try:
        call(**params)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ClientException"
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        message = error.response["message"]  # where clients look
        assert message == error.response["Error"]["Message"]
        return message
    raise AssertionError("the call was not refused")
