"""A submission, the request it becomes, and AWS Batch's rules for it."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from tests.unit.submission.requests import good
from tui.model.jobs import (
    EvaluateOnExit,
    PreemptionConfiguration,
    RetryStrategy,
    ServiceJobDetail,
    TimeoutConfig,
)
from tui.model.payload_text import PAYLOAD, payload_text
from tui.model.submission import Submission, next_name, request_of, submission_of
from tui.model.submission_rules import check

RULES = RetryStrategy(attempts=3, evaluate_on_exit=(EvaluateOnExit(action="EXIT", on_status_reason="*"),))


def submission(**changes: Any) -> Submission:
    return replace(Submission(job_name="train", job_queue="queue", payload=good()), **changes)


def found(subject: Submission, kind: Any = "fifo", shares: Any = None) -> dict[str, str]:
    return {problem.field: problem.message for problem in check(subject, kind, shares)}


def test_request_has_what_was_given_and_nothing_else() -> None:
    bare = submission()
    assert request_of(bare) == {
        "jobName": "train",
        "jobQueue": "queue",
        "serviceJobType": "SAGEMAKER_TRAINING",
        "serviceRequestPayload": json.dumps(good(), separators=(",", ":")),
        "clientToken": bare.client_token,
    }
    full = submission(
        scheduling_priority=0,
        quota_share_name="share",
        retry_strategy=RULES,
        attempt_duration_seconds=3600,
        preemption_retries=0,
        tags={"team": "vision"},
        client_token="token",
    )
    assert request_of(full) == request_of(bare) | {
        "schedulingPriority": 0,
        "quotaShareName": "share",
        "retryStrategy": {"attempts": 3, "evaluateOnExit": [{"action": "EXIT", "onStatusReason": "*"}]},
        "timeoutConfig": {"attemptDurationSeconds": 3600},
        "preemptionConfiguration": {"preemptionRetriesBeforeTermination": 0},
        "tags": {"team": "vision"},
        "clientToken": "token",
    }


def test_each_submission_has_its_token_and_keeps_it() -> None:
    first = submission()
    assert first.client_token != submission().client_token
    assert replace(first, job_name="other").client_token == first.client_token


def test_tags_of_the_payload_become_tags_of_the_job() -> None:
    tags = [{"Key": "team", "Value": "audio"}, {"Key": "cost", "Value": "7"}]
    request = request_of(submission(payload=good(Tags=tags), tags={"team": "vision"}))
    assert request["tags"] == {"team": "vision", "cost": "7"}
    assert "Tags" not in json.loads(request[PAYLOAD])


def test_payload_as_text_is_the_same_request() -> None:
    same = submission()
    for text in (json.dumps(good()), payload_text(good()), json.dumps(good(), indent=8)):
        assert request_of(replace(same, payload=text)) == request_of(same)


def test_training_job_gets_a_name() -> None:
    request = request_of(submission(job_name="_my_job_" + "x" * 80, payload=good(TrainingJobName=None)))
    name = json.loads(request[PAYLOAD])["TrainingJobName"]
    assert name.startswith("my-job-xxx")
    assert len(name) <= 63
    assert not found(submission(payload=good(TrainingJobName=None)))


@pytest.mark.parametrize(
    ("changes", "kind", "field", "words"),
    [
        ({"job_name": ""}, "fifo", "jobName", "give the job a name"),
        ({"job_name": "a" * 129}, "fifo", "jobName", "129 characters"),
        ({"job_name": "a b"}, "fifo", "jobName", "' ' is not allowed"),
        ({"job_name": "a\n"}, "fifo", "jobName", "is not allowed"),
        ({"job_queue": ""}, "fifo", "jobQueue", "choose"),
        ({"scheduling_priority": 10000}, "fair", "schedulingPriority", "between 0 and 9999"),
        ({"scheduling_priority": -1}, "fair", "schedulingPriority", "between 0 and 9999"),
        ({}, "fair", "shareIdentifier", "needs a share identifier"),
        ({"share_identifier": "a-b"}, "fair", "shareIdentifier", "letters and digits"),
        ({"share_identifier": "a"}, "fifo", "shareIdentifier", "takes no share"),
        ({"share_identifier": "a"}, "quota", "shareIdentifier", "takes no share"),
        ({}, "quota", "quotaShareName", "needs a quota share: dev, prod"),
        ({"quota_share_name": "x"}, "quota", "quotaShareName", "no quota share 'x': dev, prod"),
        ({"quota_share_name": "dev"}, "fair", "quotaShareName", "takes no quota share"),
        ({"attempt_duration_seconds": 59}, "fifo", "timeoutConfig.attemptDurationSeconds", "at least 60"),
        (
            {"preemption_retries": -1},
            "quota",
            "preemptionConfiguration.preemptionRetriesBeforeTermination",
            "at least 0",
        ),
        (
            {"preemption_retries": 1},
            "fifo",
            "preemptionConfiguration.preemptionRetriesBeforeTermination",
            "leave it out",
        ),
        ({"client_token": "t" * 65}, "fifo", "clientToken", "65 characters"),
        ({"retry_strategy": RetryStrategy(attempts=0)}, "fifo", "retryStrategy.attempts", "1 and 10"),
        ({"retry_strategy": RetryStrategy(attempts=11)}, "fifo", "retryStrategy.attempts", "1 and 10"),
        (
            {"retry_strategy": replace(RULES, evaluate_on_exit=RULES.evaluate_on_exit * 6)},
            "fifo",
            "retryStrategy.evaluateOnExit",
            "6 rules",
        ),
        (
            {"retry_strategy": RetryStrategy(evaluate_on_exit=(EvaluateOnExit(action="STOP"),))},
            "fifo",
            "retryStrategy.evaluateOnExit[0].action",
            "RETRY or EXIT",
        ),
        (
            {
                "retry_strategy": RetryStrategy(
                    evaluate_on_exit=(EvaluateOnExit(action="EXIT", on_status_reason="x" * 513),)
                )
            },
            "fifo",
            "retryStrategy.evaluateOnExit[0].onStatusReason",
            "513 characters",
        ),
        ({"tags": {f"k{n}": "" for n in range(51)}}, "fifo", "tags", "51 tags"),
        ({"tags": {"k" * 129: ""}}, "fifo", "tags", "129 characters"),
        ({"tags": {"k": "v" * 257}}, "fifo", "tags", "257 characters"),
        ({"tags": {"aws:k": "v"}}, "fifo", "tags", "reserved"),
        ({"tags": {"k": "a;b"}}, "fifo", "tags", "only"),
        ({"tags": {"": "v"}}, "fifo", "tags", "no key"),
        ({"payload": {}}, "fifo", PAYLOAD, "describe the training job"),
        ({"payload": good(Environment={"A": "x" * 10_240})}, "fifo", PAYLOAD, "10 KiB"),
        ({"payload": good(Tags="team=vision")}, "fifo", f"{PAYLOAD}.Tags", "a Key and a Value"),
        ({"tags": {f"{n:0128}": "é" * 256 for n in range(49)}}, "fifo", PAYLOAD, "30 KiB"),
    ],
)
def test_what_aws_would_refuse_is_named_at_its_field(
    changes: dict[str, Any], kind: Any, field: str, words: str
) -> None:
    problems = found(submission(**changes), kind, ["prod", "dev"])
    assert words in problems.get(field, str(problems))


def test_limits_themselves_are_allowed() -> None:
    longest = RetryStrategy(
        attempts=10,
        evaluate_on_exit=(EvaluateOnExit(action="RETRY", on_status_reason="x" * 511 + "*"),) * 5,
    )
    limits = submission(
        job_name="a" * 128,
        scheduling_priority=9999,
        quota_share_name="prod",
        retry_strategy=longest,
        attempt_duration_seconds=60,
        preemption_retries=0,
        tags={f"{n:0128}": "v" * 32 for n in range(50)},
        client_token="t" * 64,
    )
    assert found(limits, "quota", ["prod"]) == {}
    assert found(submission(), None) == {}


def test_text_that_cannot_be_read_is_named_with_its_line() -> None:
    (problem,) = check(submission(payload='{\n  "RoleArn": "x",\n  oops}'), "fifo")
    assert (problem.field, problem.line) == (PAYLOAD, 3)
    (problem,) = check(submission(payload='{\n  "RoleArn": "x",\n\n  "Tags": 1}'), "fifo")
    assert (problem.field, problem.line) == (f"{PAYLOAD}.Tags", 4)


def test_clone_is_the_same_job_with_the_next_name() -> None:
    original = submission(
        scheduling_priority=5,
        quota_share_name="prod",
        retry_strategy=RULES,
        attempt_duration_seconds=3600,
        preemption_retries=2,
        tags={"team": "vision"},
    )
    detail = ServiceJobDetail(
        job_name="train",
        job_queue="arn:aws:batch:us-east-1:123456789012:job-queue/queue",
        scheduling_priority=5,
        quota_share_name="prod",
        retry_strategy=RULES,
        timeout_config=TimeoutConfig(attempt_duration_seconds=3600),
        preemption_configuration=PreemptionConfiguration(preemption_retries_before_termination=2),
        service_request_payload=request_of(original)[PAYLOAD],
        tags={"team": "vision", "aws:batch:x": "y"},
    )
    clone = submission_of(detail)
    assert clone.client_token != original.client_token
    again = replace(clone, job_name="train", client_token=original.client_token)
    assert request_of(again) == request_of(original)
    assert clone.job_name == "train-copy"
    assert submission_of(detail, "other").job_name == "other"


def test_clone_of_a_payload_that_is_no_json_keeps_its_text() -> None:
    assert submission_of(ServiceJobDetail(job_name="x", service_request_payload="{oops")).payload == "{oops"


def test_next_name_counts_on_and_stays_a_name() -> None:
    assert next_name("train") == "train-copy"
    assert next_name("train-copy") == "train-copy-2"
    assert next_name("train-copy-9") == "train-copy-10"
    assert next_name("a" * 128) == "a" * 123 + "-copy"
    assert len(next_name("a" * 123 + "-copy")) == 128
