"""What every screen is given, and the class of screens that follow the live picture."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from tui.screens.topbar import ProblemBar, TopBar
from widgets.hints import KeyHints

if TYPE_CHECKING:
    from tui.actions import Actions
    from tui.live.changes import Changed
    from tui.live.journal import Journal
    from tui.live.poller import Poller
    from tui.live.store import Store, Unsubscribe
    from tui.live.usage_history import UsageHistory
    from tui.screens.start_times import StartTimes
    from tui.settings import Settings


@dataclass(frozen=True)
class Live:
    """The live picture, what keeps it so and what acts on it, as the app hands them to its screens."""

    store: "Store"
    poller: "Poller"
    settings: "Settings"
    journal: "Journal"
    usage: "UsageHistory"
    make_actions: "Callable[[], Actions]"

    @cached_property
    def actions(self) -> "Actions":
        """What acts. Made when it is first asked for: the first frame does without."""
        return self.make_actions()

    @cached_property
    def starts(self) -> "StartTimes":
        """When waiting jobs will probably start. Made when it is first asked for."""
        from tui.screens.start_times import StartTimes

        return StartTimes(self.store, self.poller.deliver)

    def close(self) -> None:
        """End what was made."""
        if "starts" in self.__dict__:
            self.starts.close()
        if "actions" in self.__dict__:
            self.actions.close()


class LiveScreen(Screen[None]):
    """Header, body and key hints. It follows the picture while it is the screen on top.

    A subclass composes `body`, and paints in `paint` (the picture changed; None: everything) and in
    `tick` (a second passed: ages read differently). `queue_name` is the queue it is about, None for all.
    Textual calls the `on_…` methods of every class, the base's too: an override leaves out `super()`.
    """

    HORIZONTAL_BREAKPOINTS = [(0, "-too-narrow"), (60, "-narrow"), (120, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-too-short"), (12, "-short"), (20, "-tall")]

    def __init__(self, live: Live, queue_name: str | None = None) -> None:
        super().__init__()
        self.live = live
        self.queue_name = queue_name
        self._leave: Unsubscribe | None = None

    def compose(self) -> ComposeResult:
        yield TopBar(self.live, self.queue_name)
        yield ProblemBar(self.live, self.queue_name)
        yield from self.body()
        yield KeyHints(keep=("help", "back", "quit", "filter"))
        yield Static("Too small: queuedeck needs 60 × 12.", id="too-small", markup=False)

    def body(self) -> ComposeResult:
        """The widgets between header and hints."""
        raise NotImplementedError

    def paint(self, change: "Changed | None") -> None:
        """Show what changed; everything for None."""
        raise NotImplementedError

    def tick(self) -> None:
        """A second passed."""

    def watch_queue(self) -> None:
        """Tell the poller what this screen shows."""
        self.live.poller.watch(self.queue_name)

    def on_mount(self) -> None:
        self._seconds = self.set_interval(1.0, self._second, pause=True)

    def on_screen_resume(self) -> None:
        if self._leave is None:
            self._leave = self.live.store.subscribe(self.paint)
        self._seconds.resume()
        self.watch_queue()
        self.paint(None)
        self.query_one(TopBar).refresh_light()
        self.refresh_bindings()

    def on_screen_suspend(self) -> None:
        self._seconds.pause()
        if self._leave is not None:
            self._leave()
            self._leave = None

    def on_unmount(self) -> None:
        self.on_screen_suspend()

    def _second(self) -> None:
        if self.is_current and self.app.is_running:
            self.query_one(TopBar).refresh_light()
            self.tick()
