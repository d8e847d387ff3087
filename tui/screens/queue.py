"""One queue: its shares, its jobs by status group, filtered and sorted, kept live."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast, get_args

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from tui.live.order import SortKey
from tui.live.picture import QueuePicture
from tui.live.view import Group, JobView
from tui.model.filters import Facts, FilterError, parse
from tui.model.units import count
from tui.screens import job_table
from tui.screens.job_actions import JobActions
from tui.screens.preview_split import PreviewSplit
from tui.screens.problem_text import empty_text, queue_missing
from tui.screens.queue_table import policy_text, state_cell
from tui.screens.shares import SharesPanel
from tui.screens.sort import SortDialog
from tui.screens.submit_keys import CloneKey, SubmitKey
from widgets.filterbar import FilterBar
from widgets.gauge import CapacityGauge
from widgets.table import Cell, VirtualTable

if TYPE_CHECKING:
    from tui.live.changes import Changed
    from tui.screens.base import Live
    from tui.screens.job.screen import Tab

GROUPS = get_args(Group)
LOADING = "Asking AWS for the jobs of this queue…"
NO_MATCH = "No job matches the filter.  / changes it."
EMPTY = {
    "all": "No jobs in this queue.",
    "queued": "No job waits.",
    "running": "No job runs.",
    "finished": "No finished jobs. AWS keeps their records for some days.",
}


class QueueScreen(SubmitKey, CloneKey, JobActions):
    """Jobs of one queue. `1`-`4` choose a group, `/` filters, `o` sorts, `enter` opens a job."""

    DEFAULT_CSS = """
    QueueScreen {
        & #queue-line { height: 1; padding: 0 1; }
        & #queue-title { width: auto; max-width: 40%; text-wrap: nowrap; text-overflow: ellipsis; }
        & #queue-kind { width: auto; margin: 0 2 0 3; }
        & #queue-line > CapacityGauge { width: 1fr; max-width: 60; }
        & #shares { height: auto; max-height: 8; border-bottom: solid $panel; }
        & #groups { height: 1; padding: 0 1; color: $text-muted; }
    }
    """

    AUTO_FOCUS = "#jobs"

    BINDINGS = [
        # With priority: keys typed right after it in one go belong to the filter already.
        Binding("slash", "filter", "filter", key_display="/", priority=True, id="queue.filter"),
        Binding("o", "sort", "sort", id="queue.sort"),
        *(
            Binding(str(number), f"group('{group}')", f"{group} jobs", show=False, id=f"queue.{group}")
            for number, group in enumerate(GROUPS, 1)
        ),
        Binding("tab", "app.focus_next", "to the shares and back", show=False, id="queue.shares"),
        Binding("S", "policies", "share policies", id="queue.policies"),
        Binding("l", "logs", "logs", id="queue.logs"),
        Binding("C", "resubmit", "resubmit failed", show=False, id="queue.resubmit"),
        Binding("y", "copy", "copy id", show=False, id="queue.copy"),
        Binding("escape,q", "back", "back", key_display="esc", id="back"),
    ]

    def __init__(self, live: "Live", queue_name: str, filter_text: str = "") -> None:
        super().__init__(live, queue_name)
        self.queue = queue_name
        self._first_filter = filter_text
        self._awaited = ""
        self._facts = Facts(now_ms=lambda: live.store.now_ms(), priority=self._priority)
        self._view = JobView(QueuePicture(queue_name), live.store.now_ms)

    @property
    def picture(self) -> QueuePicture | None:
        """What is known of the queue; None until the queues are listed, and when it is gone."""
        return self.live.store.queues.get(self.queue)

    def _priority(self, job_id: str) -> int | None:
        return self.picture.priorities.get(job_id) if self.picture else None

    # ── Layout ───────────────────────────────────────────────────────────────────────────────────

    def body(self) -> ComposeResult:
        with Horizontal(id="queue-line"):
            yield Static(self.queue, id="queue-title", markup=False)
            yield Static("", id="queue-kind", markup=False)
            yield CapacityGauge()
        yield SharesPanel(id="shares")
        yield Static("", id="groups", markup=False)
        yield FilterBar(self._first_filter, placeholder="llama  !status:failed  share:prod  age>1h  /regex/")
        with PreviewSplit(self.live, self.queue):
            yield VirtualTable(job_table.COLUMNS, self._cells, empty=LOADING, id="jobs")

    def on_mount(self) -> None:
        self._leave_starts = self.live.starts.subscribe(self._starts_changed)
        if self._first_filter:
            self._apply_filter(self._first_filter)

    def on_unmount(self) -> None:
        self._leave_starts()

    def watch_queue(self) -> None:
        self.live.poller.watch(self.queue, history=self._view.group in ("all", "finished"))

    # ── Painting ─────────────────────────────────────────────────────────────────────────────────

    def paint(self, change: "Changed | None") -> None:
        picture = self.picture
        if picture is None:
            self._paint_missing()
            return
        mine = None if change is None else change.of(self.queue)
        if mine is not None and not mine and not (change and change.listed):
            return
        table = self.query_one("#jobs", VirtualTable)
        if mine is None or mine.resources or mine.queue:
            self.refresh_bindings()
            table.columns = job_table.columns(picture)
        if mine is None or picture is not self._view.picture:
            self._look_at(picture)
            table.show(self._view.ids[:])
        elif step := self._view.apply(mine):
            if step.moved:
                table.show(self._view.ids[:], changed=step.redrawn)
            else:
                table.refresh_cells(step.redrawn)
        self._go_to_awaited()
        self._paint_empty(picture, table)
        self._paint_heading(picture)
        self.query_one(SharesPanel).update_from(picture, self.live.store.now_ms())

    def _look_at(self, picture: QueuePicture) -> None:
        """The picture of the queue, or another one: it came after this screen, or came back."""
        old = self._view
        self._view = JobView(picture, self.live.store.now_ms)
        self._view.filter(old.predicate)
        self._view.show(group=old.group, sort=old.sort, descending=old.descending)

    def tick(self) -> None:
        if self.picture is not None:
            self.query_one("#jobs", VirtualTable).refresh_cells()
            self.query_one(PreviewSplit).paint()
            self.live.starts.want(self.queue)

    def _starts_changed(self, queue: str, job_ids: frozenset[str]) -> None:
        if queue == self.queue and self.is_current:
            self.query_one("#jobs", VirtualTable).refresh_cells(job_ids)

    def _paint_missing(self) -> None:
        table = self.query_one("#jobs", VirtualTable)
        table.empty = queue_missing(self.live.store, self.queue, LOADING)
        table.show([])
        self.query_one(SharesPanel).display = self.query_one(CapacityGauge).display = False

    def _paint_empty(self, picture: QueuePicture, table: VirtualTable) -> None:
        if self._view.predicate is not None and picture.jobs:
            table.empty = NO_MATCH
        else:
            problem = self.live.store.light(self.queue).problem
            table.empty = empty_text(picture.loaded, problem, LOADING) or EMPTY[self._view.group]
        table.sort = self._sort

    def _paint_heading(self, picture: QueuePicture) -> None:
        state = state_cell(picture)
        text = f"{policy_text(picture)} · {state if isinstance(state, str) else state[0]}"
        _write(self.query_one("#queue-kind", Static), Content(text))
        figures = picture.figures
        unit = "" if figures.unit in ("", "NUM_INSTANCES") else figures.unit
        gauge = self.query_one(CapacityGauge)
        gauge.display = True
        gauge.update(figures.used, figures.limit, note=unit)
        _write(self.query_one("#groups", Static), self._groups(picture))
        shown = len(self._view.ids)
        if self._view.predicate is not None:
            self.query_one(FilterBar).set_status(f"{count(shown)} match")

    def _groups(self, picture: QueuePicture) -> Content:
        """`1 all 389  2 queued 14 …`, the chosen one in bold; a + where history is not all read yet."""
        queued, running = picture.figures.queued, picture.figures.running
        finished = len(picture.jobs) - len(picture.active)
        more = "" if picture.history_complete else "+"
        counts = {
            "all": f"{count(len(picture.jobs))}{more}",
            "queued": count(queued),
            "running": count(running),
            "finished": f"{count(finished)}{more}",
        }
        parts: list[Content] = []
        for number, group in enumerate(GROUPS, 1):
            style = "bold $text-primary underline" if group == self._view.group else ""
            parts.append(Content.styled(f"{number} {group} {counts[group]}", style))
        return Content("   ").join(parts)

    def _cells(self, job_id: str) -> tuple[Cell, ...]:
        picture = self.picture
        if picture is None or job_id not in picture.jobs:
            return ()
        pending = self.live.actions.pending(job_id)
        start = self.live.starts.start_of(self.queue, job_id)
        return job_table.cells(
            picture,
            picture.jobs[job_id],
            self.live.store.now_ms(),
            pending,
            start and start.usual,
            guessed=self.live.starts.of(self.queue) is not None,
            utc=self.live.settings.utc,
        )

    @property
    def _sort(self) -> tuple[str, bool]:
        """Column and direction as the table's header shows them; # is the view's own order."""
        sort = self._view.sort
        return ("position" if sort == "default" else sort), self._view.descending

    def _show_again(self) -> None:
        """The view itself changed: group, filter or order."""
        if (picture := self.picture) is not None:
            table = self.query_one("#jobs", VirtualTable)
            table.show(self._view.ids[:])
            self._paint_empty(picture, table)
            self._paint_heading(picture)

    # ── What the user does ───────────────────────────────────────────────────────────────────────

    def action_group(self, group: str) -> None:
        self._view.show(group=cast(Group, group))
        self.watch_queue()
        self._show_again()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "policies":
            return self.picture is not None and self.picture.policy_kind in ("fair", "quota")
        if action == "filter":
            return not self.query_one(FilterBar).is_open if self.is_mounted else True
        if action in ("logs", "copy") and self.is_mounted:
            return self.job_in_question() is not None
        return super().check_action(action, parameters)

    def action_policies(self) -> None:
        from tui.screens.policies.screen import PoliciesScreen

        self.app.push_screen(PoliciesScreen(self.live, self.queue))

    def action_filter(self) -> None:
        self.query_one(FilterBar).open()

    @on(FilterBar.Changed)
    def filter_changed(self, event: FilterBar.Changed) -> None:
        self._apply_filter(event.text)

    def _apply_filter(self, text: str) -> None:
        bar = self.query_one(FilterBar)
        try:
            self._view.filter(parse(text, self._facts))
        except FilterError as error:
            bar.set_status(str(error), error=True)
            return
        bar.set_status("")
        self._show_again()

    def action_sort(self) -> None:
        columns = self.query_one("#jobs", VirtualTable).columns
        self.app.push_screen(
            SortDialog([c for c in columns if c.key in job_table.SORTED], self._sort), self._sort_by
        )

    @on(VirtualTable.HeaderPressed, "#jobs")
    def header_pressed(self, event: VirtualTable.HeaderPressed) -> None:
        self._sort_by(event.column)

    def _sort_by(self, column: str | None) -> None:
        if column in job_table.SORTED:
            key, descending = self._sort
            sort = "default" if column == "position" else cast(SortKey, column)
            self._view.show(sort=sort, descending=not descending if key == column else False)
            self._show_again()

    @on(VirtualTable.VisibleChanged, "#jobs")
    def visible_changed(self, event: VirtualTable.VisibleChanged) -> None:
        if self.picture is not None and self.picture.policy_kind != "fifo":
            self.live.poller.visible(event.keys)

    @on(VirtualTable.NearEnd, "#jobs")
    def near_end(self) -> None:
        picture = self.picture
        if picture is not None and not picture.history_complete and self._view.group in ("all", "finished"):
            self.live.poller.load_history(self.queue)

    @on(VirtualTable.Selected, "#jobs")
    def open_job(self, event: VirtualTable.Selected) -> None:
        self._open_job(event.key)

    def action_logs(self) -> None:
        if (job_id := self.query_one("#jobs", VirtualTable).cursor_key) is not None:
            self._open_job(job_id, "logs")

    def _open_job(self, job_id: str, tab: "Tab" = "overview") -> None:
        from tui.screens.job.screen import JobScreen

        self.app.push_screen(JobScreen(self.live, self.queue, job_id, tab))

    @on(VirtualTable.Selected, "#shares")
    def filter_by_share(self, event: VirtualTable.Selected) -> None:
        self.query_one(FilterBar).set_filter(f"share:={event.key}")
        self.query_one("#jobs").focus()

    def targets(self) -> list[str]:
        """The marked jobs, else the one under the cursor; those in view first, in their order."""
        at = {key: self._view.index(key) for key in self.query_one("#jobs", VirtualTable).targets}
        return sorted(at, key=lambda key: (at[key] is None, at[key]))

    def job_in_question(self) -> str | None:
        return self.query_one("#jobs", VirtualTable).cursor_key

    def acted(self) -> None:
        self.query_one("#jobs", VirtualTable).marks = ()

    def submit_queue(self) -> str:
        return self.queue

    def job_to_clone(self) -> str | None:
        return self.query_one("#jobs", VirtualTable).cursor_key

    def action_resubmit(self) -> None:
        from tui.screens.submit.resubmit import ResubmitDialog

        def resubmitted(job_ids: tuple[str, ...] | None) -> None:
            if job_ids:
                self.acted()
                self.made(job_ids)

        if targets := self.targets():
            self.app.push_screen(ResubmitDialog(self.live, self.queue, targets), resubmitted)

    def made(self, job_ids: Sequence[str]) -> None:
        """The cursor goes to a new job as soon as it is listed, if the filter shows it."""
        self._awaited = job_ids[0] if job_ids else ""
        self._go_to_awaited()

    def _go_to_awaited(self) -> None:
        if self._awaited and self._view.index(self._awaited) is not None:
            self.query_one("#jobs", VirtualTable).cursor_key = self._awaited
            self._awaited = ""

    def pending_changed(self, job_ids: frozenset[str]) -> None:
        self.query_one("#jobs", VirtualTable).refresh_cells(job_ids)

    def action_copy(self) -> None:
        targets = self.query_one("#jobs", VirtualTable).targets
        if targets:
            self.app.copy_to_clipboard("\n".join(targets))
            what = targets[0] if len(targets) == 1 else f"{len(targets)} job ids"
            self.notify(f"Copied {what}", markup=False)

    def action_back(self) -> None:
        if len(self.app.screen_stack) > 1:
            self.dismiss()
            return
        from tui.screens.queues import QueuesScreen  # queuedeck began with this queue

        self.app.push_screen(QueuesScreen(self.live))


def _write(widget: Static, content: Content) -> None:
    if widget.content != content:
        widget.update(content)
