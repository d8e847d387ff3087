"""Fair shares, and the story of AWS's guide to quota management, played over the wire."""

from typing import Any

import pytest

from tests.conftest import Running
from tests.wire.batch import G5, Batch, payload


@pytest.fixture
def batch(make_sandbox: Any) -> Batch:
    sandbox: Running = make_sandbox(speed=0)
    return Batch(sandbox)


def _quota(batch: Batch) -> None:
    """Three shares of one queue: one lends and borrows, one lends, one reserves."""
    batch.environment(capacity=4, unit=G5)
    batch.quota_queue()
    batch.share("borrower", 1, "LEND_AND_BORROW", preempts=True)
    batch.share("lender", 2, "LEND")
    batch.share("reserver", 1, "RESERVE")


def _submit(batch: Batch, share: str, priority: int = 1) -> str:
    job = batch.submit(
        share, "quota", payload(seconds=36_000), quotaShareName=share, schedulingPriority=priority
    )
    batch.skip(5)
    return job


def _held(batch: Batch) -> dict[str, float]:
    """Instances held by share, as the snapshot tells."""
    usage = batch.client.get_job_queue_snapshot(jobQueue="quota")["queueUtilization"]
    shares = usage["quotaShareUtilization"]["topCapacityUtilization"]
    return {share["quotaShareName"]: share["capacityUsage"][0]["quantity"] for share in shares}


def test_idle_capacity_is_borrowed_but_not_what_is_reserved(batch: Batch) -> None:
    _quota(batch)
    jobs = [_submit(batch, "borrower") for _ in range(4)]
    batch.skip(300)
    assert [batch.status(job) for job in jobs] == ["RUNNING", "RUNNING", "RUNNING", "RUNNABLE"]
    assert _held(batch) == {"borrower": 3}


def test_the_lender_takes_its_capacity_back(batch: Batch) -> None:
    _quota(batch)
    low = [_submit(batch, "borrower", priority) for priority in (5, 1, 3)]
    batch.skip(300)
    lender = _submit(batch, "lender")
    batch.skip(300)
    assert batch.status(lender) == "RUNNING"
    assert _held(batch) == {"borrower": 2, "lender": 1}
    # the one of least priority had to go, and waits again
    assert [batch.status(job) for job in low] == ["RUNNING", "RUNNABLE", "RUNNING"]
    victim = batch.job(low[1])
    assert victim["preemptionSummary"]["preemptedAttemptCount"] == 1
    arn = victim["preemptionSummary"]["recentPreemptedAttempts"][0]["serviceResourceId"]["value"]
    training = batch.sandbox.client("sagemaker").describe_training_job(TrainingJobName=arn.rpartition("/")[2])
    assert training["TrainingJobStatus"] == "Stopped"
    # and it runs again when the lender is done
    batch.client.terminate_service_job(jobId=lender, reason="done")
    batch.skip(300)
    again = batch.job(low[1])
    assert again["status"] == "RUNNING"
    assert again["latestAttempt"]["serviceResourceId"]["value"] != arn


def test_a_raised_priority_preempts_within_the_share(batch: Batch) -> None:
    _quota(batch)
    running = [_submit(batch, "borrower", 5) for _ in range(3)]
    waiting = _submit(batch, "borrower", 1)
    batch.skip(300)
    assert batch.status(waiting) == "RUNNABLE"
    batch.client.update_service_job(jobId=waiting, schedulingPriority=9)
    batch.skip(300)
    assert batch.status(waiting) == "RUNNING"
    # of equal priority the one that had done least
    assert [batch.status(job) for job in running] == ["RUNNING", "RUNNING", "RUNNABLE"]
    assert _held(batch) == {"borrower": 3}


def test_without_in_share_preemption_priority_only_orders_the_queue(batch: Batch) -> None:
    batch.environment(capacity=1, unit=G5)
    batch.quota_queue()
    batch.share("s", 1, "RESERVE")
    first, second, third = (_submit(batch, "s") for _ in range(3))
    batch.skip(300)
    batch.client.update_service_job(jobId=third, schedulingPriority=9)
    batch.skip(300)
    assert [batch.status(job) for job in (first, second, third)] == ["RUNNING", "RUNNABLE", "RUNNABLE"]
    front = batch.client.get_job_queue_snapshot(jobQueue="quota")
    assert [job["jobArn"].rpartition("/")[2] for job in front["frontOfQueue"]["jobs"]] == [third, second]
    head = front["frontOfQuotaShares"]["quotaShares"]["s"]
    assert [job["jobArn"].rpartition("/")[2] for job in head] == [third]


def test_a_borrow_limit_holds(batch: Batch) -> None:
    batch.environment(capacity=6, unit=G5)
    batch.quota_queue()
    batch.share("borrower", 2, "LEND_AND_BORROW", borrowLimit=50)
    batch.share("lender", 4, "LEND")
    for _ in range(6):
        _submit(batch, "borrower")
    batch.skip(300)
    assert _held(batch) == {"borrower": 3}


def test_a_share_made_smaller_gives_up_what_it_borrowed_too_much(batch: Batch) -> None:
    batch.environment(capacity=4, unit=G5)
    batch.quota_queue()
    share = batch.share("borrower", 2, "LEND_AND_BORROW", borrowLimit=100)
    batch.share("lender", 2, "LEND")
    for _ in range(4):
        _submit(batch, "borrower")
    batch.skip(300)
    assert _held(batch) == {"borrower": 4}
    batch.client.update_quota_share(
        quotaShareArn=share, capacityLimits=[{"maxCapacity": 1, "capacityUnit": G5}]
    )
    batch.skip(60)
    assert _held(batch) == {"borrower": 2}


def test_a_lower_weight_gets_more(batch: Batch) -> None:
    batch.environment(capacity=10)
    weights = [{"shareIdentifier": "a", "weightFactor": 0.25}, {"shareIdentifier": "b*", "weightFactor": 1.0}]
    batch.fair_queue(shareDistribution=weights)
    batch.client.update_service_environment(serviceEnvironment="env", state="DISABLED")
    for _ in range(10):
        for share in ("a", "b1"):
            batch.submit(share, "fair", payload(seconds=36_000), shareIdentifier=share)
    batch.skip(5)
    batch.client.update_service_environment(serviceEnvironment="env", state="ENABLED")
    batch.skip(300)
    usage = batch.client.get_job_queue_snapshot(jobQueue="fair")["queueUtilization"]["fairshareUtilization"]
    held = {
        share["shareIdentifier"]: share["capacityUsage"][0]["quantity"]
        for share in usage["topCapacityUtilization"]
    }
    assert usage["activeShareCount"] == 2
    assert held == {"a": 8, "b1": 2}


def test_queues_of_higher_priority_go_first_on_a_shared_environment(batch: Batch) -> None:
    batch.environment(capacity=1)
    batch.queue("low", priority=1)
    batch.queue("high", priority=9)
    running = batch.submit(queue="low", request=payload(seconds=60))
    batch.skip(60)
    later, urgent = batch.submit(queue="low"), batch.submit(queue="high")
    batch.skip(600)
    assert [batch.status(job) for job in (running, later, urgent)] == ["SUCCEEDED", "RUNNABLE", "RUNNING"]


def test_a_disabled_queue_finishes_what_it_has(batch: Batch) -> None:
    batch.environment(capacity=1)
    batch.queue()
    jobs = [batch.submit(request=payload(seconds=30)) for _ in range(3)]
    batch.client.update_job_queue(jobQueue="queue", state="DISABLED")
    batch.skip(3600)
    assert [batch.status(job) for job in jobs] == ["SUCCEEDED"] * 3


def test_the_demo_over_the_wire(make_sandbox: Any) -> None:
    client = make_sandbox("demo").client("batch")
    queues = {queue["jobQueueName"]: queue for queue in client.describe_job_queues()["jobQueues"]}
    assert len(queues) == 4
    assert [name for name, queue in queues.items() if queue["state"] == "DISABLED"] == ["nightly"]
    shares = client.list_quota_shares(jobQueue="vision-prod")["quotaShares"]
    assert len(shares) == 5
    for name in queues:
        pages = client.get_paginator("list_service_jobs").paginate(
            jobQueue=name, filters=[{"name": "AFTER_CREATED_AT", "values": ["0"]}]
        )
        jobs = [job for page in pages for job in page["jobSummaryList"]]
        assert len(jobs) > 20
        created = [job["createdAt"] for job in jobs]
        assert created == sorted(created, reverse=True)
        detail = client.describe_service_job(jobId=jobs[0]["jobId"])
        assert detail["tags"]["owner"]
        client.get_job_queue_snapshot(jobQueue=name)
