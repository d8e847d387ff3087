"""What an edit would do, compared with what would happen anyway."""

from msgspec.structs import replace

from tui.model.queues import CapacityLimit, FairsharePolicy, QuotaPreemption, QuotaShare, ResourceSharing
from tui.scheduling.cluster import QueueState, Task
from tui.scheduling.preview import EditEffect, edit_preview

G5 = "ml.g5.xlarge"
LIMITS = {G5: 4}


def _task(
    name: str, share: str, at: int, *, runs: bool = False, priority: int = 0, quantity: int = 1
) -> Task:
    return Task(
        id=name,
        quantity=quantity,
        unit=G5,
        share=share,
        priority=priority,
        created_at=at,
        dispatched_at=at if runs else None,
    )


def _share(
    name: str, limit: int, strategy: str, *, preempts: bool = False, borrow: int | None = None
) -> QuotaShare:
    return QuotaShare(
        quota_share_name=name,
        capacity_limits=(CapacityLimit(max_capacity=limit, capacity_unit=G5),),
        resource_sharing_configuration=ResourceSharing(strategy=strategy, borrow_limit=borrow),
        preemption_configuration=QuotaPreemption(in_share_preemption="ENABLED" if preempts else "DISABLED"),
        state="ENABLED",
        status="VALID",
    )


BORROWER = _share("a", 2, "LEND_AND_BORROW", borrow=-1)
QUOTA = QueueState(
    name="q",
    quota_shares=(BORROWER, _share("b", 2, "LEND")),
    running=tuple(_task(f"a{n}", "a", n, runs=True) for n in range(4)),
    waiting=(_task("a4", "a", 4),),
)


def _with_first(share: QuotaShare) -> QueueState:
    return replace(QUOTA, quota_shares=(share, *(QUOTA.quota_shares or ())[1:]))


def test_an_edit_that_changes_nothing_does_nothing() -> None:
    assert edit_preview(QUOTA, QUOTA, LIMITS, LIMITS) == EditEffect()


def test_more_capacity_starts_who_waits() -> None:
    state = replace(QUOTA, running=QUOTA.running[:3])
    assert edit_preview(state, state, {G5: 3}, LIMITS) == (("a4",), ())
    # what no share lends nobody borrows
    assert edit_preview(QUOTA, QUOTA, LIMITS, {G5: 5}) == EditEffect()


def test_a_lower_borrow_limit_preempts() -> None:
    effect = edit_preview(
        QUOTA,
        _with_first(
            replace(
                BORROWER,
                resource_sharing_configuration=ResourceSharing(strategy="LEND_AND_BORROW", borrow_limit=50),
            )
        ),
        LIMITS,
        LIMITS,
    )
    assert effect.starts == ()
    assert len(effect.preempted) == 1


def test_a_share_that_stops_borrowing_keeps_its_own() -> None:
    effect = edit_preview(QUOTA, _with_first(_share("a", 2, "LEND")), LIMITS, LIMITS)
    assert len(effect.preempted) == 2


def test_less_capacity_preempts_those_who_borrow() -> None:
    assert len(edit_preview(QUOTA, QUOTA, LIMITS, {G5: 3}).preempted) == 1


def test_capacity_that_moves_to_another_share_starts_its_jobs_in_the_place_of_others() -> None:
    state = replace(QUOTA, waiting=tuple(_task(f"b{n}", "b", 10 + n) for n in range(3)))
    # what happens anyway: b takes its own two back
    after = replace(state, quota_shares=(_share("a", 1, "LEND"), _share("b", 3, "LEND")))
    effect = edit_preview(state, after, LIMITS, LIMITS)
    assert effect.starts == ("b2",)
    assert len(effect.preempted) == 1


def test_in_share_preemption_switched_on() -> None:
    state = replace(QUOTA, waiting=(_task("high", "a", 9, priority=5),))
    after = replace(
        state,
        quota_shares=(
            _share("a", 2, "LEND_AND_BORROW", preempts=True, borrow=-1),
            *(state.quota_shares or ())[1:],
        ),
    )
    effect = edit_preview(state, after, LIMITS, LIMITS)
    assert effect.starts == ("high",)
    assert len(effect.preempted) == 1


def test_weights_preempt_nobody_and_a_reservation_set_free_starts_jobs() -> None:
    reserving = FairsharePolicy(compute_reservation=50)
    state = QueueState(
        name="f",
        fairshare=reserving,
        running=(_task("x0", "x", 0, runs=True), _task("x1", "x", 1, runs=True)),
        waiting=(_task("x2", "x", 2), _task("x3", "x", 3), _task("x4", "x", 4)),
    )
    after = replace(state, fairshare=FairsharePolicy())
    assert edit_preview(state, after, LIMITS, LIMITS) == (("x2", "x3"), ())


def test_other_queues_of_the_environment_take_their_part() -> None:
    mine = QueueState(name="mine", waiting=(_task("m", "", 5),), priority=1)
    theirs = QueueState(name="theirs", waiting=(_task("t", "", 6),), priority=9)
    assert edit_preview(mine, mine, {G5: 0}, {G5: 1}, others=(theirs,)) == (("t",), ())
