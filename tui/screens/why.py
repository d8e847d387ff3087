"""`w`: why a job waits, in words, kept true while it is open."""

import time
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.live.priorities import Priorities
from tui.model.jobs import QUEUED, ServiceJob
from tui.screens.fact_sheet import FactSheet
from tui.screens.forecasts import told_state
from tui.screens.pane import Pane
from tui.screens.why_facts import Why
from widgets.hints import KeyHints

if TYPE_CHECKING:
    from tui.live.picture import QueuePicture
    from tui.live.store import Unsubscribe
    from tui.screens.base import Live

SETTLE = 0.05
"""Seconds that a change waits for the next one."""

PART = 4.0
"""An explanation that takes long, among thousands of jobs, is made that much more rarely."""


class WhyDialog(ModalScreen[None]):
    """Reads what is missing for a true answer (priorities), and follows the picture."""

    DEFAULT_CSS = """
    WhyDialog > Vertical {
        width: 92%; max-width: 104; height: auto; max-height: 92%;
        border: round $primary; background: $surface; padding: 0 1;
        & Pane { height: auto; max-height: 1fr; }
        & FactSheet { height: auto; }
        & #why-reading { color: $text-muted; height: auto; display: none; }
        & KeyHints { dock: none; background: $surface; }
    }
    """
    BINDINGS = [
        Binding("escape,q,w,enter", "dismiss", "close", key_display="esc", id="dialog.close"),
        Binding("y", "copy", "copy", id="why.copy"),
    ]

    def __init__(self, live: "Live", queue: str, job_id: str) -> None:
        super().__init__()
        self.live = live
        self.queue = queue
        self.job_id = job_id
        self._reader: Priorities | None = None
        self._leave: list[Unsubscribe] = []
        self._painting = False
        self._took = 0.0

    @property
    def picture(self) -> "QueuePicture | None":
        return self.live.store.queues.get(self.queue)

    @property
    def job(self) -> ServiceJob | None:
        picture = self.picture
        return picture.jobs.get(self.job_id) if picture else None

    def compose(self) -> ComposeResult:
        with Vertical():
            with Pane():
                yield FactSheet()
            yield Static("", id="why-reading", markup=False)
            yield KeyHints(keep=("dismiss",))

    def on_mount(self) -> None:
        starts = self.live.starts
        self._leave = [
            self.live.store.subscribe(lambda change: self._soon() if change.of(self.queue) else None),
            starts.subscribe(lambda queue, ids: self._soon() if queue == self.queue else None),
        ]
        if (picture := self.picture) is not None:
            wanted = self._wanted(picture)
            self._reader = Priorities(self.live.store, self.live.poller, self.queue, wanted, self._soon)
        self.query_one(Pane).focus()
        self.set_interval(1.0, lambda: starts.want(self.queue))
        starts.want(self.queue)
        self.call_after_refresh(self._paint)

    def on_unmount(self) -> None:
        for leave in self._leave:
            leave()
        if self._reader:
            self._reader.stop()

    def _wanted(self, picture: "QueuePicture") -> list[str]:
        """Whose priorities count: those of its share, where AWS's order does not do or jobs are preempted."""
        job = self.job
        if job is None or job.status not in QUEUED or picture.policy_kind == "fifo":
            return []
        if (
            picture.policy_kind == "fair"
            and self.job_id not in told_state(picture, self.live.store.now_ms())[1]
        ):
            return [self.job_id]
        mates = [each for each in picture.active.values() if each.share == job.share]
        if picture.policy_kind == "fair":
            mates = [each for each in mates if each.status in QUEUED]
        mates.sort(key=lambda each: each.created_at or 0)
        return [self.job_id, *(each.job_id for each in mates)]

    def _soon(self) -> None:
        if not self._painting:
            self._painting = True
            self.set_timer(max(SETTLE, PART * self._took), self._paint)

    def _paint(self) -> None:
        self._painting = False
        picture, job = self.picture, self.job
        if not self.is_attached or picture is None or job is None:
            return
        began = time.perf_counter()
        store = self.live.store
        forecast = self.live.starts.of(self.queue)
        why = Why(picture, store.queues, job, forecast, store.now_ms(), utc=self.live.settings.utc)
        self.query_one(Vertical).border_title = Content(
            f"Why {job.job_name} waits" if why.waits else job.job_name
        )
        self.query_one(FactSheet).show(why.sections())
        self._took = time.perf_counter() - began
        self._paint_reading()

    def _paint_reading(self) -> None:
        reader, text = self._reader, ""
        if reader and reader.left:
            text = f"Reading priorities: {reader.total - reader.left} of {reader.total}."
        elif reader and reader.unread and reader.problem:
            text = f"{reader.unread} priorities were not read ({reader.problem.title})."
        line = self.query_one("#why-reading", Static)
        line.update(text)
        line.display = bool(text)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(str(self.query_one(FactSheet).content))
        self.notify("Copied the explanation")
