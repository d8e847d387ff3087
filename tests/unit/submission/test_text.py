"""Requests as JSON and YAML text, and documents."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.submission.requests import good
from tui import templates
from tui.model.jobs import EvaluateOnExit, RetryStrategy
from tui.model.payload_text import (
    FieldProblem,
    compact,
    escape_json,
    line_at,
    lines_of,
    parse_payload,
    payload_text,
    yaml_text,
)
from tui.model.submission import Submission
from tui.model.templates import document_text, read_document, with_lines

FULL = Submission(
    job_name="train",
    job_queue="queue",
    payload=good(),
    scheduling_priority=7,
    share_identifier="vision",
    retry_strategy=RetryStrategy(
        attempts=2, evaluate_on_exit=(EvaluateOnExit(action="RETRY", on_status_reason="Internal*"),)
    ),
    attempt_duration_seconds=3600,
    preemption_retries=0,
    tags={"team": "yes", "n": "1e5", "t": "1:30", "d": "2026-01-01", "e": ""},
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(), VALUES, min_size=1, max_size=4)


@given(OBJECTS)
def test_json_comes_back_as_it_was(value: dict[str, Any]) -> None:
    assert parse_payload(payload_text(value)) == value
    assert parse_payload(compact(value)) == value


@given(OBJECTS)
def test_yaml_comes_back_as_it_was(value: dict[str, Any]) -> None:
    assert parse_payload(yaml_text(value)) == value


@given(st.text(alphabet="{}[]:,-&*!|>%#'\"\n\t ab1.~\\\x1b\u202e<") | st.text())
def test_any_text_is_an_object_or_a_problem(text: str) -> None:
    found = parse_payload(text)
    assert isinstance(found, (dict, FieldProblem))
    assert isinstance(lines_of(text), dict)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", None, "empty"),
        ('{"a": 1,\n"b" 2}', 2, "not valid JSON"),
        ('{"a": 1,\n"b": 2,\n"a": 3}', 1, "'a' is there twice"),
        ('{"a": NaN}', None, "nan"),
        ('{"a": 1e999}', None, "inf"),
        ("a: 1\nb: [2\nc: 3", 3, "not valid YAML"),
        ("a: 1\nb: 2\na: 3", 3, "'a' is there twice"),
        ("- a\n- b", 1, "not a list"),
        ("just text", 1, "not text"),
        ("a: !!binary aGk=", None, "bytes"),
        ("a: &x\n  b: *x", None, ""),
        ("a: !!python/object/apply:os.system [ls]", 1, "not valid YAML"),
        ("{" + '"a":{' * 100_000, None, "nested too deeply"),
        ('{"a": ' + "9" * 5000 + "}", None, "not valid JSON"),
    ],
)
def test_what_cannot_be_read_says_why_and_where(text: str, line: int | None, words: str) -> None:
    problem = parse_payload(text)
    assert isinstance(problem, FieldProblem)
    assert words in problem.message
    if line:
        assert problem.line == line


def test_aliases_that_multiply_are_refused() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    problem = parse_payload("\n".join(rows))
    assert isinstance(problem, FieldProblem)
    assert "20,000" in problem.message


def test_yaml_keeps_text_that_older_yaml_takes_for_more() -> None:
    text = "a: yes\nb: off\nc: 1:30\nd: 2026-01-01\ne: 1e-4\nf: 010\ng: 0.5\nh: true\ni: ~\nj: -3"
    assert parse_payload(text) == {
        "a": "yes",
        "b": "off",
        "c": "1:30",
        "d": "2026-01-01",
        "e": "1e-4",
        "f": "010",
        "g": 0.5,
        "h": True,
        "i": None,
        "j": -3,
    }


def test_lines_are_those_of_the_members() -> None:
    text = '{\n\t"A": {\n\t\t"B": [\n\t\t\t1,\n\t\t\t{"C": 2}\n\t\t]\n\t}\n}'
    lines = lines_of(text)
    assert (lines["A"], lines["A.B"], lines["A.B[0]"], lines["A.B[1].C"]) == (2, 3, 4, 5)
    assert line_at(lines, "A.B[1].missing") == 5
    assert line_at(lines, "Z.B") is None


def test_json_shows_no_character_that_acts() -> None:
    odd = {"a": "\x1b[2J\u202e\U000e0041é"}
    text = payload_text(odd)
    assert text.isprintable() or all(c.isprintable() for c in text if c != "\n")
    assert "é" in text
    assert json.loads(text) == odd
    assert escape_json('{\r\n"a": 1}') == '{\n"a": 1}'


@pytest.mark.parametrize("yaml", [False, True])
def test_document_comes_back_as_it_was_with_a_new_token(yaml: bool) -> None:
    read = read_document(document_text(FULL, yaml=yaml))
    assert isinstance(read, Submission)
    assert read.client_token != FULL.client_token
    assert replace(read, client_token=FULL.client_token) == FULL


def test_document_may_be_a_training_request_alone() -> None:
    read = read_document(json.dumps(good()))
    assert isinstance(read, Submission)
    assert (read.payload, read.job_name, read.job_queue) == (good(), "", "")


def test_document_may_hold_the_payload_as_text() -> None:
    read = read_document(json.dumps({"jobName": "x", "serviceRequestPayload": json.dumps(good())}))
    assert isinstance(read, Submission)
    assert read.payload == good()


@pytest.mark.parametrize(
    ("text", "line", "field", "words"),
    [
        ("jobName: x\njobQueu: y", 2, "jobQueu", "did you mean jobQueue"),
        ("jobName: x\nschedulingPriority: high", 2, "schedulingPriority", "a whole number"),
        ("jobName: 3", 1, "jobName", "text"),
        ("jobName: x\ntags:\n  a: 1", 2, "tags", "text"),
        ("jobName: x\ntimeoutConfig:\n  seconds: 9", 2, "timeoutConfig", "attemptDurationSeconds"),
        (
            "jobName: x\npreemptionConfiguration:\n  preemptionRetriesBeforeTermination: many",
            3,
            "preemptionConfiguration.preemptionRetriesBeforeTermination",
            "a whole number",
        ),
        ("jobName: x\nretryStrategy:\n  evaluateOnExit: []", 2, "retryStrategy.attempts", "missing"),
        ("jobName: x\nserviceJobType: ECS", 2, "serviceJobType", "SAGEMAKER_TRAINING"),
        ("jobName: x\nserviceRequestPayload: [1]", 2, "serviceRequestPayload", "an object"),
        ("jobName: x\nserviceRequestPayload: '{oops'", 2, "serviceRequestPayload", "not valid JSON"),
    ],
)
def test_wrong_document_says_where(text: str, line: int, field: str, words: str) -> None:
    problems = read_document(text)
    assert isinstance(problems, list)
    assert (problems[0].field, problems[0].line) == (field, line)
    assert words in problems[0].message


def test_problems_of_a_document_get_their_lines() -> None:
    problem = FieldProblem("serviceRequestPayload.ResourceConfig.InstanceCount", "wrong")
    whole = "jobName: x\nserviceRequestPayload:\n  ResourceConfig:\n    InstanceCount: 0"
    assert with_lines([problem], whole)[0].line == 4
    assert with_lines([problem], "ResourceConfig:\n  InstanceCount: 0")[0].line == 2


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QUEUEDECK_CONFIG", str(tmp_path / "made" / "config.toml"))
    return tmp_path / "made"


def test_templates_are_saved_listed_read_and_deleted(config: Path) -> None:
    assert templates.names() == []
    path = templates.save("vision nightly", FULL)
    other = templates.save("audio.yaml", FULL)
    assert templates.names() == ["audio.yaml", "vision nightly"]
    assert [p.stat().st_mode & 0o777 for p in (path, other, path.parent)] == [0o600, 0o600, 0o700]
    for name in templates.names():
        read = templates.load(name)
        assert isinstance(read, Submission)
        assert replace(read, client_token=FULL.client_token) == FULL
    templates.delete("audio.yaml")
    assert templates.names() == ["vision nightly"]
    assert [p.name for p in path.parent.iterdir()] == ["vision nightly.json"]


def test_template_is_replaced_only_when_asked(config: Path) -> None:
    templates.save("one", FULL)
    with pytest.raises(FileExistsError):
        templates.save("one", replace(FULL, job_name="other"))
    templates.save("one", replace(FULL, job_name="other"), overwrite=True)
    read = templates.load("one")
    assert isinstance(read, Submission)
    assert read.job_name == "other"
    assert len(list(templates.folder().iterdir())) == 1


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a" * 101, "a\n"])
def test_template_name_is_a_file_name(config: Path, name: str) -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        templates.save(name, FULL)
