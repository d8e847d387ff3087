"""The user's own calls: before all others, and seen at once."""

from typing import Any

import pytest

from tests.conftest import Running
from tests.wire.batch import Batch, payload
from tests.wire.live import Live, environment
from tests.wire.test_live_poller import submit
from tui.aws import batch as operations
from tui.aws.batch import Submitted, Terminated
from tui.aws.problems import Problem
from tui.aws.session import Aws, Connection
from tui.model.submission import Submission


@pytest.fixture(autouse=True)
def exported(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch)


@pytest.fixture
def batch(sandbox: Running) -> Batch:
    made = Batch(sandbox)
    made.environment(capacity=1)
    made.fair_queue("fair")
    return made


def submission(name: str) -> Submission:
    return Submission(
        job_name=name,
        job_queue="fair",
        payload=payload(),
        share_identifier="a",
        scheduling_priority=5,
        tags={"team": "vision"},
    )


def test_a_submission_sent_twice_is_one_job(batch: Batch) -> None:
    aws = Aws(Connection(endpoint_url=batch.sandbox.url))
    one = submission("once")
    first, second = operations.submit(aws, one), operations.submit(aws, one)
    assert first == second
    assert operations.submit(aws, submission("once")).job_id != first.job_id
    described = operations.describe_job(aws, first.job_id)
    assert (described.scheduling_priority, described.share, described.tags) == (5, "a", {"team": "vision"})


def test_listings_by_name_share_and_time(batch: Batch) -> None:
    aws = Aws(Connection(endpoint_url=batch.sandbox.url))
    for name in ("llama-1", "llama-2", "other"):
        operations.submit(aws, submission(name))
    assert len(operations.list_jobs(aws, "fair", name="llama*").jobs) == 2
    assert len(operations.list_jobs(aws, "fair", created_after=0).jobs) == 3
    page = operations.list_jobs(aws, "fair", created_after=0, max_results=2)
    assert len(page.jobs) == 2
    assert (
        len(operations.list_jobs(aws, "fair", created_after=0, max_results=2, token=page.next_token).jobs)
        == 1
    )
    assert operations.list_jobs(aws, "fair", created_before=0).jobs == ()


def test_many_are_terminated_with_one_call(batch: Batch) -> None:
    aws = Aws(Connection(endpoint_url=batch.sandbox.url))
    ids = tuple(operations.submit(aws, submission(f"job-{n}")).job_id for n in range(5))
    result = operations.terminate_together(aws, ids, "not needed")
    assert set(result.successful) == set(ids)
    assert batch.sandbox.endpoint.calls["batch:TerminateServiceJobs"] == 1


def test_an_action_goes_first_and_its_job_is_described_at_once(batch: Batch) -> None:
    job_id = submit(batch, "job", "fair", shareIdentifier="a", schedulingPriority=1)
    with Live(batch.sandbox, interval=300.0) as live:
        live.settled()
        results: list[Any] = []
        live.poller.act(
            lambda aws: operations.update_priority(aws, job_id, 42),
            results.append,
            queue="fair",
            job_ids=(job_id,),
        )
        live.until(lambda: live.store.queues["fair"].priorities.get(job_id) == 42)
        assert isinstance(results[0], Submitted)
        live.poller.act(
            lambda aws: operations.terminate(aws, job_id, "enough"),
            results.append,
            queue="fair",
            job_ids=(job_id,),
        )
        live.until(lambda: live.store.queues["fair"].jobs[job_id].status == "FAILED")
        assert live.store.queues["fair"].jobs[job_id].status_reason == "enough"


def test_a_submitted_job_appears_without_waiting_for_the_next_round(batch: Batch) -> None:
    with Live(batch.sandbox, interval=300.0) as live:
        live.settled()
        results: list[Submitted | Problem] = []
        live.poller.act(lambda aws: operations.submit(aws, submission("new")), results.append, queue="fair")
        live.until(lambda: live.store.queues["fair"].jobs)
        assert isinstance(results[0], Submitted)


def test_the_refusal_of_an_action_is_its_result(batch: Batch) -> None:
    with Live(batch.sandbox, read_only=True) as live:
        live.settled()
        results: list[Terminated | Problem] = []
        live.poller.act(lambda aws: operations.terminate_together(aws, ("x",), "why"), results.append)
        live.until(lambda: results)
        assert isinstance(results[0], Problem)
        assert results[0].code == "ReadOnly"
        assert live.store.problem is None
