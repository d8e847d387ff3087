"""The filter language: what it finds, and what it says when it cannot be read."""

import pytest

from tui.model.filters import Facts, FilterError, parse, parse_duration
from tui.model.jobs import CapacityUsage, ServiceJob
from tui.model.units import HOUR, MINUTE

NOW = 1_800_000_000_000
FACTS = Facts(now_ms=lambda: NOW, priority={"a": 9, "b": 1}.get)


def job(job_id: str, name: str, status: str = "RUNNING", **more: object) -> ServiceJob:
    usage = (CapacityUsage(capacity_unit="ml.g5.xlarge", quantity=4),)
    return ServiceJob(job_id=job_id, job_name=name, status=status, capacity_usage=usage, **more)  # type: ignore[arg-type]


JOBS = (
    job("a", "llama-sft-0412", share_identifier="prod", created_at=NOW - 2 * HOUR, started_at=NOW - HOUR),
    job("b", "whisper-eval", "RUNNABLE", quota_share_name="dev", created_at=NOW - 5 * MINUTE),
    job("c", "Llama-DPO", "FAILED", status_reason="AlgorithmError: no space left, exit code: 1"),
)


def found(text: str) -> str:
    predicate = parse(text, FACTS)
    return "".join(j.job_id for j in JOBS if predicate is None or predicate(j))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", "abc"),
        ("   ", "abc"),
        ("llama", "ac"),
        ("llama sft", "a"),
        ("!llama", "b"),
        ("/sft-0[0-9]+$/", "a"),
        ("!/^llama/", "b"),
        ("/no space/", "c"),
        ("status:run", "ab"),
        ("status:=running", "a"),
        ("name:llama*", "ac"),
        ("!status:failed", "ab"),
        ("share:prod", "a"),
        ("share:dev", "b"),
        ('reason:"no space left"', "c"),
        ('"no space"', "c"),
        ("age>1h", "a"),
        ("age<1h", "b"),
        ("waited>=1h", "a"),
        ("ran>30m", "a"),
        ("pri>5", "a"),
        ("pri:1", "b"),
        ("instances>=4 type:g5", "abc"),
        ("name:llama* !share:prod", "c"),
        ("age>1h30m status:running", "a"),
    ],
)
def test_finds(text: str, ids: str) -> None:
    assert found(text) == ids


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("colour:red", "no field colour"),
        ("/[/", "not a regular expression"),
        ("age>soon", "not a duration"),
        (f"age>{'9' * 400}d", "longer than anything lasts"),
        ("pri>high", "compares with a number"),
        ("name>3", "cannot be compared"),
        ('"open', "not closed"),
        ("!", "needs something"),
        ("name:", "needs a value"),
    ],
)
def test_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(FilterError, match=says):
        parse(text, FACTS)


def test_durations() -> None:
    assert parse_duration("1h30m") == HOUR + 30 * MINUTE
    assert parse_duration("1.5h") == HOUR + 30 * MINUTE
