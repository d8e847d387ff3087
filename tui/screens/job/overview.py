"""The overview: how the job stands and why, its times and cost, who it belongs to."""

from textual.app import ComposeResult

from tui.screens.fact_sheet import FactSheet
from tui.screens.job import facts
from tui.screens.job.tab import JobTab
from tui.screens.job_facts import Section
from tui.screens.pane import Pane


class OverviewTab(JobTab):
    """Two columns when wide, one when narrow."""

    NEEDS_DETAIL = False
    DEFAULT_CSS = """
    OverviewTab #overview { padding: 0 1; }
    OverviewTab FactSheet { height: auto; margin-bottom: 1; }
    """

    def compose(self) -> ComposeResult:
        with Pane(id="overview"):
            yield FactSheet(id="overview-job")
            yield FactSheet(id="overview-more")

    def shown(self) -> None:
        self.query_one("#overview").focus()

    def paint(self) -> None:
        desk = self.desk
        job = desk.job
        if job is None:
            return
        picture = desk.picture
        position = picture.positions.get(desk.job_id) if picture else None
        now_ms, found = desk.now_ms, desk.runs
        pending = desk.live.actions.pending(desk.job_id)
        about = facts.job_section(job, desk.request, position, now_ms, pending)
        why = facts.reason_section(job, found)
        failed_first = (why, about) if job.status == "FAILED" else (about, why)
        self.query_one("#overview-job", FactSheet).show(facts.filled(*failed_first))
        self.query_one("#overview-more", FactSheet).show(
            facts.filled(
                facts.times_section(job, found, now_ms, desk.utc),
                facts.runs_section(found, now_ms),
                self._missing(),
                facts.rules_section(job),
                facts.tags_section(job),
                facts.names_section(job),
            )
        )

    def _missing(self) -> Section | None:
        """What SageMaker would not tell, once for each kind of refusal."""
        problems = {problem.title: problem for problem in self.desk.training.problems.values()}
        return Section(
            "SageMaker does not tell",
            tuple(
                (problem.code, f"{problem.cause} {problem.next_step}", "warn")
                for problem in problems.values()
            ),
        )
