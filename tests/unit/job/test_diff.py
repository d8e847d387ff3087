"""What differs between two requests."""

import json

from tests.unit.live.jobs import detail, job, store_with
from tui.model.diff import differences, unified
from tui.screens.job.other_job import ordered

OLD = {
    "RoleArn": "r",
    "HyperParameters": {"lr": "1e-4", "epochs": "3"},
    "InputDataConfig": [{"ChannelName": "train", "Uri": "a"}, {"ChannelName": "test", "Uri": "b"}],
    "Tags": [1, 2],
}
NEW = {
    "HyperParameters": {"lr": "3e-4", "epochs": "3", "seed": "7"},
    "InputDataConfig": [{"ChannelName": "test", "Uri": "b"}, {"ChannelName": "train", "Uri": "c"}],
    "Tags": [1, 3],
}


def test_members_are_compared_by_name_whatever_their_order() -> None:
    found = differences(json.dumps(OLD), json.dumps(NEW))
    assert [(each.sign, each.path, each.old, each.new) for each in found] == [
        ("~", "HyperParameters.lr", '"1e-4"', '"3e-4"'),
        ("+", "HyperParameters.seed", None, '"7"'),
        ("~", "InputDataConfig[train].Uri", '"a"', '"c"'),
        ("-", "RoleArn", '"r"', None),
        ("~", "Tags[1]", "2", "3"),
    ]


def test_equal_requests_do_not_differ() -> None:
    assert differences(json.dumps(OLD), json.dumps(dict(reversed(OLD.items())))) == []
    assert unified(json.dumps(OLD), json.dumps(dict(reversed(OLD.items()))), "a", "b") == []


def test_a_number_is_not_a_text_and_true_is_not_one() -> None:
    assert len(differences('{"a": 1}', '{"a": "1"}')) == 1
    assert len(differences('{"a": 1}', '{"a": true}')) == 1


def test_what_is_no_json_is_compared_as_a_whole() -> None:
    assert differences("not json", "not json") == []
    found = differences("not json", '{"a": 1}')
    assert [(each.path, each.old, each.new) for each in found] == [("(request)", "not json", '{"a": 1}')]


def test_unified_shows_both_names() -> None:
    lines = unified('{"a": 1}', '{"a": 2}', "old job", "new job")
    assert lines[:2] == ["--- old job", "+++ new job"]
    assert '-  "a": 1' in lines
    assert '+  "a": 2' in lines


def test_the_jobs_to_compare_with_are_the_most_alike_first_and_the_good_ones_on_top() -> None:
    store = store_with("q")
    names = (
        "whisper-1",
        "llama-dpo-1",
        "llama-sft-397",
        "llama-sft-398",
        "llama-sft-399",
        "llama-sft-412",
    )
    good = {"llama-sft-397", "llama-sft-398"}
    jobs = [
        job(number, "SUCCEEDED" if name in good else "FAILED", job_name=name)
        for number, name in enumerate(names)
    ]
    store.merge_jobs("q", jobs)
    about = detail(jobs[-1])
    assert [other.job_name for other in ordered(store.queues["q"], about)] == [
        "llama-sft-398",
        "llama-sft-397",
        "llama-sft-399",
        "llama-dpo-1",
        "whisper-1",
    ]
