"""Environments, policies, queues and quota shares over the wire: their states, order and limits."""

from typing import Any

import pytest

from tests.conftest import Running
from tests.wire.batch import G5, Batch, payload, refusal


@pytest.fixture
def batch(make_sandbox: Any) -> Batch:
    sandbox: Running = make_sandbox(speed=0)
    return Batch(sandbox)


def _state(batch: Batch, name: str = "queue") -> tuple[str, str]:
    found = batch.client.describe_job_queues(jobQueues=[name])["jobQueues"]
    return (found[0]["status"], found[0]["state"]) if found else ("gone", "")


def test_creation_takes_a_moment(batch: Batch) -> None:
    create = batch.client.create_service_environment
    limits = [{"maxCapacity": 2, "capacityUnit": "NUM_INSTANCES"}]
    wanted = {"serviceEnvironmentType": "SAGEMAKER_TRAINING", "capacityLimits": limits}
    made = create(serviceEnvironmentName="env", **wanted)
    assert made["serviceEnvironmentArn"].endswith(":service-environment/env")

    def environment() -> dict[str, Any]:
        return batch.client.describe_service_environments()["serviceEnvironments"][0]

    assert environment()["status"] == "CREATING"
    order = [{"order": 1, "serviceEnvironment": "env"}]
    queue = {"jobQueueName": "queue", "jobQueueType": "SAGEMAKER_TRAINING", "priority": 0}
    assert "is not Valid" in refusal(batch.client.create_job_queue, **queue, serviceEnvironmentOrder=order)
    batch.skip(5)
    assert environment()["status"] == "VALID"
    assert refusal(create, serviceEnvironmentName="env", **wanted) == "Object already exists"
    batch.client.create_job_queue(**queue, serviceEnvironmentOrder=order, tags={"team": "x"})
    described = batch.client.describe_job_queues()["jobQueues"][0]
    assert (described["status"], described["priority"], described["tags"]) == ("CREATING", 0, {"team": "x"})
    assert described["serviceEnvironmentOrder"][0]["serviceEnvironment"] == made["serviceEnvironmentArn"]
    assert described["computeEnvironmentOrder"] == []
    assert refusal(
        batch.client.submit_service_job,
        jobName="job",
        jobQueue="queue",
        serviceJobType="SAGEMAKER_TRAINING",
        serviceRequestPayload=payload(),
    )
    batch.skip(5)
    assert _state(batch) == ("VALID", "ENABLED")
    assert refusal(batch.client.create_job_queue, **queue) == "Object already exists"


def test_things_are_taken_down_in_order(batch: Batch) -> None:
    client = batch.client
    batch.environment(capacity=4, unit=G5)
    batch.quota_queue()
    share = batch.share("s", 2, "LEND")
    policy = client.describe_job_queues()["jobQueues"][0]["schedulingPolicyArn"]
    assert "JobQueue" in refusal(client.delete_scheduling_policy, arn=policy)
    assert "DISABLED" in refusal(client.delete_job_queue, jobQueue="quota")
    assert "DISABLED" in refusal(client.delete_quota_share, quotaShareArn=share)
    assert "DISABLED" in refusal(client.delete_service_environment, serviceEnvironment="env")
    client.update_job_queue(jobQueue="quota", state="DISABLED")
    message = "Cannot delete, resource is being modified"
    assert refusal(client.delete_job_queue, jobQueue="quota") == message
    assert refusal(client.update_job_queue, jobQueue="quota", priority=3) == message.replace(
        "delete", "update"
    )
    client.update_service_environment(serviceEnvironment="env", state="DISABLED")
    batch.skip(5)
    assert "QuotaShare" in refusal(client.delete_job_queue, jobQueue="quota")
    relationship = "Cannot delete, found existing JobQueue relationship"
    assert refusal(client.delete_service_environment, serviceEnvironment="env") == relationship
    client.update_quota_share(quotaShareArn=share, state="DISABLED")
    batch.skip(5)
    client.delete_quota_share(quotaShareArn=share)
    assert client.describe_quota_share(quotaShareArn=share)["status"] == "DELETING"
    batch.skip(5)
    assert "not found" in refusal(client.describe_quota_share, quotaShareArn=share)
    client.delete_job_queue(jobQueue="quota")
    client.delete_job_queue(jobQueue="quota")
    assert _state(batch, "quota") == ("DELETING", "DISABLED")
    batch.skip(5)
    assert _state(batch, "quota") == ("gone", "")
    client.delete_scheduling_policy(arn=policy)
    client.delete_service_environment(serviceEnvironment="env")
    batch.skip(5)
    assert client.describe_service_environments()["serviceEnvironments"] == []
    assert client.list_scheduling_policies()["schedulingPolicies"] == []


def test_deleting_a_queue_ends_its_jobs_first(batch: Batch) -> None:
    batch.environment(capacity=1)
    batch.queue()
    running, waiting = batch.submit(), batch.submit()
    batch.skip(300)
    assert (batch.status(running), batch.status(waiting)) == ("RUNNING", "RUNNABLE")
    batch.client.update_job_queue(jobQueue="queue", state="DISABLED")
    batch.skip(3)
    assert "disabled" in refusal(
        batch.client.submit_service_job,
        jobName="late",
        jobQueue="queue",
        serviceJobType="SAGEMAKER_TRAINING",
        serviceRequestPayload=payload(),
    )
    batch.client.delete_job_queue(jobQueue="queue")
    assert batch.status(waiting) == "FAILED"
    assert batch.job(running)["isTerminated"] is True
    batch.skip(60)
    assert _state(batch) == ("gone", "")
    assert "not found" in refusal(batch.client.describe_service_job, jobId=running)


def test_the_environment_of_a_quota_queue_keeps_counting_by_type(batch: Batch) -> None:
    batch.environment(capacity=2, unit=G5)
    batch.quota_queue()
    limits = [{"maxCapacity": 2, "capacityUnit": "NUM_INSTANCES"}]
    update = batch.client.update_service_environment
    assert "instance type" in refusal(update, serviceEnvironment="env", capacityLimits=limits)
    update(serviceEnvironment="env", capacityLimits=[{"maxCapacity": 3, "capacityUnit": G5}])


def test_deleting_a_share_ends_its_jobs(batch: Batch) -> None:
    batch.environment(capacity=2, unit=G5)
    batch.quota_queue()
    share = batch.share("s", 1, "LEND")
    jobs = [batch.submit(queue="quota", quotaShareName="s") for _ in range(2)]
    batch.skip(300)
    batch.client.update_quota_share(quotaShareArn=share, state="DISABLED")
    batch.skip(5)
    batch.client.delete_quota_share(quotaShareArn=share)
    batch.skip(60)
    assert [batch.status(job) for job in jobs] == ["FAILED", "FAILED"]
    assert batch.client.list_quota_shares(jobQueue="quota")["quotaShares"] == []


@pytest.mark.parametrize(
    ("operation", "changes", "says"),
    [
        ("create_job_queue", {"jobQueueName": "a b"}, "valid pattern"),
        ("create_job_queue", {"jobQueueName": "x" * 129}, "valid pattern"),
        ("create_job_queue", {"priority": -1}, "priority"),
        ("create_job_queue", {"priority": 1_000_001}, "between 0 and 1000000, but was 1000001"),
        ("create_job_queue", {"jobQueueType": "ECS"}, "SAGEMAKER_TRAINING"),
        ("create_job_queue", {"serviceEnvironmentOrder": []}, "exactly one"),
        (
            "create_job_queue",
            {"serviceEnvironmentOrder": [{"order": 1, "serviceEnvironment": "none"}]},
            "none not found",
        ),
        ("create_job_queue", {"schedulingPolicyArn": "arn:none"}, "arn:none not found"),
        (
            "create_job_queue",
            {
                "jobStateTimeLimitActions": [
                    {
                        "reason": "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
                        "state": "RUNNABLE",
                        "maxTimeSeconds": 30,
                        "action": "TERMINATE",
                    }
                ]
            },
            "maxTimeSeconds",
        ),
        ("create_scheduling_policy", {"name": ""}, "valid pattern"),
        ("create_scheduling_policy", {"fairsharePolicy": {"shareDecaySeconds": 604801}}, "604800"),
        ("create_scheduling_policy", {"fairsharePolicy": {"computeReservation": 100}}, "between 0 and 99"),
        (
            "create_scheduling_policy",
            {"fairsharePolicy": {"shareDistribution": [{"shareIdentifier": "a", "weightFactor": 0.00001}]}},
            "weightFactor",
        ),
        (
            "create_scheduling_policy",
            {
                "fairsharePolicy": {
                    "shareDistribution": [{"shareIdentifier": "User*"}, {"shareIdentifier": "UserA"}]
                }
            },
            "overlap",
        ),
        (
            "create_scheduling_policy",
            {
                "fairsharePolicy": {},
                "quotaSharePolicy": {"idleResourceAssignmentStrategy": "FIFO"},
            },
            "Only one",
        ),
        ("create_service_environment", {"capacityLimits": []}, "at least one"),
        (
            "create_service_environment",
            {"capacityLimits": [{"maxCapacity": 1, "capacityUnit": "VCPU"}]},
            "capacityUnit VCPU",
        ),
        (
            "create_service_environment",
            {"capacityLimits": [{"maxCapacity": -1, "capacityUnit": "NUM_INSTANCES"}]},
            "maxCapacity",
        ),
        ("create_service_environment", {"tags": {"aws:x": "y"}}, "reserved"),
    ],
)
def test_what_cannot_be_created(batch: Batch, operation: str, changes: dict[str, Any], says: str) -> None:
    batch.environment()
    good: dict[str, dict[str, Any]] = {
        "create_job_queue": {
            "jobQueueName": "queue",
            "jobQueueType": "SAGEMAKER_TRAINING",
            "priority": 1,
            "serviceEnvironmentOrder": [{"order": 1, "serviceEnvironment": "env"}],
        },
        "create_scheduling_policy": {"name": "policy"},
        "create_service_environment": {
            "serviceEnvironmentName": "other",
            "serviceEnvironmentType": "SAGEMAKER_TRAINING",
            "capacityLimits": [{"maxCapacity": 1, "capacityUnit": "NUM_INSTANCES"}],
        },
    }
    assert says in refusal(getattr(batch.client, operation), **{**good[operation], **changes})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"quotaShareName": "a b"}, "valid pattern"),
        ({"jobQueue": "none"}, "JobQueue none not found"),
        ({"jobQueue": "fifo"}, "quota share scheduling policy"),
        ({"capacityLimits": []}, "between 1 and 5"),
        ({"capacityLimits": [{"maxCapacity": 1, "capacityUnit": "NUM_INSTANCES"}]}, "instance type"),
        ({"resourceSharingConfiguration": {"strategy": "LEND", "borrowLimit": 5}}, "LEND_AND_BORROW"),
        ({"resourceSharingConfiguration": {"strategy": "LEND_AND_BORROW", "borrowLimit": -2}}, "borrowLimit"),
        ({}, "already exists"),
    ],
)
def test_what_is_no_quota_share(batch: Batch, changes: dict[str, Any], says: str) -> None:
    batch.environment(capacity=4, unit=G5)
    batch.quota_queue()
    batch.environment("plain")
    batch.queue("fifo", "plain")
    batch.share("s", 1, "LEND")
    good = {
        "quotaShareName": "s" if not changes else "new",
        "jobQueue": "quota",
        "capacityLimits": [{"maxCapacity": 1, "capacityUnit": G5}],
        "resourceSharingConfiguration": {"strategy": "LEND"},
        "preemptionConfiguration": {"inSharePreemption": "DISABLED"},
    }
    assert says in refusal(batch.client.create_quota_share, **{**good, **changes})


def test_policies_are_replaced_in_kind_only(batch: Batch) -> None:
    client = batch.client
    batch.environment()
    batch.queue("fifo")
    batch.fair_queue()
    fair = client.create_scheduling_policy(name="other", fairsharePolicy={"shareDecaySeconds": 60})["arn"]
    quota = client.create_scheduling_policy(
        name="quota", quotaSharePolicy={"idleResourceAssignmentStrategy": "FIFO"}
    )["arn"]
    assert "can't be added" in refusal(client.update_job_queue, jobQueue="fifo", schedulingPolicyArn=fair)
    assert "same type" in refusal(client.update_job_queue, jobQueue="fair", schedulingPolicyArn=quota)
    client.update_job_queue(jobQueue="fair", schedulingPolicyArn=fair)
    assert "type" in refusal(
        client.update_scheduling_policy,
        arn=fair,
        quotaSharePolicy={"idleResourceAssignmentStrategy": "FIFO"},
    )
    weights = [{"shareIdentifier": "a", "weightFactor": 0.5}, {"shareIdentifier": "b"}]
    client.update_scheduling_policy(arn=fair, fairsharePolicy={"shareDistribution": weights})
    described = client.describe_scheduling_policies(arns=[fair, "arn:unknown"])["schedulingPolicies"]
    assert [policy["name"] for policy in described] == ["other"]
    assert described[0]["fairsharePolicy"]["shareDistribution"] == [
        weights[0],
        {**weights[1], "weightFactor": 1},
    ]


def test_a_quota_environment_serves_one_queue(batch: Batch) -> None:
    batch.environment(capacity=4, unit=G5)
    batch.quota_queue()
    assert "one job queue only" in refusal(
        batch.client.create_job_queue,
        jobQueueName="second",
        jobQueueType="SAGEMAKER_TRAINING",
        priority=1,
        serviceEnvironmentOrder=[{"order": 1, "serviceEnvironment": "env"}],
    )


def test_limits_of_the_account(batch: Batch) -> None:
    batch.environment(capacity=20, unit=G5)
    batch.quota_queue()
    for number in range(20):
        batch.client.create_quota_share(
            quotaShareName=f"s{number}",
            jobQueue="quota",
            capacityLimits=[{"maxCapacity": 1, "capacityUnit": G5}],
            resourceSharingConfiguration={"strategy": "LEND"},
            preemptionConfiguration={"inSharePreemption": "DISABLED"},
        )
    assert "limit of 20" in refusal(
        batch.client.create_quota_share,
        quotaShareName="more",
        jobQueue="quota",
        capacityLimits=[{"maxCapacity": 1, "capacityUnit": G5}],
        resourceSharingConfiguration={"strategy": "LEND"},
        preemptionConfiguration={"inSharePreemption": "DISABLED"},
    )
    for number in range(49):
        batch.client.create_service_environment(
            serviceEnvironmentName=f"e{number}",
            serviceEnvironmentType="SAGEMAKER_TRAINING",
            capacityLimits=[{"maxCapacity": 1, "capacityUnit": "NUM_INSTANCES"}],
        )
    assert "limit of 50" in refusal(
        batch.client.create_service_environment,
        serviceEnvironmentName="more",
        serviceEnvironmentType="SAGEMAKER_TRAINING",
        capacityLimits=[{"maxCapacity": 1, "capacityUnit": "NUM_INSTANCES"}],
    )


def test_pages_of_resources(batch: Batch) -> None:
    client = batch.client
    for number in range(5):
        client.create_scheduling_policy(name=f"p{number}")
    pages = list(client.get_paginator("list_scheduling_policies").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["schedulingPolicies"]) for page in pages] == [2, 2, 1]
    token = pages[0]["nextToken"]
    assert "nextToken" in refusal(client.list_scheduling_policies, nextToken="nonsense")
    assert "nextToken" in refusal(client.describe_job_queues, nextToken=token)
    for size in (0, 101):
        assert "between 1 and 100" in refusal(client.list_scheduling_policies, maxResults=size)


def test_tags(batch: Batch) -> None:
    client = batch.client
    batch.environment(capacity=4, unit=G5)
    batch.quota_queue()
    share = batch.share("s", 1, "LEND")
    job = batch.job(batch.submit(queue="quota", quotaShareName="s"))["jobArn"]
    queue = client.describe_job_queues()["jobQueues"][0]
    environment = client.describe_service_environments()["serviceEnvironments"][0]["serviceEnvironmentArn"]
    for arn in (share, job, queue["jobQueueArn"], queue["schedulingPolicyArn"], environment):
        client.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
        client.tag_resource(resourceArn=arn, tags={"a": "3"})
        client.untag_resource(resourceArn=arn, tagKeys=["b", "none"])
        assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "3"}
    many = {f"k{number}": "" for number in range(50)}
    assert "limit of 50" in refusal(client.tag_resource, resourceArn=job, tags=many)
    assert "not found" in refusal(client.list_tags_for_resource, resourceArn=job[:-1] + "z")
    assert "valid" in refusal(client.list_tags_for_resource, resourceArn="arn:aws:s3:::bucket")
