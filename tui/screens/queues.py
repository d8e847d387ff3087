"""The home screen: every training queue, and what is wrong, in order of harm."""

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.events import Resize
from textual.widgets import Static

from tui.model.alerts import alerts
from tui.screens.events import EventsScreen, EventsTable, open_event
from tui.screens.problem_text import empty_text
from tui.screens.queue_table import COLUMNS, cells, columns, facts
from tui.screens.submit_keys import SubmitKey
from widgets.table import Cell, VirtualTable

if TYPE_CHECKING:
    from tui.live.changes import Changed

LEAST_ALERTS = 6
"""Lines of alerts; more on a tall terminal."""
LOADING = "Asking AWS for its training queues…"
NO_QUEUES = """No training queues here.

A training queue is an AWS Batch job queue of type SAGEMAKER_TRAINING.
Another region or profile may have some: start with --region or --profile.
r shows the resources, and sets up a queue."""


class QueuesScreen(SubmitKey):
    """All queues as a table, alerts below, `enter` opens one."""

    BINDINGS = [
        Binding("r", "resources", "resources", id="queues.resources"),
        Binding("e", "events", "events", id="queues.events"),
        Binding("D", "doctor", "doctor", show=False, id="queues.doctor"),
        Binding("tab", "app.focus_next", "to the events and back", show=False, id="queues.next"),
        Binding("q", "app.quit", "quit", id="app.quit"),
    ]

    def body(self) -> ComposeResult:
        yield VirtualTable(COLUMNS, self._cells, empty=LOADING, markable=False, id="queues")
        yield Static("", id="alerts", markup=False)
        yield EventsTable(self.live, id="events")

    def paint(self, change: "Changed | None") -> None:
        store = self.live.store
        table = self.query_one("#queues", VirtualTable)
        self._paint_empty()
        if change is None or change.listed:
            self._fit_columns(self.size.width)
            table.show(list(store.queues))
        else:
            table.refresh_cells(change.queues)
        self._paint_alerts()

    def _paint_empty(self) -> None:
        """Why there are no queues; what went wrong may be news that no change of the picture tells."""
        store = self.live.store
        text = empty_text(store.loaded, store.light().problem, LOADING)
        self.query_one("#queues", VirtualTable).empty = text or NO_QUEUES

    def on_resize(self, event: Resize) -> None:
        self._fit_columns(event.size.width)
        self._paint_alerts()

    def _fit_columns(self, width: int) -> None:
        table, wanted = self.query_one("#queues", VirtualTable), columns(self.live.store.queues, width)
        if table.columns != wanted:
            table.columns = wanted

    def tick(self) -> None:
        self._paint_empty()
        self.query_one("#queues", VirtualTable).refresh_cells()
        self._paint_alerts()

    def _cells(self, name: str) -> tuple[Cell, ...]:
        store = self.live.store  # a queue may be gone while a dialog lies over its row
        return cells(store.queues[name], store.now_ms(), self.size.width) if name in store.queues else ()

    def _paint_alerts(self) -> None:
        store = self.live.store
        now_ms = store.now_ms()
        found = alerts(facts(picture, now_ms) for picture in store.queues.values())
        room = max(LEAST_ALERTS, self.size.height // 4)
        shown = found if len(found) <= room else found[: room - 1]
        lines = [f"⚠ {alert.queue}: {alert.text}" for alert in shown]
        if len(shown) < len(found):
            lines.append(f"  and {len(found) - len(shown)} more")
        strip = self.query_one("#alerts", Static)
        text = "\n".join(lines)
        if text != strip.content:
            strip.update(text)
            strip.display = bool(text)

    def action_events(self) -> None:
        self.app.push_screen(EventsScreen(self.live))

    @on(VirtualTable.Selected, "#events")
    def open_event(self, event: VirtualTable.Selected) -> None:
        open_event(self, event.key)

    @on(VirtualTable.Selected, "#queues")
    def open_queue(self, event: VirtualTable.Selected) -> None:
        from tui.screens.queue import QueueScreen

        self.app.push_screen(QueueScreen(self.live, event.key))

    def submit_queue(self) -> str:
        return self.query_one("#queues", VirtualTable).cursor_key or ""

    async def action_resources(self) -> None:
        from tui.screens.resources.screen import ResourcesScreen

        await self.app.push_screen(ResourcesScreen(self.live))

    async def action_doctor(self) -> None:
        from tui.screens.doctor import DoctorScreen

        await self.app.push_screen(DoctorScreen(self.live))
