"""Every failure over the wire as a Problem: its code, its words, the action it names."""

import pytest

from tests.conftest import MakeSandbox, Running
from tests.wire.live import environment
from tui.aws import batch
from tui.aws.identity import caller_identity
from tui.aws.problems import AwsProblem, Problem
from tui.aws.session import Aws, Connection
from tui.model.submission import Submission


@pytest.fixture(autouse=True)
def exported(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch)


@pytest.fixture
def aws(sandbox: Running) -> Aws:
    return Aws(Connection(endpoint_url=sandbox.url))


def problem_of(aws: Aws, queue: str = "nope") -> Problem:
    with pytest.raises(AwsProblem) as caught:
        batch.list_jobs(aws, queue, status="RUNNING")
    return caught.value.problem


def test_unknown_queue(aws: Aws) -> None:
    problem = problem_of(aws)
    assert (problem.code, problem.retryable) == ("UnknownQueue", False)
    assert "region" in problem.next_step
    with pytest.raises(AwsProblem) as caught:
        batch.snapshot(aws, "nope")
    assert caught.value.problem.code == "UnknownQueue"


def test_unknown_job(aws: Aws) -> None:
    with pytest.raises(AwsProblem) as caught:
        batch.describe_job(aws, "00000000-0000-4000-8000-000000000000")
    assert caught.value.problem.code == "NotFound"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("throttle=1.0", "Throttled"),
        ("error=1.0", "ServerError"),
        ("expired", "ExpiredToken"),
        ("drop=1.0", "Unreachable"),
        ("denied=batch:*", "AccessDenied"),
    ],
)
def test_faults(make_sandbox: MakeSandbox, fault: str, code: str) -> None:
    sandbox = make_sandbox(faults=fault)
    with pytest.raises(AwsProblem) as caught:
        batch.list_queues(Aws(Connection(endpoint_url=sandbox.url)))
    problem = caught.value.problem
    assert problem.code == code
    assert problem.title
    assert problem.cause
    assert problem.next_step


def test_access_denied_names_the_action(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(faults="denied=batch:ListServiceJobs")
    problem = problem_of(Aws(Connection(endpoint_url=sandbox.url)))
    assert problem.action == "batch:ListServiceJobs"
    assert "batch:ListServiceJobs" in problem.next_step


def test_a_connection_closed_between_two_calls_is_opened_again(aws: Aws, sandbox: Running) -> None:
    batch.list_queues(aws)
    sandbox._listener.close_connections()  # pyright: ignore[reportPrivateUsage]
    assert batch.list_queues(aws) == ()


def test_nobody_listens() -> None:
    problem = problem_of(Aws(Connection(endpoint_url="http://127.0.0.1:1")))
    assert (problem.code, problem.retryable) == ("Unreachable", True)


def test_tls_against_a_plain_endpoint(sandbox: Running) -> None:
    problem = problem_of(Aws(Connection(endpoint_url=sandbox.url.replace("http:", "https:"))))
    assert problem.code == "TlsError"


def test_a_proxy_that_is_not_there(sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert problem_of(Aws(Connection(endpoint_url=sandbox.url))).code == "ProxyError"


def test_an_endpoint_that_is_no_url() -> None:
    problem = problem_of(Aws(Connection(endpoint_url="not a url")))
    assert (problem.code, problem.fatal) == ("BadEndpoint", True)


def test_no_credentials(sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    problem = problem_of(Aws(Connection(endpoint_url=sandbox.url)))
    assert problem.code == "NoCredentials"
    assert "aws sso login" in problem.next_step


def test_parameters_are_checked_before_they_are_sent(aws: Aws) -> None:
    with pytest.raises(AwsProblem) as caught:
        aws.call("batch", "ListServiceJobs", jobQueue=5)
    assert caught.value.problem.code == "InvalidRequest"
    assert "jobQueue" in caught.value.problem.cause


def test_the_endpoint_comes_from_the_environment_too(
    sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_BATCH", sandbox.url)
    assert batch.list_queues(Aws()) == ()
    monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.url)
    assert caller_identity(Aws()).account == "123456789012"


def test_read_only_is_enforced_before_anything_is_sent(sandbox: Running) -> None:
    aws = Aws(Connection(endpoint_url=sandbox.url), read_only=True)
    acts = (
        lambda: batch.submit(aws, Submission(job_name="j", job_queue="q", payload="{}")),
        lambda: batch.update_priority(aws, "id", 1),
        lambda: batch.terminate(aws, "id", "why"),
        lambda: batch.terminate_together(aws, ("id",), "why"),
    )
    for act in acts:
        with pytest.raises(AwsProblem) as caught:
            act()
        assert caught.value.problem.code == "ReadOnly"
    assert not sandbox.endpoint.calls
