"""Who held what: while we watch, and before, from the jobs' own times."""

from typing import Any

import pytest

from tests.unit.live.jobs import job, store_with
from tui.live.store import Store
from tui.live.usage_history import KEPT_MS, UsageHistory
from tui.model.jobs import CapacityUsage, ServiceJob
from tui.model.units import HOUR, MINUTE

START = 1_000 * HOUR


class Clock:
    def __init__(self, store: Store) -> None:
        self.now = START
        store.now_ms = lambda: self.now


def held(number: int, status: str, share: str, instances: int, **more: Any) -> ServiceJob:
    usage = (CapacityUsage(capacity_unit="ml.m5.large", quantity=instances),)
    return job(number, status, share_identifier=share, capacity_usage=usage, **more)


def test_what_is_seen_counts_from_when_it_is_seen() -> None:
    store = store_with("q")
    clock, history = Clock(store), UsageHistory(store)
    store.set_loaded("q")
    clock.now += 30 * MINUTE
    store.merge_jobs("q", [held(1, "RUNNING", "a", 4), held(2, "RUNNABLE", "b", 9)])
    clock.now += 15 * MINUTE
    store.merge_jobs("q", [held(1, "SUCCEEDED", "a", 4, stopped_at=clock.now)])
    clock.now += 15 * MINUTE
    assert history.series("q", "a", columns=4, span_ms=HOUR) == pytest.approx([0, 0, 4, 0])
    assert history.series("q", None, columns=2, span_ms=HOUR) == pytest.approx([0, 2])
    assert history.series("q", "b", columns=1, span_ms=HOUR) == [0]


def test_what_was_before_comes_from_the_jobs_own_times() -> None:
    store = store_with("q")
    clock, history = Clock(store), UsageHistory(store)
    store.merge_jobs("q", [held(1, "RUNNING", "a", 2, scheduled_at=START - 30 * MINUTE)])
    store.set_loaded("q")
    ended = held(2, "FAILED", "a", 6, started_at=START - 60 * MINUTE, stopped_at=START - 45 * MINUTE)
    store.merge_jobs("q", [ended], news=False)
    assert history.series("q", "a", columns=4, span_ms=HOUR) == pytest.approx([6, 0, 2, 2])
    clock.now += 60 * MINUTE
    assert history.series("q", "a", columns=8, span_ms=2 * HOUR) == pytest.approx([6, 0, 2, 2, 2, 2, 2, 2])


def test_a_job_that_returns_to_the_queue_holds_nothing() -> None:
    store = store_with("q")
    clock, history = Clock(store), UsageHistory(store)
    store.set_loaded("q")
    store.merge_jobs("q", [held(1, "RUNNING", "a", 4)])
    clock.now += 30 * MINUTE
    store.merge_jobs("q", [held(1, "RUNNABLE", "a", 4)])
    clock.now += 30 * MINUTE
    assert history.series("q", "a", columns=2, span_ms=HOUR) == pytest.approx([4, 0])


def test_old_minutes_and_queues_that_are_gone_are_forgotten() -> None:
    store = store_with("q")
    clock, history = Clock(store), UsageHistory(store)
    store.set_loaded("q")
    store.merge_jobs("q", [held(1, "RUNNING", "a", 4)])
    clock.now += 3 * KEPT_MS
    assert history.series("q", "a", columns=6, span_ms=KEPT_MS) == pytest.approx([4] * 6)
    watched = history._seen["q"]
    assert len(watched._buckets) <= KEPT_MS // MINUTE + 2
    store.set_queues([])
    store.set_queues([])
    assert history.series("q", "a", columns=6, span_ms=HOUR) == []
