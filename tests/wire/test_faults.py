"""Faults on order, as clients meet them, and the sandbox's own paths."""

import time
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError

from tests.conftest import MakeSandbox, Running
from tests.wire.batch import Batch


def error_of(call: Any, **params: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as error:
        call(**params)
    response = error.value.response
    return (
        response["Error"]["Code"],
        response["ResponseMetadata"]["HTTPStatusCode"],
        response["Error"]["Message"],
    )


def post(sandbox: Running, path: str, body: str) -> urllib3.BaseHTTPResponse:
    return urllib3.PoolManager().request("POST", f"{sandbox.url}/sandbox/{path}", body=body)


def state(sandbox: Running) -> dict[str, Any]:
    return urllib3.PoolManager().request("GET", f"{sandbox.url}/sandbox/state").json()


def test_throttling_in_each_services_words(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(faults="throttle=1")
    assert error_of(sandbox.client("batch").describe_job_queues) == (
        "TooManyRequestsException",
        429,
        "Too Many Requests",
    )
    assert error_of(sandbox.client("sagemaker").list_training_jobs)[:2] == ("ThrottlingException", 400)
    assert error_of(sandbox.client("sts").get_caller_identity)[:2] == ("Throttling", 400)
    assert error_of(sandbox.client("s3").list_buckets)[:2] == ("SlowDown", 503)


def test_a_client_that_retries_gets_through(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(faults="throttle=0.3,drop=0.2,error=0.2", seed=1)
    batch = sandbox.client("batch", retries=20)
    for _ in range(6):
        assert batch.describe_job_queues()["jobQueues"] == []
    assert sandbox.endpoint.calls["batch:DescribeJobQueues"] > 6


def test_errors_are_the_services_fault(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(faults="error=1")
    assert error_of(sandbox.client("batch").describe_job_queues)[:2] == ("ServerException", 500)
    assert error_of(sandbox.client("logs").describe_log_groups)[:2] == ("ServiceUnavailableException", 500)
    assert error_of(sandbox.client("iam").list_roles)[:2] == ("ServiceFailure", 500)


def test_denied_actions_name_who_what_and_which(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(faults="denied=batch:UpdateServiceJob,denied=batch:TerminateServiceJob")
    batch = sandbox.client("batch")
    code, status, message = error_of(batch.update_service_job, jobId="j-1", schedulingPriority=3)
    assert (code, status) == ("AccessDeniedException", 403)
    assert message.startswith(
        "User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: batch:UpdateServiceJob "
        "on resource: arn:aws:batch:us-east-1:123456789012:service-job/j-1 because"
    )
    assert batch.describe_job_queues()["jobQueues"] == []
    # Terminating many needs the permission to terminate one.
    assert error_of(batch.terminate_service_jobs, jobs=["a"], reason="r")[0] == "AccessDeniedException"


def test_expired_credentials(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(faults="expired")
    code, status, message = error_of(sandbox.client("batch").describe_job_queues)
    assert (code, status) == ("ExpiredTokenException", 403)
    assert message == "The security token included in the request is expired"
    assert error_of(sandbox.client("sts").get_caller_identity)[0] == "ExpiredToken"


def test_latency_delays_each_call(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(faults="latency=150ms")
    batch = sandbox.client("batch")
    began = time.monotonic()
    batch.describe_job_queues()
    assert time.monotonic() - began >= 0.15


def test_dropped_calls_may_have_been_carried_out(sandbox: Running) -> None:
    """Half of them were: only a client token makes it safe to send a submit again."""
    batch = Batch(sandbox)
    batch.environment()
    batch.queue()
    post(sandbox, "faults", "drop=1")
    for number in range(20):
        with pytest.raises((ConnectionClosedError, EndpointConnectionError)):
            batch.submit(f"job-{number}")
    post(sandbox, "faults", "")
    assert 0 < len(sandbox.world.batch.jobs) < 20


def test_a_client_token_makes_one_job_of_many_sendings(sandbox: Running) -> None:
    batch = Batch(sandbox)
    batch.environment()
    batch.queue()
    post(sandbox, "faults", "drop=0.6")
    batch.client = sandbox.client("batch", retries=40)
    for number in range(5):
        batch.submit(f"job-{number}", clientToken=f"token-{number}")
    assert len(sandbox.world.batch.jobs) == 5


def test_faults_change_live(sandbox: Running) -> None:
    batch = sandbox.client("batch")
    batch.describe_job_queues()
    answer = post(sandbox, "faults", '{"throttle": 1, "denied": ["s3:*"]}')
    assert (answer.status, answer.json()["throttle"]) == (200, 1)
    assert error_of(batch.describe_job_queues)[0] == "TooManyRequestsException"
    shown = urllib3.PoolManager().request("GET", f"{sandbox.url}/sandbox/faults").json()
    assert (shown["throttle"], shown["denied"]) == (1, ["s3:*"])
    refused = post(sandbox, "faults", "throttle=7")
    assert refused.status == 400
    assert "between 0 and 1" in refused.json()["message"]
    post(sandbox, "faults", "")
    assert batch.describe_job_queues()["jobQueues"] == []


def test_state_counts_jobs_calls_and_capacity(sandbox: Running) -> None:
    batch = Batch(sandbox)
    batch.environment(capacity=2)
    batch.queue()
    for _ in range(3):
        batch.submit()
    batch.skip(240)
    seen = state(sandbox)
    assert seen["queues"]["queue"] == {
        "SUBMITTED": 0,
        "PENDING": 0,
        "RUNNABLE": 1,
        "SCHEDULED": 0,
        "STARTING": 0,
        "RUNNING": 2,
        "SUCCEEDED": 0,
        "FAILED": 0,
    }
    assert seen["capacity"] == {"env": {"NUM_INSTANCES": {"used": 2, "limit": 2}}}
    assert seen["calls"]["batch:SubmitServiceJob"] == 3
    assert (seen["jobs"], seen["training_jobs"]) == (3, 2)


def test_time_can_be_skipped(sandbox: Running) -> None:
    before = state(sandbox)["now"]
    assert post(sandbox, "advance", '{"ms": 3600000}').json()["now"] >= before + 3_600_000
    for bad in ("", "{}", '{"ms": -1}', '{"ms": "x"}', '{"ms": 1e30}'):
        assert post(sandbox, "advance", bad).status == 400
    assert post(sandbox, "nonsense", "").status == 404
