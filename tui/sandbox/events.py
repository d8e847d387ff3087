"""What the simulation will do next, in order of simulated time."""

import heapq
from collections.abc import Callable
from itertools import count
from typing import Any

Action = Callable[..., object]


class Events:
    """A heap of actions by simulated time (epoch ms). Equal times run in the order they were added."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Action, tuple[Any, ...]]] = []
        self._order = count()

    def add(self, at_ms: int, action: Action, *args: Any) -> None:
        heapq.heappush(self._heap, (at_ms, next(self._order), action, args))

    def next_time(self) -> int | None:
        return self._heap[0][0] if self._heap else None

    def run_next(self) -> None:
        _, _, action, args = heapq.heappop(self._heap)
        action(*args)

    def __len__(self) -> int:
        return len(self._heap)
