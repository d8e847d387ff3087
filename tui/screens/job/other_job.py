"""A dialog: with which job to compare. Those most like this one come first, the good ones on top."""

from os.path import commonprefix

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.live.picture import QueuePicture
from tui.model.jobs import ServiceJob, ServiceJobDetail, age_ms
from tui.model.units import duration
from tui.screens.job_facts import STATUS_STYLES
from widgets.filterbar import FilterBar
from widgets.hints import KeyHints
from widgets.table import Cell, Column, VirtualTable

COLUMNS = (
    Column("name", "JOB", 24, weight=1, cut="middle"),
    Column("status", "STATUS", 9),
    Column("age", "AGE", 7, align="right"),
)


class OtherJobDialog(ModalScreen[str | None]):
    """Answers the id of the chosen job, None for esc."""

    DEFAULT_CSS = """
    OtherJobDialog > Vertical {
        width: 90%; max-width: 90; height: 80%; border: round $primary; background: $surface;
        & KeyHints { dock: none; background: $surface; padding: 0 1; }
    }
    """
    BINDINGS = [
        Binding("escape,q", "dismiss(None)", "cancel", key_display="esc", id="dialog.cancel"),
        Binding("slash", "filter", "filter", key_display="/", priority=True, id="dialog.filter"),
    ]

    def __init__(self, picture: QueuePicture, about: ServiceJobDetail, now_ms: int) -> None:
        super().__init__()
        self._now_ms = now_ms
        self._jobs = {job.job_id: job for job in ordered(picture, about)}

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "Compare with"
            yield VirtualTable(
                COLUMNS, self._cells, empty="No other job of this queue is known.", markable=False
            )
            yield FilterBar(placeholder="name")
            yield KeyHints(keep=("dismiss",))

    def on_mount(self) -> None:
        table = self.query_one(VirtualTable)
        table.show(list(self._jobs))
        table.focus()

    def _cells(self, key: str) -> tuple[Cell, ...]:
        job = self._jobs[key]
        return (
            job.job_name,
            (job.status, STATUS_STYLES.get(job.status, "")),
            (duration(age_ms(job, self._now_ms)), "muted"),
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not self.query_one(FilterBar).is_open if action == "filter" and self.is_mounted else True

    def action_filter(self) -> None:
        self.query_one(FilterBar).open()

    @on(FilterBar.Changed)
    def filter_changed(self, event: FilterBar.Changed) -> None:
        wanted = event.text.lower()
        self.query_one(VirtualTable).show(
            [key for key, job in self._jobs.items() if wanted in job.job_name.lower()]
        )

    @on(VirtualTable.Selected)
    def chosen(self, event: VirtualTable.Selected) -> None:
        self.dismiss(event.key)


def ordered(picture: QueuePicture, about: ServiceJobDetail) -> list[ServiceJob]:
    """The other jobs of a queue. Those come first whose names are alike up to the last number, what worked
    before what did not, the newest on top; then the others, by how much of the name is the same."""
    stem = about.job_name.rstrip("0123456789").rstrip("-_")

    def rank(job: ServiceJob) -> tuple[bool, bool, int, int]:
        kin = bool(stem) and job.job_name.startswith(stem)
        same = 0 if kin else len(commonprefix((about.job_name, job.job_name)))  # noqa: RUF071 (of characters)
        return not kin, job.status != "SUCCEEDED", -same, -(job.created_at or 0)

    return sorted((job for job in picture.jobs.values() if job.job_id != about.job_id), key=rank)
