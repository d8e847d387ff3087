"""Simulated time: starts at the present and runs `speed` times as fast as the wall clock."""

import time


class Clock:
    """`now()` is the simulated time in epoch ms. A test may `advance` it by hand."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._start_ms = time.time() * 1000
        self._origin = time.monotonic()
        self._skipped_ms = 0

    def now(self) -> int:
        elapsed_ms = (time.monotonic() - self._origin) * 1000
        return int(self._start_ms + elapsed_ms * self.speed) + self._skipped_ms

    def advance(self, ms: int) -> None:
        """Skip `ms` milliseconds of simulated time."""
        self._skipped_ms += ms
