"""A cluster for tests: applies decisions, checks what must hold of each, and runs until nothing changes."""

from collections.abc import Iterable, Sequence
from itertools import count

from msgspec.structs import replace

from tui.model.queues import CapacityLimit, QuotaPreemption, QuotaShare, ResourceSharing
from tui.scheduling.cluster import Decision, Limits, QueueState, Task
from tui.scheduling.order import lanes
from tui.scheduling.scheduler import schedule

TYPE = "ml.g5.xlarge"

_ids = count()


def task(quantity: int = 1, share: str = "", **fields: object) -> Task:
    """A waiting task of the usual type; created after those made before, unless told otherwise."""
    number = next(_ids)
    values = {"id": f"job-{number}", "unit": TYPE, "created_at": number} | fields
    return Task(quantity=quantity, share=share, **values)  # pyright: ignore[reportArgumentType]


def quota_share(
    name: str,
    limit: int | dict[str, int],
    strategy: str = "RESERVE",
    borrow_limit: int | None = None,
    *,
    preempts: bool = False,
) -> QuotaShare:
    limits = limit if isinstance(limit, dict) else {TYPE: limit}
    return QuotaShare(
        quota_share_name=name,
        capacity_limits=tuple(
            CapacityLimit(max_capacity=most, capacity_unit=unit) for unit, most in limits.items()
        ),
        resource_sharing_configuration=ResourceSharing(strategy=strategy, borrow_limit=borrow_limit),
        preemption_configuration=QuotaPreemption(in_share_preemption="ENABLED" if preempts else "DISABLED"),
        state="ENABLED",
        status="VALID",
    )


class Cluster:
    """Queues on one environment. Victims stop one `settle` step after they were chosen."""

    def __init__(self, limits: Limits, *queues: QueueState) -> None:
        self.limits = limits
        self.queues = {queue.name: queue for queue in queues}
        self.now = 0

    @property
    def only(self) -> QueueState:
        (queue,) = self.queues.values()
        return queue

    @property
    def running(self) -> list[Task]:
        return [task for queue in self.queues.values() for task in queue.running]

    def held(self, share: str) -> int:
        return sum(task.quantity for task in self.running if task.share == share)

    def submit(self, tasks: Iterable[Task], queue: str = "") -> None:
        target = self.queues[queue] if queue else self.only
        self.queues[target.name] = replace(target, waiting=(*target.waiting, *tasks))

    def change(self, queue: str = "", **fields: object) -> None:
        target = self.queues[queue] if queue else self.only
        self.queues[target.name] = replace(target, **fields)

    def finish(self, ids: Iterable[str]) -> None:
        gone = set(ids)
        for name, queue in self.queues.items():
            staying = tuple(task for task in queue.running if task.id not in gone)
            self.queues[name] = replace(queue, running=staying)

    def step(self) -> Decision:
        """One decision, checked and applied: what starts runs, what is preempted begins to stop."""
        decision = schedule(tuple(self.queues.values()), self.limits, self.now)
        check(tuple(self.queues.values()), self.limits, decision)
        self.now += 1
        for name, queue in self.queues.items():
            started = [
                replace(task, dispatched_at=self.now) for task in queue.waiting if task.id in decision.start
            ]
            self.queues[name] = replace(
                queue,
                promised=decision.promised,
                waiting=tuple(task for task in queue.waiting if task.id not in decision.start),
                running=(
                    *(
                        replace(task, stopping=task.stopping or task.id in decision.preempt)
                        for task in queue.running
                    ),
                    *started,
                ),
            )
        return decision

    def stop_victims(self) -> None:
        """What was stopping is gone, and waits again."""
        for name, queue in self.queues.items():
            gone = [
                replace(task, dispatched_at=None, stopping=False) for task in queue.running if task.stopping
            ]
            self.queues[name] = replace(
                queue,
                waiting=(*gone, *queue.waiting),
                running=tuple(task for task in queue.running if not task.stopping),
            )

    def settle(self, most: int = 100, *, patient: bool = True) -> list[Decision]:
        """Decide again and again until nothing changes; fails if that never comes.

        Unless `patient` is False, nothing more may be decided while victims still stop.
        """
        made: list[Decision] = []
        for _ in range(most):
            decision = self.step()
            repeated = self.step()
            if patient:  # all is done or under way: nobody else is chosen
                assert (repeated.start, repeated.preempt) == ((), ())
                assert set(repeated.promised) == set(decision.promised)
            made.append(decision)
            if decision == Decision() and not any(task.stopping for task in self.running):
                return made
            self.stop_victims()
        raise AssertionError(f"no fixpoint after {most} steps")


def check(queues: Sequence[QueueState], limits: Limits, decision: Decision) -> None:
    """What holds of every decision, whatever the policies."""
    waiting = {task.id: task for queue in queues for task in queue.waiting}
    running = {task.id: task for queue in queues for task in queue.running}
    assert len(set(decision.start)) == len(decision.start)
    assert len(set(decision.preempt)) == len(decision.preempt)
    assert set(decision.start) <= waiting.keys()
    assert set(decision.preempt) <= {key for key, task in running.items() if not task.stopping}
    started = [waiting[key] for key in decision.start]
    for unit, limit in limits.items():
        counted = [task for task in started if unit in ("NUM_INSTANCES", task.unit)]
        if counted:
            held = [task for task in running.values() if unit in ("NUM_INSTANCES", task.unit)]
            assert sum(task.quantity for task in (*held, *counted)) <= limit
    for queue in queues:
        check_order(queue, decision)
        if queue.quota_shares is not None:
            check_quota(queue, decision)
            check_victims(queue, decision)
        else:
            assert not {task.id for task in queue.running} & set(decision.preempt)


def check_order(queue: QueueState, decision: Decision) -> None:
    """What starts of a share (and type) are its first by priority, then age: nothing is passed over."""
    fifo = queue.fairshare is None and queue.quota_shares is None
    by_type = queue.quota_shares is not None
    tasks = [replace(task, priority=0) for task in queue.waiting] if fifo else queue.waiting
    for lane in lanes(tasks, lambda task: (task.share, task.unit if by_type else "")).values():
        chosen = [task.id in decision.start for task in reversed(lane)]
        assert chosen == sorted(chosen, reverse=True)


def use_by_share(tasks: Iterable[Task], unit: str, shares: Iterable[QuotaShare]) -> dict[str, int]:
    used = {share.quota_share_name: 0 for share in shares}
    for held in tasks:
        if held.unit == unit:
            used[held.share] += held.quantity
    return used


def own_limits(shares: Iterable[QuotaShare], unit: str) -> dict[str, int]:
    return {
        share.quota_share_name: sum(
            limit.max_capacity for limit in share.capacity_limits if limit.capacity_unit == unit
        )
        for share in shares
    }


def check_quota(queue: QueueState, decision: Decision) -> None:
    """Whoever starts stays within what it owns and may borrow, and what others have to lend."""
    shares = {share.quota_share_name: share for share in queue.quota_shares or ()}
    started = [task for task in queue.waiting if task.id in decision.start]
    for unit in {task.unit for task in started}:
        used = use_by_share((*queue.running, *started), unit, shares.values())
        own = own_limits(shares.values(), unit)
        for name in {task.share for task in started if task.unit == unit}:
            sharing = shares[name].resource_sharing_configuration
            borrowed = used[name] - own[name]
            if borrowed <= 0:
                continue
            assert sharing.strategy == "LEND_AND_BORROW"
            if sharing.borrow_limit not in (None, -1):
                assert borrowed <= own[name] * sharing.borrow_limit / 100
            idle = sum(
                max(0, own[other] - used[other])
                for other, share in shares.items()
                if share.resource_sharing_configuration.strategy != "RESERVE"
            )
            assert sum(max(0, used[other] - own[other]) for other in shares) <= idle


def check_victims(queue: QueueState, decision: Decision) -> None:
    """Whoever is preempted was borrowing, or makes room for a higher priority of a share that allows that."""
    shares = {share.quota_share_name: share for share in queue.quota_shares or ()}
    served = [task for task in queue.waiting if task.id in {*decision.start, *decision.promised}]
    for victim in (task for task in queue.running if task.id in decision.preempt):
        staying = [task for task in queue.running if not task.stopping]
        used = use_by_share(staying, victim.unit, shares.values())[victim.share]
        borrows = used > own_limits(shares.values(), victim.unit)[victim.share]
        inside = shares[victim.share].preemption_configuration.in_share_preemption == "ENABLED" and any(
            task.share == victim.share and task.unit == victim.unit and task.priority > victim.priority
            for task in served
        )
        assert borrows or inside, victim
