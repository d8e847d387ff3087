"""What run times are expected, from which jobs, and when nobody can tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.estimates import KEPT, Basis, RunTimes, elapsed_ms, stem
from tui.model.jobs import CapacityUsage, ServiceJob, Status
from tui.model.units import MINUTE

NOW = 1_000_000 * MINUTE


def ended(minutes: int, name: str = "llama-sft-0001", share: str = "llm", at: int = 0) -> ServiceJob:
    stopped = NOW - (1_000 - at) * MINUTE
    return ServiceJob(
        job_id=f"{name}/{share}/{minutes}/{at}",
        job_name=name,
        share_identifier=share,
        status=Status.SUCCEEDED,
        capacity_usage=(CapacityUsage(capacity_unit="ml.g5.xlarge", quantity=1),),
        scheduled_at=stopped - minutes * MINUTE,
        started_at=stopped - minutes * MINUTE + 1,
        stopped_at=stopped,
    )


def running(minutes: int, name: str = "llama-sft-0002", share: str = "llm") -> ServiceJob:
    began = NOW - minutes * MINUTE
    return ServiceJob(
        job_id=name, job_name=name, share_identifier=share, status=Status.RUNNING, scheduled_at=began
    )


def waiting(name: str = "llama-sft-0003", share: str = "llm") -> ServiceJob:
    return ServiceJob(job_id=name, job_name=name, share_identifier=share, status=Status.RUNNABLE)


def known(*jobs: ServiceJob) -> RunTimes:
    runs = RunTimes()
    runs.add(jobs)
    return runs


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("llama-sft-0412", "llama-sft"),
        ("llama3-8b-pretrain-17", "llama3-8b-pretrain"),
        ("segmenter-v7-348", "segmenter-v7"),
        ("train-2026-11-24-0012", "train"),
        ("train_20261124T101500", "train"),
        ("job-deadbeef01", "job"),
        ("nightly", "nightly"),
        ("2026", "2026"),
    ],
)
def test_names_of_runs_that_are_alike(name: str, expected: str) -> None:
    assert stem(name) == expected


def test_median_and_p90_of_the_jobs_of_the_same_name_and_share() -> None:
    runs = known(
        *(ended(minutes, at=minutes) for minutes in range(10, 110, 10)),
        *(ended(1_000, "other-1", at=minute) for minute in range(10)),
        *(ended(2_000, share="audio", at=minute) for minute in range(10)),
    )
    curve = runs.curves([waiting()], NOW)["llama-sft-0003"]
    assert curve.basis == Basis(kind="name", name="llama-sft", runs=10)
    assert str(curve.basis) == "10 finished runs of llama-sft-*"
    found = curve.estimate()
    assert found is not None
    assert (found.median_ms, found.p90_ms) == (50 * MINUTE, 90 * MINUTE)


def test_few_of_a_name_are_judged_by_their_share_then_by_the_queue_then_by_nothing() -> None:
    few = [ended(10, at=minute) for minute in range(4)]
    share = [ended(30, "bert-1", at=minute) for minute in range(4)]
    queue = [ended(50, "vit-1", "vision", at=minute) for minute in range(5)]
    assert known(*few).curves([waiting()], NOW) == {}
    by_share = known(*few, *share).curves([waiting()], NOW)["llama-sft-0003"].basis
    assert by_share == Basis(kind="share", name="llm", runs=8)
    by_queue = known(*few, *queue).curves([waiting()], NOW)["llama-sft-0003"].basis
    assert str(by_queue) == "9 finished runs of this queue"


def test_what_a_running_job_still_needs_depends_on_how_long_it_has_run() -> None:
    runs = known(*(ended(minutes, at=minutes) for minutes in range(10, 110, 10)))
    job = running(55)
    curve = runs.curves([job], NOW)[job.job_id]
    assert curve.after(elapsed_ms(job, NOW), 0.5) == (80 - 55) * MINUTE
    assert curve.after(0, 0.5) == 60 * MINUTE, "one that still runs lasts longer than 50 minutes"


def test_a_job_that_outlasted_all_is_judged_by_a_wider_group_or_not_at_all() -> None:
    short = [ended(minutes, at=minutes) for minutes in range(10, 60, 10)]
    job = running(500)
    assert known(*short).curves([job], NOW) == {}
    long = [ended(1_000, "bert-1", at=minute) for minute in range(5)]
    curve = known(*short, *long).curves([job], NOW)[job.job_id]
    assert curve.basis.kind == "share"
    assert curve.after(500 * MINUTE, 0.5) == 500 * MINUTE


def test_only_the_latest_runs_count_in_whatever_order_they_are_read() -> None:
    old = [ended(10, at=minute) for minute in range(KEPT)]
    new = [ended(99, at=500 + minute) for minute in range(KEPT)]
    for order in ([*new, *old], [*old, *new]):
        found = known(*order).curves([waiting()], NOW)["llama-sft-0003"].estimate()
        assert found is not None
        assert found.median_ms == 99 * MINUTE


def test_jobs_that_never_had_capacity_say_nothing() -> None:
    cancelled = ServiceJob(job_id="c", job_name="llama-sft-1", status=Status.FAILED, stopped_at=NOW)
    assert known(*[cancelled] * 9).curves([waiting(share="")], NOW) == {}


@given(
    st.lists(st.integers(1, 500), min_size=5, max_size=40),
    st.lists(st.integers(0, 500), max_size=8),
    st.integers(0, 600),
)
def test_later_parts_are_never_sooner_and_nothing_ends_in_the_past(
    took: list[int], lasting: list[int], elapsed: int
) -> None:
    runs = known(*(ended(minutes, at=at) for at, minutes in enumerate(took)))
    active = [running(minutes, f"llama-sft-{number}") for number, minutes in enumerate(lasting)]
    curve = runs.curves([waiting("llama-sft-x1"), *active], NOW).get("llama-sft-x1")
    if curve is None:
        curve = runs.curves([waiting("llama-sft-99"), *active], NOW)["llama-sft-99"]
    parts = [curve.after(elapsed * MINUTE, part) for part in (0.0, 0.1, 0.5, 0.9, 1.0)]
    if elapsed >= max(took):
        assert parts == [None] * 5
    else:
        values = [part for part in parts if part is not None]
        assert len(values) == 5
        assert values == sorted(values)
        assert values[0] > 0
        assert values[-1] == (max(took) - elapsed) * MINUTE
