"""Fair-share queues: the share that has had least of what it is entitled to goes next.

What is documented: the share with the lowest usage relative to its weight goes next, a lower weight
factor gets more, usage fades over `shareDecaySeconds`, `(computeReservation/100)^activeShares` of the
capacity is kept back, and there is no preemption. What is not, and chosen here:

- Usage is in instances: the past usage averaged over the decay window, plus the instances the share
  holds now, so that one decision over a backlog already spreads fairly. Ties go to the oldest head.
- Within a share the first task blocks those behind it. It does not block other shares.
- So that small jobs of others cannot starve a large one for ever, the head of the neediest share
  holds what comes free once it has waited `capacity.PATIENCE_MS`.
- A share is active while it has a waiting or running task.
- The reservation limits what this queue's own tasks hold; it is rounded down to whole instances.
"""

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence

from tui.model.queues import FairsharePolicy
from tui.scheduling.capacity import Ledger, possible
from tui.scheduling.cluster import Decision, Limits, Task
from tui.scheduling.order import lanes, share_of

DEFAULT_DECAY_SECONDS = 600
"""What Batch makes of a `shareDecaySeconds` of 0."""

_FADED = 1.0
"""Past usage below one instance-second is forgotten once the share runs nothing."""


def window_seconds(share_decay_seconds: int) -> int:
    return share_decay_seconds or DEFAULT_DECAY_SECONDS


def decayed(
    usage: Mapping[str, float], running: Iterable[Task], elapsed_ms: int, share_decay_seconds: int
) -> dict[str, float]:
    """Each share's usage in instance-seconds after `elapsed_ms` in which `running` ran throughout.

    Usage fades exponentially with the decay window as its time constant: a share that holds n instances
    for long tends to n x window, the same as a plain window counts, and many small steps give what one
    large step gives. The exact curve is not documented.
    """
    window = window_seconds(share_decay_seconds)
    kept = math.exp(-elapsed_ms / 1000 / window)
    gained: dict[str, float] = {}
    for task in running:
        gained[task.share] = gained.get(task.share, 0.0) + task.quantity * window * (1 - kept)
    faded = {share: past * kept for share, past in usage.items()}
    shares = {share for share, past in faded.items() if past >= _FADED} | gained.keys()
    return {share: faded.get(share, 0.0) + gained.get(share, 0.0) for share in shares}


def weight(policy: FairsharePolicy, share_identifier: str) -> float:
    """The share's weight factor: its own entry, or that of a prefix ending in `*`, else 1.0."""
    for entry in policy.share_distribution:
        name = entry.share_identifier
        if name == share_identifier or (name.endswith("*") and share_identifier.startswith(name[:-1])):
            return entry.weight_factor
    return 1.0


def reserved(policy: FairsharePolicy, active_shares: int, capacity: int) -> int:
    """Instances of `capacity` kept for shares not active yet: (c/100)^activeShares of it, rounded down.

    0 when no share is active: there is nobody to hold back.
    """
    if not active_shares:
        return 0
    # In whole numbers: 29 % of 100 is 29, and not the 28.99… of floating point.
    return capacity * policy.compute_reservation**active_shares // 100**active_shares


def active_shares(waiting: Iterable[Task], running: Iterable[Task]) -> set[str]:
    return {task.share for task in waiting} | {task.share for task in running}


def allowance(
    policy: FairsharePolicy, waiting: Sequence[Task], running: Sequence[Task], limits: Limits
) -> Limits:
    """What this queue's own tasks may hold together: the limits less the compute reservation."""
    if not policy.compute_reservation:
        return limits
    active = len(active_shares(waiting, running))
    return {unit: limit - reserved(policy, active, limit) for unit, limit in limits.items()}


class _Turns:
    """Whose turn it is: a heap of the shares that have waiting tasks, neediest first."""

    def __init__(
        self,
        policy: FairsharePolicy,
        usage: Mapping[str, float],
        waiting: Sequence[Task],
        running: Sequence[Task],
    ) -> None:
        self.tasks = lanes(waiting, share_of)
        window = window_seconds(policy.share_decay_seconds)
        self.instances = {share: usage.get(share, 0.0) / window for share in self.tasks}
        for task in running:
            if task.share in self.instances:
                self.instances[task.share] += task.quantity
        self.weights = {share: weight(policy, share) for share in self.tasks}
        self.heap = [self._entry(share) for share in self.tasks]
        heapq.heapify(self.heap)

    def _entry(self, share: str) -> tuple[float, int, str]:
        need = self.instances[share] * self.weights[share]
        return (need, self.tasks[share][-1].created_at, share)

    def head(self) -> Task | None:
        """The next task of the share whose turn it is."""
        return self.tasks[self.heap[0][2]][-1] if self.heap else None

    def serve(self) -> None:
        """The head starts: count it as usage, and let its share queue up again."""
        share = self.heap[0][2]
        self.instances[share] += self.tasks[share].pop().quantity
        if self.tasks[share]:
            heapq.heapreplace(self.heap, self._entry(share))
        else:
            heapq.heappop(self.heap)

    def skip(self) -> None:
        """The head cannot start: its share is out of this decision."""
        heapq.heappop(self.heap)


def decide(
    policy: FairsharePolicy,
    usage: Mapping[str, float],
    waiting: Sequence[Task],
    running: Sequence[Task],
    ledger: Ledger,
    now_ms: int,
) -> Decision:
    """Start what fits, neediest share first. Takes what it starts from the ledger."""
    start: list[str] = []
    if not waiting or ledger.full:
        return Decision()
    own = Ledger(allowance(policy, waiting, running, ledger.limits), running)
    turns = _Turns(policy, usage, waiting, running)
    neediest = True
    while (task := turns.head()) is not None:
        if ledger.fits(task) and own.fits(task):
            ledger.take(task)
            own.take(task)
            turns.serve()
            start.append(task.id)
            continue
        if neediest and possible(task, own.limits):
            neediest = False
            # If it is the compute reservation that keeps it waiting, other queues may go on.
            (ledger if own.fits(task) else own).hold_for(task, now_ms)
        turns.skip()
    return Decision(tuple(start))


def front(
    policy: FairsharePolicy,
    usage: Mapping[str, float],
    waiting: Sequence[Task],
    running: Sequence[Task],
    most: int | None,
) -> list[str]:
    """Waiting tasks in the order their shares would be served if capacity came free one by one."""
    turns = _Turns(policy, usage, waiting, running)
    order: list[str] = []
    while (task := turns.head()) is not None and (most is None or len(order) < most):
        order.append(task.id)
        turns.serve()
    return order
