"""What the tours of both SDKs share. It runs in their environments: boto3 and the standard library only."""

import json
import os
import sys
import tempfile
import urllib.request
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import boto3

QUEUE = "vision"
UNIT = "ml.g5.xlarge"
IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.6.0-gpu-py312"
LOG_GROUP = "/aws/sagemaker/TrainingJobs"
SETTLE = 30
TRAINS = {"SANDBOX_SECONDS": "600", "SANDBOX_LOG_LINES": "200"}


def skip(seconds: int) -> None:
    """Let simulated time pass."""
    body = json.dumps({"ms": seconds * 1000}).encode()
    url = f"{os.environ['AWS_ENDPOINT_URL']}/sandbox/advance"
    urllib.request.urlopen(urllib.request.Request(url, data=body, method="POST")).read()


def source_folder() -> str:
    """A local folder with a training script."""
    folder = Path(tempfile.mkdtemp()) / "source"
    folder.mkdir()
    (folder / "train.py").write_text("print('training')\n")
    return str(folder)


def create_role() -> str:
    """The role that SageMaker runs the training under; its ARN."""
    iam = boto3.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    role = iam.create_role(RoleName="training", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    policy = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
    iam.attach_role_policy(RoleName="training", PolicyArn=policy)
    return role["Arn"]


def create_quota_queue() -> None:
    """A queue under quota management with two shares of one instance each."""
    batch = boto3.client("batch")
    _create_queue(UNIT, quotaSharePolicy={"idleResourceAssignmentStrategy": "FIFO"})
    for share in ("prod", "dev"):
        batch.create_quota_share(
            quotaShareName=share,
            jobQueue=QUEUE,
            capacityLimits=[{"maxCapacity": 1, "capacityUnit": UNIT}],
            resourceSharingConfiguration={"strategy": "RESERVE"},
            preemptionConfiguration={"inSharePreemption": "DISABLED"},
        )
    skip(SETTLE)


def create_fair_queue() -> None:
    """A fair-share queue for two instances."""
    shares = [{"shareIdentifier": share, "weightFactor": 1.0} for share in ("prod", "dev")]
    _create_queue("NUM_INSTANCES", fairsharePolicy={"shareDistribution": shares})


def _create_queue(unit: str, **policy: Any) -> None:
    batch = boto3.client("batch")
    arn = batch.create_scheduling_policy(name="shares", **policy)["arn"]
    batch.create_service_environment(
        serviceEnvironmentName="gpus",
        serviceEnvironmentType="SAGEMAKER_TRAINING",
        capacityLimits=[{"maxCapacity": 2, "capacityUnit": unit}],
    )
    skip(SETTLE)
    batch.create_job_queue(
        jobQueueName=QUEUE,
        jobQueueType="SAGEMAKER_TRAINING",
        priority=1,
        schedulingPolicyArn=arn,
        serviceEnvironmentOrder=[{"order": 1, "serviceEnvironment": "gpus"}],
    )
    skip(SETTLE)


def delete_queue() -> None:
    """Shares, queue, policy, environment: in the order AWS asks for."""
    batch = boto3.client("batch")
    shares = batch.list_quota_shares(jobQueue=QUEUE)["quotaShares"]
    for share in shares:
        batch.update_quota_share(quotaShareArn=share["quotaShareArn"], state="DISABLED")
    skip(SETTLE)
    for share in shares:
        batch.delete_quota_share(quotaShareArn=share["quotaShareArn"])
    skip(SETTLE)
    queue = batch.describe_job_queues(jobQueues=[QUEUE])["jobQueues"][0]
    batch.update_job_queue(jobQueue=QUEUE, state="DISABLED")
    skip(SETTLE)
    batch.delete_job_queue(jobQueue=QUEUE)
    skip(SETTLE)
    batch.delete_scheduling_policy(arn=queue["schedulingPolicyArn"])
    batch.update_service_environment(serviceEnvironment="gpus", state="DISABLED")
    skip(SETTLE)
    batch.delete_service_environment(serviceEnvironment="gpus")
    skip(SETTLE)


def read_log(training_job: str) -> list[str]:
    """All lines of a training job's first host."""
    logs = boto3.client("logs")
    streams = logs.describe_log_streams(logGroupName=LOG_GROUP, logStreamNamePrefix=f"{training_job}/")
    stream = streams["logStreams"][0]["logStreamName"]
    page = logs.get_log_events(logGroupName=LOG_GROUP, logStreamName=stream, startFromHead=True)
    return [event["message"] for event in page["events"]]


def uploads() -> list[str]:
    """The keys of all objects in all buckets."""
    s3 = boto3.client("s3")
    return [
        item["Key"]
        for bucket in s3.list_buckets()["Buckets"]
        for item in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", [])
    ]


def leftovers() -> list[Any]:
    """What Batch still has."""
    batch = boto3.client("batch")
    return [
        *batch.describe_job_queues()["jobQueues"],
        *batch.describe_service_environments()["serviceEnvironments"],
        *batch.list_scheduling_policies()["schedulingPolicies"],
    ]


class Tour(ABC):
    """A walk that is the same with either SDK. Each says how it does a step; what is missing, boto3 does.

    `queue` is the SDK's TrainingQueue; its jobs are the SDK's too.
    """

    def __init__(self, queue: Any) -> None:
        self.queue = queue

    @abstractmethod
    def submit(self, name: str, share: str, priority: int) -> Any:
        """Queue a job."""

    @abstractmethod
    def attach(self, job: Any) -> tuple[str, str]:
        """The name and image of the training job that the SDK finds behind a queued job."""

    def list_share(self, share: str) -> list[str]:
        """Names of the RUNNABLE jobs of a share."""
        filters = [{"name": "SHARE_IDENTIFIER", "values": [share]}]
        jobs = boto3.client("batch").list_service_jobs(jobQueue=QUEUE, jobStatus="RUNNABLE", filters=filters)
        return [job["jobName"] for job in jobs["jobSummaryList"]]

    def update(self, job: Any, priority: int) -> None:
        """Give a queued job another priority."""
        boto3.client("batch").update_service_job(jobId=job.job_arn, schedulingPriority=priority)

    def walk(self) -> dict[str, Any]:
        """Go from the first job to the deletion of everything; what was seen."""
        seen: dict[str, Any] = {}
        first = self.submit("first", "prod", 5)
        self.submit("third", "dev", 1)
        skip(5)
        second = self.submit("second", "prod", 1)
        seen["uploads"] = uploads()
        skip(200)
        seen["first"] = first.describe()
        seen["running"] = sorted(job.job_name for job in self.queue.list_jobs())
        seen["by_name"] = [job.job_name for job in self.queue.list_jobs(job_name="second")]
        seen["by_share"] = self.list_share("prod")
        self.update(second, 7)
        seen["priority"] = second.describe()["schedulingPriority"]
        try:
            self.attach(second)
        except Exception as error:
            seen["not_yet"] = type(error).__name__
        second.terminate("changed my mind")
        skip(5)
        seen["terminated"] = second.describe()
        skip(900)
        seen["result"] = first.result(timeout=60)["status"]
        seen["training_job"], seen["image"] = self.attach(first)  # version 2 waits for the job's end here
        seen["log"] = read_log(seen["training_job"])
        delete_queue()
        seen["leftovers"] = leftovers()
        return seen


def tell(seen: dict[str, Any]) -> None:
    """Hand over to the test that started us."""
    Path(sys.argv[1]).write_text(json.dumps(seen, default=str))
