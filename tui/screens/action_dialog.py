"""What the dialogs that act on jobs have in common: the jobs, what is typed, sending, and what came of it."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.live.picture import QueuePicture
from tui.model.jobs import FINISHED, ServiceJob
from widgets.fields import TextField
from widgets.hints import KeyHints
from widgets.table import Cell, Column, VirtualTable

if TYPE_CHECKING:
    from tui.actions import Command, NotDone, Result
    from tui.live.store import Unsubscribe
    from tui.screens.base import Live

MOST_ROWS = 8
"""Lines of jobs; more are scrolled."""

SETTLE = 0.08
"""Seconds that a change waits for the next one before the preview is made again."""

PART = 3.0
"""A preview that takes long, with thousands of jobs, is made that much more rarely: keys come first."""


class _Line(Input):
    BINDINGS = [Binding("enter", "submit", "set", id="dialog.enter")]


class LineField(TextField):
    """A line whose enter belongs to the dialog."""

    def line(self, value: str, placeholder: str) -> Input:
        return _Line(
            value, placeholder=placeholder, compact=True, select_on_focus=False, classes="field--control"
        )


class ActionDialog(ModalScreen[bool]):
    """A dialog about some jobs of one queue. It answers True when all was done.

    What is typed outlives the dialog: opened again, it stands there again, until it was sent. While calls
    are under way it may be left; a toast then tells what came of them. A subclass gives the title, the
    fields, the columns and cells of the jobs, the commands, and what is said about them.
    """

    DEFAULT_CSS = """
    ActionDialog > Vertical {
        width: 94%; max-width: 110; height: auto; max-height: 95%; overflow-y: auto; padding: 0 1;
        border: round $primary; background: $surface;
        & VirtualTable { margin-top: 1; background: $surface; }
        & .says { height: auto; margin-top: 1; }
        & #summary { height: auto; margin-bottom: 1; }
        & #outcome { height: auto; max-height: 6; margin-top: 1; color: $text-error; display: none; }
        & KeyHints { dock: none; background: $surface; padding: 0; margin-top: 1; }
    }
    """
    BINDINGS = [
        Binding("escape", "close", "close", key_display="esc", id="dialog.cancel"),
        Binding("ctrl+y", "copy_commands", "copy as AWS CLI", id="dialog.copy_commands"),
    ]
    COLUMNS: Sequence[Column] = ()
    LEFT_OUT = "no longer active"
    """Why jobs that were chosen are not among `jobs`."""

    def __init__(self, live: "Live", queue: str, job_ids: Sequence[str]) -> None:
        super().__init__()
        self.live = live
        self.queue = queue
        self.job_ids = tuple(job_ids)
        self._sending = self._over = False
        self._failed: dict[str, NotDone] = {}
        self._leave: list[Unsubscribe] = []
        self._painting = False
        self._took = 0.0

    # ---- for subclasses

    def title_text(self) -> str:
        raise NotImplementedError

    def top(self) -> ComposeResult:
        """The fields."""
        raise NotImplementedError

    def bottom(self) -> ComposeResult:
        """What stands between the jobs and the keys."""
        yield from ()

    def cells(self, job_id: str) -> tuple[Cell, ...]:
        raise NotImplementedError

    def commands(self) -> "list[Command]":
        """What would be sent now. Raises ValueError with a sentence if something typed is wrong."""
        raise NotImplementedError

    def preview(self) -> None:
        """Show what would happen."""
        raise NotImplementedError

    # ---- what it knows

    @property
    def picture(self) -> QueuePicture | None:
        return self.live.store.queues.get(self.queue)

    @property
    def jobs(self) -> list[ServiceJob]:
        """The jobs it is about that are still to be had, without those that have ended."""
        picture = self.picture
        found = [picture.jobs.get(job_id) for job_id in self.job_ids] if picture else []
        return [job for job in found if job is not None and job.status not in FINISHED]

    # ---- layout

    def compose(self) -> ComposeResult:
        with Vertical():
            yield from self.top()
            table = VirtualTable(
                self.COLUMNS, self._cells, empty="None of these jobs is active.", markable=False
            )
            table.can_focus = len(self.job_ids) > 1
            yield table
            yield from self.bottom()
            yield Static("", id="outcome", markup=False)
            yield KeyHints(keep=("close",))

    def on_mount(self) -> None:
        self.query_one(Vertical).border_title = Content(self.title_text())
        self._leave = [
            self.live.store.subscribe(lambda change: self.soon() if change.of(self.queue) else None),
            self.live.actions.subscribe(lambda job_ids: self.soon()),
        ]
        self.paint()

    def on_unmount(self) -> None:
        for leave in self._leave:
            leave()

    def soon(self) -> None:
        """Something changed: paint once things have settled."""
        if not self._painting:
            self._painting = True
            self.set_timer(max(SETTLE, PART * self._took), self.paint)

    def paint(self) -> None:
        self._painting = False
        began = time.perf_counter()
        self._paint()
        self._took = time.perf_counter() - began

    def _paint(self) -> None:
        if self.is_attached and self.picture is not None:
            self.preview()
            rows = [job.job_id for job in self.jobs]
            table = self.query_one(VirtualTable)
            table.styles.height = min(MOST_ROWS, len(rows) or 1) + 1
            table.show(rows)

    def _cells(self, job_id: str) -> tuple[Cell, ...]:
        picture = self.picture
        if picture is None or job_id not in picture.jobs:
            return ()
        return self.cells(job_id)

    def fate(self, job_id: str) -> Cell | None:
        """What is under way with a job, or why it was not done; None if there is nothing to say."""
        if pending := self.live.actions.pending(job_id):
            return (pending, "accent")
        if failed := self._failed.get(job_id):
            return (f"✗ {failed.problem.title}", "bad")
        return None

    # ---- what the user does

    def send(self) -> None:
        """Send the commands. What is typed stays until all of it was done."""
        if self._sending:
            return
        try:
            commands = self.commands()
        except ValueError:
            return
        self._sending = bool(commands)
        self._failed = {}
        self.query_one("#outcome").display = False
        self.live.actions.perform(commands, self._sent)

    def _sent(self, result: "Result") -> None:
        self._sending = False
        if result.all_done:
            self.forget_drafts()
        if not self.is_attached:
            return
        if result.all_done:
            self._over = True
            self._leave_if_over()
            return
        self.app.clear_notifications()  # the toast says the same, and would cover it
        self._failed = {outcome.key: outcome for outcome in result.not_done}
        outcome = self.query_one("#outcome", Static)
        outcome.update(Content(failures_text(result)))
        outcome.display = True
        self.paint()

    def _leave_if_over(self) -> None:
        """Another dialog may lie on top, such as help: then once it is gone."""
        if self._over and self.is_current:
            self.dismiss(True)

    def on_screen_resume(self) -> None:
        self._leave_if_over()

    def action_copy_commands(self) -> None:
        from tui.actions.shell import shell_text

        try:
            commands = self.commands()
        except ValueError as error:
            self.notify(f"Nothing to copy yet: {error}", severity="warning", markup=False)
            return
        settings = self.live.settings
        self.app.copy_to_clipboard(
            shell_text(
                commands,
                profile=settings.profile,
                region=settings.region,
                endpoint_url=settings.endpoint_url,
            )
        )
        self.notify(f"Copied {len(commands)} as AWS CLI" if len(commands) > 1 else "Copied as AWS CLI")

    def action_close(self) -> None:
        self.dismiss(False)

    # ---- drafts

    def draft(self, key: str, otherwise: str = "") -> str:
        """What was typed in this field of this dialog before and not sent."""
        return self.live.actions.drafts.get((type(self).__name__, key), otherwise)

    def keep_draft(self, key: str, text: str) -> None:
        self.live.actions.drafts[type(self).__name__, key] = text

    def forget_drafts(self) -> None:
        name = type(self).__name__
        for key in [key for key in self.live.actions.drafts if key[0] == name]:
            del self.live.actions.drafts[key]


def failures_text(result: "Result") -> str:
    """Why it was not done: each reason once, with the jobs it holds for, and what to do next."""
    by_reason: dict[str, list[str]] = {}
    for outcome in result.not_done:
        problem = outcome.problem
        text = f"{problem.title}: {problem.cause} {problem.next_step}"
        by_reason.setdefault(text, []).append(outcome.name)
    lines = [f"Not done: {', '.join(names)}. {reason}" for reason, names in by_reason.items()]
    if result.done:
        lines.insert(0, f"{len(result.done)} done.")
    return "\n".join(lines)
