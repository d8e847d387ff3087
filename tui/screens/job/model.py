"""The model: where its artefact, checkpoints and output are, and the pages of the AWS console."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from tui.model import links
from tui.model.training import TrainingRequest
from tui.screens.job.tab import JobTab
from widgets.table import Cell, Column, VirtualTable

if TYPE_CHECKING:
    from tui.screens.job.desk import JobDesk

COLUMNS = (Column("what", "WHAT", 22), Column("value", "VALUE", 20, weight=1))


class ModelTab(JobTab):
    """Rows of URIs; `y` or `enter` copies the one under the cursor. The line below shows it in full."""

    DEFAULT_CSS = """
    ModelTab #model-value { height: auto; max-height: 6; padding: 0 1; border-top: solid $panel; }
    """

    def __init__(self, desk: "JobDesk", id: str) -> None:
        super().__init__(desk, id)
        self._rows: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        yield VirtualTable(COLUMNS, self._cells, empty="Not known yet.", markable=False, id="model")
        yield Static("", id="model-value", markup=False)

    def shown(self) -> None:
        self.query_one("#model").focus()

    def paint(self) -> None:
        rows = dict(self._found())
        if rows != self._rows:
            self._rows = rows
            self.query_one("#model", VirtualTable).show(list(rows))
            self._paint_value()

    def _found(self) -> Iterable[tuple[str, str]]:
        """(what, value); a value that is missing says why."""
        job = self.desk.training_job()
        asked: TrainingRequest = job or self.desk.request
        detail = self.desk.detail
        if job is not None:
            artefact = job.model_artifacts.s3_model_artifacts
            yield "Model artefact", artefact or ("none: it did not finish" if job.over else "not written yet")
        else:
            yield "Model artefact", "not known: SageMaker has not told of this attempt"
        if asked.checkpoint_config is not None:
            yield "Checkpoints", asked.checkpoint_config.s3_uri
        else:
            yield "Checkpoints", "none: the request has no CheckpointConfig"
        if asked.output_data_config.s3_output_path:
            yield "Output", asked.output_data_config.s3_output_path
        if asked.tensor_board_output_config is not None:
            yield "TensorBoard", asked.tensor_board_output_config.s3_output_path
        run = self.desk.run
        if run is not None and run.attempt.training_job_arn:
            arn = run.attempt.training_job_arn
            yield "Training job", run.training_job
            yield "Training job ARN", arn
            yield "Console: training job", links.training_job_page(arn)
            yield "Console: logs", links.logs_page(arn)
            artefact = job.model_artifacts.s3_model_artifacts if job else ""
            if page := links.s3_page(artefact or asked.output_data_config.s3_output_path, arn):
                yield "Console: S3", page
        if detail is not None:
            yield "Console: Batch", links.batch_page(detail.job_arn)

    def _cells(self, key: str) -> tuple[Cell, ...]:
        value = self._rows.get(key, "")
        return (key, value if _is_address(value, key) else (value, "muted"))

    def _paint_value(self) -> None:
        key = self.query_one("#model", VirtualTable).cursor_key
        value = self._rows.get(key or "", "")
        static = self.query_one("#model-value", Static)
        if static.content != value:
            static.update(value)

    @on(VirtualTable.Highlighted, "#model")
    def highlighted(self, event: VirtualTable.Highlighted) -> None:
        event.stop()
        self._paint_value()

    @on(VirtualTable.Selected, "#model")
    async def selected(self, event: VirtualTable.Selected) -> None:
        event.stop()
        await self.screen.run_action("copy")

    def copied(self) -> tuple[str, str] | None:
        key = self.query_one("#model", VirtualTable).cursor_key or ""
        value = self._rows.get(key, "")
        return (value, value) if _is_address(value, key) else None


def _is_address(value: str, key: str) -> bool:
    return value.startswith(("s3://", "https://", "arn:")) or key == "Training job"
