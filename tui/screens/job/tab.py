"""What every tab of the job screen is."""

from textual.containers import Vertical

from tui.screens.job.desk import JobDesk


class JobTab(Vertical):
    """Shows one side of the job on the desk. It paints only while it is the tab in sight."""

    DEFAULT_CSS = """
    JobTab { height: 1fr; }
    """

    NEEDS_DETAIL = True
    """Painted only once the job was described; else also with what a listing tells."""

    def __init__(self, desk: JobDesk, id: str) -> None:
        super().__init__(id=id)
        self.desk = desk

    def paint(self) -> None:
        """Show the job as it is known now. Called when something changed, and every second."""
        raise NotImplementedError

    def shown(self) -> None:
        """The tab came in sight: take the keyboard."""

    def copied(self) -> tuple[str, str] | None:
        """What `y` copies here, and what it is called; None leaves it to the screen: the job's id."""
        return None
