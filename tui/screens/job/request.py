"""The request: its JSON, searchable, and how it differs from that of another job."""

import json
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from tui.aws import batch
from tui.aws.problems import Problem
from tui.model.diff import differences, unified
from tui.model.jobs import ServiceJobDetail
from tui.screens.job.tab import JobTab
from widgets.filterbar import FilterBar
from widgets.loglines import LogView
from widgets.loglook import diff_spans, json_spans
from widgets.plainlines import PlainLines

if TYPE_CHECKING:
    from tui.screens.job.desk import JobDesk

LOADING = "Asking AWS for the request…"
NONE = "No request came with this job."


def pretty_json(text: str) -> str:
    """JSON indented by two; text that is not JSON as it is (AWS passes a request on unread)."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


class RequestTab(JobTab):
    """`d` compares with another job, `u` shows the difference as JSON lines, `d` again ends it."""

    DEFAULT_CSS = """
    RequestTab #request-status { height: auto; max-height: 3; padding: 0 1; color: $text-muted; }
    """

    BINDINGS = [
        Binding("slash", "search", "search", key_display="/", priority=True, id="request.search"),
        Binding(
            "ampersand", "filter", "filter", key_display="&", show=False, priority=True, id="request.filter"
        ),
        Binding("d", "diff", "diff", id="request.diff"),
        Binding("u", "unified", "as lines", id="request.unified"),
    ]

    def __init__(self, desk: "JobDesk", id: str) -> None:
        super().__init__(desk, id)
        self._shown: tuple[object, ...] = ()
        self._other: ServiceJobDetail | None = None
        self._unified = False

    def compose(self) -> ComposeResult:
        yield Static("", id="request-status", markup=False)
        yield LogView(highlight=self._highlight, empty=LOADING, id="request")
        yield FilterBar(placeholder="text or regex", sign="/", id="request-search")
        yield FilterBar(placeholder="only lines that match this regex", sign="&", id="request-filter")

    @property
    def view(self) -> LogView:
        return self.query_one("#request", LogView)

    def shown(self) -> None:
        self.view.focus()

    def paint(self) -> None:
        detail = self.desk.detail
        if detail is None:
            return
        what = (detail.service_request_payload, self._other, self._unified)
        if what != self._shown:
            self._shown = what
            lines = self._lines(detail.service_request_payload)
            self.view.show(PlainLines(lines))
            self._paint_status(len(lines))

    def _lines(self, payload: str) -> list[str]:
        if self._other is None:
            text = pretty_json(payload)
            return text.split("\n") if text else []
        old = self._other.service_request_payload
        if self._unified:
            names = self._other.job_name, self.desk.detail.job_name if self.desk.detail else ""
            return unified(old, payload, *names)
        lines: list[str] = []
        for each in differences(old, payload):
            lines.append(f"{each.sign} {each.path}")
            if each.old is not None:
                lines.append(f"  - {each.old}")
            if each.new is not None:
                lines.append(f"  + {each.new}")
        return lines

    def _highlight(self, text: str) -> "list[tuple[int, int, str]]":
        return list(json_spans(text) if self._other is None else diff_spans(text))

    def _paint_status(self, count: int) -> None:
        other = self._other
        if other is None:
            text = Content(f"{count:,} lines   d compares it with another job's")
            self.view.empty = NONE
        else:
            form = "u as members" if self._unified else "u as lines"
            text = Content(f"- {other.job_name} ({other.status})   + this job   {form}   d ends it")
            self.view.empty = f"The requests of {other.job_name} and of this job are the same."
        self.query_one("#request-status", Static).update(text)

    # ── What the user does ───────────────────────────────────────────────────────────────────────

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("search", "filter"):
            return not any(bar.is_open for bar in self.query(FilterBar))
        if action == "unified":
            return self._other is not None
        return True

    def action_search(self) -> None:
        self.query_one("#request-search", FilterBar).open()

    def action_filter(self) -> None:
        self.query_one("#request-filter", FilterBar).open()

    @on(FilterBar.Changed, "#request-search")
    def search_changed(self, event: FilterBar.Changed) -> None:
        event.stop()
        self.view.search(event.text)

    @on(FilterBar.Changed, "#request-filter")
    def filter_changed(self, event: FilterBar.Changed) -> None:
        event.stop()
        try:
            self.view.filter(event.text)
        except ValueError as error:
            event.bar.set_status(str(error), error=True)
            return
        event.bar.set_status("")

    @on(LogView.Looked)
    def looked(self, event: LogView.Looked) -> None:
        event.stop()
        bar = self.query_one("#request-search", FilterBar)
        number, total, _ = self.view.matches
        if bar.value:
            bar.set_status(f"{number}/{total} lines   n next  N before" if number else f"{total} lines")

    @on(LogView.Opened)
    def opened(self, event: LogView.Opened) -> None:
        from tui.screens.job.line_dialog import LineDialog

        event.stop()
        if (line := self.view.line) is not None:
            self.app.push_screen(LineDialog("Request", line.text))

    def action_unified(self) -> None:
        self._unified = not self._unified
        self.paint()

    def action_diff(self) -> None:
        """Choose the other job; or end the comparison."""
        if self._other is not None:
            self._compare(None)
            return
        from tui.screens.job.other_job import OtherJobDialog

        detail, picture = self.desk.detail, self.desk.picture
        if detail is not None and picture is not None:
            self.app.push_screen(OtherJobDialog(picture, detail, self.desk.now_ms), self._chosen)

    def _chosen(self, job_id: str | None) -> None:
        if job_id is None:
            return

        def described(found: ServiceJobDetail | Problem) -> None:
            if isinstance(found, Problem):
                self.notify(str(found), severity="error", markup=False)
            else:
                self._compare(found)

        self.desk.live.poller.act(lambda aws: batch.describe_job(aws, job_id), described)

    def _compare(self, other: ServiceJobDetail | None) -> None:
        if self.is_attached:
            self._other = other
            self.paint()
            self.refresh_bindings()

    def copied(self) -> tuple[str, str] | None:
        line = self.view.line
        return (line.text.strip(), "the line") if line is not None else None
