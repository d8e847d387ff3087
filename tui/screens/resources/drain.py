"""Drain a queue: it takes no new jobs, and one watches it empty."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.actions.changing import Made, audit_entries, made_text, make
from tui.aws.problems import Problem
from tui.live.picture import QueuePicture
from tui.model import resource_changes
from tui.model.jobs import QUEUED, RUNNING
from tui.model.units import duration
from tui.screens.job_facts import jobs_text
from widgets.cells import literal
from widgets.gauge import CapacityGauge
from widgets.hints import KeyHints

if TYPE_CHECKING:
    from tui.live.store import Unsubscribe
    from tui.screens.base import Live

SHOWN = 6


class DrainScreen(ModalScreen[bool]):
    """Disables the queue on `ctrl+s`, then shows what is left of its jobs until none is.

    It may be left at any time: the queue stays disabled, and its jobs go on.
    """

    DEFAULT_CSS = """
    DrainScreen > Vertical {
        width: 80%; max-width: 90; min-width: 60; height: auto; max-height: 96%; padding: 0 1;
        border: round $primary; background: $surface;
        & Static { height: auto; }
        & CapacityGauge { margin: 1 0; }
        & #outcome { color: $text-error; }
        & KeyHints { dock: none; background: $surface; padding: 0; margin-top: 1; }
    }
    """
    BINDINGS = [
        Binding("ctrl+s", "disable", "disable the queue", id="drain.go"),
        Binding("escape", "close", "close", key_display="esc", id="dialog.cancel"),
    ]

    def __init__(self, live: "Live", queue: str) -> None:
        super().__init__()
        self.live = live
        self.queue = queue
        self._most = 0
        self._sending = False
        self._leave: Unsubscribe | None = None

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("", id="says", markup=False)
            yield CapacityGauge()
            yield Static("", id="jobs", markup=False)
            yield Static("", id="outcome", markup=False)
            yield KeyHints(keep=("disable", "close"))

    def on_mount(self) -> None:
        self.query_one(Vertical).border_title = Content(literal(f"Drain {self.queue}"))
        self.query_one("#outcome").display = False
        self.live.poller.watch(self.queue)
        self._leave = self.live.store.subscribe(lambda change: self.paint())
        self.set_interval(1.0, self.paint)
        self.paint()

    def on_unmount(self) -> None:
        if self._leave:
            self._leave()

    @property
    def picture(self) -> QueuePicture | None:
        return self.live.store.queues.get(self.queue)

    def paint(self) -> None:
        picture = self.picture
        if picture is None:
            self._write("#says", "The queue is not there any more.")
            return
        left = len(picture.active)
        self._most = max(self._most, left)
        off = picture.queue.state == "DISABLED"
        queued = sum(job.status in QUEUED for job in picture.active.values())
        running = sum(job.status in RUNNING for job in picture.active.values())
        gauge = self.query_one(CapacityGauge)
        gauge.update(self._most - left, self._most, note="jobs gone")
        gauge.display = off and self._most > 0
        jobs = f"{queued} queued and {jobs_text(running, 'running')}"
        if not off:
            text = f"It takes new jobs, and has {jobs}. ctrl+s disables it: those go on, no new ones come."
        elif left:
            text = f"It takes no new jobs. Left, and going on to their end: {jobs}."
        else:
            text = "It is drained: it takes no new jobs, and none is left. u enables it, X tears it down."
        self._write("#says", text)
        self._write("#jobs", self._left(picture) if off else "")
        self.refresh_bindings()

    def _left(self, picture: QueuePicture) -> str:
        """Those that have run longest, which is all that can be said about who ends next."""
        now_ms = self.live.store.now_ms()
        running = [job for job in picture.active.values() if job.status in RUNNING]
        running.sort(key=lambda job: job.started_at or now_ms)
        lines = [
            f"{job.job_name}  {job.status}  {duration(now_ms - job.started_at) if job.started_at else '-'}"
            for job in running[:SHOWN]
        ]
        more = len(running) - SHOWN
        return "\n".join([*lines, f"and {more} more"] if more > 0 else lines)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "disable":
            picture = self.picture
            return not self._sending and picture is not None and picture.queue.state != "DISABLED"
        return super().check_action(action, parameters)

    def action_disable(self) -> None:
        change = resource_changes.update_queue(self.queue, state="DISABLED")
        self._sending = True

        def made(answer: tuple[Made, ...] | Problem) -> None:
            self._sending = False
            if isinstance(answer, Problem):
                answer = (Made(change, answer),)
            self.live.actions.record(audit_entries(answer, self.queue, lambda change: "ENABLED"))
            self.live.poller.refresh_now()
            if self.is_attached:
                self._write("#outcome", made_text(answer))
                self.paint()

        self.live.poller.act(lambda aws: make(aws, [change]), made, queue=self.queue)

    def action_close(self) -> None:
        self.dismiss(True)

    def _write(self, selector: str, text: str) -> None:
        widget = self.query_one(selector, Static)
        content = Content("\n".join(literal(line) for line in text.splitlines()))
        if widget.content != content:
            widget.update(content)
        widget.display = bool(text)
