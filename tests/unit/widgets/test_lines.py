"""The one-line widgets: light, clock, hints."""

from datetime import UTC, datetime, timedelta

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import Input

from widgets.clock import Clock
from widgets.hints import Hint, KeyHints, fit_hints
from widgets.light import FreshnessLight, State, light_text


@pytest.mark.parametrize(
    ("state", "age", "interval", "text"),
    [
        ("live", 3, 5, "● live 5s"),
        ("live", 3, 2.5, "● live 2.5s"),
        ("live", None, None, "● live"),
        ("loading", None, 5, "◐ loading"),
        ("paused", 42, 5, "‖ paused 42s"),
        ("stale", 59.9, 5, "▲ stale 59s"),
        ("stale", -3, 5, "▲ stale 0s"),
        ("partial", 3, 5, "▲ partial 3s"),
        ("offline", 190, 5, "✖ offline 3m"),
        ("offline", 7_300, 5, "✖ offline 2h"),
        ("offline", 200_000, 5, "✖ offline 2d"),
    ],
)
def test_the_light_reads(state: State, age: float | None, interval: float | None, text: str) -> None:
    assert light_text(state, age, interval) == text


async def test_the_light_paints_only_news() -> None:
    painted: list[str] = []

    class Spied(FreshnessLight):
        def render(self):
            painted.append(self.text)
            return super().render()

    class Host(App[None]):
        def compose(self) -> ComposeResult:
            yield Spied()

    app = Host()
    async with app.run_test() as pilot:
        light = app.query_one(Spied)
        light.update("stale", 61)
        await pilot.pause()
        assert painted[-1] == "▲ stale 1m"
        count = len(painted)
        light.update("stale", 119)
        await pilot.pause()
        assert len(painted) == count
        light.update("live", 0, 10)
        await pilot.pause()
        assert light.size.width == len("● live 10s")


async def test_the_clock_reads_local_time_or_utc_and_follows_it() -> None:
    painted: list[str] = []

    class Time:
        now = datetime(2026, 3, 4, 12, 41, 59, 990_000, tzinfo=UTC)

    class Spied(Clock):
        def render(self):
            painted.append(self.text)
            return super().render()

    class Host(App[None]):
        def compose(self) -> ComposeResult:
            yield Spied(utc=True, now=lambda: Time.now)

    app = Host()
    async with app.run_test() as pilot:
        clock = app.query_one(Clock)
        assert painted[-1] == "12:41:59Z"
        assert clock.size.width == 9
        Time.now += timedelta(seconds=1)
        for _ in range(200):
            if painted[-1] == "12:42:00Z":
                break
            await pilot.pause(0.02)
        assert painted[-1] == "12:42:00Z"
        clock.seconds = False
        await pilot.pause()
        assert (painted[-1], clock.size.width) == ("12:42Z", 6)
        clock.utc = False
        await pilot.pause()
        assert painted[-1] == Time.now.astimezone().strftime("%H:%M")


def test_hints_fit_whole_and_in_order() -> None:
    hints = [Hint("a", "apple", "a", False), Hint("b", "bread", "b", False), Hint("?", "help", "?", True)]
    assert fit_hints(hints, 80) == tuple(hints)
    assert fit_hints(hints, 16) == (hints[0], hints[2])
    assert fit_hints(hints, 14) == (hints[2],)
    assert fit_hints(hints, 3) == ()


async def test_hints_follow_the_bindings_and_paint_only_news() -> None:
    class Host(App[None]):
        ENABLE_COMMAND_PALETTE = False
        BINDINGS = [
            Binding("o,p", "open", "open"),
            Binding("x", "cancel", "[b]cancel"),
            Binding("slash", "filter", "filter"),
            Binding("z", "hidden", "hidden", show=False),
            Binding("question_mark", "help", "help"),
            Binding("enter", "go", "go"),
        ]
        allowed = True
        opened = 0

        def compose(self) -> ComposeResult:
            yield Input()
            yield KeyHints(keep=("help",))

        def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
            return self.allowed if action == "cancel" else True

        def action_open(self) -> None:
            self.opened += 1

    app = Host()
    async with app.run_test(size=(60, 5)) as pilot:
        hints = app.query_one(KeyHints)
        app.query_one(Input).focus()
        await pilot.pause()
        assert hints.text == ""  # the letters would be typed, and enter is the field's own
        app.set_focus(None)
        await pilot.pause()
        assert hints.text == "o open  x [b]cancel  / filter  ? help  enter go"
        assert str(hints.render()) == hints.text
        app.allowed = False
        app.screen.refresh_bindings()
        await pilot.pause()
        assert "cancel" not in hints.text
        await pilot.click(KeyHints, offset=(3, 0))
        await pilot.pause()
        assert app.opened == 1
        await pilot.resize_terminal(18, 5)
        await pilot.pause()
        assert hints.text == "o open  ? help"
