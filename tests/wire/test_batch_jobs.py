"""Service jobs over the wire: submitting, listing, describing, updating, terminating."""

import json
from typing import Any

import pytest

from tests.conftest import Running
from tests.wire.batch import G5, Batch, payload, refusal

UNKNOWN = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def batch(make_sandbox: Any) -> Batch:
    """A FIFO queue of two instances in an account whose clock stands still."""
    sandbox: Running = make_sandbox(speed=0)
    batch = Batch(sandbox)
    batch.environment()
    batch.queue()
    return batch


def test_a_new_job_has_what_was_asked_for_and_little_else(batch: Batch) -> None:
    job = batch.job(
        batch.submit(
            "My_job-1",
            request=payload(2),
            schedulingPriority=7,
            timeoutConfig={"attemptDurationSeconds": 60},
            retryStrategy={"attempts": 2, "evaluateOnExit": [{"action": "RETRY", "onStatusReason": "*"}]},
            tags={"team": "x"},
        )
    )
    assert job["status"] == "SUBMITTED"
    assert job["jobArn"].endswith(f":service-job/{job['jobId']}")
    assert job["jobQueue"].endswith(":job-queue/queue")
    assert job["capacityUsage"] == [{"capacityUnit": G5, "quantity": 2.0}]
    assert (job["schedulingPriority"], job["timeoutConfig"]) == (7, {"attemptDurationSeconds": 60})
    assert job["retryStrategy"]["attempts"] == 2
    assert json.loads(job["serviceRequestPayload"])["RoleArn"]
    assert job["tags"] == {"team": "x"}
    for absent in ("startedAt", "stoppedAt", "isTerminated", "shareIdentifier", "latestAttempt", "nextToken"):
        assert absent not in job


@pytest.mark.parametrize("queue", ["name", "arn"])
def test_queues_go_by_name_or_arn(batch: Batch, queue: str) -> None:
    arn = batch.client.describe_job_queues()["jobQueues"][0]["jobQueueArn"]
    reference = arn if queue == "arn" else "queue"
    job = batch.submit(queue=reference)
    batch.skip(300)
    assert batch.names(reference) == ["job"]
    assert batch.client.get_job_queue_snapshot(jobQueue=reference)["frontOfQueue"]["jobs"] == []
    assert batch.client.describe_service_job(jobId=batch.job(job)["jobArn"])["jobId"] == job


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"jobName": "no spaces"}, "valid pattern"),
        ({"jobName": ""}, "valid pattern"),
        ({"jobQueue": "none"}, "JobQueue none not found."),
        ({"schedulingPriority": 10_000}, "between 0 and 9999"),
        ({"schedulingPriority": -1}, "between 0 and 9999"),
        ({"retryStrategy": {"attempts": 11}}, "between 1 and 10"),
        ({"retryStrategy": {"attempts": 0}}, "between 1 and 10"),
        ({"retryStrategy": {"attempts": 1, "evaluateOnExit": [{"action": "EXIT"}] * 6}}, "limit of 5"),
        (
            {
                "retryStrategy": {
                    "attempts": 1,
                    "evaluateOnExit": [{"action": "EXIT", "onStatusReason": "x" * 513}],
                }
            },
            "onStatusReason",
        ),
        ({"timeoutConfig": {"attemptDurationSeconds": 0}}, "attemptDurationSeconds"),
        ({"preemptionConfiguration": {"preemptionRetriesBeforeTermination": -1}}, "preemptionRetries"),
        ({"shareIdentifier": "a"}, "no fair-share policy"),
        ({"quotaShareName": "a"}, "no quota share policy"),
        ({"serviceRequestPayload": "x" * 10_241}, "10240"),
        ({"tags": {f"k{number}": "v" for number in range(51)}}, "50"),
        ({"tags": {"k": "v" * 257}}, "256"),
    ],
)
def test_what_cannot_be_submitted(batch: Batch, changes: dict[str, Any], says: str) -> None:
    good: dict[str, Any] = {
        "jobName": "job",
        "jobQueue": "queue",
        "serviceJobType": "SAGEMAKER_TRAINING",
        "serviceRequestPayload": payload(),
    }
    assert says in refusal(batch.client.submit_service_job, **{**good, **changes})
    assert batch.names(jobStatus="SUBMITTED") == []


def test_shares_are_required_where_there_are_some(batch: Batch) -> None:
    batch.environment("fair-env")
    batch.fair_queue(environment="fair-env")
    batch.environment("quota-env", unit=G5)
    batch.quota_queue(environment="quota-env")
    share = batch.share("s", 1, "RESERVE")
    submit = batch.client.submit_service_job
    job = {"jobName": "job", "serviceJobType": "SAGEMAKER_TRAINING", "serviceRequestPayload": payload()}
    assert "must be specified" in refusal(submit, jobQueue="fair", **job)
    assert "can't be specified" in refusal(submit, jobQueue="fair", quotaShareName="s", **job)
    assert "letters and numbers" in refusal(submit, jobQueue="fair", shareIdentifier="a*", **job)
    assert "must be specified" in refusal(submit, jobQueue="quota", **job)
    assert "can't be specified" in refusal(submit, jobQueue="quota", shareIdentifier="s", **job)
    assert "t not found" in refusal(submit, jobQueue="quota", quotaShareName="t", **job)
    batch.client.update_quota_share(quotaShareArn=share, state="DISABLED")
    assert "disabled" in refusal(submit, jobQueue="quota", quotaShareName="s", **job)
    fair = batch.submit(queue="fair", shareIdentifier="anything")
    assert batch.job(fair)["shareIdentifier"] == "anything"


def test_one_token_makes_one_job(batch: Batch) -> None:
    first = batch.submit("once", clientToken="token")
    assert batch.submit("once", clientToken="token") == first
    assert batch.submit("once", clientToken="other") != first
    assert "clientToken" in refusal(
        batch.client.submit_service_job,
        jobName="twice",
        jobQueue="queue",
        serviceJobType="SAGEMAKER_TRAINING",
        serviceRequestPayload=payload(),
        clientToken="token",
    )
    assert batch.names(jobStatus="SUBMITTED") == ["once", "once"]


def test_running_jobs_are_listed_when_nothing_is_said(batch: Batch) -> None:
    for number in range(4):
        batch.submit(f"job-{number}")
    batch.skip(300)
    assert batch.names() == ["job-1", "job-0"]
    assert batch.names(jobStatus="RUNNABLE") == ["job-3", "job-2"]
    assert batch.names(jobStatus="PENDING") == []
    summary = batch.client.list_service_jobs(jobQueue="queue")["jobSummaryList"][0]
    assert summary["serviceJobType"] == "SAGEMAKER_TRAINING"
    assert summary["latestAttempt"]["serviceResourceId"]["name"] == "TrainingJobArn"
    assert summary["createdAt"] < summary["scheduledAt"] < summary["startedAt"]
    assert not {"schedulingPriority", "attempts", "serviceRequestPayload", "tags", "stoppedAt"} & set(summary)


def _filter(name: str, *values: str) -> list[dict[str, Any]]:
    return [{"name": name, "values": list(values)}]


def test_filters_by_name_and_time_take_every_status(batch: Batch) -> None:
    for name in ("Test1", "test10", "other", "test1"):
        batch.submit(name)
    batch.skip(300)
    everything = batch.names(filters=_filter("JOB_NAME", "*"))
    assert everything == ["test1", "other", "test10", "Test1"]
    assert batch.names(filters=_filter("JOB_NAME", "TEST1")) == ["test1", "Test1"]
    assert batch.names(filters=_filter("JOB_NAME", "test1*"), jobStatus="FAILED") == [
        "test1",
        "test10",
        "Test1",
    ]
    created = [
        job["createdAt"]
        for job in batch.client.list_service_jobs(jobQueue="queue", filters=_filter("JOB_NAME", "*"))[
            "jobSummaryList"
        ]
    ]
    assert created == sorted(created, reverse=True)
    assert batch.names(filters=_filter("AFTER_CREATED_AT", str(created[1]))) == everything[:1]
    assert batch.names(filters=_filter("BEFORE_CREATED_AT", str(created[1]))) == everything[2:]
    assert batch.names(filters=_filter("AFTER_CREATED_AT", "0"), maxResults=1) == everything


def test_filters_by_share_combine_with_a_status(batch: Batch) -> None:
    batch.environment("fair-env", capacity=2)
    batch.fair_queue(environment="fair-env")
    for share in ("a", "b", "a", "b"):
        batch.submit(f"of-{share}", "fair", shareIdentifier=share)
    batch.skip(300)
    assert batch.names("fair", filters=_filter("SHARE_IDENTIFIER", "a")) == ["of-a"]
    assert batch.names("fair", filters=_filter("SHARE_IDENTIFIER", "b"), jobStatus="RUNNABLE") == ["of-b"]
    assert batch.names("fair", filters=_filter("QUOTA_SHARE_NAME", "a")) == []


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"filters": [*_filter("JOB_NAME", "a"), *_filter("JOB_NAME", "b")]}, "Only one filter"),
        ({"filters": _filter("job_name", "a")}, "not a valid filter name"),
        ({"filters": _filter("JOB_NAME")}, "exactly one value"),
        ({"filters": _filter("AFTER_CREATED_AT", "yesterday")}, "milliseconds"),
        ({"maxResults": 0}, "between 1 and 100"),
        ({"maxResults": 101}, "between 1 and 100"),
        ({"nextToken": "bm9uc2Vuc2U="}, "nextToken"),
        ({"nextToken": "\u00e4"}, "nextToken"),
        ({"nextToken": "WyJqb2JzfHF1ZXVlfHx8UlVOTklORyIsImEiLCJiIl0="}, "nextToken"),
        ({"jobQueue": "none"}, "JobQueue none not found."),
    ],
)
def test_what_cannot_be_listed(batch: Batch, how: dict[str, Any], says: str) -> None:
    assert says in refusal(batch.client.list_service_jobs, **{"jobQueue": "queue", **how})


def test_pages_stay_whole_while_jobs_come_and_go(batch: Batch) -> None:
    jobs = [batch.submit(f"job-{number}") for number in range(7)]
    batch.skip(60)
    first = batch.client.list_service_jobs(jobQueue="queue", jobStatus="RUNNABLE", maxResults=2)
    assert [job["jobName"] for job in first["jobSummaryList"]] == ["job-6", "job-5"]
    batch.submit("late")
    batch.client.terminate_service_job(jobId=jobs[5], reason="gone")
    batch.client.terminate_service_job(jobId=jobs[4], reason="gone")
    batch.skip(60)
    assert batch.names(jobStatus="RUNNABLE", maxResults=1, nextToken=first["nextToken"]) == ["job-3", "job-2"]
    token = first["nextToken"]
    assert "nextToken" in refusal(
        batch.client.list_service_jobs, jobQueue="queue", jobStatus="FAILED", nextToken=token
    )


def test_unknown_jobs(batch: Batch) -> None:
    client = batch.client
    for call, params in (
        (client.describe_service_job, {}),
        (client.update_service_job, {"schedulingPriority": 1}),
        (client.terminate_service_job, {"reason": "x"}),
    ):
        assert refusal(call, jobId=UNKNOWN, **params) == f"ServiceJob {UNKNOWN} not found."


def test_priorities(batch: Batch) -> None:
    job = batch.submit(schedulingPriority=1)
    answer = batch.client.update_service_job(jobId=job, schedulingPriority=0)
    assert answer["jobId"] == job
    assert batch.job(job)["schedulingPriority"] == 0
    assert "9999" in refusal(batch.client.update_service_job, jobId=job, schedulingPriority=10_000)
    batch.client.terminate_service_job(jobId=job, reason="x")
    assert "FAILED" in refusal(batch.client.update_service_job, jobId=job, schedulingPriority=1)


def test_many_are_terminated_one_by_one(batch: Batch) -> None:
    jobs = [batch.submit() for _ in range(3)]
    batch.skip(300)
    answer = batch.client.terminate_service_jobs(jobs=[*jobs, UNKNOWN, "nonsense"], reason="all gone")
    assert answer["successful"] == [*jobs, UNKNOWN]
    assert [(error["job"], error["code"]) for error in answer["errors"]] == [
        ("nonsense", "ValidationException")
    ]
    batch.skip(60)
    assert {(batch.status(job), batch.job(job)["statusReason"]) for job in jobs} == {("FAILED", "all gone")}
    assert "between 1 and 50" in refusal(batch.client.terminate_service_jobs, jobs=jobs * 17, reason="x")


def test_the_training_job_of_an_attempt(batch: Batch) -> None:
    job = batch.submit("My_job-1", request=payload(seconds=60))
    batch.skip(600)
    attempt = batch.job(job)["attempts"][0]
    assert attempt["statusReason"] == "Received status from SageMaker: Training job completed"
    name = attempt["serviceResourceId"]["value"].rpartition("/")[2]
    assert name.startswith("AWSBatchtrain")
    assert len(name) == len("AWSBatchtrain") + 32


def test_the_front_of_a_fifo_queue(batch: Batch) -> None:
    jobs = [batch.submit() for _ in range(5)]
    batch.skip(60)

    def front() -> list[tuple[str, int]]:
        snapshot = batch.client.get_job_queue_snapshot(jobQueue="queue")["frontOfQueue"]
        return [(job["jobArn"].rpartition("/")[2], job["earliestTimeAtPosition"]) for job in snapshot["jobs"]]

    before = front()
    assert [job for job, _ in before] == jobs[2:]
    batch.skip(100)
    assert front() == before
    batch.client.terminate_service_job(jobId=jobs[3], reason="x")
    after = front()
    assert after[0] == before[0]
    assert after[1][0] == jobs[4]
    assert after[1][1] > before[2][1]
    usage = batch.client.get_job_queue_snapshot(jobQueue="queue")["queueUtilization"]
    assert usage["totalCapacityUsage"] == [{"capacityUnit": G5, "quantity": 2.0}]
