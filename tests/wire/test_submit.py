"""Submissions over the wire: each way of making one, what was previewed is what AWS has; and faults."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from msgspec.structs import replace

from tests.conftest import MakeSandbox, Running
from tests.unit.submission.requests import good
from tests.wire.batch import Batch
from tests.wire.live import environment
from tui import templates
from tui.actions.commands import Submit
from tui.actions.run import carry_out
from tui.aws import batch
from tui.aws.problems import AwsProblem
from tui.aws.session import Aws, Connection
from tui.aws.validation import check_request
from tui.model.jobs import EvaluateOnExit, RetryStrategy
from tui.model.payload_text import payload_text, yaml_text
from tui.model.submission import Submission, request_of, submission_of
from tui.model.submission_rules import check
from tui.model.sweep import copies, sweep
from tui.model.training_form import form_of, payload
from tui.sandbox.faults import parse_faults

FULL = Submission(
    job_name="train",
    job_queue="fair",
    payload=good(Tags=[{"Key": "cost", "Value": "7"}], Environment__PROMPT="naïve ❤️ 日本\n\u202e\x1b"),
    scheduling_priority=7,
    share_identifier="vision",
    retry_strategy=RetryStrategy(
        attempts=2, evaluate_on_exit=(EvaluateOnExit(action="RETRY", on_status_reason="Internal*"),)
    ),
    attempt_duration_seconds=3600,
    tags={"team": "vision"},
)


@pytest.fixture(autouse=True)
def exported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment(monkeypatch)
    monkeypatch.setenv("QUEUEDECK_CONFIG", str(tmp_path / "config.toml"))


def prepared(sandbox: Running) -> tuple[Batch, Aws]:
    account = Batch(sandbox)
    account.environment()
    account.fair_queue()
    return account, Aws(Connection(endpoint_url=sandbox.url))


def as_previewed(account: Batch, aws: Aws, submission: Submission) -> str:
    """Submit; what Batch then says of the job must be what the preview showed. The job's id."""
    preview = request_of(submission)
    assert check(submission, "fair") == []
    assert check_request(preview) == []
    job_id = batch.submit(aws, submission).job_id
    seen = account.job(job_id)
    assert seen["jobQueue"].endswith(f"/{preview.pop('jobQueue')}")
    del preview["clientToken"]
    assert {member: seen.get(member) for member in preview} == preview
    return job_id


def test_every_way_yields_the_job_that_was_previewed(sandbox: Running) -> None:
    account, aws = prepared(sandbox)
    form = replace(form_of(good()), instance_count="1", hyperparameters={"lr": "0.5"})
    as_previewed(account, aws, replace(FULL, client_token="form", payload=payload(form)))
    as_previewed(account, aws, replace(FULL, client_token="json", payload=payload_text(good())))
    as_previewed(account, aws, replace(FULL, client_token="yaml", payload=yaml_text(good())))
    first = as_previewed(account, aws, FULL)

    clone = submission_of(batch.describe_job(aws, first))
    assert clone.client_token != FULL.client_token
    same = replace(clone, job_name="train", client_token=FULL.client_token)
    assert request_of(same) == request_of(FULL)
    as_previewed(account, aws, clone)

    templates.save("kept.yaml", FULL)
    saved = templates.load("kept.yaml")
    assert isinstance(saved, Submission)
    as_previewed(account, aws, saved)

    jobs = [*sweep(FULL, "lr", ["0.1", "0.2"]), *copies(replace(FULL, job_name="copy"), 3)]
    ids = {as_previewed(account, aws, job) for job in jobs}
    assert len(ids) == 5


def test_clone_of_a_finished_job_is_the_same_request(sandbox: Running) -> None:
    account, aws = prepared(sandbox)
    first = as_previewed(account, aws, FULL)
    account.client.terminate_service_job(jobId=first, reason="enough")
    account.skip(60)
    assert account.status(first) == "FAILED"
    clone = submission_of(batch.describe_job(aws, first))
    as_previewed(account, aws, clone)


def test_sent_again_it_is_the_same_job(sandbox: Running) -> None:
    account, aws = prepared(sandbox)
    ids = {batch.submit(aws, FULL).job_id for _ in range(5)}
    assert len(ids) == 1
    account.skip(5)
    assert len(account.names("fair", filters=[{"name": "JOB_NAME", "values": ["train"]}])) == 1


def test_two_hundred_submissions_make_two_hundred_jobs(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox()
    account, aws = prepared(sandbox)
    sandbox.endpoint.faults = parse_faults("throttle=0.1,error=0.1,drop=0.1")
    jobs = copies(FULL, 200)

    def send(job: Submission) -> list[str]:
        result = carry_out(aws, (Submit(submission=job),))
        assert result.all_done, result.not_done
        return [done.job_id for done in result.done]

    with ThreadPoolExecutor(8) as pool:
        ids = [job_id for made in pool.map(send, jobs) for job_id in made]
    sandbox.endpoint.faults = parse_faults("")
    assert len(set(ids)) == 200
    names = account.names("fair", filters=[{"name": "JOB_NAME", "values": ["train-*"]}])
    assert sorted(names) == [job.job_name for job in jobs]
    assert sandbox.endpoint.calls["batch:SubmitServiceJob"] > 220


def answer_after_the_first(aws: Aws, status: int, message: str) -> list[int]:
    """AWS takes the first request but its answer is lost; to the second it says this. The calls so far."""
    calls: list[int] = []

    def respond(request: Any, **_: Any) -> AWSResponse | None:
        calls.append(status)
        if len(calls) == 1:
            return None
        body = json.dumps({"message": message}).encode()
        response = AWSResponse(request.url, status, {"x-amzn-errortype": "ClientException"}, None)
        response._content = body
        return response

    aws.client("batch").meta.events.register("before-send.batch.SubmitServiceJob", respond)
    return calls


def test_second_request_that_is_rejected_finds_the_job_of_the_first(sandbox: Running) -> None:
    _, aws = prepared(sandbox)
    calls = answer_after_the_first(aws, 400, "A request with this client token was received already.")
    first = batch.submit(aws, FULL)
    assert batch.submit(aws, FULL).job_id == first.job_id
    with pytest.raises(AwsProblem, match="client token"):
        batch.submit(aws, replace(FULL, payload=good(HyperParameters={"lr": "9"})))
    assert len(calls) == 3


def test_what_the_request_left_out_may_be_filled_in_by_aws(sandbox: Running) -> None:
    _, aws = prepared(sandbox)
    plain = replace(FULL, scheduling_priority=None)

    def fill_in(parsed: dict[str, Any], **_: Any) -> None:
        parsed.setdefault("schedulingPriority", 0)

    aws.client("batch").meta.events.register("after-call.batch.DescribeServiceJob", fill_in)
    answer_after_the_first(aws, 400, "A request with this client token was received already.")
    first = batch.submit(aws, plain)
    assert batch.submit(aws, plain).job_id == first.job_id


def test_what_aws_refuses_is_said_in_its_words(sandbox: Running) -> None:
    _, aws = prepared(sandbox)
    with pytest.raises(AwsProblem) as caught:
        batch.submit(aws, replace(FULL, scheduling_priority=10_000))
    assert "schedulingPriority must be between 0 and 9999, but was 10000" in caught.value.problem.cause
    assert check(replace(FULL, scheduling_priority=10_000), "fair")[0].field == "schedulingPriority"
