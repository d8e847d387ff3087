"""What the submit dialog holds as text: nothing of a request is lost, each job keeps its token."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.jobs import EvaluateOnExit, RetryStrategy
from tui.model.submission import Submission, new_token
from tui.model.training_form import form_of, payload
from tui.screens.submit.draft import (
    COPIES,
    FOLDER,
    FORM,
    TEXT,
    Draft,
    base_submission,
    job_defaults,
    job_values,
)
from tui.screens.submit.examine import examine
from tui.screens.submit.kept import Kept
from tui.screens.submit.training_source import carried_over, load, load_payload
from tui.screens.submit.training_values import form_from, training_values

REQUEST = {
    "RoleArn": "arn:aws:iam::123456789012:role/training",
    "AlgorithmSpecification": {
        "TrainingImage": "image",
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "loss", "Regex": "loss=(\\d+)\\n"}],
    },
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out", "KmsKeyId": "key"},
    "ResourceConfig": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 10},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    "HyperParameters": {"a=b": "c", "d": " e ", "": "f\ng"},
}
TEXTS = st.text(max_size=8)
REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "RoleArn": TEXTS,
        "HyperParameters": st.dictionaries(TEXTS, TEXTS, max_size=3),
        "Environment": st.dictionaries(TEXTS, TEXTS, max_size=3),
        "InputDataConfig": st.lists(
            st.fixed_dictionaries({"ChannelName": TEXTS, "Other": TEXTS}), max_size=2
        ),
        "VpcConfig": st.fixed_dictionaries({"Subnets": st.lists(TEXTS, max_size=2)}),
        "EnableManagedSpotTraining": st.booleans(),
        "Unknown": TEXTS,
    },
)


@given(REQUESTS)
def test_a_form_that_is_not_touched_is_the_request_it_shows(request: dict[str, Any]) -> None:
    form, errors = form_from(training_values(form_of(request)), request)
    assert (payload(form), errors) == (request, {})


def test_an_edited_field_changes_its_member_only() -> None:
    values = training_values(form_of(REQUEST)) | {"instance_count": "3"}
    form, _ = form_from(values, REQUEST)
    changed = payload(form)
    assert changed.pop("ResourceConfig") == REQUEST["ResourceConfig"] | {"InstanceCount": 3}
    assert changed == {key: value for key, value in REQUEST.items() if key != "ResourceConfig"}


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("channels", "training", "line 1: write it as training=s3://bucket/prefix"),
        ("channels", "a=s3://x\na=s3://y", "the channel a is there twice"),
        ("environment", "A=1\nB", "line 2: write key=value"),
    ],
)
def test_lines_that_cannot_be_read_are_named(key: str, text: str, message: str) -> None:
    _, errors = form_from(training_values(form_of(REQUEST)) | {key: text}, REQUEST)
    assert errors == {key: message}


def test_job_fields_are_the_submission_and_back() -> None:
    submission = Submission(
        job_name="name",
        job_queue="queue",
        payload=REQUEST,
        scheduling_priority=0,
        quota_share_name="prod",
        retry_strategy=RetryStrategy(
            3, (EvaluateOnExit("RETRY", "Received status*"), EvaluateOnExit("EXIT", "*"))
        ),
        attempt_duration_seconds=60,
        preemption_retries=0,
        tags={"a": "b=c"},
    )
    draft = Draft(job=job_values(submission), token=submission.client_token)
    load_payload(draft, REQUEST)
    assert base_submission(draft, "quota") == (submission, {})


def test_fields_a_queue_has_no_use_for_are_not_sent() -> None:
    draft = Draft(job=job_defaults("queue") | {"share": "a", "quota_share": "b", "preemptions": "1"})
    fifo, _ = base_submission(draft, "fifo")
    assert (fifo.share_identifier, fifo.quota_share_name, fifo.preemption_retries) == ("", "", None)
    assert base_submission(draft, "fair")[0].share_identifier == "a"
    quota, _ = base_submission(draft, "quota")
    assert (quota.share_identifier, quota.quota_share_name, quota.preemption_retries) == ("", "b", 1)


def draft_of(**job: str) -> Draft:
    draft = Draft(job=job_defaults("queue") | {"name": "name", **job})
    load_payload(draft, {**REQUEST, "HyperParameters": {}})
    return draft


def test_of_several_jobs_each_keeps_its_token_and_those_made_are_left_out() -> None:
    draft = draft_of(many=COPIES, count="3")
    first = examine(draft, "fifo").submissions
    draft.tokens = {submission.job_name: submission.client_token for submission in first}
    again = examine(draft, "fifo").submissions
    assert [(s.job_name, s.client_token) for s in again] == [(s.job_name, s.client_token) for s in first]
    draft.made = {"name-2"}
    assert [s.job_name for s in examine(draft, "fifo").submissions] == ["name-1", "name-3"]


@pytest.mark.parametrize(
    ("job", "key"),
    [
        ({"name": "x" * 129}, "name"),
        ({"priority": "10000"}, "priority"),
        ({"priority": "high"}, "priority"),
        ({"tags": "nothing"}, "tags"),
        ({"rule1": "MAYBE *"}, "rule1"),
        ({"attempts": "11"}, "attempts"),
        ({"rule1": "", "rule3": f"EXIT {'x' * 513}"}, "rule3"),
        ({"many": COPIES, "count": "0"}, "count"),
    ],
)
def test_what_is_wrong_is_told_by_its_field(job: dict[str, str], key: str) -> None:
    errors = examine(draft_of(**job), "fifo").errors
    assert list(errors) == [key]


def test_form_and_text_are_two_views_of_one_request() -> None:
    draft = draft_of()
    before = base_submission(draft, "fifo")[0].payload
    assert carried_over(draft, TEXT) == ""
    assert base_submission(draft, "fifo")[0].payload == before
    draft.text = "{oops"
    assert carried_over(draft, FORM).startswith("line 1: not valid JSON")
    assert (draft.source, draft.text) == (TEXT, "{oops")
    draft.text = "RoleArn: other  # a remark"
    assert carried_over(draft, FORM) == ""
    assert draft.training["role_arn"] == "other"
    assert carried_over(draft, TEXT) == ""
    assert "# a remark" in draft.text


def test_a_document_replaces_what_it_gives_and_no_more() -> None:
    draft = draft_of(tags="a=b", priority="5")
    load(draft, Submission(job_queue="elsewhere", scheduling_priority=7), {"queue"})
    assert (draft.job["queue"], draft.job["priority"], draft.job["tags"]) == ("queue", "7", "a=b")
    assert draft.job["rule2"] == "EXIT *"
    assert draft.training["role_arn"] == REQUEST["RoleArn"]


def test_code_that_is_not_built_is_not_sent() -> None:
    draft = draft_of()
    draft.source, draft.folder = FOLDER, {"source_dir": "x"}
    assert "ctrl+b" in examine(draft, "fifo").errors[""]
    draft.built = Submission(job_name="name", payload=REQUEST, tags={"sdk": "3"}, client_token=new_token())
    draft.built_from = {"source_dir": "x"}
    (submission,) = examine(draft, "fifo").submissions
    assert (submission.payload, submission.tags, submission.client_token) == (
        REQUEST,
        {"sdk": "3"},
        draft.token,
    )
    draft.folder = {"source_dir": "y"}
    assert not draft.is_built


def test_a_draft_is_kept_whole() -> None:
    draft = draft_of(name="kept")
    draft.made = {"x"}
    draft.built = Submission(payload=REQUEST)
    text = msgspec.json.encode(Kept(draft, draft))
    assert msgspec.json.decode(text, type=Kept).draft == draft
