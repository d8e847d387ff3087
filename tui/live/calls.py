"""Worker threads that make calls in order of rank, within the budget.

The threads are daemons and are never joined: leaving the program must not wait for an answer. One of them
takes the user's own calls only, so that these find a free thread whatever the others wait for.
"""

import threading
from collections import deque
from collections.abc import Callable
from enum import IntEnum
from heapq import heappop, heappush

from tui.live.budget import Budget


class Rank(IntEnum):
    """What goes first."""

    USER = 0
    BULK = 1
    """The user's own too, but so many that they keep to the budget."""
    WATCHED = 2
    VISIBLE = 3
    OTHERS = 4
    BACKGROUND = 5


Work = Callable[[], None]

FRAME_WORDS = 1 << 13
"""Size asked for the first frame of a worker, in words of 8 bytes; CPython maps twice as much."""


class Calls:
    """A priority queue of calls, `threads` workers and one more for the user's own. Thread-safe.

    Each piece of work makes one call and handles its own errors.
    """

    def __init__(self, budget: Budget, threads: int = 8) -> None:
        self._budget = budget
        self._threads = threads
        self._heap: list[tuple[Rank, int, Work]] = []
        self._user: deque[Work] = deque()
        self._count = 0
        self._stopped = False
        self._wake = threading.Condition()

    def start(self) -> None:
        for number in range(self._threads):
            threading.Thread(target=self._serve, args=(False,), name=f"aws-{number}", daemon=True).start()
        threading.Thread(target=self._serve, args=(True,), name="aws-user", daemon=True).start()

    def stop(self) -> None:
        """Drop what has not begun. What has begun ends by itself; nobody waits for it."""
        with self._wake:
            self._stopped = True
            self._heap.clear()
            self._user.clear()
            self._wake.notify_all()

    def submit(self, rank: Rank, work: Work) -> None:
        with self._wake:
            if self._stopped:
                return
            if rank is Rank.USER:
                self._user.append(work)
            else:
                self._count += 1
                heappush(self._heap, (rank, self._count, work))
            self._wake.notify_all()

    def throttled(self) -> None:
        """AWS throttled one of the calls."""
        with self._wake:
            self._budget.throttled()

    @property
    def rate(self) -> float:
        """Calls a second now allowed."""
        return self._budget.rate

    def _serve(self, user_only: bool) -> None:
        while (work := self._next(user_only)) is not None:
            work()

    # CPython maps the frames of a thread 16 KB at a time, and unmaps them on return: a call that goes to and
    # fro over such a border costs two system calls. Importing botocore did so 2,900 times and took half as
    # long again. A frame that asks for more gets a chunk of 128 KB, with room for those it calls.
    _serve.__code__ = _serve.__code__.replace(co_stacksize=FRAME_WORDS)

    def _next(self, user_only: bool) -> Work | None:
        with self._wake:
            while not self._stopped:
                delay = None
                if self._user:
                    self._budget.take_now()
                    return self._user.popleft()
                if self._heap and not user_only:
                    delay = self._budget.take()
                    if delay == 0:
                        return heappop(self._heap)[2]
                self._wake.wait(delay)
            return None
