"""When to ask again after a failure."""

import random
import time
from collections.abc import Callable

from tui.aws.problems import Problem

LONGEST = 60.0
"""Seconds. Nobody on call should wait longer for the picture to come back by itself."""


class Backoff:
    """Exponential, with jitter, from `first` seconds to a minute; a refusal waits the minute at once."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._clock = clock
        self._chance = chance
        self.failures = 0
        self.retry_at: float | None = None

    def failed(self, problem: Problem, first: float, longest: float = LONGEST) -> float:
        """Note a failure; returns the seconds to wait."""
        self.failures += 1
        delay = min(longest, first * 2 ** min(self.failures - 1, 10)) if problem.retryable else longest
        delay *= self._chance(0.8, 1.2)
        self.retry_at = self._clock() + delay
        return delay

    def clear(self) -> None:
        """It worked, or the user wants it tried now."""
        self.failures = 0
        self.retry_at = None

    @property
    def waiting(self) -> bool:
        """Too early to ask again."""
        return self.retry_at is not None and self._clock() < self.retry_at
