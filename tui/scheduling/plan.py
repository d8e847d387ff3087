"""Quota management's decision for one capacity unit: trim, own dispatch, borrowing, in-share preemption."""

from collections.abc import Iterable, Mapping, Sequence

from tui.scheduling.cluster import Task
from tui.scheduling.lending import Pool, Terms
from tui.scheduling.order import cheapest_first


class Plan:
    """Two pools are kept: `now` counts what is stopping, `then` does not, and counts what will start.

    A task is admitted on the strength of `then`, and starts if `now` has room for it too. Otherwise it
    waits for its victims to stop, and its capacity is spoken for. `queued` holds each share's waiting
    tasks, the next one last; `rotation` says in which order the shares are visited.
    """

    def __init__(
        self,
        terms: Mapping[str, Terms],
        capacity: int,
        rotation: Sequence[str],
        queued: dict[str, list[Task]],
        running: Iterable[Task],
    ) -> None:
        held = list(running)
        staying = [task for task in held if not task.stopping]
        self._stopping = [task.id for task in held if task.stopping]
        self.now = Pool(terms, capacity, held)
        self.then = Pool(terms, capacity, staying)
        self.terms = terms
        self.rotation = [share for share in rotation if queued.get(share)]
        self.queued = queued
        self.staying = cheapest_first(staying)
        self.started: list[Task] = []
        self.awaiting: list[Task] = []
        self.victims: list[Task] = []

    def run(self) -> None:
        self._trim()
        self._dispatch_own()
        self._lend()
        self._preempt_in_share()

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
        """Victims among shares above their own limits that free `needed` instances, or all there are."""
        excess = self.then.excess()
        excess.pop(spared, None)
        chosen: list[Task] = []
        for task in self.staying:
            if sum(victim.quantity for victim in chosen) >= needed:
                break
            if excess.get(task.share, 0) > 0:
                excess[task.share] -= task.quantity
                chosen.append(task)
        return _enough(chosen, needed)

    def _take_back(self, task: Task) -> list[Task] | None:
        """Borrowing tasks to preempt so that the task fits the environment; None if that is not enough."""
        needed = self.then.lacking(task)
        if needed <= 0:
            return []
        victims = self._borrowers(needed, spared=task.share)
        return victims if sum(victim.quantity for victim in victims) >= needed else None

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

    def _lend(self) -> None:
        """Idle capacity to the oldest head that may borrow it, again and again."""
        heads = [task for share in self.rotation if (task := self.head(share)) is not None]
        while heads:
            task = min(heads, key=lambda head: head.created_at)
            heads.remove(task)
            if self.then.admits(task):
                self._admit(task)
                if (following := self.head(task.share)) is not None:
                    heads.append(following)

    def _preempt_in_share(self) -> None:
        for share in self.rotation:
            if self.terms[share].preempts:
                while (task := self.head(share)) is not None and self._preempt_for(task):
                    pass

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
        starts = bool(removed) and self._would_start(task)
        if starts:
            for victim in removed[::-1]:  # the most valuable first: is it needed at all?
                self.then.take(victim)
                if self._would_start(task):
                    removed.remove(victim)
                else:
                    self.then.give(victim)
        for victim in removed:
            self.then.take(victim)
        if starts:
            self._evict(removed)
            if self.then.owns(task):
                self._evict(self._take_back(task) or ())
            self._admit(task)
        return starts

    def _would_start(self, task: Task) -> bool:
        """Whether the task fits, perhaps after taking lent capacity back, and no other share comes first."""
        fits = self._take_back(task) is not None if self.then.owns(task) else self.then.admits(task)
        return fits and not self._contested(task)

    def _contested(self, task: Task) -> bool:
        """Whether the head of another share would come first to the capacity that is freed."""
        owned = self.then.owns(task)
        for share in self.rotation:
            other = self.head(share)
            if other is None or share == task.share or not self.then.admits(other):
                continue
            if self.then.owns(other) or (not owned and other.created_at <= task.created_at):
                return True
        return False


def _enough(victims: Sequence[Task], needed: int) -> list[Task]:
    """The victims, cheapest first, without those that `needed` instances do not take."""
    freed = sum(victim.quantity for victim in victims)
    kept: list[Task] = []
    for victim in reversed(victims):
        if freed - victim.quantity >= needed:
            freed -= victim.quantity
        else:
            kept.append(victim)
    kept.reverse()
    return kept
