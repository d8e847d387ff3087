"""Shares as lines of the set-up form, limits, weights and tags as lines of the dialogs."""

import pytest

from tui.model.blueprint import ShareAnswer
from tui.model.queues import CapacityLimit, ShareAttributes
from tui.screens.policies.fair_dialogs import seconds_in
from tui.screens.resources.environment_dialog import limits_in, limits_lines
from tui.screens.resources.policy_dialog import weights_in
from tui.screens.resources.share_lines import shares_in
from tui.screens.resources.tags_dialog import tags_in, tags_text


def test_quota_shares() -> None:
    text = "prod = 8 borrow 50% preempt\n\ndev=3 lend\nci = 2\nany = 1 borrow"
    assert shares_in(text, "quota") == (
        ShareAnswer(
            name="prod", capacity=8, strategy="LEND_AND_BORROW", borrow_limit=50, in_share_preemption=True
        ),
        ShareAnswer(name="dev", capacity=3, strategy="LEND"),
        ShareAnswer(name="ci", capacity=2),
        ShareAnswer(name="any", capacity=1, strategy="LEND_AND_BORROW"),
    )


def test_fair_shares() -> None:
    assert shares_in("llm = 0.5\nteam*=2\nplain", "fair") == (
        ShareAnswer(name="llm", weight=0.5),
        ShareAnswer(name="team*", weight=2.0),
        ShareAnswer(name="plain"),
    )


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("prod", "quota", "name = instances"),
        ("prod = eight", "quota", "name = instances"),
        ("prod = 8 steal", "quota", "'steal' is none of"),
        ("prod = 8 lend 50%", "quota", "'50%' is none of"),
        ("llm = much", "fair", "identifier = weight"),
        ("a = 1\na = 2", "fair", "a is there twice"),
    ],
)
def test_what_is_wrong_is_said(text: str, kind: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        shares_in(text, "quota" if kind == "quota" else "fair")


def test_limits() -> None:
    assert limits_in("8") == (CapacityLimit(max_capacity=8, capacity_unit="NUM_INSTANCES"),)
    limits = limits_in("ml.g5.xlarge = 8\nml.p4d.24xlarge=2\n")
    assert limits_in(limits_lines(limits)) == limits
    with pytest.raises(ValueError, match="unit = number"):
        limits_in("ml.g5.xlarge = many")


def test_weights_and_tags() -> None:
    assert weights_in("llm = 0.5\nx") == (
        ShareAttributes(share_identifier="llm", weight_factor=0.5),
        ShareAttributes(share_identifier="x", weight_factor=1.0),
    )
    assert tags_in("team = vision\nurl = https://x/?a=b\nempty =") == {
        "team": "vision",
        "url": "https://x/?a=b",
        "empty": "",
    }
    assert tags_in(tags_text({"b": "2", "a": "1"})) == {"a": "1", "b": "2"}
    with pytest.raises(ValueError, match="key = value"):
        tags_in("team")


def test_spans() -> None:
    assert [seconds_in(text) for text in ("600", "10m", "6 h", "7d", "1x", "")] == [
        600,
        600,
        21_600,
        604_800,
        None,
        None,
    ]
