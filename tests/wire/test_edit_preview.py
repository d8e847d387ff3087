"""Edits of limits, strategies and weights change the sandbox's dispatch exactly as previewed."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from tests.conftest import MakeSandbox
from tests.wire.batch import G5, Batch, payload
from tests.wire.live import environment
from tui.aws import resources
from tui.aws.session import Aws, Connection
from tui.model.queues import CapacityLimit, FairsharePolicy, QuotaPreemption, ResourceSharing, ShareAttributes
from tui.model.resource_changes import Change, update_environment, update_policy, update_share
from tui.sandbox.cluster import limits_of, state_of
from tui.scheduling.cluster import Limits, QueueState
from tui.scheduling.preview import EditEffect, edit_preview
from tui.scheduling.scheduler import front

ARN = "arn:aws:batch:us-east-1:123456789012:"
SHARE = f"{ARN}job-queue/quota/quota-share/"
LONG = 360_000


@pytest.fixture
def batch(make_sandbox: MakeSandbox, monkeypatch: pytest.MonkeyPatch) -> Batch:
    environment(monkeypatch)
    return Batch(make_sandbox(speed=0))


def _quota(batch: Batch, capacity: int = 4) -> None:
    """`a` runs its own two and borrows of `b` what the environment has; the rest waits."""
    batch.environment(capacity=capacity, unit=G5)
    batch.quota_queue()
    batch.share("a", 2, "LEND_AND_BORROW")
    batch.share("b", 2, "LEND")
    for priority in (3, 1, 2, 4, 5, 6):
        request = payload(seconds=LONG)
        batch.submit(f"a{priority}", "quota", request, quotaShareName="a", schedulingPriority=priority)
        batch.skip(5)
    batch.skip(600)


def _before(batch: Batch, queue: str) -> tuple[QueueState, Limits]:
    world = batch.sandbox.world
    with world.lock:
        return state_of(world, world.batch.queues[queue]), limits_of(world.batch.environments["env"])


def _apply(batch: Batch, change: Change) -> None:
    resources.apply(Aws(Connection(endpoint_url=batch.sandbox.url)), change)
    batch.skip(900)


def _running(batch: Batch, queue: str) -> set[str]:
    jobs = batch.client.list_service_jobs(jobQueue=queue, jobStatus="RUNNING")["jobSummaryList"]
    return {job["jobId"] for job in jobs}


Edit = Callable[[QueueState], QueueState]


def _edited(name: str, **changes: Any) -> Edit:
    """The queue with another quota share of this name."""

    def edit(state: QueueState) -> QueueState:
        shares = state.quota_shares or ()
        return replace(
            state,
            quota_shares=tuple(replace(s, **changes) if s.quota_share_name == name else s for s in shares),
        )

    return edit


_THREE = (CapacityLimit(max_capacity=3, capacity_unit=G5),)
_ONE = (CapacityLimit(max_capacity=1, capacity_unit=G5),)
_HALF = ResourceSharing(strategy="LEND_AND_BORROW", borrow_limit=50)
_RESERVE = ResourceSharing(strategy="RESERVE")
_PREEMPTS = QuotaPreemption(in_share_preemption="ENABLED")


@pytest.mark.parametrize(
    ("edit", "change", "starts", "preempted"),
    [
        (
            _edited("a", resource_sharing_configuration=_HALF),
            update_share(f"{SHARE}a", sharing=_HALF),
            0,
            1,
        ),
        (
            _edited("a", resource_sharing_configuration=_RESERVE),
            update_share(f"{SHARE}a", sharing=_RESERVE),
            0,
            2,
        ),
        (
            _edited("b", resource_sharing_configuration=_RESERVE),
            update_share(f"{SHARE}b", sharing=_RESERVE),
            0,
            0,  # what is lent already is not taken back before its owner needs it
        ),
        (_edited("a", capacity_limits=_ONE), update_share(f"{SHARE}a", capacity_limits=_ONE), 0, 0),
        (
            _edited("a", preemption_configuration=_PREEMPTS),
            update_share(f"{SHARE}a", preemption=_PREEMPTS),
            2,
            2,
        ),
    ],
    ids=["borrow limit", "no borrowing", "no lending", "own limit", "in-share preemption"],
)
def test_an_edit_of_a_quota_share(
    batch: Batch, edit: Edit, change: Change, starts: int, preempted: int
) -> None:
    _quota(batch)
    state, limits = _before(batch, "quota")
    effect = edit_preview(state, edit(state), limits, limits, batch.sandbox.world.now())
    assert (len(effect.starts), len(effect.preempted)) == (starts, preempted)
    before = _running(batch, "quota")
    _apply(batch, change)
    _holds(batch, "quota", before, effect)


@pytest.mark.parametrize(("capacity", "starts", "preempted"), [(1, 0, 1), (2, 0, 1), (4, 1, 0), (9, 1, 0)])
def test_an_edit_of_the_environments_limit(batch: Batch, capacity: int, starts: int, preempted: int) -> None:
    _quota(batch, capacity=3)
    state, limits = _before(batch, "quota")
    effect = edit_preview(state, state, limits, {G5: capacity}, batch.sandbox.world.now())
    before = _running(batch, "quota")
    new = (CapacityLimit(max_capacity=capacity, capacity_unit=G5),)
    _apply(batch, update_environment("env", capacity_limits=new))
    _holds(batch, "quota", before, effect)
    # only what is borrowed is taken; what no share lends nobody borrows, however much there is
    assert (len(effect.starts), len(effect.preempted)) == (starts, preempted)


def _holds(batch: Batch, queue: str, before: set[str], effect: EditEffect) -> None:
    """What runs now is what ran before, with the previewed effect."""
    assert _running(batch, queue) == (before - set(effect.preempted)) | set(effect.starts)
    for job in effect.preempted:
        assert batch.job(job)["preemptionSummary"]["preemptedAttemptCount"] == 1


def test_a_reservation_set_free_starts_those_previewed(batch: Batch) -> None:
    batch.environment(capacity=4)
    batch.fair_queue(computeReservation=50)
    for number in range(4):
        batch.submit(f"x{number}", "fair", payload(seconds=LONG), shareIdentifier="x")
        batch.skip(5)
    batch.skip(600)
    state, limits = _before(batch, "fair")
    after = replace(state, fairshare=FairsharePolicy())
    effect = edit_preview(state, after, limits, limits, batch.sandbox.world.now())
    assert len(effect.starts) == 2
    before = _running(batch, "fair")
    _apply(batch, update_policy(f"{ARN}scheduling-policy/fair-policy", fairshare=FairsharePolicy()))
    _holds(batch, "fair", before, effect)


def test_other_weights_change_who_is_next_as_previewed(batch: Batch) -> None:
    batch.environment(capacity=2)
    batch.fair_queue(shareDistribution=[{"shareIdentifier": "x", "weightFactor": 0.1}])
    held = [
        batch.submit(f"{share}-runs", "fair", payload(seconds=LONG), shareIdentifier=share) for share in "xy"
    ]
    batch.skip(600)
    for number in range(2):
        for share in "xy":
            batch.submit(f"{share}{number}", "fair", payload(seconds=LONG), shareIdentifier=share)
            batch.skip(5)
    batch.skip(60)
    state, limits = _before(batch, "fair")
    weights = (
        ShareAttributes(share_identifier="x", weight_factor=100.0),
        ShareAttributes(share_identifier="y", weight_factor=0.01),
    )
    policy = FairsharePolicy(share_distribution=weights)
    after = replace(state, fairshare=policy)
    assert edit_preview(state, after, limits, limits) == ((), ())
    was, expected = front(state, limits)[0], front(after, limits)[0]
    assert was != expected
    _apply(batch, update_policy(f"{ARN}scheduling-policy/fair-policy", fairshare=policy))
    batch.client.terminate_service_job(jobId=held[0], reason="make room")
    batch.skip(900)
    assert batch.status(expected) == "RUNNING"
    assert batch.status(was) == "RUNNABLE"
