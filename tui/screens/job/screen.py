"""The job screen: seven tabs about one job, live while the job is, quiet when it is over."""

from typing import TYPE_CHECKING, Literal, cast, get_args

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from tui.model.jobs import ServiceJobDetail, is_finished
from tui.screens.job.desk import JobDesk
from tui.screens.job.request import pretty_json
from tui.screens.job.tab import JobTab
from tui.screens.job_actions import JobActions
from tui.screens.job_facts import STATUS_STYLES
from tui.screens.problem_text import paragraphs
from tui.screens.submit_keys import CloneKey
from widgets.cells import fit

if TYPE_CHECKING:
    from tui.live.changes import Changed
    from tui.screens.base import Live

Tab = Literal["overview", "timeline", "attempts", "logs", "metrics", "request", "model"]
TABS: tuple[Tab, ...] = get_args(Tab)

LOADING = "Asking AWS for this job…"
NAME_CELLS = 30
_STYLES = {"good": "$text-success", "bad": "$text-error bold", "accent": "$text-primary", "muted": "dim"}


class JobScreen(CloneKey, JobActions):
    """Opens on the overview, or on another `tab`. A tab is made when it is first looked at."""

    DEFAULT_CSS = """
    JobScreen #job-title { height: auto; max-height: 8; padding: 0 1; }
    JobScreen #job-tabs { height: 1; padding: 0 1; color: $text-muted; }
    JobScreen #job-body { height: 1fr; }
    JobScreen.-wide #overview { layout: horizontal; }
    JobScreen.-wide #overview > FactSheet { width: 1fr; margin-right: 2; }
    JobScreen.-wide MetricsTab #plots { grid-size: 2; }
    JobScreen.-wide MetricsTab.-zoomed #plots { grid-size: 1; }
    """

    BINDINGS = [
        Binding("escape,q", "back", "back", key_display="esc", id="back"),
        *(
            Binding(str(number), f"tab('{tab}')", tab, show=False, id=f"job.{tab}")
            for number, tab in enumerate(TABS, 1)
        ),
        Binding("tab", "turn(1)", "next tab", id="job.next_tab"),
        Binding("shift+tab", "turn(-1)", "tab before", show=False, id="job.previous_tab"),
        Binding("l", "tab('logs')", "logs", id="job.open_logs"),
        Binding("right_square_bracket", "attempt(1)", "next attempt", show=False, id="job.next_attempt"),
        Binding(
            "left_square_bracket", "attempt(-1)", "attempt before", show=False, id="job.previous_attempt"
        ),
        Binding("y", "copy", "copy", id="job.copy"),
        Binding("Y", "copy_request", "copy request", show=False, id="job.copy_request"),
        Binding("R", "refresh_all", "refresh now", show=False, id="job.refresh"),
    ]

    def __init__(self, live: "Live", queue_name: str, job_id: str, tab: Tab = "overview") -> None:
        super().__init__(live, queue_name)
        self._tab: Tab = tab
        self.desk = JobDesk(live, queue_name, job_id, self._changed)

    # ── Layout ───────────────────────────────────────────────────────────────────────────────────

    def body(self) -> ComposeResult:
        yield Static("", id="job-title", markup=False)
        yield Static(self._tabs_text(), id="job-tabs", markup=False)
        yield Container(id="job-body")

    def on_mount(self) -> None:
        self.call_next(self._look_at, self._tab)

    def on_screen_resume(self) -> None:
        self.desk.in_sight = True

    def on_screen_suspend(self) -> None:
        self.desk.in_sight = False

    def on_unmount(self) -> None:
        self.desk.close()

    def watch_queue(self) -> None:
        super().watch_queue()
        self.desk.describe_again()

    @property
    def shown_tab(self) -> JobTab | None:
        """The tab in sight, once it is there."""
        found = self.query(f"#tab-{self._tab}").results(JobTab)
        return next(iter(found), None)

    async def _look_at(self, name: Tab) -> None:
        self._tab = name
        self.query_one("#job-tabs", Static).update(self._tabs_text())
        tab = self.shown_tab
        if tab is None:
            tab = make_tab(name, self.desk)
            await self.query_one("#job-body").mount(tab)
        for other in self.query(JobTab):
            other.display = other is tab
        self._paint_tab()
        tab.shown()
        self.refresh_bindings()

    def _tabs_text(self) -> Content:
        parts = [
            Content.styled(f"{number} {tab}", "bold $text-primary underline" if tab == self._tab else "")
            for number, tab in enumerate(TABS, 1)
        ]
        return Content("  ").join(parts)

    # ── Painting ─────────────────────────────────────────────────────────────────────────────────

    def paint(self, change: "Changed | None") -> None:
        mine = None if change is None else change.of(self.desk.queue)
        if mine is not None and self.desk.job_id in mine.jobs.changed:
            # A listing says that the job moved on: what was described of it is old.
            self.desk.describe_again()
        if mine is None or mine:
            self._changed()

    def tick(self) -> None:
        self._changed()

    def pending_changed(self, job_ids: frozenset[str]) -> None:
        if self.desk.job_id in job_ids:
            self._changed()

    def _changed(self) -> None:
        """Something is news, or a second has passed: ask for what may have changed, show what has."""
        if not self.is_attached or not self.is_current:
            return
        self.desk.want()
        self._paint_title()
        self._paint_tab()

    def _paint_tab(self) -> None:
        tab = self.shown_tab
        if tab is not None and tab.is_mounted and (self.desk.detail is not None or not tab.NEEDS_DETAIL):
            tab.paint()

    def _paint_title(self) -> None:
        title = self.query_one("#job-title", Static)
        content = self._title()
        if title.content != content:
            title.update(content)
            self.refresh_bindings()

    def _title(self) -> Content:
        """What it is and how it stands; and why nothing more is known, if so."""
        job, unknown = self.desk.job, Content("")
        if self.desk.detail is None:
            problem = self.desk.problem
            unknown = Content(paragraphs(problem) if problem else LOADING)
        return Content("\n").join(part for part in (self._heading(job) if job else unknown, unknown) if part)

    def _heading(self, job: ServiceJobDetail) -> Content:
        pending = self.live.actions.pending(self.desk.job_id)
        style = _STYLES.get(STATUS_STYLES.get(job.status, ""), "")
        place = _short(self.desk.queue) + (f" / {_short(job.share)}" if job.share else "")
        return Content.assemble(
            (job.job_name, "bold"),
            "  ",
            (pending or job.status, style),
            f"  {place}",
            *self._attempt_text(),
        )

    def _attempt_text(self) -> tuple[str | tuple[str, str], ...]:
        """Which attempt the tabs are about, where there are several, between the keys that change it."""
        run, found = self.desk.run, self.desk.runs
        if run is None or len(found) < 2:
            return ()
        text = f" attempt {run.number} of {len(found)}: {run.outcome} "
        return ("   ", ("[", "bold $text-primary"), text, ("]", "bold $text-primary"))

    # ── What the user does ───────────────────────────────────────────────────────────────────────

    async def action_tab(self, name: str) -> None:
        await self._look_at(cast(Tab, name))

    async def action_turn(self, by: int) -> None:
        await self._look_at(TABS[(TABS.index(self._tab) + by) % len(TABS)])

    def action_attempt(self, by: int) -> None:
        """Another attempt: log, metrics and model are about it."""
        run = self.desk.run
        if run is not None:
            self.desk.choose(run.number + by)
            self._changed()

    def targets(self) -> list[str]:
        job = self.desk.job
        return [self.desk.job_id] if job is not None and not is_finished(job) else []

    def job_to_clone(self) -> str | None:
        return self.desk.job_id

    def action_refresh_all(self) -> None:
        self.live.poller.refresh_now()
        self.desk.describe_again()
        self.desk.retry_now()

    def action_copy(self) -> None:
        tab = self.shown_tab
        text, what = (tab.copied() if tab is not None else None) or (self.desk.job_id, self.desk.job_id)
        self.app.copy_to_clipboard(text)
        self.notify(f"Copied {what}", markup=False)

    def action_copy_request(self) -> None:
        job = self.desk.detail
        if job is not None:
            self.app.copy_to_clipboard(pretty_json(job.service_request_payload))
            self.notify("Copied the request as JSON")

    def action_back(self) -> None:
        self.dismiss()


def _short(name: str) -> str:
    """A name beside others: two lines of it would push away what matters."""
    return fit(name, min(cell_len(name), NAME_CELLS), cut="middle")


def make_tab(name: Tab, desk: JobDesk) -> JobTab:
    """A tab by its name; its code is loaded when it is first wanted."""
    match name:
        case "overview":
            from tui.screens.job.overview import OverviewTab as Made
        case "timeline":
            from tui.screens.job.timeline import TimelineTab as Made
        case "attempts":
            from tui.screens.job.attempts import AttemptsTab as Made
        case "logs":
            from tui.screens.job.logs import LogsTab as Made
        case "metrics":
            from tui.screens.job.metrics import MetricsTab as Made
        case "request":
            from tui.screens.job.request import RequestTab as Made
        case "model":
            from tui.screens.job.model import ModelTab as Made
    return Made(desk, id=f"tab-{name}")
