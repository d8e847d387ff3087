"""Quota management: every quota share is a queue of its own, and idle capacity is lent.

What is documented: the scheduler goes round the shares and dispatches what fits their own limits, then
gives idle capacity of LEND and LEND_AND_BORROW shares to LEND_AND_BORROW shares, first in first out,
within their borrow limit. Lent capacity is taken back by preemption when its owner's jobs arrive or
limits are lowered; within a share that enables it, a job of higher priority preempts lower ones. A
disabled share takes no new jobs, and finishes those it has. What is not documented, and chosen here:

- A round starts with the share that was served longest ago. Within a share and instance type the first
  task blocks those behind it; other types and shares go on.
- A share whose use is above its own limit borrows the difference, be it from lending or because its
  limit was lowered. It may borrow what lending shares leave idle of their limits; capacity that no share
  owns is not lent, and a type that the share has no limit for is not for it.
- Idle capacity goes to the share whose oldest job waits longest, and there to the first by priority. A
  share that cannot use it now lets the next one have it.
- Jobs are preempted for an owner only from shares that borrow, and only if that lets the owner's job
  start. They are preempted even while a RESERVE share leaves capacity idle: that is not theirs to use.
  Victims: jobs that are wholly on borrowed capacity before those that are partly; then the lowest
  priority, then the least work lost (dispatched last); and no more than it takes. Use above what a share
  may borrow, or above a lowered limit of the environment, is preempted at once.
- Where the environment is too small for all that the shares own, nothing is lent while an owner waits.
- Who preempts gets what it frees, even if another share's job waits longer for idle capacity; if it
  would then run on its share's own limit, it goes before borrowers in any case.
- What starts after a job that waits for its victims to stop waits too, if it is of the same share.
"""

import heapq
from collections.abc import Iterable

from tui.model.queues import NUM_INSTANCES, QuotaShare
from tui.scheduling.capacity import Ledger
from tui.scheduling.cluster import Decision, Limits, QueueState, Task
from tui.scheduling.lending import Terms
from tui.scheduling.order import lanes, share_of
from tui.scheduling.plan import Plan


def unit_of(unit: str, limits: Limits) -> str | None:
    """The environment's limit that counts this instance type; None if it is not allowed."""
    if unit in limits:
        return unit
    return NUM_INSTANCES if NUM_INSTANCES in limits else None


def terms_of(shares: Iterable[QuotaShare], unit: str, capacity: int) -> dict[str, Terms]:
    """What each share may use of one of the environment's units."""
    return {share.quota_share_name: _terms(share, unit, capacity) for share in shares}


def _terms(share: QuotaShare, unit: str, capacity: int) -> Terms:
    own = {limit.capacity_unit: limit.max_capacity for limit in share.capacity_limits}
    limit = own.get(unit, sum(own.values()) if unit == NUM_INSTANCES else 0)
    sharing = share.resource_sharing_configuration
    most = limit
    if sharing.strategy == "LEND_AND_BORROW" and limit:
        percent = -1 if sharing.borrow_limit is None else sharing.borrow_limit
        most += capacity if percent < 0 else limit * percent // 100
    return Terms(
        limit=limit,
        most=most,
        lends=sharing.strategy in ("LEND", "LEND_AND_BORROW"),
        preempts=share.preemption_configuration.in_share_preemption == "ENABLED",
    )


def plans(queue: QueueState, ledger: Ledger) -> list[Plan]:
    """A plan, not yet run, for each of the environment's units that the queue's shares have tasks of."""
    limits = ledger.limits
    shares = queue.quota_shares or ()
    names = {share.quota_share_name for share in shares}
    promised = [
        (unit_of(task.unit, limits), task.share) for task in queue.waiting if task.id in queue.promised
    ]
    queued: dict[str | None, dict[str, list[Task]]] = {}
    line = lanes(queue.waiting, lambda task: (unit_of(task.unit, limits), task.share))
    for (unit, share), tasks in line.items():
        if share in names:
            queued.setdefault(unit, {})[share] = tasks
    held: dict[str | None, list[Task]] = {}
    for task in queue.running:
        if task.share in names:
            held.setdefault(unit_of(task.unit, limits), []).append(task)
    made: list[Plan] = []
    for unit, limit in limits.items():
        if unit in queued or unit in held:
            ours = held.get(unit, [])
            others = ledger.used[unit] - sum(task.quantity for task in ours)
            terms = terms_of(shares, unit, limit)
            first = [share for where, share in promised if where == unit]
            made.append(Plan(terms, limit - others, queued.get(unit, {}), ours, first))
    return made


def decide(queue: QueueState, ledger: Ledger) -> Decision:
    """Start and preempt, one instance type after the other. Takes what it starts from the ledger."""
    start: list[str] = []
    preempt: list[str] = []
    promised: list[str] = []
    for plan in plans(queue, ledger):
        plan.run()
        for task in plan.started:
            if ledger.fits(task):  # it does, unless the environment counts all types together as well
                ledger.take(task)
                start.append(task.id)
        preempt += (victim.id for victim in plan.victims)
        promised += (task.id for task in plan.awaiting)
    return Decision(tuple(start), tuple(preempt), tuple(promised))


def front(queue: QueueState, limits: Limits, most: int | None) -> list[str]:
    """Waiting tasks in dispatch order: in turns what fits the shares' own limits, then as idle capacity goes.

    Left out are tasks of a type without a limit, and of shares that do not exist.
    """
    order: list[Task] = []
    rest: list[tuple[Plan, str]] = []
    for plan in plans(queue, Ledger(limits, queue.running)):
        order += plan.owned(most)
        rest += ((plan, share) for share, tasks in plan.queued.items() if tasks)
    heap = [(plan.age(share), index) for index, (plan, share) in enumerate(rest)]
    heapq.heapify(heap)
    while heap and (most is None or len(order) < most):
        _, index = heapq.heappop(heap)
        plan, share = rest[index]
        order.append(plan.queued[share].pop())
        if plan.queued[share]:
            heapq.heappush(heap, (plan.age(share), index))
    return [task.id for task in order[:most]]


def front_of_shares(queue: QueueState, most: int | None = 1) -> dict[str, list[str]]:
    """For each quota share, the ids of its first `most` waiting tasks by its own order."""
    waiting = lanes(queue.waiting, share_of)
    fronts: dict[str, list[str]] = {}
    for share in queue.quota_shares or ():
        tasks = waiting.get(share.quota_share_name, [])
        tasks.reverse()
        fronts[share.quota_share_name] = [task.id for task in tasks[:most]]
    return fronts
