"""What happened while we watched: a table of events, on the home screen and on one of its own."""

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding

from tui.model.units import clock
from tui.screens.base import LiveScreen
from tui.screens.job_facts import reason_line
from widgets.table import Cell, Column, VirtualTable

if TYPE_CHECKING:
    from tui.live.changes import Changed
    from tui.live.journal import Event
    from tui.live.store import Unsubscribe
    from tui.screens.base import Live

COLUMNS = (
    Column("at", "WHEN", 8),
    Column("kind", "EVENT", 9),
    Column("queue", "QUEUE", 12, max_width=24, weight=1, cut="middle"),
    Column("job", "JOB", 22, max_width=48, weight=2, cut="middle"),
    Column("share", "SHARE", 8, max_width=16, weight=1, drop=2),
    Column("reason", "REASON", 14, weight=4, drop=1),
)
STYLES = {
    "arrived": "",
    "started": "good",
    "succeeded": "",
    "failed": "bad",
    "returned": "warn",
    "preempted": "warn",
    "left": "muted",
}
NONE_YET = "Nothing has happened since queuedeck started."


class EventsTable(VirtualTable):
    """The newest event first. A key is the event's number since the start, so it never moves."""

    def __init__(self, live: "Live", id: str | None = None) -> None:
        super().__init__(COLUMNS, self._event_cells, empty=NONE_YET, markable=False, id=id)
        self._live = live
        self._leave_journal: Unsubscribe | None = None

    def on_mount(self) -> None:
        self._leave_journal = self._live.journal.subscribe(self.update_events)
        self.update_events()

    def on_unmount(self) -> None:
        if self._leave_journal:
            self._leave_journal()

    def update_events(self) -> None:
        """Show what the journal holds now."""
        if self.app.is_running:
            journal = self._live.journal
            self.show(
                [str(number) for number in range(journal.total, journal.total - len(journal.events), -1)]
            )

    def event_of(self, key: str) -> "Event | None":
        """The event of a row; None if the journal has forgotten it meanwhile."""
        journal = self._live.journal
        index = len(journal.events) - 1 - (journal.total - int(key))
        return journal.events[index] if 0 <= index < len(journal.events) else None

    def _event_cells(self, key: str) -> tuple[Cell, ...]:
        event = self.event_of(key)
        if event is None:
            return ("", "", "", "", "", "")
        failed = event.kind == "failed"
        return (
            (clock(event.at, utc=self._live.settings.utc)[11:], "muted"),
            (event.kind, STYLES[event.kind]),
            event.queue,
            (event.job_name, "strong"),
            event.share or ("-", "muted"),
            (reason_line(event.reason), "bad" if failed else "muted"),
        )


class EventsScreen(LiveScreen):
    """All events that are remembered; `enter` opens the job."""

    BINDINGS = [Binding("escape,q", "back", "back", key_display="esc", id="back")]

    def body(self) -> ComposeResult:
        yield EventsTable(self.live, id="all-events")

    def paint(self, change: "Changed | None") -> None:
        """The table follows the journal by itself."""

    @on(VirtualTable.Selected)
    def open_job(self, event: VirtualTable.Selected) -> None:
        open_event(self, event.key)

    def action_back(self) -> None:
        self.dismiss()


def open_event(screen: LiveScreen, key: str) -> None:
    """Open the job that the event in this row is about."""
    event = screen.query_one(EventsTable).event_of(key)
    if event is not None:
        from tui.screens.job.screen import JobScreen

        screen.app.push_screen(JobScreen(screen.live, event.queue, event.job_id))
