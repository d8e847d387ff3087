"""The rows of a queue: whatever the store goes through, following it equals sorting anew."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.live.jobs import detail, job, store_with
from tui.live.changes import Changed
from tui.live.order import SORT_KEYS, SortKey
from tui.live.store import Store
from tui.live.view import Group, JobView, ViewChanged
from tui.model.jobs import QUEUED, CapacityUsage, ServiceJob, Status
from tui.model.queues import FrontJob, FrontOfQueue, JobQueueSnapshot


def front(*numbers: int) -> JobQueueSnapshot:
    return JobQueueSnapshot(
        front_of_queue=FrontOfQueue(jobs=tuple(FrontJob(job_arn=f"a/id-{number}") for number in numbers))
    )


def numbers(view: JobView) -> list[int]:
    return [int(job_id[3:]) for job_id in view.ids]


def followed(store: Store, view: JobView) -> list[ViewChanged]:
    results: list[ViewChanged] = []

    def follow(changed: Changed) -> None:
        results.append(view.apply(changed.of("q")))

    store.subscribe(follow)
    return results


def test_the_default_order_is_running_then_queued_by_dispatch_then_finished() -> None:
    store = store_with("q")
    store.merge_jobs(
        "q",
        [
            job(1, "RUNNING", started_at=10),
            job(2, "RUNNING", started_at=20),
            job(3),
            job(4),
            job(5),
            job(6, "FAILED", stopped_at=30),
            job(7, "SUCCEEDED", stopped_at=40),
            job(8, "SCHEDULED"),
        ],
    )
    store.set_snapshot("q", front(5, 4))
    view = JobView(store.queues["q"], store.now_ms)
    assert numbers(view) == [8, 2, 1, 5, 4, 3, 7, 6]
    assert [view.index(job_id) for job_id in view.ids] == list(range(8))


@pytest.mark.parametrize(
    ("group", "expected"),
    [("all", [2, 1, 3]), ("queued", [1]), ("running", [2]), ("finished", [3])],
)
def test_groups(group: Group, expected: list[int]) -> None:
    store = store_with("q")
    store.merge_jobs("q", [job(1), job(2, "STARTING"), job(3, "FAILED", stopped_at=1)])
    view = JobView(store.queues["q"], store.now_ms)
    view.show(group=group)
    assert numbers(view) == expected


@pytest.mark.parametrize("descending", [False, True])
def test_jobs_without_a_value_come_last_in_both_directions(descending: bool) -> None:
    store = store_with("q")
    store.merge_jobs("q", [job(1), job(2), job(3)])
    store.merge_details("q", [detail(job(1), scheduling_priority=5), detail(job(3), scheduling_priority=9)])
    view = JobView(store.queues["q"], store.now_ms)
    view.show(sort="priority", descending=descending)
    assert numbers(view) == ([3, 1, 2] if descending else [1, 3, 2])


def test_equal_values_go_newest_first_in_both_directions() -> None:
    store = store_with("q")
    store.merge_jobs("q", [job(n, share_identifier="s") for n in (1, 3, 2)])
    view = JobView(store.queues["q"], store.now_ms)
    for descending in (False, True):
        view.show(sort="share", descending=descending)
        assert numbers(view) == [3, 2, 1]


def test_a_change_in_place_moves_nothing() -> None:
    store = store_with("q")
    store.merge_jobs("q", [job(1), job(2), job(3)])
    view = JobView(store.queues["q"], store.now_ms)
    results = followed(store, view)
    store.merge_jobs("q", [job(2, status_reason="CAPACITY")])
    assert results == [ViewChanged(moved=False, redrawn=frozenset({"id-2"}))]


def test_a_new_front_of_the_queue_reorders_what_waits() -> None:
    store = store_with("q")
    store.merge_jobs("q", [job(n) for n in range(60)])
    view = JobView(store.queues["q"], store.now_ms)
    results = followed(store, view)
    store.set_snapshot("q", front(*range(59, 9, -1)))
    assert numbers(view) == [*range(59, 9, -1), *range(10)]
    assert results[-1].moved
    assert len(results[-1].redrawn) == 50


def test_what_the_filter_refuses_leaves_and_comes_back() -> None:
    store = store_with("q")
    store.merge_jobs("q", [job(1), job(2)])
    view = JobView(store.queues["q"], store.now_ms)
    followed(store, view)
    view.filter(lambda each: each.status_reason == "")
    store.merge_jobs("q", [job(1, status_reason="no"), job(3)])
    assert numbers(view) == [2, 3]
    assert "id-1" not in view
    assert view.index("id-1") is None
    store.merge_jobs("q", [job(1)])
    assert numbers(view) == [1, 2, 3]


versions = st.builds(
    lambda number, status, began, share, reason, size: job(
        number,
        status.value,
        created_at=1_000 + number % 3,
        started_at=None if status in QUEUED else began,
        stopped_at=began + 5 if status in (Status.SUCCEEDED, Status.FAILED) else None,
        share_identifier=share,
        status_reason=reason,
        capacity_usage=(CapacityUsage(quantity=size),),
    ),
    st.integers(0, 60),
    st.sampled_from(list(Status)),
    st.integers(2_000, 2_020),
    st.sampled_from(["", "a", "b"]),
    st.sampled_from(["", "CAPACITY", "x"]),
    st.integers(1, 3),
)
steps = st.one_of(
    st.tuples(st.just("jobs"), st.lists(versions, max_size=60)),
    st.tuples(st.just("gone"), st.lists(st.integers(0, 60), max_size=5)),
    st.tuples(st.just("front"), st.lists(st.integers(0, 60), unique=True, max_size=60)),
    st.tuples(st.just("details"), st.lists(st.tuples(versions, st.integers(0, 3)), max_size=5)),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(steps, max_size=12),
    st.sampled_from(SORT_KEYS),
    st.booleans(),
    st.sampled_from(["all", "queued", "running", "finished"]),
    st.booleans(),
)
def test_following_equals_sorting_anew(
    story: list[tuple[str, Any]], sort: SortKey, descending: bool, group: Group, filtered: bool
) -> None:
    store = store_with("q")
    view = JobView(store.queues["q"], store.now_ms)
    if filtered:
        view.filter(lambda each: each.share != "a")
    view.show(group=group, sort=sort, descending=descending)
    results = followed(store, view)
    for kind, value in story:
        before = list(view.ids)
        results.clear()
        match kind:
            case "jobs":
                store.merge_jobs("q", value)
            case "gone":
                store.merge_jobs("q", (), gone=[f"id-{number}" for number in value])
            case "front":
                store.set_snapshot("q", front(*value))
            case _:
                store.merge_details("q", [detail(each, scheduling_priority=p) for each, p in value])
        assert (list(view.ids) != before) == any(result.moved for result in results)
        fresh = JobView(store.queues["q"], store.now_ms)
        fresh.predicate = view.predicate
        fresh.show(group=group, sort=sort, descending=descending)
        assert list(view.ids) == list(fresh.ids)
        assert [view.index(job_id) for job_id in view.ids] == list(range(len(view)))


def test_five_changes_among_100_000_rows_cost_little() -> None:
    store = store_with("q")
    store.merge_jobs("q", [job(n, "SUCCEEDED", stopped_at=n) for n in range(100_000)])
    store.merge_jobs("q", [job(n) for n in range(100_000, 100_200)])
    view = JobView(store.queues["q"], store.now_ms)
    followed(store, view)
    best = 1.0
    for turn in range(5):
        changed: list[ServiceJob] = [
            job(100_000 + 5 * turn + n, "RUNNING", started_at=2_000_000 + turn) for n in range(5)
        ]
        began = time.perf_counter()
        store.merge_jobs("q", changed)
        best = min(best, time.perf_counter() - began)
    assert best < 0.005, f"{best * 1000:.1f} ms"
    assert len(view) == 100_200
