"""The life of a service job: statuses, retries, time-outs, lack of capacity, termination, preemption."""

import pytest

from tests.unit.sandbox.account import Account, payload
from tui.sandbox.batch import retention
from tui.sandbox.batch.lifecycle import PREEMPTED, PREEMPTED_OUT, STARVED, TIMED_OUT

INTERNAL = "InternalServerError: We encountered an internal error. Please try again."
STARVED_OUT = "Terminated by JobStateTimeLimit action due to reason: CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY"


@pytest.fixture
def account() -> Account:
    account = Account()
    account.fifo(capacity=2)
    return account


def test_a_job_goes_through_every_status_in_order(account: Account) -> None:
    job = account.submit("fifo")
    seen = [job.status]
    while job.status not in ("SUCCEEDED", "FAILED"):
        account.skip(0.25)
        if job.status != seen[-1]:
            seen.append(job.status)
    assert seen == ["SUBMITTED", "RUNNABLE", "SCHEDULED", "STARTING", "RUNNING", "SUCCEEDED"]
    assert job.status_reason == "Received status from SageMaker: Training job completed"
    assert job.created_at < (job.scheduled_at or 0) < (job.started_at or 0) < (job.stopped_at or 0)
    training = account.world.training_job(job.latest_arn.rpartition("/")[2])
    assert training is not None
    phases = ["Pending", "Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert [transition.status for transition in training.transitions] == phases
    assert (training.training_ended_at or 0) - (training.training_started_at or 0) == 100_000


def test_the_next_job_waits_for_capacity_and_gets_it(account: Account) -> None:
    first = account.submit("fifo", payload(2))
    second = account.submit("fifo", payload(1))
    account.until(first, "RUNNING")
    assert second.status == "RUNNABLE"
    account.until(first, "SUCCEEDED")
    account.until(second, "RUNNING")


def test_a_training_job_that_may_not_run_so_long_is_stopped(account: Account) -> None:
    job = account.submit("fifo", payload(seconds=999, StoppingCondition={"MaxRuntimeInSeconds": 30}))
    account.until(job, "FAILED")
    assert "exceeded MaxRuntimeInSeconds" in job.status_reason
    training = account.world.training_job(job.latest_arn.rpartition("/")[2])
    assert training is not None
    assert (training.status, training.secondary_status) == ("Stopped", "MaxRuntimeExceeded")


@pytest.mark.parametrize(
    ("rules", "fail", "attempts"),
    [
        ([], INTERNAL, 3),
        ([{"action": "RETRY", "onStatusReason": "*Internal*"}], INTERNAL, 3),
        ([{"action": "EXIT", "onStatusReason": "*"}], INTERNAL, 1),
        ([{"action": "EXIT", "onStatusReason": "Received status from SageMaker: Algo*"}], INTERNAL, 3),
        # The SDK's own default has no space after the colon
        (
            [
                {"action": "Retry", "onStatusReason": f"Received status from SageMaker:{INTERNAL}"},
                {"action": "EXIT", "onStatusReason": "*"},
            ],
            INTERNAL,
            3,
        ),
        ([{"action": "EXIT", "onStatusReason": "[R]eceived*"}], INTERNAL, 3),
    ],
)
def test_evaluate_on_exit_decides_on_retries(
    account: Account, rules: list[dict[str, str]], fail: str, attempts: int
) -> None:
    job = account.submit("fifo", payload(fail=fail), retryStrategy={"attempts": 3, "evaluateOnExit": rules})
    account.until(job, "FAILED")
    assert len(job.attempts) == attempts
    assert job.status_reason == f"Received status from SageMaker: {fail}"
    assert len({attempt.training_job_arn for attempt in job.attempts}) == attempts


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("{", "not valid JSON"),
        ("[1]", "must be a JSON object"),
        ("{}", "Member must not be null"),
        (payload(RoleArn=None), "Value null at 'roleArn'"),
        (payload(ResourceConfig={"InstanceType": "ml.g5.xlarge", "InstanceCount": "two"}), "ResourceConfig"),
        (payload(AlgorithmSpecification="x"), "algorithmSpecification"),
        (payload(AlgorithmSpecification={"TrainingInputMode": "File"}), "TrainingImage"),
    ],
)
def test_a_payload_that_sagemaker_refuses_is_accepted_and_fails(
    account: Account, bad: str, says: str
) -> None:
    job = account.submit("fifo", bad)
    account.until(job, "FAILED")
    assert job.status_reason.startswith("Received status from SageMaker: ValidationException ")
    assert says in job.status_reason
    assert account.world.batch.queues["fifo"].holding == {}
    following = account.submit("fifo")
    account.until(following, "SUCCEEDED")


def test_an_attempt_that_takes_too_long_ends_the_job(account: Account) -> None:
    job = account.submit(
        "fifo",
        payload(seconds=1000),
        timeoutConfig={"attemptDurationSeconds": 60},
        retryStrategy={"attempts": 3},
    )
    account.until(job, "FAILED")
    assert job.status_reason == TIMED_OUT
    assert 60_000 <= (job.stopped_at or 0) - (job.started_at or 0) < 80_000


def test_lack_of_capacity_is_retried_without_using_attempts(account: Account) -> None:
    job = account.submit("fifo", payload(fail="CapacityError: none left."))
    account.until(job, "SCHEDULED")
    first = job.latest_arn
    account.until(job, "RUNNABLE")
    assert job.status_reason == STARVED
    assert (job.attempts, job.tries, job.latest_arn) == ((), 0, "")
    assert account.world.training_job(first.rpartition("/")[2]) is None
    account.until(job, "SCHEDULED")
    assert job.latest_arn != first
    assert job.status_reason == STARVED


def test_a_time_limit_ends_the_wait_for_capacity() -> None:
    account = Account()
    action = {
        "reason": "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
        "state": "RUNNABLE",
        "maxTimeSeconds": 900,
        "action": "TERMINATE",
    }
    account.fifo(capacity=1, jobStateTimeLimitActions=[action])
    job = account.submit("fifo", payload(fail="CapacityError: none left."))
    account.until(job, "FAILED")
    assert job.status_reason == STARVED_OUT


def test_a_queued_job_is_cancelled_at_once(account: Account) -> None:
    account.submit("fifo", payload(2))
    waiting = account.submit("fifo")
    early = account.submit("fifo")
    account.call("TerminateServiceJob", jobId=early.id, reason="never mind")
    assert (early.status, early.terminated) == ("FAILED", True)
    account.skip(20)
    assert waiting.status == "RUNNABLE"
    account.call("TerminateServiceJob", jobId=waiting.id, reason="not needed")
    assert (waiting.status, waiting.status_reason, waiting.attempts) == ("FAILED", "not needed", ())
    account.skip(20)
    assert early.status == "FAILED"


def test_a_running_job_is_stopped_then_failed(account: Account) -> None:
    job = account.submit("fifo", retryStrategy={"attempts": 5})
    account.until(job, "RUNNING")
    account.call("TerminateServiceJob", jobId=job.id, reason="enough")
    described = account.call("DescribeServiceJob", jobId=job.id)
    assert (described["status"], described["isTerminated"]) == ("RUNNING", True)
    account.until(job, "FAILED", within=30)
    assert job.status_reason == "enough"
    training = account.world.training_job(job.latest_arn.rpartition("/")[2])
    assert training is not None
    assert training.status == "Stopped"
    account.call("TerminateServiceJob", jobId=job.id, reason="again")
    assert job.status_reason == "enough"


def test_a_disabled_environment_starts_nothing_and_lets_jobs_finish(account: Account) -> None:
    first, second = account.submit("fifo", payload(2)), account.submit("fifo")
    account.until(first, "RUNNING")
    account.call("UpdateServiceEnvironment", serviceEnvironment="fifo-env", state="DISABLED")
    account.until(first, "SUCCEEDED")
    account.skip(600)
    assert second.status == "RUNNABLE"
    account.call("UpdateServiceEnvironment", serviceEnvironment="fifo-env", state="ENABLED")
    account.until(second, "SUCCEEDED")


def test_capacity_lowered_under_running_jobs_lets_them_finish(account: Account) -> None:
    jobs = [account.submit("fifo") for _ in range(3)]
    account.until(jobs[1], "RUNNING")
    limits = [{"capacityUnit": "NUM_INSTANCES", "maxCapacity": 1}]
    account.call("UpdateServiceEnvironment", serviceEnvironment="fifo-env", capacityLimits=limits)
    account.until(jobs[0], "SUCCEEDED")
    account.until(jobs[1], "SUCCEEDED")
    account.until(jobs[2], "SUCCEEDED")


def _borrowing(retries: int | None) -> tuple[Account, str]:
    """An account where `b` borrows all it may of `a`, and the id of its job."""
    account = Account()
    account.quota({"a": (1, "LEND", False), "b": (1, "LEND_AND_BORROW", False)}, capacity=2)
    more = (
        {}
        if retries is None
        else {"preemptionConfiguration": {"preemptionRetriesBeforeTermination": retries}}
    )
    jobs = [account.submit("quota", payload(seconds=2000), quotaShareName="b", **more) for _ in range(2)]
    account.until(jobs[1], "RUNNING")
    account.submit("quota", payload(seconds=5000), quotaShareName="a")
    account.skip(60)
    return account, next(job.id for job in jobs if job.preempted_count)


def test_a_preempted_job_is_queued_again() -> None:
    account, victim = _borrowing(None)
    described = account.call("DescribeServiceJob", jobId=victim)
    assert (described["status"], described["attempts"]) == ("RUNNABLE", [])
    summary = described["preemptionSummary"]
    assert summary["preemptedAttemptCount"] == 1
    attempt = summary["recentPreemptedAttempts"][0]
    assert attempt["statusReason"] == PREEMPTED
    assert attempt["startedAt"] < attempt["stoppedAt"]
    account.until(account.world.batch.jobs[victim], "SUCCEEDED")


def test_a_job_without_preemption_retries_left_fails() -> None:
    account, victim = _borrowing(0)
    job = account.world.batch.jobs[victim]
    assert (job.status, job.status_reason) == ("FAILED", PREEMPTED_OUT)


def test_lowering_a_quota_environment_takes_borrowed_capacity_back() -> None:
    account = Account()
    account.quota({"a": (1, "LEND", False), "b": (1, "LEND_AND_BORROW", False)}, capacity=2)
    jobs = [account.submit("quota", payload(seconds=2000), quotaShareName="b") for _ in range(2)]
    account.until(jobs[1], "RUNNING")
    limits = [{"capacityUnit": "ml.g5.xlarge", "maxCapacity": 1}]
    account.call("UpdateServiceEnvironment", serviceEnvironment="quota-env", capacityLimits=limits)
    account.skip(60)
    assert sorted(job.status for job in jobs) == ["RUNNABLE", "RUNNING"]


def test_records_are_forgotten_after_some_days(account: Account) -> None:
    retention.watch(account.world)
    job = account.submit("fifo", clientToken="token")
    account.until(job, "SUCCEEDED")
    name = job.latest_arn.rpartition("/")[2]
    account.skip(6 * 86_400)
    assert job.id in account.world.batch.jobs
    account.skip(2 * 86_400)
    assert job.id not in account.world.batch.jobs
    assert account.world.training_job(name) is None
    assert account.world.batch.submissions == {}
    assert account.world.batch.queues["fifo"].index.all == []


def test_training_jobs_do_not_outlive_their_time_when_their_queue_is_gone(account: Account) -> None:
    retention.watch(account.world)
    account.until(account.submit("fifo", clientToken="token"), "SUCCEEDED")
    account.call("UpdateJobQueue", jobQueue="fifo", state="DISABLED")
    account.skip(5)
    account.call("DeleteJobQueue", jobQueue="fifo")
    account.skip(6 * 86_400)
    assert len(account.world.training_jobs) == 1
    account.skip(2 * 86_400)
    assert account.world.training_jobs == {}
    assert account.world.batch.submissions == {}
