"""The attempts, preempted ones included: how each ended and why, and its training job."""

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from tui.model.training import instance_hours
from tui.model.units import clock
from tui.screens.fact_sheet import FactSheet
from tui.screens.job import facts
from tui.screens.job.tab import JobTab
from tui.screens.job_facts import reason_line
from tui.screens.pane import Pane
from widgets.table import Cell, Column, VirtualTable

if TYPE_CHECKING:
    from tui.screens.job.desk import JobDesk

COLUMNS = (
    Column("number", "#", 3, align="right"),
    Column("outcome", "OUTCOME", 9),
    Column("started", "STARTED", 19, drop=3),
    Column("ran", "RAN", 8, align="right"),
    Column("hours", "INST-HOURS", 10, align="right", drop=2),
    Column("name", "TRAINING JOB", 20, max_width=63, weight=2, drop=1, cut="middle"),
    Column("reason", "REASON", 16, weight=3),
)
LOADING = "Asking AWS for the attempts…"
NONE_YET = "No attempt yet: SageMaker has not been given this job."


class AttemptsTab(JobTab):
    """A table of attempts; below it, all of the one under the cursor. `enter` opens its log."""

    DEFAULT_CSS = """
    AttemptsTab #attempts { height: auto; max-height: 40%; min-height: 4; }
    AttemptsTab #attempt { padding: 0 1; border-top: solid $panel; }
    """

    def __init__(self, desk: "JobDesk", id: str) -> None:
        super().__init__(desk, id)
        self._keys: list[str] = []

    def compose(self) -> ComposeResult:
        yield VirtualTable(COLUMNS, self._cells, empty=LOADING, markable=False, id="attempts")
        with Pane(id="attempt"):
            yield FactSheet()

    def shown(self) -> None:
        self.query_one("#attempts").focus()

    def paint(self) -> None:
        table = self.query_one("#attempts", VirtualTable)
        table.empty = NONE_YET
        keys = [str(run.number) for run in self.desk.runs]
        if keys != self._keys:
            first = not self._keys
            self._keys = keys
            table.styles.height = max(4, len(keys) + 1)
            table.show(keys)
            if first and (run := self.desk.run) is not None:
                table.cursor_key = str(run.number)
        else:
            table.refresh_cells()
        self._paint_one()

    def _paint_one(self) -> None:
        key = self.query_one("#attempts", VirtualTable).cursor_key
        found = self.desk.runs
        run = found[int(key) - 1] if key and int(key) <= len(found) else None
        sections = facts.run_sections(run, self.desk.now_ms, self.desk.utc) if run else []
        self.query_one(FactSheet).show(facts.filled(*sections))

    def _cells(self, key: str) -> tuple[Cell, ...]:
        found = self.desk.runs
        if int(key) > len(found):
            return ()
        run, now_ms = found[int(key) - 1], self.desk.now_ms
        hours = instance_hours(run.training, now_ms) if run.training else None
        style = facts.OUTCOME_STYLES.get(run.outcome, "")
        return (
            key,
            (run.outcome, style),
            clock(run.attempt.started_at, utc=self.desk.utc),
            facts.ran_text(run, now_ms) if run.attempt.started_at else "-",
            f"{hours:,.2f}" if hours is not None else "-",
            run.training_job or "-",
            (reason_line(run.attempt.status_reason), "bad" if run.outcome == "failed" else "muted"),
        )

    @on(VirtualTable.Highlighted, "#attempts")
    def highlighted(self, event: VirtualTable.Highlighted) -> None:
        event.stop()
        if event.key is not None and self._keys:
            self.desk.choose(int(event.key))

    @on(VirtualTable.Selected, "#attempts")
    async def selected(self, event: VirtualTable.Selected) -> None:
        event.stop()
        self.desk.choose(int(event.key))
        await self.screen.run_action("tab('logs')")

    def copied(self) -> tuple[str, str] | None:
        key = self.query_one("#attempts", VirtualTable).cursor_key
        run = self.desk.runs[int(key) - 1] if key else None
        return (run.training_job, "the training job's name") if run and run.training_job else None
