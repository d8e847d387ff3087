"""Blueprints as files: what is read, what is refused with its place, what is written and read back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.provision.builders import EMPTY, G5, built, fair, fifo, quota
from tui.model.blueprint import Blueprint
from tui.model.blueprint_file import (
    TEARDOWN_MARK,
    Format,
    blueprint_of,
    file_text,
    format_of,
    read_blueprint,
)
from tui.model.payload_text import FieldProblem
from tui.model.queues import CapacityLimit

TOML = f"""
[serviceEnvironment]
serviceEnvironmentName = "nightly-env"
capacityLimits = [{{ maxCapacity = 2, capacityUnit = "{G5}" }}]

[jobQueue]
jobQueueName = "nightly"
priority = 7

[tags]
team = "ops"
"""


def _problems(text: str, form: Format) -> list[str]:
    found = read_blueprint(text, form)
    assert isinstance(found, list)
    return [str(problem) for problem in found]


def test_toml_is_read() -> None:
    found = read_blueprint(TOML, "toml")
    assert isinstance(found, Blueprint)
    assert found.kind == "fifo"
    assert found.job_queue.priority == 7
    assert found.service_environment.capacity_limits == (CapacityLimit(max_capacity=2, capacity_unit=G5),)
    assert found.tags_of(found.job_queue) == {"team": "ops"}


@pytest.mark.parametrize(
    "blueprint", [fifo(), fair(), quota(tags={"team": "on"})], ids=["fifo", "fair", "quota"]
)
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_what_is_written_is_read_back(blueprint: Blueprint, form: Any) -> None:
    assert read_blueprint(file_text(blueprint, form), form) == blueprint


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=20), max_size=5))
def test_any_tags_survive_the_file(tags: dict[str, str]) -> None:
    tags = {key: value for key, value in tags.items() if value}
    blueprint = fifo(tags=tags)
    assert read_blueprint(file_text(blueprint, "json"), "json") == blueprint


@pytest.mark.parametrize(
    ("name", "text", "form"),
    [
        ("queue.toml", "", "toml"),
        ("queue.YML", "", "yaml"),
        ("queue.json", "", "json"),
        ("-", '  {"jobQueue": {}}', "json"),
        ("-", TOML, "toml"),
        ("-", "jobQueue:\n  jobQueueName: a\n", "yaml"),
    ],
)
def test_the_format_is_told_by_suffix_or_text(name: str, text: str, form: str) -> None:
    assert format_of(name, text) == form


def test_typing_errors_are_named_with_their_place() -> None:
    document = {
        "jobQueue": {"jobQueueNme": "a"},
        "quotaShares": [{"capacityLimits": [{"max": 1}]}],
        "schedulingPolicy": {"fairsharePolicy": {"decay": 1}},
    }
    found = _problems(json.dumps(document), "json")
    assert [line.partition(":")[0] for line in found] == [
        "jobQueue.jobQueueNme",
        "quotaShares[0].capacityLimits[0].max",
        "schedulingPolicy.fairsharePolicy.decay",
    ]
    assert "jobQueueName" in found[0]


@pytest.mark.parametrize(
    ("text", "form", "words"),
    [
        ("", "yaml", "empty"),
        ("a = ", "toml", "not valid TOML"),
        ("{", "json", "not valid JSON"),
        ("a: [", "yaml", "not valid YAML"),
        ('{"jobQueue": {"priority": "high"}}', "json", "jobQueue.priority: expected `int`"),
        ('{"jobQueue": {"state": "on"}}', "json", "jobQueue.state"),
        ("jobQueue: 3", "yaml", "jobQueue"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, form: Format, words: str) -> None:
    assert words in _problems(text, form)[0]


def test_a_queue_that_exists_becomes_its_blueprint() -> None:
    for blueprint in (fifo(), fair(), quota()):
        name = blueprint.job_queue.job_queue_name
        assert blueprint_of(built(blueprint), name) == blueprint
    assert blueprint_of(EMPTY, "nobody") is None


def test_tags_of_aws_and_of_us_are_not_exported() -> None:
    existing = built(fifo())
    tagged = replace(existing.environments[0], tags={"aws:x": "1", TEARDOWN_MARK: "q", "own": "2"})
    found = blueprint_of(replace(existing, environments=(tagged,)), "nightly")
    assert found is not None
    assert found.service_environment.tags == {"own": "2"}


def test_a_problem_of_the_whole_file_has_its_line() -> None:
    found = read_blueprint("jobQueue:\n  a: 1\n  a: 2\n", "yaml")
    assert isinstance(found, list)
    assert found == [FieldProblem("file", "not valid YAML: 'a' is there twice", 3)]
