"""Another scheduling priority for one job or many: what is typed, and what would change by it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from tui.actions.commands import Command, SetPriority
from tui.live.priorities import Priorities
from tui.model.jobs import QUEUED, RUNNING, ServiceJob, ran_ms
from tui.model.priority import HINT, Placed, WishError, parse_wish, resolve
from tui.model.units import count, duration
from tui.scheduling.forecast import Outlook
from tui.screens.action_dialog import ActionDialog, LineField
from tui.screens.forecasts import if_priorities
from tui.screens.job_facts import jobs_text
from tui.screens.job_table import instances_text
from widgets.form import Field
from widgets.table import Cell, Column, VirtualTable

if TYPE_CHECKING:
    from tui.screens.base import Live

NAMED = 3
"""Victims named in full; of more, how many."""

FIFO = (
    "This is a FIFO queue: its jobs start in the order in which they were submitted, and a priority has no "
    "effect. To let a job go first, cancel those before it, or submit it to a queue with shares."
)
INVALID = "a priority is missing"


class ReprioritiseDialog(ActionDialog):
    """Answers True when every job has its new priority."""

    BINDINGS = [Binding("enter", "send", "set", id="dialog.send")]
    COLUMNS = (
        Column("name", "JOB", 14, weight=3, max_width=50, cut="middle"),
        Column("share", "SHARE", 8, weight=1, max_width=20, drop=1),
        Column("priority", "PRIORITY", 11, align="right"),
        Column("place", "PLACE", 9, align="right"),
        Column("then", "THEN", 14),
    )

    def __init__(self, live: "Live", queue: str, job_ids: Sequence[str]) -> None:
        super().__init__(live, queue, job_ids)
        self._reader: Priorities | None = None
        self._priorities: dict[str, int] = {}
        self._outlook = Outlook()
        self._places: dict[str, tuple[int | None, int | None]] = {}
        shares = {job.share for job in self.jobs}
        self._share = shares.pop() if len(shares) == 1 else ""

    def title_text(self) -> str:
        jobs = self.jobs
        what = jobs[0].job_name if len(jobs) == 1 else jobs_text(len(jobs))
        return f"Priority of {what}" + (f" · share {self._share}" if self._share else "")

    @property
    def fifo(self) -> bool:
        return self.picture is not None and self.picture.policy_kind == "fifo"

    # ---- layout

    def top(self) -> ComposeResult:
        if self.fifo:
            yield Static(FIFO, classes="says", markup=False)
        else:
            yield LineField(
                "priority", "New priority", value=self.draft("priority"), placeholder=HINT, required=True
            )

    def bottom(self) -> ComposeResult:
        yield Static("", id="effect", classes="says", markup=False)
        yield Static("", id="reading", markup=False)

    def on_mount(self) -> None:
        if self.fifo:
            table = self.query_one(VirtualTable)
            table.can_focus = table.display = False
            self.query_one("#effect").display = self.query_one("#reading").display = False
            return
        self.set_focus(self.query_one(Input))
        if self._share:  # it is in the title
            self.query_one(VirtualTable).columns = [c for c in self.COLUMNS if c.key != "share"]
        if (picture := self.picture) is not None:
            self._reader = Priorities(
                self.live.store, self.live.poller, picture.name, self._wanted(), self.soon
            )
            self.soon()

    def on_unmount(self) -> None:
        if self._reader:
            self._reader.stop()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("send", "copy_commands"):
            return not self.fifo
        return super().check_action(action, parameters)

    def _wanted(self) -> list[str]:
        """The jobs whose priority counts: those it is about, those of their shares, then the others."""
        picture = self.picture
        if picture is None:
            return []
        shares = {job.share for job in self.jobs}
        active = list(picture.active.values())
        if picture.policy_kind != "quota":  # nobody is preempted: those that run do not matter
            active = [job for job in active if job.status in QUEUED]
        active.sort(key=lambda job: (job.share not in shares, job.created_at or 0))
        return [*(job.job_id for job in self.jobs), *(job.job_id for job in active)]

    # ---- the preview

    def preview(self) -> None:
        if self.fifo or (picture := self.picture) is None:
            return
        field = self.query_one(Field)
        now = if_priorities(picture, self.live.store.queues, {}, self.live.store.now_ms())
        error = ""
        try:
            self._priorities = self._resolved(now.before)
        except WishError as wrong:
            self._priorities = {}
            error = str(wrong) if field.value.strip() else ""
        field.error = error
        self._outlook = now
        if self._priorities:
            self._outlook = if_priorities(
                picture, self.live.store.queues, self._priorities, self.live.store.now_ms()
            )
        before = {job_id: place for place, job_id in enumerate(self._outlook.before, 1)}
        after = {job_id: place for place, job_id in enumerate(self._outlook.after, 1)}
        self._places = {job_id: (before.get(job_id), after.get(job_id)) for job_id in self.job_ids}
        effect = self.query_one("#effect", Static)
        text = self._effect()
        effect.update(text)
        effect.display = bool(text)
        self._show_reading()

    def _resolved(self, order: Sequence[str]) -> dict[str, int]:
        picture = self.picture
        wish = parse_wish(self.query_one(Field).value)
        if picture is None:
            return {}
        ours = {job.job_id for job in self.jobs}
        placed = {
            job.job_id: Placed(
                share=job.share,
                priority=picture.priorities.get(job.job_id),
                created_at=job.created_at or 0,
                waits=job.status in QUEUED,
            )
            for job in picture.active.values()
            if job.job_id in ours or job.status in QUEUED
        }
        return resolve(wish, [job_id for job_id in self.job_ids if job_id in ours], placed, order)

    def _effect(self) -> Content:
        """Who would be preempted, and what stands in the way of an effect."""
        picture = self.picture
        lines: list[Content] = []
        ended = len(self.job_ids) - len(self.jobs)
        if ended:
            verb = "has ended and is" if ended == 1 else "have ended and are"
            lines.append(Content(f"{count(ended)} of these jobs {verb} left out."))
        victims = [picture.jobs[job_id] for job_id in self._outlook.preempted] if picture else []
        if victims and self._priorities:
            lines.append(Content.styled(f"⚠ Preempts {jobs_text(len(victims))}:", "$text-warning"))
            lines += [Content(f"  {self._victim(job)}") for job in victims[:NAMED]]
            if len(victims) > NAMED:
                lines.append(Content(f"  and {count(len(victims) - NAMED)} more"))
        elif self._priorities and picture and picture.policy_kind == "quota":
            lines.append(Content.styled("Preempts no job.", "dim"))
        return Content("\n").join(lines)

    def _victim(self, job: ServiceJob) -> str:
        picture = self.picture
        priority = picture.priorities.get(job.job_id) if picture else None
        known = "" if priority is None else f"priority {priority}, "
        ran = duration(ran_ms(job, self.live.store.now_ms()))
        return f"{job.job_name}: {job.share}, {known}{instances_text(job)}, ran {ran}"

    def _show_reading(self) -> None:
        reader, text = self._reader, ""
        if reader and reader.left:
            text = f"Reading priorities: {reader.total - reader.left} of {reader.total}. Places may change."
        elif reader and reader.unread:
            why = f" ({reader.problem.title})" if reader.problem else ""
            text = f"The priorities of {count(reader.unread)} jobs were not read{why} and count as 0."
        line = self.query_one("#reading", Static)
        line.display = bool(text)
        line.update(Content.styled(text, "dim"))

    def cells(self, job_id: str) -> tuple[Cell, ...]:
        picture = self.picture
        if picture is None:
            return ()
        job, priority = picture.jobs[job_id], picture.priorities.get(job_id)
        now = "…" if priority is None else str(priority)
        wanted = self._priorities.get(job_id)
        return (
            (job.job_name, "strong"),
            *(() if self._share else (job.share,)),
            f"{now} → {wanted}" if wanted is not None else now,
            self._place(job),
            self.fate(job_id) or self._then(job),
        )

    def _place(self, job: ServiceJob) -> Cell:
        before, after = self._places.get(job.job_id, (None, None))
        if before is None and after is None:
            return ("-", "muted")
        if job.job_id not in self._priorities:
            return str(before or "-")
        style = "muted" if before == after else "accent"
        return (f"{before or '-'} → {after or '-'}", style)

    def _then(self, job: ServiceJob) -> Cell:
        if job.status in RUNNING:
            return ("it runs", "muted")
        picture, wanted = self.picture, self._priorities.get(job.job_id)
        if wanted is not None and picture and wanted == picture.priorities.get(job.job_id):
            return ("as it is now", "muted")
        if wanted is not None and job.job_id in self._outlook.starts:
            return ("starts at once", "good")
        if wanted is not None and job.job_id in self._outlook.promised:
            return ("by preempting", "good")
        return ("waits", "muted")

    # ---- what the user does

    @on(Field.Changed)
    def typed(self, event: Field.Changed) -> None:
        event.stop()
        self.keep_draft("priority", event.field.value)
        self.soon()

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.send()

    def action_send(self) -> None:
        self.send()

    def send(self) -> None:
        self.paint()  # keys may have come faster than the preview
        if not self._priorities and not self.fifo:
            field = self.query_one(Field)
            field.error = field.error or f"{INVALID}: {HINT}"
        super().send()

    def commands(self) -> list[Command]:
        if not self._priorities:
            raise WishError(INVALID)
        picture = self.picture
        return [
            SetPriority(
                job_id=job.job_id,
                priority=self._priorities[job.job_id],
                name=job.job_name,
                queue=self.queue,
                before=picture.priorities.get(job.job_id) if picture else None,
            )
            for job in self.jobs
            if job.job_id in self._priorities
        ]
