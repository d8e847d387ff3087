"""The log of the chosen attempt: all hosts interleaved or one, followed, searched, filtered, saved."""

from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from tui.model.loglines import LogLines, Splice
from tui.model.moments import EXAMPLES, moment
from tui.model.units import clock, count, size
from tui.screens.job.tab import JobTab
from tui.screens.problem_text import paragraphs
from widgets.filterbar import FilterBar
from widgets.loglines import LogView

if TYPE_CHECKING:
    from tui.live.logs import LogTail
    from tui.screens.job.desk import JobDesk

NO_ATTEMPT = "No attempt yet: the log begins when SageMaker trains."
ASKING = "Asking CloudWatch for the log…"
NO_LOG = "No log yet: the hosts write one when they train."
LEFT_NO_LOG = "This attempt left no log: it never came to train, or the log has been deleted."
NO_MATCH = "No line matches the filter.  & changes it."


class LogsTab(JobTab):
    """See `widgets.loglines` for moving about; the keys here are about what is shown."""

    DEFAULT_CSS = """
    LogsTab #log-status { height: 1; padding: 0 1; color: $text-muted; }
    LogsTab LogView { padding: 0; }
    """

    BINDINGS = [
        Binding("slash", "search", "search", key_display="/", priority=True, id="logs.search"),
        Binding("ampersand", "filter", "filter", key_display="&", priority=True, id="logs.filter"),
        Binding("at,T", "time", "go to time", key_display="T", show=False, priority=True, id="logs.time"),
        Binding("e", "error", "first error", id="logs.error"),
        Binding("f", "follow", "follow", id="logs.follow"),
        Binding("v", "host", "host", id="logs.host"),
        Binding("t", "stamps", "times", id="logs.stamps"),
        Binding("S", "save", "save", id="logs.save"),
    ]

    def __init__(self, desk: "JobDesk", id: str) -> None:
        super().__init__(desk, id)
        self._tail: LogTail | None = None
        self._host = ""
        self._errors = False
        """What is searched for is errors, not what the search bar says."""

    def compose(self) -> ComposeResult:
        yield Static("", id="log-status", markup=False)
        yield LogView(empty=ASKING, id="log")
        yield FilterBar(placeholder="text or regex; lower case finds any case", sign="/", id="log-search")
        yield FilterBar(placeholder="only lines that match this regex", sign="&", id="log-filter")
        yield FilterBar(placeholder=EXAMPLES, sign="time", id="log-time")

    @property
    def view(self) -> LogView:
        return self.query_one("#log", LogView)

    def on_mount(self) -> None:
        self.view.stamps = "utc" if self.desk.utc else "local"
        self.view.follow = True

    def shown(self) -> None:
        self.view.focus()

    # ── What it shows ────────────────────────────────────────────────────────────────────────────

    def paint(self) -> None:
        tail = self.desk.tail()
        if tail is not self._tail:
            self._take(tail)
        self._paint_empty()
        self._paint_status()

    def _take(self, tail: "LogTail | None") -> None:
        """The log of another attempt."""
        if self._tail is not None:
            self._tail.on_step = lambda splices: None
        self._tail = tail
        self._host = ""
        self._apply_filter()
        self.view.follow = True
        self.view.show(tail.lines if tail is not None else LogLines())
        self._show_hosts()
        if tail is not None:
            tail.on_step = self._stepped

    def _stepped(self, splices: tuple[Splice, ...]) -> None:
        if self._tail is not None and self.is_attached:
            if splices:
                self.view.show(self._tail.lines, splices)
                self._show_hosts()
            self._paint_empty()
            self._paint_status()

    def _show_hosts(self) -> None:
        self.view.hosts = len(self._hosts) > 1 and not self._host

    @property
    def _hosts(self) -> list[str]:
        """The hosts that have a stream, in order."""
        return list(dict.fromkeys(self._tail.lines.hosts)) if self._tail is not None else []

    def _paint_empty(self) -> None:
        tail = self._tail
        if tail is None:
            self.view.empty = NO_ATTEMPT
        elif tail.status.problem is not None:
            self.view.empty = paragraphs(tail.status.problem)
        elif len(tail.lines):
            self.view.empty = NO_MATCH
        elif not tail.status.listed:
            self.view.empty = ASKING
        else:
            run = self.desk.run
            over = run is not None and self.desk.ended_at(run) is not None
            self.view.empty = LEFT_NO_LOG if over else NO_LOG

    def _paint_status(self) -> None:
        content = Content("  ").join(
            [Content(part) if isinstance(part, str) else part for part in self._said()]
        )
        static = self.query_one("#log-status", Static)
        if content != static.content:
            static.update(content)
        self._paint_matches()

    def _said(self) -> list[str | Content]:
        view, tail = self.view, self._tail
        if tail is None:
            return []
        hosts = self._hosts
        which = self._host or (f"all {len(hosts)} hosts" if len(hosts) > 1 else (hosts[0] if hosts else ""))
        shown, total = len(view.shown), len(view.lines)
        lines = count(total) if shown == total else f"{count(shown)} of {count(total)}"
        said: list[str | Content] = [which, f"{lines} lines"] if which else [f"{lines} lines"]
        line = view.line
        if line is not None:
            said.append(f"{clock(line.time, utc=view.stamps == 'utc')[5:]}.{line.time % 1000:03}")
        if view.searching and self._errors:
            number, errors, _ = view.matches
            said.append(f"errors {count(number)}/{count(errors)}  n N" if errors else "no errors")
        if view.wrap:
            said.append("wrap")
        said.append(self._state(tail))
        return said

    def _state(self, tail: "LogTail") -> Content:
        status = tail.status
        if status.problem is not None:
            return Content.styled(f"✖ {status.problem.title}", "$text-error bold")
        if not self.view.complete:
            return Content.styled("◐ searching", "")
        if status.reading_back:
            return Content.styled("◐ reading older lines", "")
        left_out = " · older lines left out" if status.truncated else ""
        if status.ended:
            return Content.styled(f"■ ended{left_out}", "")
        if self.view.follow:
            return Content.styled(f"● following{left_out}", "$text-success")
        return Content.styled(f"‖ not following: f{left_out}", "$text-warning")

    def _paint_matches(self) -> None:
        bar = self.query_one("#log-search", FilterBar)
        number, total, complete = self.view.matches
        if bar.value:
            found = f"{count(number)}/{count(total)}" if number else count(total)
            bar.set_status(f"{found}{'' if complete else '…'} lines   n next  N before")

    @on(LogView.Looked)
    def looked(self, event: LogView.Looked) -> None:
        event.stop()
        self._paint_status()

    # ── What the user does ───────────────────────────────────────────────────────────────────────

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("search", "filter", "time"):
            # With priority, so that keys typed right after go to the bar; but an open bar takes these.
            return not any(bar.is_open for bar in self.query(FilterBar))
        return True

    def action_search(self) -> None:
        self.query_one("#log-search", FilterBar).open()

    @on(FilterBar.Changed, "#log-search")
    def search_changed(self, event: FilterBar.Changed) -> None:
        event.stop()
        if event.text or not self._errors:
            self._errors = False
            self.view.search(event.text)
            self._paint_status()

    def action_filter(self) -> None:
        self.query_one("#log-filter", FilterBar).open()

    @on(FilterBar.Changed, "#log-filter")
    def filter_changed(self, event: FilterBar.Changed) -> None:
        event.stop()
        self._apply_filter()

    def _apply_filter(self) -> None:
        bar = self.query_one("#log-filter", FilterBar)
        try:
            self.view.filter(bar.value, self._host)
        except ValueError as error:
            bar.set_status(str(error), error=True)
            return
        bar.set_status("")
        self._paint_empty()
        self._paint_status()

    def action_time(self) -> None:
        bar = self.query_one("#log-time", FilterBar)
        bar.set_filter("")
        bar.open()

    @on(FilterBar.Submitted, "#log-time")
    def time_given(self, event: FilterBar.Submitted) -> None:
        event.stop()
        bar = event.bar
        line = self.view.line
        if not event.text or line is None:
            bar.set_filter("")
            return
        try:
            at = moment(event.text, line.time, utc=self.view.stamps == "utc")
        except ValueError as error:
            bar.set_status(str(error), error=True)
            bar.open()
            return
        bar.set_status("")
        bar.set_filter("")
        self.view.go_to_time(at)

    @on(FilterBar.Changed, "#log-time")
    def time_typed(self, event: FilterBar.Changed) -> None:
        event.stop()
        event.bar.set_status("")

    def action_error(self) -> None:
        """The first line that looks like an error; n and N go on from there."""
        self._errors = True  # the bar tells that it is empty only later
        self.query_one("#log-search", FilterBar).set_filter("")
        self.view.search_errors()

    def action_follow(self) -> None:
        self.view.follow = not self.view.follow
        self._paint_status()

    def action_host(self) -> None:
        """All hosts, then each alone."""
        hosts = ["", *self._hosts]
        if len(hosts) > 2:
            place = hosts.index(self._host) if self._host in hosts else 0
            self._host = hosts[(place + 1) % len(hosts)]
            self._show_hosts()
            self._apply_filter()

    def action_stamps(self) -> None:
        self.view.action_stamps()

    @on(LogView.Opened)
    def opened(self, event: LogView.Opened) -> None:
        from tui.screens.job.line_dialog import LineDialog

        event.stop()
        line = self.view.line
        if line is not None:
            title = f"{clock(line.time, utc=self.view.stamps == 'utc')}  {line.host}"
            self.app.push_screen(LineDialog(title, line.text))

    def action_save(self) -> None:
        """Write what is shown into a file."""
        tail, shown = self._tail, self.view.shown
        if tail is None or not len(shown):
            self.notify("There is no line to save.", severity="warning")
            return
        chosen = None if shown.scan is None else list(shown.scan.matches)
        self.run_worker(
            partial(self._save, tail.lines, chosen, tail.training_job), thread=True, exit_on_error=False
        )

    def _save(self, lines: LogLines, chosen: list[int] | None, name: str) -> None:
        from tui.live.logfile import save

        try:
            path = save(lines, chosen, name)
        except OSError as error:
            self.app.call_from_thread(self.notify, f"Not saved: {error}", severity="error", markup=False)
            return
        saved = count(len(lines) if chosen is None else len(chosen))
        weight = size(path.stat().st_size)
        said = f"Saved {saved} lines ({weight}) to {path}"
        self.app.call_from_thread(self.notify, said, timeout=10, markup=False)

    def copied(self) -> tuple[str, str] | None:
        line = self.view.line
        return (line.text, "the line") if line is not None else None
