"""Events, derived from what the store saw change."""

from tests.unit.live.jobs import attempt, detail, job, store_with
from tui.live.journal import Journal
from tui.model.jobs import Attempt, PreemptionSummary


def test_a_life_is_told_once_in_order() -> None:
    store = store_with("q")
    journal = Journal(store)
    calls: list[int] = []
    journal.subscribe(lambda: calls.append(len(journal.events)))
    store.merge_jobs("q", [job(1)])
    store.set_loaded("q")
    assert not journal.events, "what was there before we looked is no event"
    store.merge_jobs("q", [job(2)])
    store.merge_jobs("q", [job(2, "SCHEDULED", scheduled_at=2_000)])
    store.merge_jobs("q", [job(2, "STARTING", scheduled_at=2_000)])
    store.merge_jobs("q", [job(2, "RUNNING", started_at=2_500)])
    store.merge_jobs(
        "q", [job(2, "FAILED", started_at=2_500, stopped_at=3_000, status_reason="AlgorithmError")]
    )
    store.merge_jobs("q", (), gone=("id-1",))
    assert [(event.kind, event.job_id, event.at) for event in journal.events] == [
        ("arrived", "id-2", 1_002),
        ("started", "id-2", 2_500),
        ("failed", "id-2", 3_000),
        ("left", "id-1", store.now_ms()),
    ]
    assert journal.events[2].reason == "AlgorithmError"
    assert calls == [1, 2, 3, 4]


def test_a_job_that_came_and_went_between_two_rounds_is_told() -> None:
    store = store_with("q")
    journal = Journal(store)
    store.set_loaded("q")
    store.merge_jobs("q", [job(1, "SUCCEEDED", started_at=2_000, stopped_at=3_000)])
    store.merge_jobs("q", [job(2, "SUCCEEDED", started_at=1, stopped_at=2)], news=False)
    assert [event.kind for event in journal.events] == ["arrived", "succeeded"]


def test_a_return_to_the_queue_is_a_preemption_when_the_description_says_so() -> None:
    store = store_with("q")
    journal = Journal(store)
    for number in (1, 2):
        running = job(number, "RUNNING", started_at=2_000, latest_attempt=attempt(f"arn-{number}"))
        store.merge_jobs("q", [running])
        store.merge_jobs("q", [job(number)])
    assert [event.kind for event in journal.events] == ["returned", "returned"]
    taken = Attempt(service_resource_id=attempt("arn-1").service_resource_id)
    summary = PreemptionSummary(preempted_attempt_count=1, recent_preempted_attempts=(taken,))
    store.merge_details("q", [detail(job(1), preemption_summary=summary), detail(job(2))])
    assert [event.kind for event in journal.events] == ["preempted", "returned"]


def test_only_the_last_events_are_kept() -> None:
    store = store_with("q")
    journal = Journal(store, limit=3)
    store.set_loaded("q")
    store.merge_jobs("q", [job(n) for n in range(5)])
    assert [event.job_id for event in journal.events] == ["id-2", "id-3", "id-4"]
