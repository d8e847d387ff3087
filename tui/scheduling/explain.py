"""Why a job waits, in one true sentence with the figures behind it."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from tui.model.queues import NUM_INSTANCES, FairsharePolicy
from tui.scheduling import fairshare, quota
from tui.scheduling.capacity import Ledger, possible, units_of
from tui.scheduling.cluster import Limits, QueueState, Task
from tui.scheduling.order import by_age, lanes, share_of
from tui.scheduling.plan import Plan
from tui.scheduling.scheduler import front, schedule


class Reason(StrEnum):
    NOT_WAITING = "not waiting"
    ENVIRONMENT_DISABLED = "environment disabled"
    STARTS_NOW = "starts now"
    NEVER = "can never run"
    BEHIND = "behind others"
    PREEMPTING = "waits for preempted jobs to stop"
    CAPACITY = "capacity"
    HELD = "capacity is held for another"
    RESERVATION = "compute reservation"
    SHARE_LIMIT = "share limit"
    BORROW_LIMIT = "borrow limit"
    NOTHING_TO_BORROW = "nothing to borrow"


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why a job waits. `position` counts from 1 in dispatch order; `ahead` of it in its own line.

    `first` is the id of the job at the front of its line, and `victims` are those stopping or about to
    stop for it. The sentence names no ids.
    """

    reason: Reason
    sentence: str
    position: int | None = None
    ahead: int = 0
    first: str = ""
    victims: tuple[str, ...] = ()


class _Cause(msgspec.Struct, frozen=True):
    """Why the front of a line waits, as a clause without a subject."""

    reason: Reason
    clause: str
    victims: tuple[str, ...] = ()


def explain(
    task_id: str,
    queue: QueueState,
    limits: Limits,
    others: Sequence[QueueState] = (),
    now_ms: int = 0,
    *,
    environment_enabled: bool = True,
) -> Explanation:
    """Why the job of this id waits; `others` are the other queues on the same environment."""
    task = next((task for task in queue.waiting if task.id == task_id), None)
    if task is None:
        return Explanation(reason=Reason.NOT_WAITING, sentence="It does not wait in this queue.")
    position = front(queue, limits, most=None).index(task_id) + 1
    line, of_what = _line(task, queue, limits)
    ahead = next(index for index, other in enumerate(line) if other.id == task_id)
    first = line[0]
    if not environment_enabled:
        cause = _Cause(Reason.ENVIRONMENT_DISABLED, "waits because the service environment is disabled")
        ahead = 0
    elif (never := _never(task, queue, limits)) is not None:
        cause = never
        ahead = 0
    else:
        cause = _cause(first, queue, limits, others, now_ms)
    if ahead:
        return Explanation(
            reason=Reason.BEHIND,
            sentence=f"{_jobs(ahead)} of {of_what} {_go(ahead)} first; the first one {cause.clause}.",
            position=position,
            ahead=ahead,
            first=first.id,
            victims=cause.victims,
        )
    return Explanation(
        reason=cause.reason,
        sentence=f"It {cause.clause}.",
        position=position,
        first=first.id,
        victims=cause.victims,
    )


def _line(task: Task, queue: QueueState, limits: Limits) -> tuple[list[Task], str]:
    """The tasks that go in one line with this one, the first first; and what they are jobs of."""
    if queue.fairshare is not None:
        return lanes(queue.waiting, share_of)[task.share][::-1], f"share {task.share}"
    if queue.quota_shares is not None:
        unit = quota.unit_of(task.unit, limits)
        same = (other for other in queue.waiting if quota.unit_of(other.unit, limits) == unit)
        return lanes(same, share_of)[task.share][::-1], f"quota share {task.share}"
    return by_age(queue.waiting), "the queue"


def _never(task: Task, queue: QueueState, limits: Limits) -> _Cause | None:
    """Why the task could not even run alone; None if it could."""
    if not units_of(task.unit, limits):
        return _Cause(
            Reason.NEVER, f"can never run: the service environment has no capacity limit for {task.unit}"
        )
    if not possible(task, limits):
        most = min(limits[unit] for unit in units_of(task.unit, limits))
        return _Cause(
            Reason.NEVER,
            f"can never run: it needs {_amount(task)}, and the service environment allows {most}",
        )
    unit = quota.unit_of(task.unit, limits)
    if queue.quota_shares is not None and unit is not None:
        terms = quota.terms_of(queue.quota_shares, unit, limits[unit]).get(task.share)
        if terms is None:
            return _Cause(Reason.NEVER, f"can never run: there is no quota share {task.share}")
        if task.quantity > terms.most:
            return _Cause(
                Reason.NEVER,
                f"can never run: it needs {_amount(task)}, and its quota share may use {terms.most} at most",
            )
    return None


def _cause(
    head: Task, queue: QueueState, limits: Limits, others: Sequence[QueueState], now_ms: int
) -> _Cause:
    """Why the front of a line waits."""
    if (never := _never(head, queue, limits)) is not None:
        return never
    queues = (queue, *others)
    started = set(schedule(queues, limits, now_ms).start)
    if head.id in started:
        return _Cause(Reason.STARTS_NOW, "fits, and starts with the scheduler's next pass")
    running = [task for each in queues for task in each.running]
    if queue.quota_shares is not None:
        for plan in quota.plans(queue.quota_shares, queue.waiting, queue.running, Ledger(limits, running)):
            plan.run()
            if plan.head(head.share) is head or head in plan.awaiting:
                return _quota_cause(head, plan)
    ledger = Ledger(limits, running)
    own = list(queue.running)
    for each in queues:
        for task in each.waiting:
            if task.id in started:
                ledger.take(task)
                own += [task] if each is queue else []
    if not ledger.fits(head):
        return _Cause(Reason.CAPACITY, _lacks(head, ledger))
    if queue.fairshare is not None and (kept := _kept_back(head, queue.fairshare, queue, own, limits)):
        return kept
    return _Cause(Reason.HELD, "fits, but what comes free is held for a job that has waited too long")


def _lacks(task: Task, ledger: Ledger) -> str:
    most = min(ledger.limits[unit] for unit in units_of(task.unit, ledger.limits))
    return (
        f"needs {_amount(task)}, and {ledger.free(task.unit)} of {most} {_are(ledger.free(task.unit))} free"
    )


def _kept_back(
    task: Task, policy: FairsharePolicy, queue: QueueState, running: Sequence[Task], limits: Limits
) -> _Cause | None:
    allowed = fairshare.allowance(policy, queue.waiting, queue.running, limits)
    own = Ledger(allowed, running)
    if own.fits(task):
        return None
    active = len(fairshare.active_shares(queue.waiting, queue.running))
    unit = min(units_of(task.unit, allowed), key=lambda unit: allowed[unit] - own.used[unit])
    return _Cause(
        Reason.RESERVATION,
        f"needs {_amount(task)}; the compute reservation leaves {allowed[unit]} of {limits[unit]} instances "
        f"to the queue while {active} {_shares(active)} active, and {own.used[unit]} {_are(own.used[unit])} in use",
    )


def _quota_cause(head: Task, plan: Plan) -> _Cause:
    if head in plan.awaiting:
        victims = plan.leaving()
        return _Cause(
            Reason.PREEMPTING,
            f"starts when {_jobs(len(victims))} that {_are(len(victims))} being preempted "
            f"{'has' if len(victims) == 1 else 'have'} stopped",
            victims,
        )
    pool, terms = plan.then, plan.terms[head.share]
    used = pool.used[head.share]
    free = max(0, pool.capacity - pool.total)
    needs = f"needs {_amount(head)}"
    if not pool.owns(head):
        if terms.most == terms.limit:
            return _Cause(
                Reason.SHARE_LIMIT,
                f"{needs}; its quota share uses {used} of its {terms.limit}, and may not borrow",
            )
        if not pool.within_most(head):
            return _Cause(
                Reason.BORROW_LIMIT,
                f"{needs}; its quota share uses {used}, and may use {terms.most} at most, "
                f"{terms.most - terms.limit} of them borrowed",
            )
        if not pool.lent_enough(head):
            return _Cause(
                Reason.NOTHING_TO_BORROW,
                f"{needs}; its quota share uses {used} of its {terms.limit}, "
                "and too little that others lend is idle",
            )
    return _Cause(Reason.CAPACITY, f"{needs}, and {free} of {pool.capacity} {_are(free)} free")


def _amount(task: Task) -> str:
    if task.unit in ("", NUM_INSTANCES):
        return f"{task.quantity} {'instance' if task.quantity == 1 else 'instances'}"
    return f"{task.quantity} × {task.unit}"


def _jobs(number: int) -> str:
    return "1 job" if number == 1 else f"{number:,} jobs"


def _go(number: int) -> str:
    return "goes" if number == 1 else "go"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _shares(number: int) -> str:
    return "share is" if number == 1 else "shares are"
