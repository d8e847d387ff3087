"""Keys that come in one go: each has the effect it would have had on its own."""

import asyncio

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tests.screens.driving import until
from widgets.combo import ComboField
from widgets.fields import ChoiceField, LinesField, TextField
from widgets.form import Form
from widgets.typeahead import TypeAhead


class Question(ModalScreen[str]):
    def compose(self) -> ComposeResult:
        yield Input()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)


class Hung(Static, can_focus=True):
    async def on_key(self) -> None:
        await self.released.wait()

    def on_mount(self) -> None:
        self.released = asyncio.Event()
        self.focus()


class HungHost(TypeAhead[None]):
    BINDINGS = [Binding("f2", "release", "release", priority=True)]

    def compose(self) -> ComposeResult:
        yield Hung()

    def action_release(self) -> None:
        self.query_one(Hung).released.set()


class Host(TypeAhead[None]):
    BINDINGS = [Binding("f2", "ask", "ask")]
    answers: list[str | None]

    def compose(self) -> ComposeResult:
        self.answers = []
        with Form():
            yield TextField("name", "Job name")
            yield ChoiceField("queue", "Queue", [("Research", "r"), ("Vision", "v"), ("Nightly", "n")])
            yield ComboField("type", "Type", [("ml.g5.xlarge", ""), ("ml.m5.large", "")])
            yield LinesField("env", "Environment")

    def action_ask(self) -> None:
        self.push_screen(Question(), self.answers.append)  # not awaited: its widgets are made meanwhile


def burst(pilot: Pilot[None], *typed: str) -> None:
    """Keys by name, text as its characters, all before the app deals with the first one."""
    for key in typed:
        for name in [key] if key in ("tab", "enter", "up", "down", "f2") else key:
            pilot.app.post_message(events.Key(name, name if len(name) == 1 else None))


async def test_each_key_reaches_the_field_that_the_one_before_it_went_to() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        form = app.query_one(Form)
        form.field("name").focus_control()
        burst(pilot, "one", "tab", "enter", "down", "down", "enter", "tab", "down", "down", "enter", "tab")
        burst(pilot, "abc", "enter", "d", "up", "up", "-2")
        await until(pilot, lambda: form.values["type"].endswith("-2"))
        assert form.values == {"name": "one", "queue": "n", "type": "ml.m5.large-2", "env": "abc\nd"}


async def test_keys_and_pastes_reach_the_screen_that_a_key_opens_and_the_one_below() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        form = app.query_one(Form)
        form.field("name").focus_control()
        burst(pilot, "a", "f2", "yes")
        app.post_message(events.Paste(", all of it"))
        burst(pilot, "enter", "b", "f2", "no", "enter", "c")
        await until(pilot, lambda: form.values["name"] == "abc")
        assert app.answers == ["yes, all of it", "no"]


async def test_a_widget_that_hangs_does_not_keep_the_keyboard() -> None:
    app = HungHost()
    async with app.run_test() as pilot:
        hung = app.query_one(Hung)
        await until(pilot, lambda: hung.has_focus)
        burst(pilot, "x", "f2")
        await asyncio.wait_for(hung.released.wait(), 30)
