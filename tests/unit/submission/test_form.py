"""The guided form, and several jobs from one submission."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.submission.requests import good
from tests.unit.submission.test_text import OBJECTS, VALUES
from tui.aws.validation import check_payload, instance_types
from tui.model.submission import Submission
from tui.model.sweep import copies, sweep
from tui.model.training_form import (
    FIELDS,
    KNOWN_INSTANCE_TYPES,
    Channel,
    Metric,
    TrainingForm,
    field_of,
    form_of,
    pairs_of,
    pairs_text,
    payload,
)

MEMBERS = sorted({path.split(".")[0] for path in FIELDS.values()})


def test_filled_form_is_a_request_that_passes() -> None:
    form = TrainingForm(
        image="image",
        role_arn="arn:aws:iam::123456789012:role/training",
        instance_type="ml.p5.48xlarge",
        instance_count=" 4 ",
        command="python train.py --name 'two words'",
        hyperparameters={"lr": "0.1"},
        environment={"MODE": "x"},
        channels=(Channel(s3_uri="s3://bucket/data"),),
        output_path="s3://bucket/out",
        checkpoint_s3_uri="s3://bucket/c",
        spot=True,
        max_wait_seconds="90000",
        subnets=("subnet-1", " "),
        security_groups=("sg-1",),
        metrics=(Metric("loss", "loss=([0-9.]+)"),),
    )
    request = payload(form)
    assert check_payload(request) == []
    assert request["ResourceConfig"] == {
        "InstanceType": "ml.p5.48xlarge",
        "InstanceCount": 4,
        "VolumeSizeInGB": 30,
    }
    assert request["AlgorithmSpecification"]["ContainerEntrypoint"] == [
        "python",
        "train.py",
        "--name",
        "two words",
    ]
    assert request["VpcConfig"] == {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    assert replace(form_of(request), original={}) == replace(form, instance_count="4", subnets=("subnet-1",))


def test_empty_form_names_what_is_missing() -> None:
    fields = {field_of(problem.field) for problem in check_payload(payload(TrainingForm()))}
    assert fields == {"image", "role_arn", "output_path", "instance_type"}


@given(OBJECTS | st.dictionaries(st.sampled_from(MEMBERS), VALUES | OBJECTS))
def test_any_request_survives_the_form(request: dict[str, Any]) -> None:
    assert payload(form_of(request)) == request


def test_form_changes_only_what_was_edited() -> None:
    original = good(InputDataConfig=[*good()["InputDataConfig"], {"ChannelName": "x", "DataSource": {}}])
    form = form_of(original)
    assert (form.command, form.spot, form.instance_count) == ("python train.py --name 'two words'", True, "2")
    edited = payload(
        replace(
            form,
            instance_count="3",
            channels=(replace(form.channels[0], s3_uri="s3://bucket/new"), *form.channels[1:]),
            hyperparameters=form.hyperparameters | {"lr": "0.2"},
            spot=False,
            max_wait_seconds="",
        )
    )
    expected = good(
        ResourceConfig__InstanceCount=3,
        HyperParameters__lr="0.2",
        EnableManagedSpotTraining=None,
        StoppingCondition__MaxWaitTimeInSeconds=None,
    )
    expected["InputDataConfig"] = [*expected["InputDataConfig"], {"ChannelName": "x", "DataSource": {}}]
    expected["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] = "s3://bucket/new"
    assert edited == expected
    assert original["ResourceConfig"]["InstanceCount"] == 2


def test_odd_characters_show_as_marks_and_stay_in_what_is_not_edited() -> None:
    original = good(HyperParameters={"a": "\x1b[2J", "b": "plain"})
    form = form_of(original)
    assert form.hyperparameters["a"] == "␛[2J"
    edited = payload(replace(form, hyperparameters=form.hyperparameters | {"b": "new"}))
    assert edited["HyperParameters"] == {"a": "\x1b[2J", "b": "new"}


def test_what_is_no_number_is_kept_and_named() -> None:
    request = payload(replace(form_of(good()), instance_count="two"))
    (problem,) = check_payload(request)
    assert field_of(problem.field) == "instance_count"
    assert "'two'" in problem.message


@pytest.mark.parametrize("command", ["a && b", "echo $HOME", "a | b > c", "a\nb", "it's not closed"])
def test_shell_commands_run_in_a_shell(command: str) -> None:
    request = payload(TrainingForm(command=command))
    assert request["AlgorithmSpecification"]["ContainerEntrypoint"] == ["/bin/sh", "-c", command]
    assert payload(replace(form_of(request), image="i"))["AlgorithmSpecification"]["ContainerEntrypoint"] == [
        "/bin/sh",
        "-c",
        command,
    ]


def test_known_types_exist() -> None:
    assert set(KNOWN_INSTANCE_TYPES) <= set(instance_types())
    assert len(set(KNOWN_INSTANCE_TYPES)) == len(KNOWN_INSTANCE_TYPES)


def test_fields_are_found_from_problems() -> None:
    assert field_of("serviceRequestPayload.InputDataConfig[1].DataSource") == "channels"
    assert field_of("serviceRequestPayload.OutputDataConfig") == "output_path"
    assert field_of("serviceRequestPayload.DebugHookConfig") is None
    assert field_of("jobName") is None


@given(st.dictionaries(st.from_regex(r"[A-Za-z_][\w.-]*", fullmatch=True), st.text().map(str.strip)))
def test_pairs_come_back_as_they_were(pairs: dict[str, str]) -> None:
    assert pairs_of(pairs_text(pairs)) == pairs


def test_pairs_say_what_is_wrong() -> None:
    assert pairs_of("a=1\n\nb=x=y ") == {"a": "1", "b": "x=y"}
    assert pairs_of("a=1\nb") == "line 2: write key=value"
    assert pairs_of("a=1\na=2") == "line 2: a is there twice"


BASE = Submission(job_name="train", job_queue="queue", payload=good())


def test_copies_differ_in_name_and_token_only() -> None:
    made = copies(BASE, 12)
    assert [*[job.job_name for job in made][:2], made[-1].job_name] == ["train-01", "train-02", "train-12"]
    assert len({job.client_token for job in made} | {BASE.client_token}) == 13
    assert all(replace(j, job_name="train", client_token=BASE.client_token) == BASE for j in made)
    assert copies(BASE, 1) == [BASE]


def test_sweep_makes_one_job_for_each_value() -> None:
    made = sweep(BASE, "lr", ["0.1", "0.01", "1e-3"])
    assert [job.job_name for job in made] == ["train-0_1", "train-0_01", "train-1e-3"]
    assert [job.payload["HyperParameters"] for job in made if isinstance(job.payload, dict)] == [
        {"lr": value, "epochs": "3"} for value in ("0.1", "0.01", "1e-3")
    ]
    assert len({job.client_token for job in made}) == 3


@given(st.lists(st.text(max_size=200), min_size=1, max_size=8, unique=True), st.integers(1, 128))
def test_names_of_a_sweep_are_names_and_distinct(values: list[str], length: int) -> None:
    names = [job.job_name for job in sweep(replace(BASE, job_name="n" * length), "p", values)]
    assert len(set(names)) == len(values)
    assert all(len(name) <= 128 for name in names)
    assert all(name.replace("-", "").replace("_", "").isalnum() and name.isascii() for name in names)


@pytest.mark.parametrize(
    ("parameter", "values", "payload", "words"),
    [
        ("", ["1"], good(), "name the hyperparameter"),
        ("lr", [], good(), "give the values"),
        ("lr", ["1", "1"], good(), "'1' twice"),
        ("lr", ["1"], "{oops", "not valid JSON"),
        ("lr", ["1"], good(HyperParameters=[1]), "not an object"),
        ("lr", [str(n) for n in range(1001)], good(), "1,000"),
    ],
)
def test_sweep_says_what_is_wrong(parameter: str, values: list[str], payload: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        sweep(replace(BASE, payload=payload), parameter, values)


@pytest.mark.parametrize("n", [0, -1, 1001])
def test_copies_have_a_limit(n: int) -> None:
    with pytest.raises(ValueError, match="1,000"):
        copies(BASE, n)
