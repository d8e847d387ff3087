"""One job in full: all that DescribeServiceJob tells, and its request as highlighted JSON."""

import json
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.model.jobs import ServiceJobDetail, is_finished
from tui.screens.fact_sheet import FactSheet
from tui.screens.job_actions import JobActions
from tui.screens.job_facts import sections
from tui.screens.problem_text import paragraphs
from tui.screens.submit_keys import CloneKey

if TYPE_CHECKING:
    from tui.live.changes import Changed
    from tui.screens.base import Live

LOADING = "Asking AWS for this job…"
GONE = "This job is no longer known to AWS: job records are kept for some days after the end."


class Pane(VerticalScroll):
    """A scrolled part of the screen that fingers trained on vi can move."""

    BINDINGS = [
        Binding("j", "scroll_down", "down", show=False, id="pane.down"),
        Binding("k", "scroll_up", "up", show=False, id="pane.up"),
        Binding("g", "scroll_home", "top", show=False, id="pane.top"),
        Binding("G", "scroll_end", "end", show=False, id="pane.end"),
        Binding("ctrl+d", "page_down", "page down", show=False, id="pane.page_down"),
        Binding("ctrl+u", "page_up", "page up", show=False, id="pane.page_up"),
    ]


class DetailsScreen(CloneKey, JobActions):
    """Live while the job is; facts beside the request when wide, above it when narrow."""

    BINDINGS = [
        Binding("escape,q", "back", "back", key_display="esc", id="back"),
        Binding("tab", "app.focus_next", "request", show=False, id="details.next"),
        Binding("y", "copy", "copy id", id="details.copy"),
        Binding("Y", "copy_request", "copy request", id="details.copy_request"),
    ]

    def __init__(self, live: "Live", queue_name: str, job_id: str) -> None:
        super().__init__(live, queue_name)
        self._queue = queue_name
        self._job_id = job_id
        self._payload: str | None = None

    def body(self) -> ComposeResult:
        yield Static("", id="job-title", markup=False)
        with Pane(id="details"):
            with Pane(id="facts"):
                yield FactSheet()
            with Pane(id="request"):
                yield Static("Request", classes="section-title", markup=False)
                yield Static("", id="payload", markup=False)

    def watch_queue(self) -> None:
        super().watch_queue()
        self.live.poller.describe(self._job_id, self._queue)

    @property
    def detail(self) -> ServiceJobDetail | None:
        picture = self.live.store.queues.get(self._queue)
        return picture.details.get(self._job_id) if picture else None

    def paint(self, change: "Changed | None") -> None:
        if change is None or change.of(self._queue):
            self._describe_again(change)
            self._paint()

    def tick(self) -> None:
        self._paint()

    def _describe_again(self, change: "Changed | None") -> None:
        """A listing says that the job moved on: what was described of it is old."""
        if change is not None and self._job_id in change.of(self._queue).jobs.changed:
            self.live.poller.describe(self._job_id, self._queue)

    def _paint(self) -> None:
        store, detail = self.live.store, self.detail
        title = self.query_one("#job-title", Static)
        if detail is None:
            problem = store.freshness("details", self._queue).problem or store.problem
            _write(title, paragraphs(problem) if problem else LOADING)
            return
        pending = self.live.actions.pending(self._job_id)
        _write(title, f"{detail.job_name}  {pending or detail.status}")
        picture = store.queues[self._queue]
        position = picture.positions.get(self._job_id)
        self.query_one(FactSheet).show(
            sections(detail, store.now_ms(), position, self.live.settings.utc),
        )
        if detail.service_request_payload != self._payload:
            self._payload = detail.service_request_payload
            self.query_one("#payload", Static).update(request_content(self._payload))

    def targets(self) -> list[str]:
        detail = self.detail
        return [self._job_id] if detail is not None and not is_finished(detail) else []

    def job_to_clone(self) -> str | None:
        return self._job_id

    def pending_changed(self, job_ids: frozenset[str]) -> None:
        if self._job_id in job_ids:
            self._paint()

    def action_back(self) -> None:
        self.dismiss()

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self._job_id)
        self.notify(f"Copied {self._job_id}", markup=False)

    def action_copy_request(self) -> None:
        if self._payload is not None:
            self.app.copy_to_clipboard(pretty_json(self._payload))
            self.notify("Copied the request as JSON")


def _write(widget: Static, text: str) -> None:
    if widget.content != text:
        widget.update(text)


def pretty_json(text: str) -> str:
    """JSON indented by two; text that is not JSON as it is (AWS passes a request on unread)."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def request_content(text: str) -> Content:
    """The request, highlighted if it is JSON."""
    pretty = pretty_json(text)
    if not pretty:
        return Content("No request came with this job.")
    from textual.highlight import highlight  # brings pygments

    return highlight(pretty, language="json") if pretty != text or text[:1] in "{[" else Content(text)
