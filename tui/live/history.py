"""The finished jobs of one queue: read once, newest first, no further than somebody asks.

Finished jobs never change, so a page that was read is never asked for again. Those that finish while we
watch come from the rounds.
"""

from collections.abc import Callable

from tui.aws import batch
from tui.aws.batch import Page
from tui.aws.problems import Problem
from tui.live.backoff import Backoff
from tui.live.calls import Rank
from tui.live.engine import Engine
from tui.live.store import our_now_ms
from tui.model.jobs import Status
from tui.model.units import DAY

FAILURE_PAGES = 3
"""Pages of FAILED jobs read by ourselves to count the failures of 24 h."""

STATUSES = (Status.FAILED, Status.SUCCEEDED)


class _Cursor:
    """How far the listing of one status has been read."""

    def __init__(self) -> None:
        self.token: str | None = None
        self.pages = 0
        self.wanted = 0
        self.busy = False
        self.complete = False


class QueueHistory:
    """The history of one queue. Everything here runs in the engine's thread."""

    def __init__(self, engine: Engine, name: str, now_ms: Callable[[], int]) -> None:
        self.name = name
        self.begun = False
        self.backoff = Backoff()
        self._engine = engine
        self._now_ms = now_ms
        self._cursors = {status: _Cursor() for status in STATUSES}
        self._counting = True

    def begin(self, rank: Rank) -> None:
        """Read what the home screen's figures need: failures of 24 h, and the latest successes."""
        self.begun = True
        for status in STATUSES:
            self._want(status, 1, rank)

    def more(self, pages: int, rank: Rank) -> None:
        """Read the next pages of every status."""
        self.begun = True
        for status in STATUSES:
            self._want(status, pages, rank)

    def resume(self, rank: Rank) -> None:
        """Go on after a failure."""
        for status in STATUSES:
            self._want(status, 0, rank)

    def _want(self, status: Status, pages: int, rank: Rank) -> None:
        cursor = self._cursors[status]
        cursor.wanted += pages
        if cursor.busy or cursor.complete or cursor.wanted <= 0 or self.backoff.waiting:
            return
        cursor.busy = True
        token = cursor.token
        self._engine.tell(lambda store: store.set_history(self.name, loading=True))
        self._engine.ask(
            rank,
            lambda aws: batch.list_jobs(aws, self.name, status=status.value, token=token),
            lambda page: self._got(status, page, rank),
            lambda problem: self._failed(status, problem),
        )

    def _got(self, status: Status, page: Page, rank: Rank) -> None:
        cursor = self._cursors[status]
        cursor.busy = False
        cursor.pages += 1
        cursor.wanted -= 1
        cursor.token = page.next_token
        cursor.complete = page.next_token is None
        self.backoff.clear()
        self._engine.tell(lambda store: store.merge_jobs(self.name, page.jobs, news=False))
        self._engine.tell(lambda store: store.fetched("history", self.name))
        if status is Status.FAILED and self._counting:
            self._count(cursor, page)
        self._want(status, 0, rank)
        complete = all(c.complete for c in self._cursors.values())
        loading = any(c.busy for c in self._cursors.values())
        self._engine.tell(lambda store: store.set_history(self.name, complete=complete, loading=loading))

    def _count(self, cursor: _Cursor, page: Page) -> None:
        """Go on until a whole page is older than 24 h: listings are by creation, not by end."""
        since = self._now_ms() - DAY
        older = all((job.stopped_at or job.created_at or 0) < since for job in page.jobs)
        self._counting = not (cursor.complete or older)
        capped = self._counting
        if self._counting and cursor.wanted <= 0 and cursor.pages < FAILURE_PAGES:
            cursor.wanted = 1
        self._engine.tell(lambda store: store.set_history(self.name, failed_capped=capped))

    def _failed(self, status: Status, problem: Problem) -> None:
        cursor = self._cursors[status]
        cursor.busy = False
        if problem.code == "InvalidRequest" and cursor.token is not None:
            # Tokens are not kept for ever. From the start again: what is known is not added twice.
            cursor.token = None
        delay = self.backoff.failed(problem, 5.0)
        retry_at = our_now_ms() + int(delay * 1000)
        loading = any(c.busy for c in self._cursors.values())
        self._engine.tell(lambda store: store.failed("history", self.name, problem, retry_at))
        self._engine.tell(lambda store: store.set_history(self.name, loading=loading))
