"""How fresh the picture is, in one glyph, one word and one number: `● live 5s`.

light = FreshnessLight()
light.update("live", interval=5)              # ● live 5s      asked every five seconds
light.update("stale", age=42)                 # ▲ stale 42s    the picture is that old
light.update("offline", age=190)              # ✖ offline 3m
"""

from typing import Literal

from textual.content import Content
from textual.widget import Widget

State = Literal["loading", "live", "partial", "paused", "stale", "offline"]

_LOOKS: dict[State, tuple[str, str]] = {
    "loading": ("◐", "dim"),
    "live": ("●", "$text-success"),
    "partial": ("▲", "$text-warning"),
    "paused": ("‖", "$text-primary"),
    "stale": ("▲", "$text-warning"),
    "offline": ("✖", "$text-error bold"),
}


def short_time(seconds: float) -> str:
    """A length of time in its greatest unit, rounded down: `42s`, `3m`, `5h`, `2d`."""
    seconds = max(0, int(seconds))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def light_text(state: State, age: float | None = None, interval: float | None = None) -> str:
    """What the light reads. A live picture tells its interval, any other its age; both in seconds."""
    value = interval if state == "live" else age
    if state == "loading" or value is None:
        return f"{_LOOKS[state][0]} {state}"
    if state == "live" and 0 < value < 10 and value != int(value):
        return f"{_LOOKS[state][0]} {state} {value:.1f}s"
    return f"{_LOOKS[state][0]} {state} {short_time(value)}"


class FreshnessLight(Widget):
    """One line that repaints only when it reads differently."""

    DEFAULT_CSS = """
    FreshnessLight { height: 1; width: auto; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._state: State = "loading"
        self._text = light_text("loading")

    @property
    def state(self) -> State:
        return self._state

    @property
    def text(self) -> str:
        """What it reads now."""
        return self._text

    def update(self, state: State, age: float | None = None, interval: float | None = None) -> None:
        """Shows a state; `age` of the picture and `interval` between two are in seconds."""
        text = light_text(state, age, interval)
        if (state, text) != (self._state, self._text):
            wider = len(text) != len(self._text)
            self._state, self._text = state, text
            self.refresh(layout=wider)

    def render(self) -> Content:
        return Content.styled(self._text, _LOOKS[self._state][1])
