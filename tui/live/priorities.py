"""Reads the scheduling priorities that a decision needs: AWS tells them one job at a time."""

from collections.abc import Callable, Iterable
from functools import partial

from tui.aws import batch
from tui.aws.problems import Problem
from tui.live.poller import Poller
from tui.live.store import Store
from tui.model.jobs import ServiceJobDetail

AT_ONCE = 6
MOST = 400
"""Jobs asked about for one decision. At ten a second more would take longer than anyone waits."""

TRIES = 3


class Priorities:
    """Describes the jobs of a queue whose priority is not known, the first named first.

    `changed` is called in the UI thread after each answer. `left` counts those still to come; `unread` those
    that were not asked about, or could not be told. UI thread only.
    """

    def __init__(
        self, store: Store, poller: Poller, queue: str, job_ids: Iterable[str], changed: Callable[[], None]
    ) -> None:
        picture = store.queues[queue]
        wanted = [job_id for job_id in dict.fromkeys(job_ids) if job_id not in picture.priorities]
        self.total = len(wanted[:MOST])
        self.left = self.total
        self.unread = len(wanted) - self.total
        self.problem: Problem | None = None
        self._store = store
        self._poller = poller
        self._queue = queue
        self._changed = changed
        self._todo = [(job_id, TRIES) for job_id in wanted[:MOST]]
        self._stopped = False
        for _ in range(AT_ONCE):
            self._next()

    def stop(self) -> None:
        """Nobody needs the answers any more."""
        self._stopped = True
        self._todo.clear()

    def _next(self) -> None:
        if self._todo:
            job_id, tries = self._todo.pop(0)
            self._poller.act(
                lambda aws: batch.describe_job(aws, job_id), partial(self._told, job_id, tries - 1), bulk=True
            )

    def _told(self, job_id: str, tries: int, answer: ServiceJobDetail | Problem) -> None:
        if isinstance(answer, ServiceJobDetail):
            self.left -= 1
            self._store.merge_details(self._queue, [answer])
        elif answer.retryable and tries and not self._stopped:
            self._todo.append((job_id, tries))
        else:
            self.left -= 1
            self.unread += 1
            self.problem = answer
        self._next()
        if not self._stopped:
            self._changed()
