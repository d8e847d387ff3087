"""Whatever the state of a queue: the reason given for a job's wait is one that the scheduler had."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.scheduling.cluster_sim import Cluster
from tests.unit.scheduling.test_invariants import (
    TYPES,
    arrivals,
    end_some,
    ends,
    kinds,
    policies,
    shares,
    tasks_of,
)
from tui.model.queues import FairsharePolicy, QuotaShare
from tui.scheduling.capacity import PATIENCE_MS
from tui.scheduling.cluster import QueueState
from tui.scheduling.explain import Explanation, Reason, explain
from tui.scheduling.scheduler import schedule

states = st.tuples(
    st.one_of(st.none(), policies, shares), arrivals, ends, arrivals, st.integers(0, 12), st.integers(0, 6)
)


def queue_of(policy: FairsharePolicy | tuple[QuotaShare, ...] | None) -> QueueState:
    return QueueState(
        name="q",
        fairshare=policy if isinstance(policy, FairsharePolicy) else None,
        quota_shares=policy if isinstance(policy, tuple) else None,
    )


@settings(max_examples=300, deadline=None)
@given(states, st.sampled_from((0, PATIENCE_MS + 10**6)))
def test_the_reason_is_the_schedulers(
    drawn: tuple[FairsharePolicy | tuple[QuotaShare, ...] | None, list, list, list, int, int], now_ms: int
) -> None:
    policy, first, picks, second, *amounts = drawn
    limits = dict(zip(TYPES, amounts, strict=True))
    cluster = Cluster(limits, queue_of(policy))
    cluster.submit(tasks_of(first))
    cluster.settle(patient=False)
    end_some(cluster, picks)
    cluster.submit(tasks_of(second))
    queue = cluster.only
    decision = schedule([queue], limits, now_ms)
    for waiting in queue.waiting:
        found = explain(waiting.id, queue, limits, now_ms=now_ms)
        assert (found.reason is Reason.STARTS_NOW) == (waiting.id in decision.start), found
        assert (found.reason is Reason.PREEMPTING) == (waiting.id in decision.promised), found
        if found.reason is Reason.CAPACITY:
            lacks(found)
        alone = Cluster(limits, queue_of(policy))
        alone.submit([waiting])
        could = bool(schedule([alone.only], limits, now_ms).start)
        if found.reason is Reason.NEVER:
            assert not could, found
        elif queue.fairshare is None and found.reason is not Reason.BEHIND:
            assert could, found
        assert bool(found.help) == (found.reason not in (Reason.STARTS_NOW, Reason.PREEMPTING))
        if found.reason is Reason.BEHIND:
            leader = explain(found.first, queue, limits, now_ms=now_ms)
            assert leader.ahead == 0
            assert found.sentence.endswith(leader.sentence.removeprefix("It "))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(kinds, st.integers(0, 2)), min_size=2, max_size=2),
    st.integers(0, 12),
    arrivals,
    arrivals,
    st.sampled_from((0, PATIENCE_MS + 10**6)),
)
def test_the_reason_counts_what_other_queues_of_the_environment_take(
    queues: list[tuple[FairsharePolicy | None, int]], capacity: int, first: list, second: list, now_ms: int
) -> None:
    limits = {"NUM_INSTANCES": capacity}
    states = [
        QueueState(name=f"q{index}", priority=priority, fairshare=policy)
        for index, (policy, priority) in enumerate(queues)
    ]
    cluster = Cluster(limits, *states)
    for name in ("q0", "q1"):
        cluster.submit(tasks_of(first), name)
        cluster.step()
        cluster.submit(tasks_of(second), name)
    mine, other = cluster.queues.values()
    started = schedule([mine, other], limits, now_ms).start
    for waiting in mine.waiting:
        found = explain(waiting.id, mine, limits, [other], now_ms)
        assert (found.reason is Reason.STARTS_NOW) == (waiting.id in started), found
        assert found.reason is not Reason.HELD or now_ms, found
        if found.reason is Reason.CAPACITY:
            lacks(found)


def lacks(found: Explanation) -> None:
    """The figures of "It needs 4 × type, and 2 of 8 are free" are of a lack."""
    figures = re.fullmatch(r"It needs (\d+) × .*, and (\d+) of \d+ (?:is|are) free\.", found.sentence)
    assert figures, found
    assert int(figures[1]) > int(figures[2]), found
