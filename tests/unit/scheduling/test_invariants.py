"""What must hold of the scheduler whatever comes: sequences of arrivals, ends, and changed limits."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.scheduling.cluster_sim import Cluster, own_limits, quota_share, task, use_by_share
from tui.model.queues import FairsharePolicy, QuotaShare, ShareAttributes
from tui.scheduling.capacity import PATIENCE_MS, Ledger
from tui.scheduling.cluster import Limits, QueueState, Task
from tui.scheduling.fairshare import allowance, decayed
from tui.scheduling.order import lanes
from tui.scheduling.scheduler import front

TYPES: tuple[str, str] = ("ml.g5.xlarge", "ml.p4d.24xlarge")
NAMES = ("a", "b", "c")

quick = settings(max_examples=200, deadline=None)

arrivals = st.lists(
    st.tuples(
        st.integers(1, 4), st.sampled_from(NAMES), st.integers(0, 3), st.sampled_from((TYPES[0], *TYPES))
    ),
    max_size=8,
)
ends = st.lists(st.integers(0, 20), max_size=4)
steps = st.lists(st.tuples(arrivals, ends), min_size=1, max_size=4)


def tasks_of(drawn: list[tuple[int, str, int, str]]) -> list[Task]:
    return [task(quantity, share, priority=priority, unit=unit) for quantity, share, priority, unit in drawn]


def end_some(cluster: Cluster, picks: list[int]) -> None:
    running = cluster.running
    cluster.finish({running[pick % len(running)].id for pick in picks} if running else ())


policies = st.builds(
    FairsharePolicy,
    share_decay_seconds=st.sampled_from((0, 3600)),
    compute_reservation=st.sampled_from((0, 25, 50, 99)),
    share_distribution=st.sampled_from(
        (
            (),
            (
                ShareAttributes(share_identifier="a", weight_factor=0.125),
                ShareAttributes(share_identifier="b*"),
            ),
        )
    ),
)
kinds = st.one_of(st.none(), policies)


@quick
@given(st.lists(st.tuples(kinds, st.integers(0, 2)), min_size=1, max_size=3), st.integers(0, 12), steps)
def test_fifo_and_fair_share_queues_use_what_they_may(
    queues: list[tuple[FairsharePolicy | None, int]],
    capacity: int,
    history: list[tuple[list[tuple[int, str, int, str]], list[int]]],
) -> None:
    cluster = Cluster(
        {"NUM_INSTANCES": capacity},
        *(
            QueueState(name=f"q{index}", priority=priority, fairshare=policy)
            for index, (policy, priority) in enumerate(queues)
        ),
    )
    for turn, (drawn, picks) in enumerate(history):
        cluster.submit(tasks_of(drawn), f"q{turn % len(queues)}")
        assert not any(decision.preempt for decision in cluster.settle())
        ledger = Ledger(cluster.limits, cluster.running)
        for queue in cluster.queues.values():
            if queue.fairshare is None:
                assert not queue.waiting or not ledger.fits(
                    min(queue.waiting, key=lambda job: job.created_at)
                )
                continue
            allowed = allowance(queue.fairshare, queue.waiting, queue.running, cluster.limits)
            own = Ledger(allowed, queue.running)
            for lane in lanes(queue.waiting, lambda job: job.share).values():
                assert not (ledger.fits(lane[-1]) and own.fits(lane[-1]))
        end_some(cluster, picks)


shares = st.tuples(
    *(
        st.builds(
            lambda name, limits, strategy, borrow, preempts: quota_share(
                name, dict(zip(TYPES, limits, strict=True)), strategy, borrow, preempts=preempts
            ),
            st.just(name),
            st.tuples(st.integers(0, 6), st.integers(0, 3)),
            st.sampled_from(("RESERVE", "LEND", "LEND_AND_BORROW", "LEND_AND_BORROW")),
            st.sampled_from((None, -1, 50, 100, 300)),
            st.booleans(),
        )
        for name in NAMES
    )
)


@quick
@given(shares, st.integers(0, 2), steps)
def test_quota_shares_get_what_they_own_and_lend_what_they_do_not_use(
    owners: tuple[QuotaShare, ...],
    unowned: int,
    history: list[tuple[list[tuple[int, str, int, str]], list[int]]],
) -> None:
    limits = {unit: sum(own_limits(owners, unit).values()) + unowned for unit in TYPES}
    cluster = Cluster(limits, QueueState(name="q", quota_shares=owners))
    for drawn, picks in history:
        cluster.submit(tasks_of(drawn))
        decisions = cluster.settle()
        for decision, following in pairwise(decisions):
            assert not decision.preempt or set(following.start) - set(decision.preempt), "useless preemption"
        for unit in TYPES:
            check_settled(cluster, owners, unit)
        end_some(cluster, picks)


def check_settled(cluster: Cluster, owners: tuple[QuotaShare, ...], unit: str) -> None:
    """Every owner has its own, idle capacity that may be lent is, and priorities hold within a share."""
    queue = cluster.only
    used = use_by_share(queue.running, unit, owners)
    own = own_limits(owners, unit)
    sharing = {share.quota_share_name: share for share in owners}
    kept = sum(
        max(0, own[name] - used[name])
        for name, share in sharing.items()
        if share.resource_sharing_configuration.strategy == "RESERVE"
    )
    assert cluster.limits[unit] - sum(used.values()) >= kept, "reserved capacity is in use"
    waiting = lanes((job for job in queue.waiting if job.unit == unit), lambda job: job.share)
    for name, lane in waiting.items():
        head = lane[-1]
        need = used[name] + head.quantity
        assert need > own[name], "an owner waits for its own capacity"
        config = sharing[name].resource_sharing_configuration
        lower = [
            job
            for job in queue.running
            if job.share == name and job.unit == unit and job.priority < head.priority
        ]
        if sharing[name].preemption_configuration.in_share_preemption == "ENABLED":
            assert need - sum(job.quantity for job in lower) > own[name], "a lower priority runs instead"
        if config.strategy == "LEND_AND_BORROW":
            percent = config.borrow_limit
            unlimited = percent in (None, -1)
            after = {**used, name: need}
            idle = sum(
                max(0, own[other] - after[other])
                for other, share in sharing.items()
                if share.resource_sharing_configuration.strategy != "RESERVE"
            )
            borrowed = sum(max(0, after[other] - own[other]) for other in sharing)
            within = own[name] and (unlimited or need - own[name] <= own[name] * (percent or 0) // 100)
            assert not (within and borrowed <= idle), "idle capacity is not lent"


@quick
@given(shares, st.integers(0, 8), st.integers(0, 8), steps, st.data())
def test_quota_decisions_settle_even_when_limits_change(
    owners: tuple[QuotaShare, ...],
    first: int,
    second: int,
    history: list[tuple[list[tuple[int, str, int, str]], list[int]]],
    data: st.DataObject,
) -> None:
    """Environments may be smaller than what the shares own together, and limits move under running jobs."""
    cluster = Cluster(
        dict(zip(TYPES, (first, second), strict=True)), QueueState(name="q", quota_shares=owners)
    )
    for drawn, picks in history:
        cluster.submit(tasks_of(drawn))
        cluster.settle(patient=False)
        end_some(cluster, picks)
        cluster.limits = {unit: data.draw(st.integers(0, 12)) for unit in TYPES}
        cluster.change(
            quota_shares=data.draw(shares),
            running=tuple(
                replace(job, priority=data.draw(st.integers(0, 3))) for job in cluster.only.running
            ),
        )
    cluster.settle(patient=False)


@quick
@given(st.one_of(st.none(), policies), st.integers(4, 8), arrivals, arrivals)
def test_nobody_starves_in_a_queue_that_always_has_more_to_do(
    policy: FairsharePolicy | None,
    capacity: int,
    first: list[tuple[int, str, int, str]],
    stream: list[tuple[int, str, int, str]],
) -> None:
    """A job that could run starts in the end, though others, of its priority or less, come all the time."""
    if policy is not None:
        policy = replace(policy, compute_reservation=0)
    cluster = Cluster({"NUM_INSTANCES": capacity}, QueueState(name="q", fairshare=policy))
    early = [replace(job, priority=9) for job in tasks_of(first)]
    cluster.submit(early)
    ids = {job.id for job in early}
    for _ in range(60):
        cluster.step()
        if not ids & {job.id for job in cluster.only.waiting}:
            return
        cluster.now += PATIENCE_MS // 3
        if policy is not None:
            queue = cluster.only
            usage = decayed(queue.usage, queue.running, PATIENCE_MS // 3, policy.share_decay_seconds)
            cluster.change(usage=usage)
        oldest = sorted(cluster.running, key=lambda job: job.dispatched_at or 0)[:2]
        cluster.finish(job.id for job in oldest)
        cluster.submit(replace(job, created_at=cluster.now) for job in tasks_of(stream))
    raise AssertionError(f"still waiting: {ids & {job.id for job in cluster.only.waiting}}")


@quick
@given(arrivals, arrivals, st.one_of(st.none(), policies, shares))
def test_the_front_holds_every_waiting_task_once_in_its_shares_order(
    first: list[tuple[int, str, int, str]],
    second: list[tuple[int, str, int, str]],
    policy: FairsharePolicy | tuple[QuotaShare, ...] | None,
) -> None:
    limits: Limits = dict.fromkeys(TYPES, 8)
    queue = QueueState(
        name="q",
        fairshare=policy if isinstance(policy, FairsharePolicy) else None,
        quota_shares=policy if isinstance(policy, tuple) else None,
    )
    cluster = Cluster(limits, queue)
    cluster.submit(tasks_of(first))
    cluster.settle()
    cluster.submit(tasks_of(second))
    waiting = cluster.only.waiting
    order = front(cluster.only, limits, most=None)
    assert sorted(order) == sorted(job.id for job in waiting)
    assert front(cluster.only, limits, most=3) == order[:3]
    if policy is None:
        assert order == [job.id for job in sorted(waiting, key=lambda job: job.created_at)]
        return
    for lane in lanes(waiting, lambda job: (job.share, job.unit if queue.quota_shares else "")).values():
        assert [key for key in order if any(key == job.id for job in lane)] == [
            job.id for job in reversed(lane)
        ]


@quick
@given(
    st.floats(100, 1e6),
    st.integers(0, 3),
    st.integers(0, 10_000_000),
    st.integers(1, 20),
    st.sampled_from((0, 60, 604_800)),
)
def test_usage_fades_alike_in_one_step_and_in_many(
    past: float, held: int, elapsed_ms: int, parts: int, decay: int
) -> None:
    running = [task(held, "a")] if held else []
    once = decayed({"a": past}, running, elapsed_ms * parts, decay).get("a", 0.0)
    usage: dict[str, float] = {"a": past}
    for _ in range(parts):
        usage = decayed(usage, running, elapsed_ms, decay)
    assert abs(usage.get("a", 0.0) - once) <= 1e-6 * once + 1.0
