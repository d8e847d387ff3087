"""The values that mirror AWS's shapes, the times computed from them, and the cleaning of text."""

import msgspec
import pytest

from tui.model.jobs import ServiceJob, ServiceJobDetail, median, ran_ms, waited_ms
from tui.model.queues import JobQueue, SchedulingPolicy, policy_kind
from tui.model.text import clean, clean_tree, one_line
from tui.model.units import clock, count, duration, size


def test_a_response_becomes_a_struct_and_the_same_json() -> None:
    wire = {
        "jobId": "1",
        "jobName": "n",
        "serviceJobType": "SAGEMAKER_TRAINING",
        "createdAt": 5,
        "latestAttempt": {"serviceResourceId": {"name": "TrainingJobArn", "value": "arn"}},
        "capacityUsage": [{"capacityUnit": "ml.g5.xlarge", "quantity": 4.0}],
        "newMember": {"of": "tomorrow"},
    }
    job = msgspec.convert(wire, ServiceJob)
    assert (job.job_id, job.instances, job.instance_type, job.training_job_arn) == (
        "1",
        4,
        "ml.g5.xlarge",
        "arn",
    )
    assert job.started_at is None
    sent = msgspec.json.decode(msgspec.json.encode(job))
    assert sent["capacityUsage"] == wire["capacityUsage"]
    assert "startedAt" not in sent


def test_details_are_jobs() -> None:
    detail = msgspec.convert({"jobId": "1", "schedulingPriority": 7, "tags": {"team": "x"}}, ServiceJobDetail)
    assert detail.scheduling_priority == 7
    assert isinstance(detail, ServiceJob)


@pytest.mark.parametrize(
    ("job", "waited", "ran"),
    [
        (ServiceJob(status="RUNNABLE", created_at=100), 900, None),
        (ServiceJob(status="RUNNING", created_at=100, started_at=400), 300, 600),
        (ServiceJob(status="SUCCEEDED", created_at=100, started_at=400, stopped_at=700), 300, 300),
        (ServiceJob(status="FAILED", created_at=100, stopped_at=250), 150, None),
        (ServiceJob(status="RUNNABLE"), None, None),
        (ServiceJob(status="RUNNING", created_at=2000, started_at=3000), 1000, 0),
    ],
)
def test_waited_and_ran(job: ServiceJob, waited: int | None, ran: int | None) -> None:
    assert (waited_ms(job, 1000), ran_ms(job, 1000)) == (waited, ran)


def test_policy_kind() -> None:
    assert policy_kind(JobQueue(), None) == "fifo"
    fair = JobQueue(scheduling_policy_arn="arn")
    assert policy_kind(fair, None) is None
    assert policy_kind(fair, SchedulingPolicy()) == "fair"


def test_median_of_values() -> None:
    assert median([]) is None
    assert median([3, 1, 2]) == 2
    assert median([4, 1]) == 1


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (None, "-"),
        (0, "0s"),
        (999, "0s"),
        (41_000, "41s"),
        (185_000, "3m 5s"),
        (41 * 60_000, "41m"),
        (3_840_000, "1h 4m"),
        (7_200_000, "2h"),
        (183_600_000, "2d 3h"),
    ],
)
def test_durations(ms: int | None, text: str) -> None:
    assert duration(ms) == text


def test_counts_and_sizes() -> None:
    assert count(1234567) == "1,234,567"
    assert size(3_400_000) == "3.4 MB"


def test_clock() -> None:
    assert clock(0, utc=True) == "1970-01-01 00:00:00"
    assert clock(None) == "-"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain", "plain"),
        ("Zürich 東京 🚀", "Zürich 東京 🚀"),
        ("a\x1b[31mred", "a␛[31mred"),
        ("\x1b]52;c;cGF5\x07", "␛]52;c;cGF5␇"),
        ("evil\u202etxt", "evil‹202E›txt"),
        ("zero\u200bwidth", "zero‹200B›width"),
        ("\x9b31m", "‹009B›31m"),
        ("two\nlines\tand tab", "two\nlines\tand tab"),
        ("cr\rlf", "cr␍lf"),
        ("[bold]markup[/]", "[bold]markup[/]"),
        ("\ud800", "‹D800›"),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned
    assert clean(cleaned) == cleaned


def test_clean_tree_reaches_everything() -> None:
    assert clean_tree({"a\x1b": ["b\x07", {"c": 1}]}) == {"a␛": ["b␇", {"c": 1}]}


def test_one_line() -> None:
    assert one_line(" a\n b\t c ") == "a b c"
