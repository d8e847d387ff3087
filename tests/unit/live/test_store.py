"""Merging: what counts as a change, who is told, what stays."""

from tests.unit.live.jobs import ARN, detail, job, store_with
from tui.aws.problems import Problem
from tui.live.changes import Changed
from tui.live.store import Store
from tui.model.jobs import CapacityUsage
from tui.model.queues import (
    CapacityLimit,
    FrontJob,
    FrontOfQueue,
    JobQueue,
    JobQueueSnapshot,
    QueueUtilization,
    ServiceEnvironment,
)

TROUBLE = Problem(code="ServerError", title="AWS has a problem", cause="", next_step="", retryable=True)


def recorded(store: Store) -> list[Changed]:
    seen: list[Changed] = []
    store.subscribe(seen.append)
    return seen


def test_a_step_names_what_was_added_changed_and_gone() -> None:
    store = store_with("q")
    store.merge_jobs("q", [job(1), job(2), job(3)])
    seen = recorded(store)
    with store.step():
        store.merge_jobs("q", [job(1), job(2, "RUNNING", started_at=5_000), job(4)])
        store.merge_jobs("q", (), gone=("id-3",))
    assert len(seen) == 1
    change = seen[0].of("q").jobs
    assert (change.added, change.changed, change.gone) == (("id-4",), ("id-2",), ("id-3",))
    assert change.before == {"id-2": job(2), "id-3": job(3)}
    assert list(store.queues["q"].jobs) == ["id-1", "id-2", "id-4"]


def test_what_is_told_before_the_list_of_queues_waits_for_it() -> None:
    store = Store()
    seen = recorded(store)
    store.merge_jobs("q", [job(1)])
    store.set_loaded("q")
    store.merge_jobs("other", [job(2)])
    assert (store.queues, seen) == ({}, [])
    store.set_queues([JobQueue(job_queue_name="q", job_queue_arn=f"{ARN}:job-queue/q")])
    assert [change.of("q").jobs.added for change in seen] == [("id-1",)]
    assert store.queues["q"].loaded
    store.merge_jobs("other", [job(3)])
    assert (list(store.queues), len(seen)) == (["q"], 1)


def test_no_change_calls_nobody() -> None:
    store = store_with("q")
    snapshot = JobQueueSnapshot(
        front_of_queue=FrontOfQueue(jobs=(FrontJob(job_arn="a/id-1"),), last_updated_at=1)
    )
    store.merge_jobs("q", [job(1), job(2)])
    store.merge_details("q", [detail(job(1), scheduling_priority=3)])
    store.set_snapshot("q", snapshot)
    seen = recorded(store)
    store.merge_jobs("q", [job(1), job(2)])
    store.merge_details("q", [detail(job(1), scheduling_priority=3)])
    store.set_snapshot(
        "q",
        JobQueueSnapshot(front_of_queue=FrontOfQueue(jobs=(FrontJob(job_arn="a/id-1"),), last_updated_at=2)),
    )
    store.set_queues([JobQueue(job_queue_name="q", job_queue_arn=f"{ARN}:job-queue/q")])
    store.fetched("jobs", "q")
    assert seen == []


def test_there_and_back_within_a_step_is_no_change() -> None:
    store = store_with("q")
    store.merge_jobs("q", [job(1)])
    seen = recorded(store)
    with store.step():
        store.merge_jobs("q", [job(1, "RUNNING"), job(2)])
        store.merge_jobs("q", [job(1)], gone=("id-2",))
    assert seen == []


def test_a_finished_job_never_changes_again() -> None:
    store = store_with("q")
    store.merge_jobs("q", [job(1, "SUCCEEDED", stopped_at=9)])
    store.merge_jobs("q", [job(1, "RUNNING")])
    assert store.queues["q"].jobs["id-1"].status == "SUCCEEDED"
    assert store.queues["q"].active == {}


def test_only_what_comes_up_after_the_first_picture_is_news() -> None:
    store = store_with("q")
    seen = recorded(store)
    store.merge_jobs("q", [job(1)])
    store.set_loaded("q")
    store.merge_jobs("q", [job(2)])
    store.merge_jobs("q", [job(3, "FAILED", stopped_at=9)], news=False)
    assert [change.of("q").jobs.arrived for change in seen] == [(), (), ("id-2",), ()]


def test_details_tell_priorities_and_the_job_itself() -> None:
    store = store_with("q")
    store.merge_jobs("q", [job(1)])
    seen = recorded(store)
    store.merge_details("q", [detail(job(1, "RUNNING"), scheduling_priority=7)])
    picture = store.queues["q"]
    assert picture.priorities == {"id-1": 7}
    assert picture.jobs["id-1"] == job(1, "RUNNING")
    assert seen[0].of("q").jobs.detailed == ("id-1",)
    assert seen[0].of("q").jobs.changed == ("id-1",)


def test_figures_follow_the_jobs() -> None:
    store = store_with("q")
    now = store.now_ms()
    day = 86_400_000
    store.set_resources(
        "q", (ServiceEnvironment(capacity_limits=(CapacityLimit(max_capacity=8, capacity_unit="ml.g5"),)),)
    )
    store.merge_jobs(
        "q",
        [
            job(1, created_at=now - 50_000),
            job(2, created_at=now - 90_000),
            job(3, "RUNNING", created_at=0, started_at=100, capacity_usage=(CapacityUsage(quantity=3),)),
            job(4, "RUNNING", created_at=0, started_at=300, capacity_usage=(CapacityUsage(quantity=1),)),
            job(5, "FAILED", created_at=0, started_at=900, stopped_at=now - 10),
            job(6, "FAILED", created_at=0, stopped_at=now - day - 10),
        ],
    )
    figures = store.queues["q"].figures
    assert (figures.queued, figures.running, figures.failed_24h) == (2, 2, 1)
    assert (figures.used, figures.limit, figures.unit, figures.policy) == (4, 8, "ml.g5", "fifo")
    assert figures.wait_p50_ms == 300
    assert figures.oldest_waiting_ms(now) == 90_000
    store.set_snapshot(
        "q",
        JobQueueSnapshot(
            queue_utilization=QueueUtilization(total_capacity_usage=(CapacityUsage(quantity=5),))
        ),
    )
    store.merge_jobs("q", [job(2, "SUCCEEDED", created_at=0, started_at=700, stopped_at=now)])
    figures = store.queues["q"].figures
    assert (figures.queued, figures.used, figures.wait_p50_ms) == (1, 5, 300)
    assert figures.oldest_waiting_ms(now) == 50_000


def test_a_queue_that_is_gone_takes_its_picture_and_ages_with_it() -> None:
    store = store_with("a", "b")
    store.failed("jobs", "b", TROUBLE)
    seen = recorded(store)
    store.set_queues([JobQueue(job_queue_name="a", job_queue_arn=f"{ARN}:job-queue/a")])
    assert list(store.queues) == ["a"]
    assert seen[0].listed
    assert list(store.problems()) == []
    store.merge_jobs("b", [job(1)])
    assert "b" not in store.queues, "a late answer does not bring it back"


def test_a_failure_keeps_the_picture_and_its_age_and_goes_with_the_next_answer() -> None:
    store = store_with("q")
    lights: list[int] = []
    store.subscribe_light(lambda: lights.append(1))
    store.merge_jobs("q", [job(1)])
    store.fetched("jobs", "q")
    at = store.freshness("jobs", "q").fetched_at
    store.failed("jobs", "q", TROUBLE, retry_at=123)
    light = store.light("q")
    assert (light.problem, light.retry_at, light.fetched_at) == (TROUBLE, 123, at)
    assert store.light().problem == TROUBLE
    assert list(store.queues["q"].jobs) == ["id-1"]
    store.fetched("jobs", "q")
    assert store.light("q").problem is None
    assert len(lights) == 3


def test_a_problem_of_the_connection_stands_over_all() -> None:
    store = store_with("q")
    store.set_problem(TROUBLE, 5)
    assert store.light("q").problem == TROUBLE
    assert store.light().retry_at == 5
    store.set_problem(None)
    assert store.light().problem is None


def test_those_who_left_are_not_called() -> None:
    store = store_with("q")
    seen: list[Changed] = []
    leave = store.subscribe(seen.append)
    leave()
    leave()
    store.merge_jobs("q", [job(1)])
    assert seen == []
