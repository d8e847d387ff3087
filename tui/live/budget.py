"""One rate for all calls of an account and region: a token bucket that slows down when AWS throttles."""

import time
from collections.abc import Callable

MIN_RATE = 1.0
RECOVERY = 10.0
"""Seconds in which a rate that was halved comes back, if AWS does not throttle again."""

ONE_SIGN = 1.0
"""Calls throttled within this many seconds are one sign: calls made together are refused together."""


class Budget:
    """A token bucket: `rate` calls a second, `burst` at once. Not thread-safe: its owner locks.

    AWS Batch allows about 50 calls a second to a whole account and region, shared with everything else that
    runs there. 10 leaves room for the others.
    """

    def __init__(
        self, rate: float = 10.0, burst: float = 20.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.full_rate = rate
        self.rate = rate
        self._burst = burst
        self._tokens = burst
        self._clock = clock
        self._at = clock()
        self._throttled_at = -ONE_SIGN

    def _advance(self) -> None:
        now = self._clock()
        passed, self._at = max(0.0, now - self._at), now
        self._tokens = min(self._burst, self._tokens + passed * self.rate)
        self.rate = min(self.full_rate, self.rate + passed * self.full_rate / (2 * RECOVERY))

    def take(self) -> float:
        """Take a token and return 0; or take none and return the seconds until there is one."""
        self._advance()
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self.rate

    def take_now(self) -> None:
        """Take a token even if there is none: the user does not wait, those after him do."""
        self._advance()
        self._tokens -= 1

    def throttled(self) -> None:
        """AWS said it was too much: halve the rate, and spend what was saved up."""
        self._advance()
        if self._at - self._throttled_at < ONE_SIGN:
            return
        self._throttled_at = self._at
        self.rate = max(MIN_RATE, self.rate / 2)
        self._tokens = min(self._tokens, 0.0)
