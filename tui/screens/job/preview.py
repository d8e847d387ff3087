"""The job under the cursor, beside the table, where the terminal is wide enough for both."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.timer import Timer

from tui.model.jobs import ServiceJobDetail
from tui.model.timeline import runs
from tui.model.training import request_of
from tui.screens.fact_sheet import FactSheet
from tui.screens.job import facts
from tui.screens.job_facts import Section
from widgets.cells import literal

if TYPE_CHECKING:
    from tui.screens.base import Live

_SETTLE = 0.3
"""Seconds that the cursor stays on a job before AWS is asked about it."""


class JobPreview(VerticalScroll, can_focus=False):
    """What Batch tells of one job; SageMaker is asked on the job's own screen only."""

    DEFAULT_CSS = """
    JobPreview {
        width: 62; height: 1fr; padding: 0 1; border-left: solid $panel; scrollbar-size-vertical: 1;
        & FactSheet { height: auto; }
    }
    """

    def __init__(self, live: "Live", queue: str) -> None:
        super().__init__()
        self._live = live
        self._queue = queue
        self._job_id = ""
        self._asking: Timer | None = None

    def compose(self) -> ComposeResult:
        yield FactSheet()

    def look_at(self, job_id: str | None) -> None:
        """Show this job, and ask for what is not known of it once the cursor rests."""
        if (job_id or "") == self._job_id:
            return
        self._job_id = job_id or ""
        self.scroll_home(animate=False)
        if self._asking is not None:
            self._asking.stop()
        self._asking = self.set_timer(_SETTLE, self._ask)
        self.paint()

    @property
    def _detail(self) -> ServiceJobDetail | None:
        picture = self._live.store.queues.get(self._queue)
        return picture.details.get(self._job_id) if picture else None

    def _ask(self) -> None:
        if self._job_id and self._detail is None and self.screen.is_current:
            self._live.poller.describe(self._job_id, self._queue)

    def paint(self) -> None:
        """Show the job as it is known now."""
        for sheet in self.query(FactSheet):  # gone when the screen has become narrow just now
            sheet.show(self._sections())

    def _sections(self) -> list[Section]:
        picture, store = self._live.store.queues.get(self._queue), self._live.store
        job = picture.jobs.get(self._job_id) if picture else None
        if picture is None or job is None:
            return []
        detail = self._detail
        if detail is None:
            return [Section(literal(job.job_name), (("Status", job.status, ""),))]
        now_ms, utc = store.now_ms(), self._live.settings.utc
        found = runs(detail, {})
        position = picture.positions.get(self._job_id)
        request = request_of(detail.service_request_payload)
        pending = self._live.actions.pending(self._job_id)
        told = facts.job_section(detail, request, position, now_ms, pending)
        return facts.filled(
            Section(literal(detail.job_name), told.facts),
            facts.reason_section(detail, found),
            facts.times_section(detail, found, now_ms, utc),
            facts.runs_section(found, now_ms),
            facts.tags_section(detail),
        )
