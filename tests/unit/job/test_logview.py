"""The view of a log: what it shows, and that its cost follows the screen."""

from collections.abc import Sequence
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.strip import Strip

from tui.model.loglines import Entry, LogLines
from widgets.loglines import LogView

HOSTS = ("algo-1", "algo-2")


def entries(start: int, count: int, source: int = 0) -> list[Entry]:
    return [Entry(1_000 * i, source, f"INFO step {i} loss={i % 7}") for i in range(start, start + count)]


def log(count: int) -> LogLines:
    return LogLines(hosts=HOSTS).merged(entries(0, count))[0]


def texts(lines: Sequence[str]) -> LogLines:
    return LogLines(hosts=HOSTS).merged([Entry(i, i % 2, text) for i, text in enumerate(lines)])[0]


class Spied(LogView):
    """Counts the lines it is made to paint."""

    painted = 0

    def render_line(self, y: int) -> Strip:
        self.painted += 1
        return super().render_line(y)

    @property
    def text(self) -> list[str]:
        return [LogView.render_line(self, y).text[:-1].rstrip() for y in range(self.size.height)]

    def cells(self) -> set[int]:
        return {LogView.render_line(self, y).cell_length for y in range(self.size.height)}


class Host(App[None]):
    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.options = options
        self.opened = 0

    def compose(self) -> ComposeResult:
        yield Spied(**self.options)

    def on_log_view_opened(self) -> None:
        self.opened += 1

    @property
    def view(self) -> Spied:
        return self.query_one(Spied)


async def settled(pilot: Any, view: LogView) -> None:
    for _ in range(500):
        await pilot.pause()
        if view.complete:
            return
    pytest.fail("the scans never ended")


async def test_moving_by_keys() -> None:
    app = Host()
    async with app.run_test(size=(60, 10)) as pilot:
        app.view.show(log(1000))
        await pilot.pause()
        assert app.view.text[0] == "INFO step 0 loss=0"
        await pilot.press("j", "j", "down")
        assert app.view.cursor_line == 3
        await pilot.press("G")
        assert app.view.text[-1] == "INFO step 999 loss=5"
        await pilot.press("pageup")
        assert app.view.cursor_line == 990
        await pilot.press("g", "k")
        assert app.view.cursor_line == 0
        await pilot.press("ctrl+d")
        assert app.view.cursor_line == 4
        await pilot.press("right")
        assert app.view.text[0] == "=4"
        await pilot.press("enter")
        assert app.opened == 1


async def test_a_key_within_the_view_paints_two_lines() -> None:
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        app.view.show(log(1000))
        await pilot.pause()
        app.view.painted = 0
        await pilot.press("j")
        await pilot.pause()
        assert app.view.painted == 2


async def test_the_cursor_stays_on_its_line_while_lines_come_before_and_after() -> None:
    app = Host()
    async with app.run_test(size=(60, 10)) as pilot:
        lines = LogLines(hosts=HOSTS).merged(entries(5000, 1000))[0]
        app.view.show(lines)
        app.view.go_to(500)
        await pilot.pause()
        before = app.view.text
        lines, older = lines.merged(entries(3000, 2000), older=True)
        app.view.show(lines, [older])
        lines, newer = lines.merged(entries(6000, 100))
        app.view.show(lines, [newer])
        await pilot.pause()
        assert app.view.line is not None
        assert app.view.line.text.startswith("INFO step 5500 ")
        assert app.view.text == before
        app.view.painted = 0
        lines, newer = lines.merged(entries(6100, 100))
        app.view.show(lines, [newer])
        await pilot.pause()
        assert app.view.painted <= 10, "only the scroll bar may move"


async def test_following_stays_at_the_end_until_the_user_goes_up() -> None:
    app = Host()
    async with app.run_test(size=(60, 10)) as pilot:
        lines = log(100)
        app.view.show(lines)
        app.view.follow = True
        lines, splice = lines.merged(entries(100, 5))
        app.view.show(lines, [splice])
        await pilot.pause()
        assert app.view.text[-1].startswith("INFO step 104 ")
        await pilot.press("k")
        assert not app.view.follow
        lines, splice = lines.merged(entries(105, 5))
        app.view.show(lines, [splice])
        await pilot.pause()
        assert app.view.line is not None
        assert app.view.line.text.startswith("INFO step 103 ")


async def test_search_counts_matches_and_goes_from_one_to_the_next() -> None:
    app = Host()
    async with app.run_test(size=(60, 10)) as pilot:
        app.view.show(log(70_000))
        app.view.search("loss=3$")
        await settled(pilot, app.view)
        assert app.view.matches == (1, 10_000, True)
        assert app.view.cursor_line == 3
        await pilot.press("n", "n")
        assert app.view.matches == (3, 10_000, True)
        assert app.view.cursor_line == 17
        await pilot.press("N", "N", "N")
        assert app.view.matches == (10_000, 10_000, True)
        app.view.search("[not a regex")
        await settled(pilot, app.view)
        assert app.view.matches == (0, 0, True)


async def test_a_filter_shows_only_what_matches_and_keeps_up() -> None:
    app = Host()
    async with app.run_test(size=(60, 10)) as pilot:
        lines = log(5000)
        app.view.show(lines)
        app.view.filter("loss=6")
        await settled(pilot, app.view)
        assert len(app.view.shown) == 714
        assert app.view.text[:2] == ["INFO step 6 loss=6", "INFO step 13 loss=6"]
        app.view.search("13 ")
        await settled(pilot, app.view)
        assert all("13 " in app.view.lines.line(line).text for line in app.view._found.scan.matches)  # type: ignore
        lines, splice = lines.merged(entries(5000, 700))
        app.view.show(lines, [splice])
        await settled(pilot, app.view)
        assert len(app.view.shown) == 814
        await pilot.press("G")
        assert app.view.text[-1] == "INFO step 5697 loss=6"
        with pytest.raises(ValueError, match="not a regular expression"):
            app.view.filter("(")
        app.view.filter("nothing like it")
        await settled(pilot, app.view)
        assert app.view.line is None
        await pilot.press("j", "G", "n", "pageup")
        app.view.filter("", host="algo-1")
        await settled(pilot, app.view)
        assert len(app.view.shown) == 5700


async def test_errors_and_times() -> None:
    app = Host()
    async with app.run_test(size=(60, 10)) as pilot:
        app.view.show(texts(["fine", "ValueError: no", "fine", "INFO errorless", "ERROR x"] * 3))
        app.view.search_errors()
        await settled(pilot, app.view)
        assert app.view.cursor_line == 1
        assert app.view.matches[1] == 6
        app.view.go_to_time(7)
        assert app.view.cursor_line == 7


async def test_wrapped_lines_show_all_of_a_line() -> None:
    app = Host()
    async with app.run_test(size=(41, 10)) as pilot:
        app.view.show(texts(["short", "x" * 95, "wide " + "資" * 50, "end"]))
        app.view.wrap = True
        await pilot.pause()
        assert app.view.text[0] == "short"
        assert app.view.text[1:4] == ["x" * 40, "x" * 40, "x" * 15]
        assert "".join(app.view.text[4:7]) == "wide " + "資" * 50
        assert app.view.text[7] == "end"
        assert app.view.cells() == {41}


async def test_a_line_of_a_megabyte_can_be_walked_through_when_wrapped() -> None:
    app = Host()
    async with app.run_test(size=(41, 10)) as pilot:
        app.view.show(texts(["first", "0123456789" * 100_000, "last"]))
        await pilot.pause()
        assert len(app.view.text[1]) == 40
        app.view.wrap = True
        await pilot.pause()
        await pilot.press("j", "j", "j")
        assert app.view.cursor_line == 1
        await pilot.press("G")
        assert app.view.text[-1] == "last"
        await pilot.press("pageup", "pageup")
        assert app.view.cursor_line == 1
        await pilot.press("g")
        assert app.view.text[0] == "first"


async def test_every_odd_text_fills_its_cells_exactly() -> None:
    app = Host()
    odd = [
        "",
        " ",
        "\t\ttabs\t",
        "資料" * 40,
        "e\u0301" * 90,
        "a" * 10_000,
        "👨‍👩‍👧" * 30,
        "[bold]x[/]",
        "\x1b[31m\x07",
    ]
    async with app.run_test(size=(37, 12)) as pilot:
        app.view.show(texts(odd))
        app.view.hosts = True
        for stamps in ("utc", "local", "off"):
            app.view.stamps = stamps
            for wrap in (False, True):
                app.view.wrap = wrap
                for _ in range(4):
                    await pilot.press("right", "pagedown")
                    assert app.view.cells() == {37}
                    assert not any(mark in line for line in app.view.text for mark in "\x1b\x07\t")


async def test_an_empty_log_says_so() -> None:
    app = Host(empty="No line yet.\nIt trains soon.")
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.press("j", "k", "G", "g", "n", "pagedown", "enter", "right", "left")
        assert [line.strip() for line in app.view.text if line] == ["No line yet.", "It trains soon."]
        assert app.view.line is None
        assert app.opened == 0
