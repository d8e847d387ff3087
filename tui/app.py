"""Wiring: settings, connection, live picture and screens. No logic.

What the first frame does not show is imported when it is asked for: the first frame is what a user waits for.
"""

import asyncio
import gc
import signal
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.message import Message
from textual.theme import BUILTIN_THEMES

from tui.aws.problems import unknown_queue
from tui.aws.session import Aws, Connection
from tui.live.journal import Journal
from tui.live.poller import Poller
from tui.live.store import Store
from tui.live.usage_history import UsageHistory
from tui.screens.base import Live, LiveScreen
from tui.screens.queues import QueuesScreen
from tui.settings import Settings
from widgets.typeahead import TypeAhead

if TYPE_CHECKING:
    from textual.command import Provider

    from tui.actions import Actions
    from tui.live.changes import Changed

CONFIGURATION_WRONG = 2
COLLECT_AFTER = 3.0
"""Seconds without garbage collection from the start: the modules and screens made then stay."""


def _commands() -> "type[Provider]":
    from tui.screens.palette import Commands

    return Commands


def _collect_again() -> None:
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


class Deliver(Message, bubble=False):
    """Work that a thread hands to the UI thread."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self.work = work


class QueuedeckApp(TypeAhead[None]):
    """The dashboard. `prepare` runs in a worker before the first call to AWS."""

    TITLE = "queuedeck"
    CSS_PATH = "app.tcss"
    COMMANDS = {_commands}
    COMMAND_PALETTE_BINDING = "colon"
    COMMAND_PALETTE_DISPLAY = ":"
    ENABLE_COMMAND_PALETTE = True

    BINDINGS = [
        Binding("question_mark", "help", "help", key_display="?", priority=True, id="app.help"),
        Binding("ctrl+c", "quit", "quit", show=False, priority=True, id="app.quit_now"),
        Binding("R", "refresh_now", "refresh now", show=False, id="app.refresh"),
        Binding("P", "pause", "pause or go on", show=False, id="app.pause"),
        Binding("plus,equals_sign", "interval(1)", "longer interval", show=False, id="app.slower"),
        Binding("minus", "interval(-1)", "shorter interval", show=False, id="app.faster"),
    ]

    def __init__(self, settings: Settings, prepare: Callable[[], None] | None = None) -> None:
        super().__init__()
        self.settings = settings
        self.last_words = ""
        """One line for standard error once the terminal is restored; empty if all went well."""
        store = Store()
        connection = Connection(
            profile=settings.profile, region=settings.region, endpoint_url=settings.endpoint_url
        )

        def connect() -> Aws:
            if prepare is not None:
                prepare()
            return Aws(connection, read_only=settings.read_only)

        poller = Poller(connect, store, self.deliver, interval=settings.interval, rate=settings.rate)
        self.live = Live(store, poller, settings, Journal(store), UsageHistory(store), self._make_actions)
        self.set_keymap(settings.keys)

    def get_default_screen(self) -> LiveScreen:
        """The home screen, or the queue to begin with: the one that the first frame shows."""
        if not self.settings.queue:
            return QueuesScreen(self.live)
        from tui.screens.queue import QueueScreen

        return QueueScreen(self.live, self.settings.queue, self.settings.filter)

    def deliver(self, work: Callable[[], None]) -> None:
        """Run `work` in the UI thread, soon. For threads."""
        self.post_message(Deliver(work))

    def _make_actions(self) -> "Actions":
        from tui.actions import Actions

        live = self.live
        return Actions(live.store, live.poller, self.deliver, self._tell, read_only=self.settings.read_only)

    def _tell(self, text: str, bad: bool) -> None:
        """What became of an action."""
        self.notify(text, severity="error" if bad else "information", timeout=10 if bad else 5, markup=False)

    def on_deliver(self, message: Deliver) -> None:
        if self.is_running:  # not while the screens are being taken down
            message.work()

    def on_mount(self) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP):  # a closed window too leaves the terminal as it was
            asyncio.get_running_loop().add_signal_handler(number, self.exit, None, 128 + number)
        self.register_theme(replace(BUILTIN_THEMES["ansi-dark"], primary="ansi_bright_blue"))
        self.theme = self.fitting_theme
        self.live.store.subscribe_light(self._exit_if_hopeless)
        self._stop_looking = self.live.store.subscribe(self._look_for_first_queue)
        self.set_timer(COLLECT_AFTER, _collect_again)

    @property
    def fitting_theme(self) -> str:
        """The theme that was set. The default's shades all look alike where there are 16 colours: there, one
        that is made of those, on the terminal's own background."""
        few = self.console.color_system == "standard" and not self.is_headless
        return "ansi-dark" if few and self.settings.theme == Settings().theme else self.settings.theme

    def on_ready(self) -> None:
        # The first frame is painted. Not before: botocore takes as long to import as that frame.
        self.live.poller.start()

    def on_unmount(self) -> None:
        self.live.close()
        self.live.poller.stop()

    def fail(self, words: str) -> None:
        """Leave with the exit code for a wrong configuration, and say this once the terminal is back."""
        self.last_words = words
        self.exit(return_code=CONFIGURATION_WRONG)

    def _exit_if_hopeless(self) -> None:
        problem = self.live.store.problem
        if problem is not None and problem.fatal:
            self.fail(str(problem))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys of help and palette are ordinary characters where text is typed (`status:failed`)."""
        typed = {"command_palette": ("colon", ":"), "help": ("question_mark", "?")}.get(action)
        return typed is None or self.focused is None or not self.focused.check_consume_key(*typed)

    def _look_for_first_queue(self, change: "Changed") -> None:
        """The queue of --queue must be there when the queues are listed first."""
        queue, store = self.settings.queue, self.live.store
        if not store.loaded:
            return
        self._stop_looking()
        if queue and queue not in store.queues:
            self.fail(unknown_queue(queue, list(store.queues), store.region))

    def action_help(self) -> None:
        from tui.screens.help import HelpScreen

        if isinstance(self.screen, HelpScreen):
            self.screen.dismiss()
        else:
            self.push_screen(HelpScreen(self.screen))

    def action_refresh_now(self) -> None:
        self.live.poller.refresh_now()

    def action_pause(self) -> None:
        self.live.poller.paused = not self.live.poller.paused

    def action_interval(self, direction: int) -> None:
        steps = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0)
        now = self.live.poller.interval
        ahead = [s for s in steps if s > now] if direction > 0 else [s for s in reversed(steps) if s < now]
        if ahead:
            self.live.poller.interval = ahead[0]
            self.notify(f"Refresh every {ahead[0]:g} s", timeout=2)
