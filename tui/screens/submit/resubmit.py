"""Failed jobs submitted anew: says which, and asks first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from tui.aws import batch
from tui.aws.problems import Problem
from tui.model.jobs import ServiceJobDetail, Status
from tui.model.submission import Submission, submission_of
from tui.screens.action_dialog import failures_text
from tui.screens.confirm import Answers
from widgets.table import Cell, Column, VirtualTable

if TYPE_CHECKING:
    from tui.actions import Result
    from tui.screens.base import Live

MOST_ROWS = 10
COLUMNS = (
    Column("name", "JOB", 20, weight=2),
    Column("as", "ANEW AS", 20, weight=2),
    Column("why", "FAILED BECAUSE", 20, weight=3),
)


class ResubmitDialog(ModalScreen[tuple[str, ...]]):
    """Answers the ids of the new jobs once all are made; nothing if the user says no.

    Every job is described first: its request, retries, tags and priority are sent again as they were.
    Each submission carries its own client token for as long as the dialog lives.
    """

    DEFAULT_CSS = """
    ResubmitDialog > Vertical {
        width: 95%; max-width: 120; height: auto; max-height: 95%; padding: 0 1;
        border: round $primary; background: $surface;
        & VirtualTable { margin-top: 1; background: $surface; }
        & #says { height: auto; }
        & #outcome { height: auto; max-height: 6; margin-top: 1; color: $text-error; display: none; }
    }
    """
    BINDINGS = [
        Binding("escape,n", "close", "no", key_display="esc", id="dialog.cancel"),
        Binding("y", "yes", "yes", id="dialog.yes"),
    ]

    def __init__(self, live: "Live", queue: str, job_ids: Sequence[str]) -> None:
        super().__init__()
        self._live = live
        self._queue = queue
        picture = live.store.queues.get(queue)
        self._jobs = {
            job_id: picture.jobs[job_id] for job_id in job_ids if picture and job_id in picture.jobs
        }
        self._failed = [job_id for job_id, job in self._jobs.items() if job.status == Status.FAILED]
        self._submissions: dict[str, Submission] = {}
        self._problems: dict[str, Problem] = {}
        self._sending = False

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("", id="says", markup=False)
            yield VirtualTable(COLUMNS, self._cells, empty="None of these jobs has failed.", markable=False)
            yield Static("", id="outcome", markup=False)
            yield Answers("No", "Resubmit")

    def on_mount(self) -> None:
        self.query_one(Vertical).border_title = Content(f"Resubmit failed jobs to {self._queue}")
        table = self.query_one(VirtualTable)
        table.can_focus = len(self._failed) > MOST_ROWS
        table.styles.height = min(MOST_ROWS, len(self._failed) or 1) + 1
        table.show(self._failed)
        self.query_one("#no", Button).focus()
        for job_id in self._failed:
            self._describe(job_id)
        self._paint()

    def _describe(self, job_id: str) -> None:
        def described(found: ServiceJobDetail | Problem) -> None:
            if isinstance(found, Problem):
                self._problems[job_id] = found
            else:
                self._submissions[job_id] = submission_of(found)
            if self.is_attached:
                self._paint()

        self._live.poller.act(
            lambda aws: batch.describe_job(aws, job_id), described, queue=self._queue, bulk=True
        )

    def _cells(self, job_id: str) -> tuple[Cell, ...]:
        job = self._jobs[job_id]
        anew: Cell = ("asking AWS…", "muted")
        if submission := self._submissions.get(job_id):
            anew = submission.job_name
        elif problem := self._problems.get(job_id):
            anew = (f"✗ {problem.title}", "bad")
        return (job.job_name, anew, (job.status_reason, "muted"))

    @property
    def _ready(self) -> bool:
        asked = len(self._submissions) + len(self._problems)
        return bool(self._submissions) and asked == len(self._failed) and not self._sending

    def _paint(self) -> None:
        count, others = len(self._failed), len(self._jobs) - len(self._failed)
        text = (
            "Nothing to resubmit."
            if not count
            else f"{count} failed job{'s' if count > 1 else ''}, as before."
        )
        if others:
            text += f" {others} of those marked did not fail, and {'are' if others > 1 else 'is'} left out."
        if self._sending:
            text = "Submitting…"
        self.query_one("#says", Static).update(text)
        yes = self.query_one("#yes", Button)
        yes.label = f"Resubmit {len(self._submissions)}" if self._submissions else "Resubmit"
        yes.disabled = not self._ready
        self.query_one(VirtualTable).refresh_cells()

    @on(Button.Pressed, "#yes")
    def action_yes(self) -> None:
        if self._ready:
            self._sending = True
            self._paint()
            self._live.actions.submit(list(self._submissions.values()), self._sent)

    def _sent(self, result: "Result") -> None:
        self._sending = False
        if not self.is_attached:
            return
        if result.all_done:
            self.dismiss(tuple(outcome.job_id for outcome in result.done))
            return
        outcome = self.query_one("#outcome", Static)
        outcome.update(Content(failures_text(result)))
        outcome.display = True
        self._paint()

    @on(Button.Pressed, "#no")
    def action_close(self) -> None:
        self.dismiss(())
