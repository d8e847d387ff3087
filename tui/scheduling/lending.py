"""Who uses, lends and borrows how much of one capacity unit."""

from collections.abc import Iterable, Mapping

import msgspec

from tui.scheduling.cluster import Task


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """A quota share's limits for one unit: instances of its own, and at most with what it borrows."""

    limit: int
    most: int
    lends: bool = False
    preempts: bool = False


class Pool:
    """Instances in use of one unit, by share. Use may lie above limits that were lowered."""

    def __init__(self, terms: Mapping[str, Terms], capacity: int, running: Iterable[Task] = ()) -> None:
        self.terms = terms
        self.capacity = capacity
        self.used = dict.fromkeys(terms, 0)
        self.total = 0
        for task in running:
            self.take(task)

    def take(self, task: Task) -> None:
        self.used[task.share] += task.quantity
        self.total += task.quantity

    def give(self, task: Task) -> None:
        self.used[task.share] -= task.quantity
        self.total -= task.quantity

    def lacking(self, task: Task) -> int:
        """How many instances too few are free for the task; 0 or less if it fits."""
        return self.total + task.quantity - self.capacity

    def owns(self, task: Task) -> bool:
        """Whether the task is within its share's own limit."""
        return self.used[task.share] + task.quantity <= self.terms[task.share].limit

    def excess(self) -> dict[str, int]:
        """What each borrowing share uses above its own limit."""
        over = {share: used - self.terms[share].limit for share, used in self.used.items()}
        return {share: amount for share, amount in over.items() if amount > 0}

    def idle(self, share: str) -> int:
        """What the share has to lend to others."""
        terms = self.terms[share]
        return max(0, terms.limit - self.used[share]) if terms.lends else 0

    def lent_enough(self, task: Task) -> bool:
        """Whether idle capacity of other shares covers what all borrow once the task runs too."""
        share = task.share
        over = self.used[share] + task.quantity - self.terms[share].limit
        borrowed = over + sum(amount for other, amount in self.excess().items() if other != share)
        return borrowed <= sum(self.idle(other) for other in self.terms if other != share)

    def within_most(self, task: Task) -> bool:
        return self.used[task.share] + task.quantity <= self.terms[task.share].most

    def admits(self, task: Task) -> bool:
        """Whether the task can run on top of what is in use, on its share's own or on borrowed capacity."""
        if self.lacking(task) > 0:
            return False
        return self.owns(task) or (self.within_most(task) and self.lent_enough(task))
