"""What time it is at AWS.

Ages and waits compare AWS's timestamps with now, so now must be AWS's too: a laptop's clock may be
minutes off, and an endpoint for practice may run its clock faster. Every answer carries AWS's time in
its `Date` header, to the second. `ServerClock` keeps the last samples of (our time, their time) and
goes on from them:

- If their clock runs at the pace of ours, now is our time plus the largest difference seen. The header
  cuts off fractions, so the largest is the nearest to the truth.
- If it clearly does not (more than 2 s and 5 % apart over the samples kept), now goes on at their pace.

Only a minute of samples is kept: a machine that slept, or whose clock was set, is right again soon.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

_WINDOW = 60.0
_SPACING = 0.5
_SLACK = 2.0
_DEVIATION = 0.05


class ServerClock:
    """AWS's time, from the `Date` headers of its answers. Thread-safe. `wall` is our clock, in seconds."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._samples: deque[tuple[float, float]] = deque()
        self._lock = threading.Lock()

    def observe(self, date: str) -> None:
        """Take the `Date` header of an answer that has just come. Nonsense is ignored."""
        from email.utils import parsedate_to_datetime  # slow to import: not before the first frame

        try:
            server = parsedate_to_datetime(date).timestamp()
        except (ValueError, TypeError):
            return
        wall = self._wall()
        with self._lock:
            samples = self._samples
            if samples and wall < samples[-1][0]:
                samples.clear()
            if samples and wall - samples[-1][0] < _SPACING:
                return
            samples.append((wall, server))
            while wall - samples[0][0] > _WINDOW:
                samples.popleft()

    def now_ms(self) -> int:
        """AWS's time in epoch milliseconds; our own until AWS has answered once."""
        wall = self._wall()
        with self._lock:
            if not self._samples:
                return int(wall * 1000)
            first_wall, first_server = self._samples[0]
            last_wall, last_server = self._samples[-1]
            ours, theirs = last_wall - first_wall, last_server - first_server
            if abs(theirs - ours) > max(_SLACK, _DEVIATION * ours):
                rate = max(0.0, theirs / ours)
                return int((last_server + (wall - last_wall) * rate) * 1000)
            return int((wall + max(server - local for local, server in self._samples)) * 1000)
