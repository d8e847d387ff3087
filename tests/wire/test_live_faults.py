"""Throttling, errors, refusals, a lost network: the last good picture stays, and it recovers alone."""

import pytest

from tests.conftest import MakeSandbox, Running
from tests.wire.batch import Batch
from tests.wire.live import Live, environment
from tests.wire.test_live_poller import submit
from tui.sandbox.server import Sandbox


@pytest.fixture(autouse=True)
def exported(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch)


@pytest.fixture
def batch(sandbox: Running) -> Batch:
    made = Batch(sandbox)
    made.environment(capacity=2)
    made.queue()
    submit(made, "stays")
    return made


def test_errors_keep_the_picture_and_go_away(batch: Batch) -> None:
    with Live(batch.sandbox) as live:
        live.settled()
        jobs = dict(live.store.queues["queue"].jobs)
        live.faults("error=1.0")
        problem = live.until(lambda: live.store.light("queue").problem)
        assert (problem.code, problem.retryable) == ("ServerError", True)
        assert live.store.light("queue").retry_at
        assert live.store.light("queue").fetched_at
        assert live.store.queues["queue"].jobs == jobs
        live.faults("")
        live.until(lambda: live.store.light("queue").problem is None)


def test_some_throttling_slows_the_poller_and_the_picture_still_comes(batch: Batch) -> None:
    with Live(batch.sandbox) as live:
        live.settled()
        live.faults("throttle=0.15")
        live.until(lambda: live.poller.rate < 200)
        job_id = submit_when_let(batch, "new")
        live.until(lambda: job_id in live.store.queues["queue"].jobs, timeout=40)
        live.faults("")
        live.until(lambda: live.poller.rate == 200, timeout=40)
        live.until(lambda: live.store.light("queue").problem is None)


def submit_when_let(batch: Batch, name: str) -> str:
    batch.client = batch.sandbox.client("batch", retries=20)
    return submit(batch, name)


def test_total_throttling_is_told(batch: Batch) -> None:
    with Live(batch.sandbox, rate=50.0) as live:
        live.settled()
        live.faults("throttle=1.0")
        problem = live.until(lambda: live.store.freshness("jobs", "queue").problem)
        assert problem.code == "Throttled"
        assert live.poller.rate < 50


def test_a_denied_call_costs_its_part_only(batch: Batch) -> None:
    with Live(batch.sandbox) as live:
        live.faults("denied=batch:GetJobQueueSnapshot,denied=sts:GetCallerIdentity")
        live.until(lambda: live.store.queues and live.store.queues["queue"].loaded)
        problem = live.until(lambda: live.store.freshness("snapshot", "queue").problem)
        assert (problem.code, problem.action) == ("AccessDenied", "batch:GetJobQueueSnapshot")
        assert live.store.freshness("jobs", "queue").problem is None
        live.rounds("queue", 3)
        assert live.asked["GetJobQueueSnapshot"] == 1, "a refusal is not asked again every second"
        live.faults("")
        live.poller.refresh_now()
        live.until(lambda: live.store.queues["queue"].snapshot)
        assert live.store.freshness("snapshot", "queue").problem is None


def test_expired_credentials_stop_everything_but_a_probe_until_they_are_renewed(batch: Batch) -> None:
    with Live(batch.sandbox) as live:
        live.settled()
        jobs = dict(live.store.queues["queue"].jobs)
        live.faults("expired")
        problem = live.until(lambda: live.store.problem)
        assert problem.code == "ExpiredToken"
        assert live.store.problem_retry_at
        live.quiet(0.5)
        before = live.asked
        live.until(lambda: live.asked != before)
        assert set(live.asked - before) == {"DescribeJobQueues"}
        assert live.store.queues["queue"].jobs == jobs
        live.faults("")
        job_id = submit(batch, "after")
        live.until(lambda: live.store.problem is None)
        live.until(lambda: job_id in live.store.queues["queue"].jobs)


def test_an_endpoint_that_goes_away_and_comes_back(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox("demo", seed=5)
    port = int(sandbox.url.rpartition(":")[2])
    with Live(sandbox) as live:
        live.settled()
        names = list(live.store.queues)
        sandbox.stop()
        problem = live.until(lambda: live.store.problem)
        assert problem.code == "Unreachable"
        assert list(live.store.queues) == names
        with Sandbox(sandbox.world, port):
            live.poller.refresh_now()
            live.until(lambda: live.store.problem is None)
            live.rounds(names[0])


def test_nothing_there_at_first_is_no_reason_to_give_up(batch: Batch) -> None:
    live = Live(batch.sandbox)
    live.faults("error=1.0")
    with live:
        live.until(lambda: live.store.freshness("queues").problem)
        assert not live.store.loaded
        live.faults("")
        live.until(lambda: live.store.loaded)


def test_a_configuration_error_is_fatal(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with Live(batch.sandbox) as live:
        problem = live.until(lambda: live.store.problem)
        assert (problem.code, problem.fatal) == ("UnknownProfile", True)
        assert live.store.problem_retry_at is None


def test_missing_credentials_are_waited_for(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with Live(batch.sandbox) as live:
        problem = live.until(lambda: live.store.problem)
        assert (problem.code, problem.fatal) == ("NoCredentials", False)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "sandbox")
        live.poller.refresh_now()
        live.until(lambda: live.store.loaded)
        assert live.store.problem is None
