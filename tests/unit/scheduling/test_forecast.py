"""Forecasts are the scheduler run ahead; what-if compares two of its decisions."""

import time

import pytest

from tests.unit.scheduling.cluster_sim import TYPE, quota_share, task
from tui.model.queues import NUM_INSTANCES, FairsharePolicy
from tui.scheduling.cluster import QueueState
from tui.scheduling.forecast import Course, forecast, start_ranges, what_if

MINUTE = 60_000


def test_jobs_start_one_after_the_other() -> None:
    first, second, endless, never = (task(id=name) for name in ("first", "second", "endless", "never"))
    queue = QueueState(name="q", waiting=[first, second, endless, never], running=[task(id="now")])
    estimates = {"now": (5, 10), "first": (100, 200), "second": (100, 400)}
    assert forecast([queue], {NUM_INSTANCES: 1}, estimates, 1_000) == {
        "first": (1_005, 1_010),
        "second": (1_105, 1_210),
        "endless": (1_205, 1_610),
    }


def test_what_fits_now_starts_now_and_what_stops_is_soon_gone() -> None:
    queue = QueueState(
        name="q", waiting=[task(id="a"), task(id="b")], running=[task(id="going", stopping=True)]
    )
    assert forecast([queue], {NUM_INSTANCES: 2}, {}, 7) == {"a": (7, 7), "b": (7, 7)}


def test_an_owner_starts_at_once_and_its_victim_again_later() -> None:
    shares = (quota_share("a", 1, "LEND_AND_BORROW"), quota_share("b", 1, "LEND"))
    running = [task(1, "a", id="a1", dispatched_at=1), task(1, "a", id="a2", dispatched_at=2)]
    queue = QueueState(name="q", quota_shares=shares, waiting=[task(1, "b", id="b1")], running=running)
    estimates = {"a1": (90, 90), "a2": (100, 100), "b1": (50, 50)}
    assert forecast([queue], {TYPE: 2}, estimates, 0) == {"b1": (0, 0), "a2": (50, 50)}


def test_a_long_queue_is_bounded() -> None:
    policy = FairsharePolicy()
    waiting = [task(1 + number % 4, f"s{number % 7}", id=f"w{number}") for number in range(10_000)]
    queue = QueueState(name="q", fairshare=policy, waiting=waiting, running=[task(4, "s0", id="r")])
    estimates = {job.id: (10 * MINUTE, 30 * MINUTE) for job in (*waiting, *queue.running)}
    begin = time.perf_counter()
    found = forecast([queue], {NUM_INSTANCES: 8}, estimates, 0)
    assert time.perf_counter() - begin < 2
    assert len(found) == 200
    assert all(earliest <= latest for earliest, latest in found.values())


def test_a_higher_priority_moves_a_job_forward() -> None:
    waiting = [task(1, "a", id=f"w{number}", priority=1) for number in range(5)]
    queue = QueueState(name="q", fairshare=FairsharePolicy(), waiting=waiting, running=[task(1, "a")])
    found = what_if(queue, {NUM_INSTANCES: 1}, "w4", 9)
    assert (found.before, found.after, found.starts, found.preempted) == (5, 1, False, ())


def test_a_higher_priority_in_a_quota_share_preempts() -> None:
    shares = (quota_share("a", 2, preempts=True),)
    running = [task(1, "a", id="old", dispatched_at=1), task(1, "a", id="new", dispatched_at=2)]
    queue = QueueState(name="q", quota_shares=shares, waiting=[task(1, "a", id="w")], running=running)
    assert what_if(queue, {TYPE: 2}, "w", 9).preempted == ("new",)
    assert what_if(queue, {TYPE: 2}, "w", 0).preempted == ()
    lowered = what_if(
        QueueState(name="q", quota_shares=shares, waiting=[task(1, "a")], running=running),
        {TYPE: 2},
        "old",
        -1,
    )
    assert (lowered.before, lowered.after, lowered.preempted) == (None, None, ("old",))


def test_capacity_comes_free_when_the_first_of_many_ends() -> None:
    queue = QueueState(name="q", waiting=[task(id="w")], running=[task(id="a"), task(id="b")])
    courses = [Course(run_ms={"a": 10 * n, "b": 100 - 10 * n}) for n in range(1, 10)]
    found = start_ranges([queue], {NUM_INSTANCES: 2}, courses, 1_000)["w"]
    assert (found.earliest, found.usual, found.latest) == (1_010, 1_030, 1_050)


def test_a_job_that_comes_and_goes_before_is_awaited_too() -> None:
    policy = FairsharePolicy()
    running = [task(1, "a", id="r", created_at=1)]
    queue = QueueState(name="q", fairshare=policy, waiting=[task(1, "a", id="w")], running=running)
    coming = task(1, "a", id="new", priority=9, created_at=50)
    course = Course(run_ms={"r": 100, "new": 70, "w": 1}, arrivals=[("q", coming)])
    alone = Course(run_ms={"r": 100, "w": 1})
    assert start_ranges([queue], {NUM_INSTANCES: 1}, [alone], 0)["w"].usual == 100
    found = start_ranges([queue], {NUM_INSTANCES: 1}, [course], 0)
    assert found["w"].usual == 170
    elsewhere = Course(run_ms=course.run_ms, arrivals=[("other", coming)])
    assert start_ranges([queue], {NUM_INSTANCES: 1}, [elsewhere], 0)["w"].usual == 100


def test_a_job_that_starts_in_few_courses_only_has_no_range() -> None:
    queue = QueueState(name="q", waiting=[task(id="w")], running=[task(id="r")])
    ends, never = Course(run_ms={"r": 5}), Course(run_ms={})
    assert start_ranges([queue], {NUM_INSTANCES: 1}, [ends, never, never], 0) == {}
    found = start_ranges([queue], {NUM_INSTANCES: 1}, [*[ends] * 8, *[never] * 4], 0)["w"]
    assert (found.usual, found.latest) == (5, None)


@pytest.mark.parametrize(("number", "bounds"), [(19, (2, 10, 18)), (20, (2, 11, 19)), (3, (1, 2, 3))])
def test_a_tenth_of_all_draws_with_the_true_one_lies_beyond_either_end(
    number: int, bounds: tuple[int, int, int]
) -> None:
    queue = QueueState(name="q", waiting=[task(id="w")], running=[task(id="r")])
    courses = [Course(run_ms={"r": n}) for n in range(1, number + 1)]
    found = start_ranges([queue], {NUM_INSTANCES: 1}, courses, 0)["w"]
    assert (found.earliest, found.usual, found.latest) == bounds


def test_a_preempted_job_runs_anew_and_not_just_what_was_left() -> None:
    shares = (quota_share("a", 1, "LEND_AND_BORROW"), quota_share("b", 1, "LEND"))
    running = [task(1, "a", id="a1", dispatched_at=0), task(1, "a", id="a2", dispatched_at=900)]
    waiting = [task(1, "b", id="b1"), task(1, "a", id="a3", created_at=10**6)]
    queue = QueueState(name="q", quota_shares=shares, waiting=waiting, running=running)
    estimates = {"a1": (10**5, 10**5), "a2": (30, 30), "b1": (50, 50), "a3": (1, 1)}
    found = forecast([queue], {TYPE: 2}, estimates, 1_000)
    assert found["a2"] == (1_050, 1_050)
    assert found["a3"] == (1_180, 1_180)  # 100 ms before it was preempted, and the 30 that were left
