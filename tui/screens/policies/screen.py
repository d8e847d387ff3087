"""The share policies of one queue: every share with what it is entitled to and what it has, kept live."""

import time
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.live.picture import QueuePicture
from tui.model.jobs import QUEUED
from tui.model.plan import SETTLED
from tui.model.units import HOUR
from tui.screens.base import LiveScreen
from tui.screens.fact_sheet import FactSheet
from tui.screens.policies.views import SORTED_DOWN, Around, SharesView
from tui.screens.problem_text import empty_text, queue_missing
from tui.screens.sort import SortDialog
from widgets.gauge import CapacityGauge
from widgets.table import Cell, VirtualTable
from widgets.timeline import Timeline, spark

if TYPE_CHECKING:
    from tui.live.changes import Changed
    from tui.screens.base import Live

LOADING = "Asking AWS for the shares of this queue…"
FIFO = """This is a FIFO queue: it has no shares.
Its jobs start in the order in which they were submitted."""
EMPTY = """No shares yet.
a adds one."""
SCALE_COLUMNS = 24
LOOK_AGAIN = 3
"""Seconds between two looks at shares that AWS is at work on; the poller alone looks once a minute."""
RARELY = 20
"""A second's repainting takes at most one part in so many of the time."""
SPANS = (1, 3, 6)
"""Hours that the timeline can show."""


class PoliciesScreen(LiveScreen):
    """Shares of a queue as a table, one of them in full below. `enter` opens the jobs of a share."""

    DEFAULT_CSS = """
    PoliciesScreen {
        & #policy-line { height: 1; padding: 0 1; }
        & #policy-title { width: auto; max-width: 30%; text-wrap: nowrap; text-overflow: ellipsis; }
        & #policy-kind {
            width: auto; max-width: 50%; margin: 0 2 0 3; text-wrap: nowrap; text-overflow: ellipsis;
        }
        & #policy-line CapacityGauge { width: 1fr; max-width: 60; }
        & #words { height: auto; max-height: 3; padding: 0 1; color: $text-muted; }
        & #policy-shares { height: auto; min-height: 7; max-height: 50%; border-top: solid $panel; }
        & #share { height: 1fr; min-height: 8; border-top: solid $panel; padding: 0 1; }
        & #share VerticalScroll { width: 3fr; height: 1fr; }
        & #share FactSheet { height: auto; }
        & #share Timeline { width: 2fr; height: 1fr; max-height: 14; margin-left: 2; }
    }
    """
    BINDINGS = [
        Binding("e", "edit", "edit share", id="policy.edit"),
        Binding("a", "add", "add", id="policy.add"),
        Binding("d,delete", "delete", "delete", key_display="d", id="policy.delete"),
        Binding("E", "edit_policy", "decay, reservation", id="policy.edit_policy"),
        Binding("o", "sort", "sort", id="policy.sort"),
        Binding("t", "span", "hours", id="policy.span"),
        Binding("escape,q", "back", "back", key_display="esc", id="back"),
    ]
    CHANGES = frozenset({"edit", "add", "delete", "edit_policy"})
    """Actions that change something in AWS."""

    def __init__(self, live: "Live", queue_name: str, share: str = "") -> None:
        """`share` is the one that the cursor starts on."""
        super().__init__(live, queue_name)
        self.queue = queue_name
        self.view: SharesView | None = None
        self._sort = ("share", False)
        self._span = 1
        self._share: str | None = share or None
        self._took = self._painted_at = 0.0
        self._unsettled = 0
        self._scale = 1.0
        """What any share held at most: one scale for all sparks."""

    @property
    def picture(self) -> QueuePicture | None:
        return self.live.store.queues.get(self.queue)

    # ---- layout

    def body(self) -> ComposeResult:
        with Horizontal(id="policy-line"):
            yield Static(self.queue, id="policy-title", markup=False)
            yield Static("", id="policy-kind", markup=False)
            yield CapacityGauge()
        yield Static("", id="words", markup=False)
        yield VirtualTable((), self._cells, empty=LOADING, markable=False, id="policy-shares")
        with Horizontal(id="share"):
            with VerticalScroll():
                yield FactSheet()
            yield Timeline()

    def on_mount(self) -> None:
        self.query_one("#policy-shares").focus()

    def watch_queue(self) -> None:
        self.live.poller.watch(self.queue)

    def on_screen_resume(self) -> None:
        self._describe_returned()

    def _describe_returned(self) -> None:
        """Jobs that wait and have had an attempt: were they preempted? Only their descriptions tell."""
        picture = self.picture
        if picture is not None and picture.policy_kind == "quota":
            for job in picture.active.values():
                if job.status in QUEUED and job.training_job_arn and job.job_id not in picture.details:
                    self.live.poller.describe(job.job_id, self.queue)

    # ---- painting

    def paint(self, change: "Changed | None") -> None:
        if change is None or change.of(self.queue) or change.listed:
            began = time.perf_counter()
            self._paint(change is None)
            self._painted_at = time.perf_counter()
            self._took = self._painted_at - began

    def _paint(self, anew: bool) -> None:
        picture = self.picture
        table = self.query_one("#policy-shares", VirtualTable)
        self.view = self._view_of(picture) if picture is not None else None
        if picture is None or self.view is None:
            store = self.live.store
            if picture is None:
                table.empty = queue_missing(store, self.queue, LOADING)
            else:
                fifo = picture.policy_kind == "fifo"
                table.empty = empty_text(fifo, store.light(self.queue).problem, LOADING) or FIFO
            table.show([])
            self.query_one("#share").display = self.query_one(CapacityGauge).display = False
            return
        held = (max(self._series(name, SCALE_COLUMNS), default=0.0) for name in self.view.names)
        self._scale = max(held, default=1.0)
        if table.columns != self.view.columns:
            table.columns = self.view.columns
        table.empty = EMPTY
        table.sort = self._sort
        names = self.view.sorted_names(*self._sort)
        table.show(names)
        if self._share in names:
            table.cursor_key = self._share
            self._share = None
        self._paint_heading(picture, self.view)
        self._paint_share()
        if anew:
            self.refresh_bindings()

    def tick(self) -> None:
        """Ages and use go on; with very many jobs more rarely, so that keys come first."""
        if time.perf_counter() - self._painted_at >= RARELY * self._took:
            self.paint(None)
        shares = self.picture.quota_shares if self.picture else ()
        self._unsettled = self._unsettled + 1 if any(s.status not in SETTLED for s in shares) else 0
        if self._unsettled and self._unsettled % LOOK_AGAIN == 0:
            self.live.poller.refresh_now()

    def _view_of(self, picture: QueuePicture) -> SharesView | None:
        """The shares by the queue's policy; None for FIFO, or while it is not known."""
        store = self.live.store
        around = Around(store.now_ms(), tuple(self.live.journal.events), self._spark, self.live.settings.utc)
        fair = picture.policy.fairshare_policy if picture.policy else None
        if picture.policy_kind == "fair" and fair is not None:
            from tui.screens.policies.fair import FairView

            return FairView(picture, fair, around)
        if picture.policy_kind == "quota":
            from tui.screens.policies.quota import QuotaView

            return QuotaView(picture, around)
        return None

    def _spark(self, share: str, cells: int) -> str:
        return spark(self._series(share, cells), self._scale)

    def _series(self, share: str, columns: int) -> list[float]:
        """What a row held over the span; a prefix is the sum of those it covers."""
        names = self.view.members(share) if self.view is not None else (share,)
        span = SPANS[self._span] * HOUR
        found = [self.live.usage.series(self.queue, name, columns=columns, span_ms=span) for name in names]
        return [sum(values) for values in zip(*(values for values in found if values), strict=False)]

    def _paint_heading(self, picture: QueuePicture, view: SharesView) -> None:
        policy = picture.policy.name if picture.policy else ""
        kind = "fair-share" if picture.policy_kind == "fair" else "quota management"
        state = "" if picture.queue.state == "ENABLED" else f" · queue {picture.queue.state.lower()}"
        _write(self.query_one("#policy-kind", Static), f"{kind}{state} by {policy}")
        figures = picture.figures
        unit = "" if figures.unit in ("", "NUM_INSTANCES") else figures.unit
        gauge = self.query_one(CapacityGauge)
        gauge.display = True
        gauge.update(figures.used, figures.limit, note=unit)
        _write(self.query_one("#words", Static), view.headline())

    def _paint_share(self) -> None:
        """All of the share under the cursor."""
        name, view = self.selected, self.view
        pane = self.query_one("#share")
        pane.display = name is not None
        if name is None or view is None:
            return
        self.query_one(FactSheet).show(view.sections(name))
        chart, timeline = view.chart(name), self.query_one(Timeline)
        hours = SPANS[self._span]
        ages = (f"-{hours} h", f"-{hours * 30} min" if hours == 1 else f"-{hours / 2:g} h", "now")
        timeline.show(
            self._series(name, timeline.columns),
            top=chart.top,
            limit=chart.limit,
            ages=ages,
            title=f"{name}, instances; ┄ {chart.limit_name}",
        )

    def _cells(self, name: str) -> tuple[Cell, ...]:
        view = self.view
        if view is None or name not in view.names:
            return ()
        cells = view.cells(name)
        return tuple(cells[column.key] for column in view.columns)

    # ---- what the user does

    @property
    def selected(self) -> str | None:
        """The share under the cursor."""
        key = self.query_one("#policy-shares", VirtualTable).cursor_key
        return key if self.view is not None and key in self.view.names else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in self.CHANGES:
            kind = self.picture.policy_kind if self.picture else None
            if self.live.settings.read_only or kind not in ("fair", "quota"):
                return False
            return kind == "fair" if action == "edit_policy" else True
        if action in ("sort", "span"):
            return self.view is not None
        return super().check_action(action, parameters)

    @on(VirtualTable.Highlighted, "#policy-shares")
    def another_share(self) -> None:
        self._paint_share()

    @on(VirtualTable.Selected, "#policy-shares")
    async def open_jobs(self, event: VirtualTable.Selected) -> None:
        from tui.screens.queue import QueueScreen

        name = event.key
        text = f"share:{name}" if name.endswith("*") else f"share:={name}"
        await self.app.push_screen(QueueScreen(self.live, self.queue, text))

    async def action_sort(self) -> None:
        if self.view is not None:
            columns = [column for column in self.view.columns if column.key != "history"]
            await self.app.push_screen(SortDialog(columns, self._sort), self._sort_by)

    @on(VirtualTable.HeaderPressed, "#policy-shares")
    def header_pressed(self, event: VirtualTable.HeaderPressed) -> None:
        if event.column != "history":
            self._sort_by(event.column)

    def _sort_by(self, column: str | None) -> None:
        if column is not None:
            key, descending = self._sort
            self._sort = (column, not descending if key == column else column in SORTED_DOWN)
            self.paint(None)

    def action_span(self) -> None:
        self._span = (self._span + 1) % len(SPANS)
        self.paint(None)

    async def action_edit(self) -> None:
        if (name := self.selected) is None:
            return
        if self.is_fair:
            from tui.screens.policies.fair_dialogs import WeightDialog

            await self.app.push_screen(WeightDialog(self.live, self.queue, name))
        else:
            from tui.screens.policies.quota_dialogs import ShareDialog

            await self.app.push_screen(ShareDialog(self.live, self.queue, name))

    async def action_add(self) -> None:
        if self.is_fair:
            from tui.screens.policies.fair_dialogs import WeightDialog

            await self.app.push_screen(WeightDialog(self.live, self.queue))
        else:
            from tui.screens.policies.quota_dialogs import ShareDialog

            await self.app.push_screen(ShareDialog(self.live, self.queue))

    async def action_delete(self) -> None:
        if (name := self.selected) is None:
            return
        if self.is_fair:
            from tui.screens.policies.fair_dialogs import RemoveEntryDialog

            await self.app.push_screen(RemoveEntryDialog(self.live, self.queue, name))
        else:
            from tui.screens.policies.quota_dialogs import DeleteShareDialog

            await self.app.push_screen(DeleteShareDialog(self.live, self.queue, name))

    async def action_edit_policy(self) -> None:
        from tui.screens.policies.fair_dialogs import DecayDialog

        await self.app.push_screen(DecayDialog(self.live, self.queue))

    @property
    def is_fair(self) -> bool:
        return self.picture is not None and self.picture.policy_kind == "fair"

    def action_back(self) -> None:
        self.dismiss()


def _write(widget: Static, text: str) -> None:
    content = Content(text)
    if widget.content != content:
        widget.update(content)
