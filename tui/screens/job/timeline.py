"""The timeline: Batch's statuses, the attempts, and SageMaker's statuses in each, on one axis."""

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tui.model.timeline import Run, Span
from tui.model.units import clock, duration
from tui.screens.job.axis import LOOKS, chart
from tui.screens.job.facts import OUTCOME_STYLES
from tui.screens.job.tab import JobTab
from tui.screens.job_facts import reason_line
from tui.screens.pane import Pane
from widgets.cells import fit

_STYLES = {"good": "$text-success", "warn": "$text-warning", "bad": "$text-error bold", "": ""}


class TimelineTab(JobTab):
    """The chart, and below it every span with its times."""

    DEFAULT_CSS = """
    TimelineTab #timeline { padding: 0 1; }
    """

    def compose(self) -> ComposeResult:
        with Pane(id="timeline"):
            yield Static("", id="timeline-text", markup=False)

    def shown(self) -> None:
        self.query_one("#timeline").focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self.paint)

    def paint(self) -> None:
        told = self.desk.timeline
        text = self.query_one("#timeline-text", Static)
        width = text.content_region.width
        if told is None or width <= 0:
            return
        now_ms = self.desk.now_ms
        lines = chart(told, width, self.desk.utc)
        lines += self._preempted_before()
        lines += _table("Batch", told.lanes[0].spans, now_ms, width, self.desk.utc)
        for run, lane in zip(self.desk.runs, told.lanes[1:], strict=False):
            lines.append(Content(""))
            lines += _table(_title(run), lane.spans, now_ms, width, self.desk.utc, run.outcome)
        content = Content("\n").join(lines)
        if content != text.content:
            text.update(content)

    def _preempted_before(self) -> list[Content]:
        """Batch tells a few of many preemptions only."""
        job = self.desk.detail
        summary = job.preemption_summary if job else None
        known = len(summary.recent_preempted_attempts) if summary else 0
        missing = summary.preempted_attempt_count - known if summary else 0
        if missing <= 0:
            return [Content("")]
        return [
            Content(""),
            Content.styled(f"{missing} earlier preemptions are no longer told.", "dim"),
            Content(""),
        ]


def _title(run: Run) -> str:
    return f"Attempt {run.number}: {run.outcome}  {run.training_job}".rstrip()


def _table(
    title: str, spans: Iterable[Span], now_ms: int, width: int, utc: bool, outcome: str = ""
) -> list[Content]:
    style = _STYLES.get(OUTCOME_STYLES.get(outcome, ""), "")
    lines = [Content.styled(title[:width], f"bold {style}".strip())]
    for span in spans:
        sign, colour = LOOKS.get(span.kind, (" ", ""))
        lasted = duration(span.length(now_ms)) + ("…" if span.end is None else "")
        head = f" {clock(span.start, utc=utc)}  {span.label:<12} {lasted:>8}  "
        note = fit(reason_line(span.note), max(0, width - len(head) - 2)).rstrip()
        lines.append(Content.assemble((sign, colour), head, (note, "dim")))
    return lines
