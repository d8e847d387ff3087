"""The first line of every screen: where we are, as whom, and how fresh the picture is."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from tui.screens.problem_text import urgent
from widgets.clock import Clock
from widgets.light import FreshnessLight, State

if TYPE_CHECKING:
    from tui.live.changes import Freshness
    from tui.live.store import Unsubscribe
    from tui.screens.base import Live


class TopBar(Horizontal):
    """`queuedeck  profile · region · account …  ● live 5s  12:41:07`; a problem gets a line below."""

    def __init__(self, live: "Live", queue_name: str | None) -> None:
        super().__init__()
        self._store = live.store
        self._poller = live.poller
        self._settings = live.settings
        self._queue_name = queue_name
        self._leave: list[Unsubscribe] = []

    def compose(self) -> ComposeResult:
        yield Static("queuedeck", id="brand", markup=False)
        yield Static(self._context_text(), id="context", markup=False)
        yield FreshnessLight()
        if self._settings.clock != "off":
            yield Clock(seconds=self._settings.clock == "seconds", utc=self._settings.utc)

    def on_mount(self) -> None:
        self._leave = [
            self._store.subscribe_light(self.refresh_light),
            self._store.subscribe(lambda change: self._show_context() if change.identity else None),
        ]

    def on_unmount(self) -> None:
        for leave in self._leave:
            leave()

    def refresh_light(self) -> None:
        """Show the state now; nothing is painted if it reads as before. The screen calls it every second."""
        if not (self.screen.is_current and self.app.is_running):
            return
        from tui.live.store import our_now_ms

        fresh = self._store.light(self._queue_name)
        age_ms = fresh.age_ms(our_now_ms())
        pace = round(self._poller.pace(self._queue_name))
        state = light_state(fresh, age_ms, pace, self._poller.paused, self._store.problem is not None)
        age_s = None if age_ms is None else age_ms / 1000
        self.query_one(FreshnessLight).update(state, age_s, pace)
        self._show_context()

    def _show_context(self) -> None:
        context = self.query_one("#context", Static)
        text = self._context_text()
        if text != context.content:
            context.update(text)

    def _context_text(self) -> str:
        store = self._store
        account = store.identity.account if store.identity else ""
        mode = "read-only" if self._settings.read_only else ""
        parts = (store.profile or "", store.region, account, mode)
        return " · ".join(part for part in parts if part)


class ProblemBar(Static):
    """What is wrong with the picture, why, and what to do. Out of sight while all is well."""

    def __init__(self, live: "Live", queue_name: str | None) -> None:
        super().__init__("", id="problem", markup=False)
        self._store = live.store
        self._queue_name = queue_name
        self._leave: Unsubscribe | None = None

    def on_mount(self) -> None:
        self._leave = self._store.subscribe_light(self.refresh_problem)
        self.refresh_problem()

    def on_unmount(self) -> None:
        if self._leave:
            self._leave()

    def refresh_problem(self) -> None:
        """Show the problem there is now."""
        problem = self._store.light(self._queue_name).problem
        text = f"✖ {urgent(problem)}" if problem else ""
        if text != self.content:
            self.update(text)
            self.display = bool(text)


def light_state(
    fresh: "Freshness", age_ms: int | None, pace: float, paused: bool, disconnected: bool
) -> State:
    """Which light: a problem outranks pause, pause outranks age; stale is three rounds and more.

    A problem of a part, while jobs still come, does not make the picture old.
    """
    old = age_ms is None or age_ms > 3000 * pace + 2000
    if fresh.problem is not None:
        return "offline" if disconnected or old else "partial"
    if paused:
        return "paused"
    if age_ms is None:
        return "loading"
    return "stale" if old else "live"
