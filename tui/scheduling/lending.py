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

    def copy(self) -> "Pool":
        twin = Pool(self.terms, self.capacity)
        twin.used = self.used.copy()
        twin.total = self.total
        return twin

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

    def short(self, task: Task) -> int:
        """Instances that must come free before the task runs on its share's own limit; 0 or less for none.

        They are what the environment lacks, or what the task takes away from under those who borrow it:
        otherwise they would go on in what a RESERVE share keeps for itself.
        """
        lacking = self.lacking(task)
        if not self.terms[task.share].lends:
            return lacking
        left = sum(self.idle(share) for share in self.terms) - task.quantity
        return max(lacking, min(task.quantity, sum(self.excess().values()) - left))

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
        if self.owns(task):
            return self.short(task) <= 0
        return self.lacking(task) <= 0 and self.within_most(task) and self.lent_enough(task)
