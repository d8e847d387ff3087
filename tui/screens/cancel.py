"""Cancel jobs that wait, stop those that run, or stop them to queue them again at another priority."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Button, Input, Static

from tui.actions.commands import Command, Requeue, Terminate
from tui.model.jobs import RUNNING, ServiceJob, ran_ms
from tui.model.priority import Absolute, Relative, WishError, parse_wish, resolve
from tui.model.priority import Placed as Place
from tui.model.submission import Submission, submission_of
from tui.model.units import HOUR, count, duration
from tui.screens.action_dialog import ActionDialog, LineField
from tui.screens.confirm import Answers, ConfirmDialog
from tui.screens.job_facts import are, jobs_text
from widgets.form import Field
from widgets.table import Cell, Column

if TYPE_CHECKING:
    from tui.screens.base import Live

MANY = 10
"""More running jobs than this are stopped only after their number was typed."""

MAX_REASON = 1024


class CancelDialog(ActionDialog):
    """Answers True when every job was terminated."""

    BINDINGS = [
        Binding("y", "yes", "yes", id="dialog.yes"),
        Binding("n", "close", "no", show=False, id="dialog.no"),
        Binding("r,up", "edit", "edit the reason", key_display="r", id="dialog.edit"),
    ]
    COLUMNS = (
        Column("name", "JOB", 14, weight=3, max_width=50, cut="middle"),
        Column("status", "STATUS", 9),
        Column("fate", "WHAT HAPPENS", 15, weight=1, max_width=24),
        Column("lost", "WORK LOST", 12, align="right"),
    )
    VERB = "Cancel"

    def title_text(self) -> str:
        jobs = self.jobs
        return f"{self.VERB} {jobs[0].job_name if len(jobs) == 1 else f'{count(len(jobs))} jobs'}"

    # ---- layout

    def top(self) -> ComposeResult:
        yield Static("", id="summary", markup=False)
        yield LineField("reason", "Reason", value=self.draft("reason", self._default_reason()), required=True)

    def bottom(self) -> ComposeResult:
        yield Answers("No, keep", self._yes_text())

    def on_mount(self) -> None:
        self.set_focus(self.query_one("#no", Button))

    def _default_reason(self) -> str:
        return f"Cancelled by {self.live.actions.user or 'the operator'} with queuedeck"

    def _yes_text(self) -> str:
        jobs = self.jobs
        if not jobs:
            return "Nothing to do"
        running = sum(job.status in RUNNING for job in jobs)
        verb = "stop" if jobs and running == len(jobs) else "cancel"
        return f"Yes, {verb} {'it' if len(jobs) == 1 else f'{count(len(jobs))} jobs'}"

    # ---- what would happen

    def preview(self) -> None:
        reason = self.query_one(".field-reason", Field)
        reason.error = self._reason_problem(reason.value)
        yes = self.query_one("#yes", Button)
        yes.label = Content(self._yes_text())
        yes.disabled = not self.jobs
        self.query_one("#summary", Static).update(self.summary())

    def _reason_problem(self, text: str) -> str:
        if not text.strip():
            return "AWS wants a reason; it becomes the job's status reason"
        return f"at most {MAX_REASON} characters" if len(text) > MAX_REASON else ""

    def summary(self) -> Content:
        """How many wait and how many run, and what work is lost."""
        running = [job for job in self.jobs if job.status in RUNNING]
        waiting = len(self.jobs) - len(running)
        ended = len(self.job_ids) - len(self.jobs)
        lines: list[Content] = []
        if running:
            hours = sum(self._lost_ms(job) * job.instances for job in running) / HOUR
            text = f"⚠ {_jobs_are(len(running))} stopped while running: {hours:,.1f} instance-hours lost."
            lines.append(Content.styled(text, "$text-warning"))
        if waiting:
            lines.append(Content(f"{_jobs_are(waiting)} cancelled while queued."))
        if ended:
            lines.append(Content.styled(f"{_jobs_are(ended)} {self.LEFT_OUT} and left out.", "dim"))
        return Content("\n").join(lines)

    def _lost_ms(self, job: ServiceJob) -> int:
        return (ran_ms(job, self.live.store.now_ms()) or 0) if job.status in RUNNING else 0

    def cells(self, job_id: str) -> tuple[Cell, ...]:
        picture = self.picture
        if picture is None:
            return ()
        job = picture.jobs[job_id]
        return (
            (job.job_name, "strong"),
            job.status,
            self.fate(job_id) or self._happens(job),
            self._lost(job),
        )

    def _happens(self, job: ServiceJob) -> Cell:
        if job.is_terminated:
            return ("being stopped", "muted")
        return ("stopped", "warn") if job.status in RUNNING else "cancelled"

    def _lost(self, job: ServiceJob) -> Cell:
        if job.status not in RUNNING:
            return ("nothing", "muted")
        return (f"{duration(self._lost_ms(job))} × {job.instances}", "warn")

    # ---- what the user does

    @on(Field.Changed)
    def typed(self, event: Field.Changed) -> None:
        event.stop()
        self.keep_draft(event.field.key, event.field.value)
        self.soon()

    def action_edit(self) -> None:
        """To the first field; from there `tab` walks on, and enter comes back to the answers."""
        self.query_one(".field-reason", Field).focus_control()

    @on(Input.Submitted)
    def to_answers(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one("#no", Button).focus()

    @on(Button.Pressed, "#no")
    def no(self) -> None:
        self.action_close()

    @on(Button.Pressed, "#yes")
    def action_yes(self) -> None:
        if self._sending:
            return
        self.paint()
        try:
            self.commands()
        except ValueError:
            wrong = next((field for field in self.query(Field) if field.error), None)
            if wrong is not None:
                wrong.focus_control()
            return
        running = sum(job.status in RUNNING for job in self.jobs)
        if running <= MANY:
            self.send()
            return
        question = f"{jobs_text(running, 'running')} are stopped, and their work is lost."
        self.app.push_screen(
            ConfirmDialog(question, yes="Stop them", no="No, keep", typed=str(running)), self._confirmed
        )

    def _confirmed(self, sure: bool | None) -> None:
        if sure:
            self.send()

    def reason(self) -> str:
        """Raises ValueError."""
        text = self.query_one(".field-reason", Field).value.strip()
        if problem := self._reason_problem(text):
            raise ValueError(problem)
        return text

    def commands(self) -> list[Command]:
        reason = self.reason()
        return [
            Terminate(
                job_id=job.job_id, reason=reason, name=job.job_name, queue=self.queue, status=job.status
            )
            for job in self.jobs
        ]


class RequeueDialog(CancelDialog):
    """Stops running jobs and submits them anew, at another priority. What was running is lost."""

    VERB = "Stop and requeue"
    LEFT_OUT = "not running"

    def __init__(self, live: "Live", queue: str, job_ids: Sequence[str]) -> None:
        super().__init__(live, queue, job_ids)
        self._submissions: dict[str, Submission] = {}

    @property
    def jobs(self) -> list[ServiceJob]:
        return [job for job in super().jobs if job.status in RUNNING]

    def top(self) -> ComposeResult:
        yield from super().top()
        yield LineField(
            "priority",
            "Priority then",
            value=self.draft("priority", "+1"),
            placeholder="9 · +2 · -1",
            required=True,
        )

    def on_mount(self) -> None:
        picture = self.picture
        for job in self.jobs:
            if picture and job.job_id not in picture.details:
                self.live.poller.describe(job.job_id, self.queue)

    def _default_reason(self) -> str:
        return f"Requeued by {self.live.actions.user or 'the operator'} with queuedeck"

    def _yes_text(self) -> str:
        jobs = self.jobs
        if not jobs:
            return "Nothing to do"
        return f"Yes, requeue {'it' if len(jobs) == 1 else f'{count(len(jobs))} jobs'}"

    def preview(self) -> None:
        super().preview()
        field = self.query_one(".field-priority", Field)
        try:
            self.priorities()
        except WishError as wrong:
            field.error = str(wrong)
        else:
            field.error = ""

    def priorities(self) -> dict[str, int]:
        """The priority of each job when it is queued again. Raises WishError."""
        wish = parse_wish(self.query_one(".field-priority", Field).value)
        if not isinstance(wish, Absolute | Relative):
            raise WishError("say a number, or +2 or -1 to change what it is")
        picture = self.picture
        known = picture.priorities if picture else {}
        placed = {job.job_id: Place(share=job.share, priority=known.get(job.job_id)) for job in self.jobs}
        return resolve(wish, [job.job_id for job in self.jobs], placed)

    def _happens(self, job: ServiceJob) -> Cell:
        if job.is_terminated:
            return ("being stopped", "muted")
        try:
            return (f"requeued at {self.priorities()[job.job_id]}", "warn")
        except (WishError, KeyError):
            return ("requeued", "warn")

    def commands(self) -> list[Command]:
        reason, priorities = self.reason(), self.priorities()
        picture = self.picture
        made: list[Command] = []
        for job in self.jobs:
            detail = picture.details.get(job.job_id) if picture else None
            if detail is None:
                raise WishError(f"the request of {job.job_name} is not known yet")
            # The first one is kept: it has the client token, and two tokens would make two jobs.
            first = self._submissions.setdefault(job.job_id, submission_of(detail, job.job_name))
            submission = msgspec.structs.replace(first, scheduling_priority=priorities[job.job_id])
            made.append(
                Requeue(
                    job_id=job.job_id,
                    submission=submission,
                    reason=reason,
                    name=job.job_name,
                    queue=self.queue,
                    status=job.status,
                )
            )
        return made


def _jobs_are(number: int) -> str:
    return f"{jobs_text(number)} {are(number)}"
