"""Why a job waits, in one true sentence with the figures behind it."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec
from msgspec.structs import replace

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


HELP = {
    Reason.ENVIRONMENT_DISABLED: "Enable the service environment.",
    Reason.CAPACITY: "A running job that ends or is stopped, or a higher capacity limit of the service "
    "environment.",
    Reason.HELD: "Time: the one that waits longest goes first, then this.",
    Reason.RESERVATION: "A running job of the queue that ends, or a lower compute reservation.",
    Reason.SHARE_LIMIT: "A running job of its quota share that ends, or a higher limit of the share, or to "
    "let it borrow.",
    Reason.BORROW_LIMIT: "A running job of its quota share that ends, or a higher limit or borrow limit of "
    "the share.",
    Reason.NOTHING_TO_BORROW: "A borrowed job that ends, others that lend more, or a higher limit of its "
    "quota share.",
}
"""What lets the front of a line start sooner."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why a job waits. `position` counts from 1 in dispatch order.

    `ahead` counts the jobs before it in its own line: its queue, its share, or its share's instance type.
    `first` is the id of the job its line waits for, itself if it is at the front, and `victims` are the jobs
    that stop to make room. The sentence names no ids. `help` is what would let it start sooner, empty if
    it starts without.
    """

    reason: Reason
    sentence: str
    position: int | None = None
    ahead: int = 0
    first: str = ""
    victims: tuple[str, ...] = ()
    help: str = ""


class _Cause(msgspec.Struct, frozen=True):
    """Why the front of a line waits, as a clause without a subject. `help`: if not what `HELP` says."""

    reason: Reason
    clause: str
    victims: tuple[str, ...] = ()
    help: str = ""


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
    order = front(queue, limits, most=None)
    position = order.index(task_id) + 1 if task_id in order else None
    if not environment_enabled:
        cause = _Cause(Reason.ENVIRONMENT_DISABLED, "waits because the service environment is disabled")
        return _explanation(task, cause, position)
    outlook = _Outlook(queue, limits, others, now_ms)
    cause = outlook.served(task) or _never(task, queue, limits)
    if cause is not None:
        return _explanation(task, cause, position)
    line, owner = _line(task, queue, limits)
    line = [other for other in line if outlook.served(other) is None]
    first, ahead = line[0], line.index(task)
    cause = _never(first, queue, limits) or outlook.blocked(first)
    if not ahead:
        return _explanation(task, cause, position)
    return Explanation(
        reason=Reason.BEHIND,
        sentence=f"{_jobs(ahead)} of {owner} {_go(ahead)} first; the first one {cause.clause}.",
        position=position,
        ahead=ahead,
        first=first.id,
        help=_help_behind(queue, cause),
    )


def _explanation(task: Task, cause: _Cause, position: int | None) -> Explanation:
    return Explanation(
        reason=cause.reason,
        sentence=f"It {cause.clause}.",
        position=position,
        first=task.id,
        victims=cause.victims,
        help=_help(cause),
    )


def _help(cause: _Cause) -> str:
    return cause.help or HELP.get(cause.reason, "")


def _help_behind(queue: QueueState, cause: _Cause) -> str:
    """Priorities count in all but FIFO queues; else what helps the first one helps those behind it."""
    if cause.reason is Reason.NEVER:
        return "Terminate the first one: nothing behind it starts before that."
    own = "" if queue.fairshare is None and queue.quota_shares is None else "A higher scheduling priority. "
    return f"{own}For the first one: {_lowered(_help(cause))}"


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


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
        what = task.unit or "a job that names no instance type"
        return _impossible(f"the service environment has no capacity limit for {what}", "add such a limit")
    needs = f"it needs {_amount(task)}, and"
    if not possible(task, limits):
        most = min(limits[unit] for unit in units_of(task.unit, limits))
        return _impossible(f"{needs} the service environment allows {most}", "raise its capacity limit")
    unit = quota.unit_of(task.unit, limits)
    if queue.quota_shares is None or unit is None:
        return None
    shares = quota.terms_of(queue.quota_shares, unit, limits[unit])
    terms = shares.pop(task.share, None)
    if terms is None:
        return _impossible(f"there is no quota share {task.share}", "create it")
    if task.quantity > terms.most:
        return _impossible(
            f"{needs} its quota share may use {terms.most} at most", "raise the limit of its quota share"
        )
    lent = sum(other.limit for other in shares.values() if other.lends)
    if task.quantity > terms.limit + lent:
        return _impossible(
            f"{needs} its quota share has {terms.limit}, and others lend {lent} at most",
            "raise the limit of its quota share, or let others lend more",
        )
    return None


def _impossible(why: str, remedy: str) -> _Cause:
    return _Cause(
        Reason.NEVER,
        f"can never run: {why}",
        help=f"Terminate it and submit it with other instances, or {remedy}.",
    )


class _Outlook:
    """What the scheduler would do now, and what is in use once it has done it."""

    def __init__(self, queue: QueueState, limits: Limits, others: Sequence[QueueState], now_ms: int) -> None:
        queues = (queue, *others)
        running = [task for each in queues for task in each.running]
        self.queue = queue
        self.started = set(schedule(queues, limits, now_ms).start)
        self.plans: list[Plan] = []
        if queue.quota_shares is not None:
            self.plans = quota.plans(queue, Ledger(limits, running))
            for plan in self.plans:
                plan.run()
        starting = [task for each in queues for task in each.waiting if task.id in self.started]
        self.ledger = Ledger(limits, (*running, *starting))
        self.ours = [*queue.running, *(task for task in queue.waiting if task.id in self.started)]

    def served(self, task: Task) -> _Cause | None:
        """Whether the task starts, now or when those stopping for it have gone; None if it is blocked."""
        if task.id in self.started:
            return _Cause(Reason.STARTS_NOW, "fits, and starts with the scheduler's next pass")
        for plan in self.plans:
            if task in plan.awaiting:
                victims = plan.leaving()
                return _Cause(
                    Reason.PREEMPTING,
                    f"has its capacity promised, and waits for {_jobs(len(victims))} to stop",
                    victims,
                )
        return None

    def blocked(self, first: Task) -> _Cause:
        """Why the front of a line, which could run alone, does not start."""
        for plan in self.plans:
            if plan.head(first.share) is first:
                cause = _quota_cause(first, plan)
                if not plan.terms[first.share].preempts:
                    return cause
                above = (
                    "A scheduling priority above that of running jobs of its quota share: those stop for it. "
                )
                return replace(cause, help=f"{above}Or {_lowered(_help(cause))}")
        if not self.ledger.fits(first):
            return _Cause(Reason.CAPACITY, _lacks(first, self.ledger))
        policy = self.queue.fairshare
        kept = policy and _kept_back(first, policy, self.queue, self.ours, self.ledger.limits)
        return kept or _Cause(
            Reason.HELD, "fits, but what comes free is held for a job that has waited too long"
        )


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
        f"to the queue while {active} {_shares(active)} active, and it uses {own.used[unit]}",
    )


def _quota_cause(head: Task, plan: Plan) -> _Cause:
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
        if pool.lacking(head) <= 0:
            return _Cause(Reason.HELD, "could borrow, but what is free is held for a share that owns it")
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
