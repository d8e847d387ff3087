"""Every reason why a job waits, with the sentence people read."""

from tests.unit.scheduling.cluster_sim import TYPE, quota_share, task
from tui.model.queues import NUM_INSTANCES, FairsharePolicy
from tui.scheduling.capacity import PATIENCE_MS
from tui.scheduling.cluster import Limits, QueueState
from tui.scheduling.explain import HELP, Explanation, Reason, explain

SHARES = (quota_share("a", 2, "LEND_AND_BORROW", 100), quota_share("b", 3, "LEND"), quota_share("c", 1))


def why(
    queue: QueueState, limits: Limits, index: int = 0, now_ms: int = 0, *, enabled: bool = True
) -> Explanation:
    return explain(queue.waiting[index].id, queue, limits, now_ms=now_ms, environment_enabled=enabled)


def test_the_front_of_a_fifo_queue_lacks_capacity_and_those_behind_wait_for_it() -> None:
    queue = QueueState(name="q", waiting=[task(4), task(1), task(1)], running=[task(6)])
    head = why(queue, {NUM_INSTANCES: 8})
    assert head.reason is Reason.CAPACITY
    assert head.position == 1
    assert head.sentence == f"It needs 4 × {TYPE}, and 2 of 8 are free."
    last = why(queue, {NUM_INSTANCES: 8}, 2)
    assert (last.reason, last.ahead, last.position, last.first) == (Reason.BEHIND, 2, 3, queue.waiting[0].id)
    assert (
        last.sentence == f"2 jobs of the queue go first; the first one needs 4 × {TYPE}, and 2 of 8 are free."
    )


def test_a_job_that_can_never_run() -> None:
    assert why(QueueState(name="q", waiting=[task(9)]), {NUM_INSTANCES: 8}).sentence == (
        f"It can never run: it needs 9 × {TYPE}, and the service environment allows 8."
    )
    assert why(QueueState(name="q", waiting=[task()]), {"ml.other": 8}).reason is Reason.NEVER
    in_share = QueueState(name="q", quota_shares=SHARES, waiting=[task(2, "c"), task(1, "unknown")])
    assert why(in_share, {TYPE: 6}).sentence.endswith("its quota share may use 1 at most.")
    assert why(in_share, {TYPE: 6}, 1).reason is Reason.NEVER
    alone = QueueState(name="q", quota_shares=SHARES[:1] + SHARES[2:], waiting=[task(4, "a")])
    assert why(alone, {TYPE: 6}).sentence == (
        f"It can never run: it needs 4 × {TYPE}, and its quota share has 2, and others lend 0 at most."
    )
    assert why(alone, {TYPE: 6}).help == (
        "Terminate it and submit it with other instances, "
        "or raise the limit of its quota share, or let others lend more."
    )
    nameless = QueueState(name="q", waiting=[task(unit="")])
    assert "no capacity limit for a job that names no instance type" in why(nameless, {TYPE: 8}).sentence
    assert why(QueueState(name="q", waiting=[task()]), {NUM_INSTANCES: 0}).reason is Reason.NEVER
    behind = QueueState(name="q", waiting=[task(9), task()])
    assert "the first one can never run" in why(behind, {NUM_INSTANCES: 8}, 1).sentence


def test_a_job_that_starts_and_one_that_does_not_wait() -> None:
    queue = QueueState(name="q", waiting=[task(), task()], running=[task()])
    assert why(queue, {NUM_INSTANCES: 3}, 1).reason is Reason.STARTS_NOW
    assert explain("unknown", queue, {NUM_INSTANCES: 3}).reason is Reason.NOT_WAITING
    assert explain(queue.running[0].id, queue, {NUM_INSTANCES: 3}).position is None
    assert why(queue, {NUM_INSTANCES: 3}, enabled=False).reason is Reason.ENVIRONMENT_DISABLED


def test_fair_share_reservation_line_and_hold() -> None:
    policy = FairsharePolicy(compute_reservation=50)
    queue = QueueState(
        name="q", fairshare=policy, waiting=[task(1, "a"), task(1, "a")], running=[task(4, "a")]
    )
    reserved = why(queue, {NUM_INSTANCES: 8})
    assert reserved.reason is Reason.RESERVATION
    assert reserved.sentence == (
        f"It needs 1 × {TYPE}; the compute reservation leaves 4 of 8 instances to the queue "
        "while 1 share is active, and it uses 4."
    )
    assert why(queue, {NUM_INSTANCES: 8}, 1).sentence.startswith("1 job of share a goes first; the first one")
    large = task(4, "a")
    held = QueueState(
        name="q", fairshare=FairsharePolicy(), waiting=[large, task(1, "b")], running=[task(2, "c")]
    )
    assert why(held, {NUM_INSTANCES: 4}, 1, large.created_at + PATIENCE_MS).reason is Reason.HELD


def test_quota_shares_say_which_limit_holds() -> None:
    limits = {TYPE: 6}
    full = QueueState(name="q", quota_shares=SHARES, waiting=[task(1, "b")], running=[task(3, "b")])
    assert why(full, limits).sentence == (
        f"It needs 1 × {TYPE}; its quota share uses 3 of its 3, and may not borrow."
    )
    at_most = QueueState(name="q", quota_shares=SHARES, waiting=[task(1, "a")], running=[task(4, "a")])
    assert why(at_most, limits).sentence == (
        f"It needs 1 × {TYPE}; its quota share uses 4, and may use 4 at most, 2 of them borrowed."
    )
    running = [task(2, "a"), task(3, "b")]
    nothing = QueueState(name="q", quota_shares=SHARES, waiting=[task(1, "a")], running=running)
    assert why(nothing, limits).reason is Reason.NOTHING_TO_BORROW
    small = QueueState(name="q", quota_shares=SHARES, waiting=[task(1, "c")], running=running)
    assert why(small, {TYPE: 5}).sentence == f"It needs 1 × {TYPE}, and 0 of 5 are free."


def test_an_owner_waits_for_victims_to_stop() -> None:
    borrower = task(4, "a", dispatched_at=1)
    for stopping in (False, True):
        victim = task(4, "a", id=borrower.id, dispatched_at=1, stopping=stopping)
        queue = QueueState(name="q", quota_shares=SHARES, waiting=[task(3, "b")], running=[victim])
        found = why(queue, {TYPE: 6})
        assert (found.reason, found.victims) == (Reason.PREEMPTING, (borrower.id,))
        assert found.sentence == "It has its capacity promised, and waits for 1 job to stop."


def test_what_would_help() -> None:
    fifo = QueueState(name="q", waiting=[task(4), task(1)], running=[task(6)])
    assert why(fifo, {NUM_INSTANCES: 8}).help.startswith("A running job that ends")
    assert why(fifo, {NUM_INSTANCES: 8}, 1).help.startswith("For the first one: a running job ")
    blocked = QueueState(name="q", waiting=[task(9), task(1)])
    assert why(blocked, {NUM_INSTANCES: 8}, 1).help == (
        "Terminate the first one: nothing behind it starts before that."
    )
    fair = QueueState(
        name="q", fairshare=FairsharePolicy(), waiting=[task(4, "a"), task(1, "a")], running=[task(6, "a")]
    )
    assert why(fair, {NUM_INSTANCES: 8}, 1).help.startswith("A higher scheduling priority. For the first")
    assert why(fair, {NUM_INSTANCES: 10}).help == ""
    for preempts in (False, True):
        shares = (quota_share("a", 2, preempts=preempts),)
        full = QueueState(name="q", quota_shares=shares, waiting=[task(1, "a")], running=[task(2, "a")])
        assert ("those stop for it" in why(full, {TYPE: 2}).help) is preempts


def test_every_reason_to_wait_has_something_that_helps() -> None:
    starts = {Reason.NOT_WAITING, Reason.STARTS_NOW, Reason.PREEMPTING}
    assert HELP.keys() | {Reason.NEVER, Reason.BEHIND} == set(Reason) - starts
