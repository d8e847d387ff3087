"""Small clusters for screens, built over the wire: one queue of a kind, jobs that run and jobs that wait."""

import json
from typing import Any

from tests.conftest import Running

UNIT = "ml.g5.xlarge"


def environment(sandbox: Running, name: str, capacity: int, unit: str = "NUM_INSTANCES") -> None:
    sandbox.client("batch").create_service_environment(
        serviceEnvironmentName=name,
        serviceEnvironmentType="SAGEMAKER_TRAINING",
        capacityLimits=[{"capacityUnit": unit, "maxCapacity": capacity}],
    )
    sandbox.skip(5)


def queue(sandbox: Running, name: str, environment: str, policy: str = "", priority: int = 1) -> None:
    more = {"schedulingPolicyArn": policy} if policy else {}
    sandbox.client("batch").create_job_queue(
        jobQueueName=name,
        priority=priority,
        jobQueueType="SAGEMAKER_TRAINING",
        serviceEnvironmentOrder=[{"order": 1, "serviceEnvironment": environment}],
        **more,
    )
    sandbox.skip(5)


def fair_queue(sandbox: Running, name: str, capacity: int, **policy: Any) -> None:
    """A fair-share queue on `<name>-env`, by the policy `<name>-policy`."""
    environment(sandbox, f"{name}-env", capacity)
    made = sandbox.client("batch").create_scheduling_policy(name=f"{name}-policy", fairsharePolicy=policy)
    queue(sandbox, name, f"{name}-env", made["arn"])


def quota_queue(sandbox: Running, name: str, capacity: int, shares: dict[str, dict[str, Any]]) -> None:
    """A queue with quota management. A share is `{"limit": 4, "strategy": "LEND", "borrow": 50}`."""
    environment(sandbox, f"{name}-env", capacity, UNIT)
    batch = sandbox.client("batch")
    made = batch.create_scheduling_policy(
        name=f"{name}-policy", quotaSharePolicy={"idleResourceAssignmentStrategy": "FIFO"}
    )
    queue(sandbox, name, f"{name}-env", made["arn"])
    for share, terms in shares.items():
        sharing = {"strategy": terms.get("strategy", "RESERVE")}
        if "borrow" in terms:
            sharing["borrowLimit"] = terms["borrow"]
        batch.create_quota_share(
            quotaShareName=share,
            jobQueue=name,
            capacityLimits=[{"capacityUnit": UNIT, "maxCapacity": terms["limit"]}],
            resourceSharingConfiguration=sharing,
            preemptionConfiguration={"inSharePreemption": terms.get("in_share", "DISABLED")},
            state="ENABLED",
        )
    sandbox.skip(5)


def submit(
    sandbox: Running, queue: str, name: str, *, instances: int = 1, seconds: int = 100_000, **more: Any
) -> str:
    """A job that runs so many simulated seconds; its id."""
    payload = {
        "TrainingJobName": name,
        "RoleArn": "arn:aws:iam::123456789012:role/training",
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        "ResourceConfig": {"InstanceType": UNIT, "InstanceCount": instances, "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 400_000},
        "Environment": {"SANDBOX_SECONDS": str(seconds)},
    }
    answer = sandbox.client("batch").submit_service_job(
        jobName=name,
        jobQueue=queue,
        serviceJobType="SAGEMAKER_TRAINING",
        serviceRequestPayload=json.dumps(payload),
        **more,
    )
    sandbox.skip(0.2)
    return answer["jobId"]


def statuses(sandbox: Running, queue: str) -> dict[str, str]:
    """The status of every active job, by name."""
    batch = sandbox.client("batch")
    found: dict[str, str] = {}
    for status in ("SUBMITTED", "PENDING", "RUNNABLE", "SCHEDULED", "STARTING", "RUNNING"):
        for job in batch.list_service_jobs(jobQueue=queue, jobStatus=status)["jobSummaryList"]:
            found[job["jobName"]] = status
    return found


def holding(sandbox: Running, queue: str) -> set[str]:
    """The names of the jobs that have capacity."""
    held = ("SCHEDULED", "STARTING", "RUNNING")
    return {name for name, status in statuses(sandbox, queue).items() if status in held}
