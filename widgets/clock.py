"""The time of day, as a label that paints itself once a second, or once a minute on a slow line.

Clock()                                       # 12:41:07, local time
Clock(seconds=False, utc=True)                # 12:41Z, one repaint a minute
"""

from collections.abc import Callable
from datetime import UTC, datetime

from textual.content import Content
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget


def _now() -> datetime:
    return datetime.now(UTC)


class Clock(Widget):
    """Wakes at the turn of the second (or minute), so that it is never late by a part of one."""

    DEFAULT_CSS = """
    Clock { height: 1; width: auto; }
    """

    utc: reactive[bool] = reactive(False, layout=True)
    """Show UTC, with a Z behind it, in place of local time."""
    seconds: reactive[bool] = reactive(True, layout=True)

    def __init__(
        self,
        *,
        seconds: bool = True,
        utc: bool = False,
        now: Callable[[], datetime] = _now,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """`now` gives the present as an aware datetime."""
        super().__init__(id=id, classes=classes)
        self._now = now
        self._painted = ""
        self._timer: Timer | None = None
        self.set_reactive(Clock.seconds, seconds)
        self.set_reactive(Clock.utc, utc)

    @property
    def text(self) -> str:
        """What the clock should read now."""
        moment = self._now()
        moment = moment.astimezone(UTC) if self.utc else moment.astimezone()
        return moment.strftime("%H:%M:%S" if self.seconds else "%H:%M") + ("Z" if self.utc else "")

    def on_mount(self) -> None:
        self._wake()

    def watch_seconds(self) -> None:
        if self._timer is not None:  # it may sleep for the rest of a minute
            self._wake()

    def _wake(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        if self.text != self._painted:
            self.refresh()
        moment = self._now()
        passed = moment.microsecond / 1e6 + (0 if self.seconds else moment.second)
        self._timer = self.set_timer((1 if self.seconds else 60) - passed + 0.005, self._wake)

    def render(self) -> Content:
        self._painted = self.text
        return Content(self._painted)
