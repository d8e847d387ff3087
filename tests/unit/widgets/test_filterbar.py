import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.events import Key
from textual.message import Message
from textual.widgets import Input, Static

from widgets.filterbar import FilterBar
from widgets.table import Column, VirtualTable


class Host(App[None]):
    BINDINGS = [Binding("slash", "filter", "filter", priority=True), ("x", "cancel_job", "cancel")]
    cancelled = 0

    def __init__(self, value: str = "") -> None:
        super().__init__()
        self.said: list[tuple[str, str]] = []
        self.start = value

    def compose(self) -> ComposeResult:
        yield VirtualTable([Column("name", "NAME", 10)], lambda key: (key,))
        yield FilterBar(self.start, placeholder="filter")

    def on_mount(self) -> None:
        self.query_one(VirtualTable).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (action == "filter" and self.bar.is_open)

    def action_cancel_job(self) -> None:
        self.cancelled += 1

    def action_filter(self) -> None:
        self.bar.open()

    def hear(self, message: Message) -> None:
        assert isinstance(message, FilterBar.Changed | FilterBar.Submitted | FilterBar.Closed)
        self.said.append((type(message).__name__, message.text))

    on_filter_bar_changed = hear
    on_filter_bar_submitted = hear
    on_filter_bar_closed = hear

    @property
    def bar(self) -> FilterBar:
        return self.query_one(FilterBar)

    @property
    def typed(self) -> str:
        return self.query_one(Input).value


async def test_it_is_hidden_until_opened_and_no_stop_for_tab() -> None:
    app = Host()
    async with app.run_test(size=(60, 10)) as pilot:
        assert not app.bar.display
        await pilot.press("tab", "tab")
        assert app.focused is app.query_one(VirtualTable)
        await pilot.press("slash")
        assert app.bar.display and app.bar.is_open


async def test_keys_that_follow_at_once_are_typed() -> None:
    app = Host()
    async with app.run_test(size=(60, 10)) as pilot:
        for key, character in (("slash", "/"), ("x", "x"), ("y", "y")):  # as one read from a terminal
            app.post_message(Key(key, character))
        await pilot.pause()
        assert (app.typed, app.cancelled) == ("xy", 0)
        await pilot.press("slash")
        assert app.typed == "xy/"


async def test_typing_tells_once_and_enter_keeps() -> None:
    app = Host()
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.press("slash", *"llama")
        await pilot.pause(0.25)
        assert app.said == [("Changed", "llama")]
        await pilot.press("x", "enter")  # enter does not wait for the pause
        await pilot.pause(0.25)
        assert app.said[1:] == [("Changed", "llamax"), ("Submitted", "llamax")]
        assert app.bar.display and app.bar.value == "llamax"
        assert app.focused is app.query_one(VirtualTable)


async def test_escape_puts_back_what_was_in_force() -> None:
    app = Host("share:prod")
    async with app.run_test(size=(60, 10)) as pilot:
        assert app.bar.display
        await pilot.press("slash", *"x")
        await pilot.pause(0.25)
        await pilot.press("escape")
        await pilot.pause(0.25)
        assert app.said == [("Changed", "share:prodx"), ("Changed", "share:prod"), ("Closed", "share:prod")]
        assert app.bar.value == app.typed == "share:prod"
        assert app.focused is app.query_one(VirtualTable)
        await pilot.press("slash", "up")  # what was typed is not lost
        assert app.typed == "share:prodx"


async def test_an_empty_filter_hides_the_bar() -> None:
    app = Host("x")
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.press("slash", "backspace", "enter")
        await pilot.pause(0.25)
        assert app.said == [("Changed", ""), ("Submitted", "")]
        assert not app.bar.display


async def test_arrows_walk_the_history() -> None:
    app = Host()
    async with app.run_test(size=(60, 10)) as pilot:
        for text in ("one", "two"):
            app.bar.set_filter(text)
        await pilot.press("slash", "up", "up")
        assert app.typed == "one"
        await pilot.press("up")
        assert app.typed == "one"
        await pilot.press("down")
        assert app.typed == "two"
        await pilot.press("down", "down")
        assert app.typed == "two"  # the filter in force
        await pilot.press("up", "up", "enter")
        await pilot.pause()
        assert app.bar.value == "one"


@pytest.mark.parametrize("error", [False, True])
async def test_the_status_is_literal_and_an_error_is_marked(error: bool) -> None:
    app = Host("age>")
    async with app.run_test(size=(60, 10)) as pilot:
        app.bar.set_status("[red]no\x1b such field", error=error)
        await pilot.pause()
        note = app.query_one(".filterbar--status", Static)
        assert str(note.visual) == "[red]no␛ such field"
        assert note.size.height == 1
        assert app.bar.has_class("-error") == error
