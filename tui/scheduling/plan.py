"""Quota management's decision for one capacity unit: trim, own dispatch, borrowing, in-share preemption."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import accumulate

from tui.scheduling.cluster import Task
from tui.scheduling.lending import Pool, Terms
from tui.scheduling.order import cheapest_first


class Plan:
    """Two pools are kept: `now` counts what is stopping, `then` does not, and counts what will start.

    A task is admitted on the strength of `then`, and starts if `now` has room for it too. Otherwise it
    waits for its victims to stop, and its capacity is spoken for. `queued` holds each share's waiting
    tasks, the next one last. Shares that are `promised` capacity, since their victims stop, go first.
    """

    def __init__(
        self,
        terms: Mapping[str, Terms],
        capacity: int,
        queued: dict[str, list[Task]],
        held: Sequence[Task],
        promised: Collection[str] = (),
    ) -> None:
        staying = [task for task in held if not task.stopping]
        self._stopping = [task.id for task in held if task.stopping]
        self.now = Pool(terms, capacity, held)
        self.then = Pool(terms, capacity, staying)
        self.terms = terms
        self.promised = promised
        self.rotation = self._rotation(queued, held)
        self.queued = queued
        self._ages = {
            share: list(accumulate((task.created_at for task in tasks), min))
            for share, tasks in queued.items()
        }
        self.staying = cheapest_first(staying)
        self.started: list[Task] = []
        self.awaiting: list[Task] = []
        self.victims: list[Task] = []

    def _rotation(self, queued: Iterable[str], held: Iterable[Task]) -> list[str]:
        """The order in which shares are visited: those promised capacity, then served longest ago."""
        served: dict[str, int] = {}
        for task in held:
            served[task.share] = max(served.get(task.share, -1), task.dispatched_at or 0)
        return sorted(queued, key=lambda share: (share not in self.promised, served.get(share, -1), share))

    def run(self) -> None:
        self._trim()
        admitted = -1
        while admitted != (admitted_now := len(self.started) + len(self.awaiting)):
            admitted = admitted_now
            self._dispatch_own()
            self._preempt_in_share()  # before lending: a share's own would have to be taken back at once
            for task in self._borrowing():
                self._admit(task)

    def owned(self, most: int | None) -> list[Task]:
        """Waiting tasks within their shares' own limits, in turns, as if capacity were free."""
        order: list[Task] = []
        shares = list(self.rotation)
        while shares and (most is None or len(order) < most):
            shares = [share for share in shares if (task := self.head(share)) and self.then.owns(task)]
            for share in shares:
                task = self.queued[share].pop()
                self.then.take(task)
                order.append(task)
        return order

    def leaving(self) -> tuple[str, ...]:
        """Ids of what is stopping already, then of what is to be preempted now."""
        return (*self._stopping, *(victim.id for victim in self.victims))

    def age(self, share: str) -> int:
        """When the oldest waiting task of the share was created, in epoch ms."""
        return self._ages[share][len(self.queued[share]) - 1]

    def head(self, share: str) -> Task | None:
        tasks = self.queued.get(share)
        return tasks[-1] if tasks else None

    def _admit(self, task: Task) -> None:
        """Speak for the task's capacity, and start it if that is free now and no elder of its share waits."""
        self.queued[task.share].pop()
        self.then.take(task)
        if self.now.admits(task) and all(elder.share != task.share for elder in self.awaiting):
            self.now.take(task)
            self.started.append(task)
        else:
            self.awaiting.append(task)

    def _evict(self, victims: Iterable[Task]) -> None:
        for victim in victims:
            self.then.give(victim)
            self.staying.remove(victim)
            self.victims.append(victim)

    def _trim(self) -> None:
        """Preempt what runs above a share's limits, and what is borrowed above the environment's."""
        for share, terms in self.terms.items():
            over = self.then.used[share] - terms.most
            if over > 0:
                self._evict(_enough([task for task in self.staying if task.share == share], over))
        over = self.then.total - self.then.capacity
        if over > 0:
            self._evict(self._borrowers(over))

    def _borrowers(self, needed: int, spared: str = "") -> list[Task]:
        """Victims among shares above their own limits that free `needed` instances, or all there are.

        First those that a share runs wholly on borrowed capacity. Only if they are not enough, those with
        which it falls below its own limit; what this makes needless to preempt in that share is spared.
        """
        excess = self.then.excess()
        excess.pop(spared, None)
        chosen: list[Task] = []
        for below in (False, True):
            for task in self.staying:
                left = excess.get(task.share, 0)
                if left <= 0 or task in chosen or (task.quantity > left and not below):
                    continue
                if _instances(chosen) >= needed:
                    break
                left -= task.quantity
                for other in chosen[::-1]:
                    if other.share == task.share and other.quantity <= -left:
                        chosen.remove(other)
                        left += other.quantity
                chosen.append(task)
                excess[task.share] = left
        return _enough(chosen, needed)

    def _take_back(self, task: Task) -> list[Task] | None:
        """Borrowing tasks to preempt so that the task gets its share's own; None if that is not enough."""
        needed = self.then.short(task)
        if needed <= 0:
            return []
        victims = self._borrowers(needed, spared=task.share)
        return victims if _instances(victims) >= needed else None

    def _dispatch_own(self) -> None:
        """Round after round, the head of each share that is within the share's own limit."""
        shares = list(self.rotation)
        while shares:
            shares = [share for share in shares if self._dispatch_one(share)]

    def _dispatch_one(self, share: str) -> bool:
        task = self.head(share)
        if task is None or not self.then.owns(task):
            return False
        victims = self._take_back(task)
        if victims is None:
            return False
        self._evict(victims)
        self._admit(task)
        return True

    def _borrowing(self) -> list[Task]:
        """Who gets idle capacity: the head of the share whose oldest job waits longest, again and again."""
        chosen: list[Task] = []
        if self.owner_waits():
            return chosen
        pool = self.then.copy()
        left = {share: len(self.queued[share]) for share in self.rotation if self.queued[share]}
        while left:
            share = min(
                left, key=lambda share: (share not in self.promised, self._ages[share][left[share] - 1])
            )
            task = self.queued[share][left[share] - 1]
            if pool.admits(task):
                pool.take(task)
                chosen.append(task)
                left[share] -= 1
            else:
                left[share] = 0
            if not left[share]:
                del left[share]
        return chosen

    def owner_waits(self) -> bool:
        """Whether a share that could have its own cannot get it: the environment is too small for all."""
        heads = (task for share in self.rotation if (task := self.head(share)) is not None)
        return any(task.quantity <= self.then.capacity and self.then.owns(task) for task in heads)

    def _preempt_in_share(self) -> None:
        """Heads of shares that allow it preempt lower priorities of their own share, if they must."""
        preempting = [share for share in self.rotation if self.terms[share].preempts]
        borrowing = self._borrowing() if preempting else []
        for share in preempting:
            while (task := self.head(share)) is not None and task not in borrowing:
                if (self.then.owns(task) and self.then.admits(task)) or not self._preempt_for(task):
                    break

    def _preempt_for(self, task: Task) -> bool:
        """Preempt lower priorities of the task's own share if that lets it start."""
        lower = [
            other for other in self.staying if other.share == task.share and other.priority < task.priority
        ]
        removed: list[Task] = []
        for victim in lower:
            if removed and self._would_start(task):
                break
            self.then.give(victim)
            removed.append(victim)
        enough = bool(removed) and self._would_start(task)
        if enough:
            for victim in removed[::-1]:  # the most valuable first: is it needed at all?
                self.then.take(victim)
                removed.remove(victim)
                if not self._would_start(task):
                    self.then.give(victim)
                    removed.append(victim)
        for victim in removed:
            self.then.take(victim)
        if enough:
            if not self.then.admits(task):  # else it may as well go before an older borrower
                self._evict(removed)
                self._evict(self._take_back(task) or () if self.then.owns(task) else ())
            self._admit(task)
        return enough

    def _would_start(self, task: Task) -> bool:
        """Whether the task fits, perhaps after taking lent capacity back."""
        if self.then.owns(task):
            return self._take_back(task) is not None
        return self.then.admits(task) and not self.owner_waits()


def _instances(tasks: Iterable[Task]) -> int:
    return sum(task.quantity for task in tasks)


def _enough(victims: Sequence[Task], needed: int) -> list[Task]:
    """The victims, cheapest first, without those that `needed` instances do not take."""
    freed = _instances(victims)
    kept: list[Task] = []
    for victim in reversed(victims):
        if freed - victim.quantity >= needed:
            freed -= victim.quantity
        else:
            kept.append(victim)
    kept.reverse()
    return kept
