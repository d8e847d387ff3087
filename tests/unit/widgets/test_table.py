"""Rows that come, go and move; keys and mouse; what is asked for and painted."""

import pytest
from rich.style import Style
from textual.pilot import Pilot

from tests.unit.widgets.table_host import TableHost, keys
from widgets.table import Column, VirtualTable

SIZE = (40, 11)  # a header and ten rows


async def started(pilot: Pilot[None], rows: list[str]) -> None:
    app = pilot.app
    assert isinstance(app, TableHost)
    app.table.show(rows)
    app.table.focus()
    await pilot.pause()
    app.table.painted = 0
    app.asked.clear()


def cursor_line(app: TableHost) -> int:
    [line] = [y for y, text in enumerate(app.table.lines) if text.startswith("▸")]
    return line


# ── Rows around the cursor ───────────────────────────────────────────────────────────────────────


async def test_rows_inserted_above_leave_the_cursor_on_its_key_and_line() -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, keys(100, 50))
        await pilot.press(*["j"] * 15)
        key, line = app.table.cursor_key, cursor_line(app)
        app.table.show(keys(150))
        await pilot.pause()
        assert (app.table.cursor_key, cursor_line(app)) == (key, line)
        assert app.table.cursor_index == 65


async def test_rows_removed_above_leave_the_cursor_on_its_key_and_line() -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, keys(100))
        await pilot.press("G", "k", "k")
        key, line = app.table.cursor_key, cursor_line(app)
        app.table.show(keys(80, 20))
        await pilot.pause()
        assert (app.table.cursor_key, cursor_line(app)) == (key, line)


async def test_a_row_that_moves_takes_the_cursor_along() -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        rows = keys(100)
        await started(pilot, rows)
        await pilot.press("j", "j", "j")
        app.table.show([*rows[:3], *rows[4:60], rows[3], *rows[60:]])
        await pilot.pause()
        assert app.table.cursor_key == "k000003"
        assert app.table.cursor_index == 59
        assert cursor_line(app) == 4


@pytest.mark.parametrize(
    ("gone", "heir"),
    [
        ({"k000005"}, "k000006"),
        ({"k000005", "k000006", "k000007"}, "k000008"),
        ({f"k{n:06}" for n in range(5, 30)}, "k000004"),  # none left below: the nearest above
    ],
)
async def test_when_its_row_goes_the_cursor_goes_to_the_nearest(gone: set[str], heir: str) -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, keys(30))
        await pilot.press(*["j"] * 5)
        app.said.clear()
        app.table.show(["new", *(key for key in keys(30) if key not in gone)])
        await pilot.pause()
        assert app.table.cursor_key == heir
        assert [message.key for message in app.heard(VirtualTable.Highlighted)] == [heir]


async def test_all_rows_replaced_and_none_left() -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, keys(30))
        await pilot.press(*["j"] * 5)
        app.table.show(["a", "b"])
        assert app.table.cursor_key == "b"
        app.table.show([])
        assert (app.table.cursor_key, app.table.cursor_index) == (None, None)
        await pilot.press("j", "k", "g", "G", "pagedown", "ctrl+u", "space", "enter")
        app.table.show(["c"])
        assert app.table.cursor_key == "c"


async def test_a_user_who_never_moved_sees_new_rows_arrive_on_top() -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, keys(100, 3))
        app.table.show(keys(103))
        await pilot.pause()
        assert "k000000" in app.table.text(1)
        assert app.table.cursor_key == "k000003"
        app.table.show([*(f"n{number}" for number in range(50)), *keys(103)])
        assert app.table.cursor_key == "k000003"
        assert cursor_line(app) == 10  # and never out of sight


async def test_rows_scrolled_to_stay_when_the_cursor_is_out_of_sight() -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, keys(100, 10))
        for _ in range(10):
            app.table.post_message(_wheel(app.table))
        await pilot.pause()
        top = app.table.text(1)
        assert app.table.visible_keys[0] != "k000010"
        app.table.show(keys(110))
        await pilot.pause()
        assert app.table.text(1) == top
        assert app.table.cursor_key == "k000010"


def _wheel(table: VirtualTable):
    from textual.events import MouseScrollDown

    return MouseScrollDown(table, 1, 1, 0, 1, 0, False, False, False)


# ── Marks ────────────────────────────────────────────────────────────────────────────────────────


async def test_marks_stay_on_their_keys() -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, keys(30, 5))
        await pilot.press("space", "j", "space")
        marked = frozenset({"k000005", "k000007"})
        assert app.table.marks == marked
        assert app.table.targets == ("k000005", "k000007")
        assert app.table.cursor_key == "k000008"
        app.table.show(keys(35))
        await pilot.pause()
        assert [text[3:10] for text in app.table.lines if "✓" in text] == ["k000005", "k000007"]
        app.table.show(["other"])  # a filter hides them
        assert app.table.marks == marked
        await pilot.press("M")
        assert app.table.marks == frozenset()
        assert app.table.targets == ("other",)
        assert [len(message.marks) for message in app.heard(VirtualTable.Marked)] == [1, 2, 0]


async def test_a_table_without_marks_leaves_space_alone() -> None:
    app = TableHost(markable=False)
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, keys(3))
        await pilot.press("space")
        assert app.table.marks == frozenset()
        assert app.table.text(1).startswith("▸ k000000")


# ── Keys and mouse ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("pressed", "index"),
    [
        ("j", 1),
        ("down", 1),
        ("G", 99),
        ("end", 99),
        ("G k", 98),
        ("G g", 0),
        ("G home", 0),
        ("pagedown", 9),
        ("pagedown pageup", 0),
        ("ctrl+d", 4),
        ("ctrl+d ctrl+d ctrl+u", 4),
        ("k", 0),
    ],
)
async def test_keys_move_the_cursor(pressed: str, index: int) -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, keys(100))
        await pilot.press(*pressed.split())
        assert app.table.cursor_index == index
        assert f"k{index:06}" in app.table.text(cursor_line(app))


async def test_enter_and_a_double_click_select() -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, keys(100))
        await pilot.press("j", "enter")
        await pilot.click(VirtualTable, offset=(8, 5), times=2)
        await pilot.pause()
        assert [message.key for message in app.heard(VirtualTable.Selected)] == ["k000001", "k000004"]
        await pilot.click(VirtualTable, offset=(1, 3))
        assert app.table.marks == {"k000002"}


async def test_a_click_on_a_header_names_its_column() -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, keys(5))
        await pilot.click(VirtualTable, offset=(4, 0))
        await pilot.click(VirtualTable, offset=(37, 0))
        await pilot.pause()
        assert [message.column for message in app.heard(VirtualTable.HeaderPressed)] == ["name", "note"]
        assert app.table.cursor_index == 0


async def test_the_header_shows_the_sort_and_stays_when_rows_scroll() -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, keys(100))
        app.table.sort = ("name", True)
        assert app.table.text(0).startswith("   NAME▼ ")
        app.table.sort = ("note", False)
        await pilot.press("G")
        assert "  NOTE▲" in app.table.text(0)


async def test_keys_can_be_rebound() -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, keys(5))
        app.set_keymap({"table.down": "n"})
        await pilot.press("n", "n", "j")
        assert app.table.cursor_index == 2


# ── What it asks for and paints ──────────────────────────────────────────────────────────────────


async def test_cells_are_asked_for_rows_on_screen_only() -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        app.table.show(keys(100_000))
        app.table.focus()
        await pilot.pause()
        assert set(app.asked) == set(keys(10))
        app.asked.clear()
        await pilot.press("j", "j", "j")
        assert app.asked == []
        await pilot.press("G")
        assert app.asked == keys(10, 99_990)
        app.asked.clear()
        await pilot.press(*["k"] * 10)
        assert app.asked == ["k099989"]


async def test_keys_are_kept_not_copied() -> None:
    app = TableHost()
    async with app.run_test(size=SIZE):
        rows = keys(1000)
        app.table.show(rows)
        assert app.table.keys is rows


async def test_the_same_again_asks_nothing_and_paints_nothing() -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, keys(100))
        app.table.show(keys(100), changed=())
        app.table.refresh_cells(keys=["k000099"])
        await pilot.pause()
        assert (app.asked, app.table.painted) == ([], 0)
        app.table.show(keys(100))
        app.table.refresh_cells()
        await pilot.pause()
        assert app.table.painted == 0


async def test_only_lines_that_differ_are_painted() -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, keys(100))
        app.notes.update({"k000004": "new", "k000006": "other", "k000050": "off"})
        app.table.show(keys(100), changed={"k000004", "k000050"})
        await pilot.pause()
        assert (app.asked, app.table.painted) == (["k000004"], 1)
        app.table.refresh_cells()
        await pilot.pause()
        assert app.table.painted == 2
        await pilot.press("j")
        await pilot.pause()
        assert app.table.painted == 4  # the line the cursor left and the one it went to
        assert "new" in app.table.text(5) and "other" in app.table.text(7)


async def test_a_layout_of_the_screen_paints_no_scroll_bar_anew() -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, keys(100))
        bar = app.table.vertical_scrollbar
        rendered: list[int] = []
        render = bar.render
        bar.render = lambda: (rendered.append(1), render())[1]
        app.screen.refresh(layout=True)
        await pilot.pause()
        before = len(rendered)
        app.screen.refresh(layout=True, repaint=False)
        await pilot.pause()
        assert len(rendered) == before
        app.table.show(keys(10))
        await pilot.pause()
        assert not app.table.show_vertical_scrollbar


async def test_the_end_is_announced_once_for_the_same_rows() -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, keys(100))
        assert app.heard(VirtualTable.NearEnd) == []
        await pilot.press("G", "g", "G")
        await pilot.pause()
        assert len(app.heard(VirtualTable.NearEnd)) == 1
        app.table.show(keys(120))
        await pilot.press("G")
        await pilot.pause()
        assert len(app.heard(VirtualTable.NearEnd)) == 2


async def test_rows_on_screen_are_announced_when_scrolling_rests() -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, keys(100))
        await pilot.pause(0.2)
        app.said.clear()
        await pilot.press("pagedown", "pagedown", "pagedown")
        await pilot.pause(0.2)
        [message] = app.heard(VirtualTable.VisibleChanged)
        assert message.keys == app.table.visible_keys
        app.table.show(keys(100))
        await pilot.pause(0.2)
        assert len(app.heard(VirtualTable.VisibleChanged)) == 1


# ── Looks ────────────────────────────────────────────────────────────────────────────────────────

WIDE = (
    Column("name", "NAME", 16, max_width=40, weight=2),
    Column("status", "STATUS", 9),
    Column("extra", "EXTRA", 30, weight=1, drop=1),
    Column("more", "MORE", 60, drop=2),
)


@pytest.mark.parametrize(
    ("width", "headers"),
    [
        (34, "NAME STATUS"),
        (80, "NAME STATUS EXTRA"),
        (120, "NAME STATUS EXTRA"),
        (250, "NAME STATUS EXTRA MORE"),
    ],
)
async def test_columns_follow_the_width(width: int, headers: str) -> None:
    app = TableHost(WIDE)
    async with app.run_test(size=(width, 11)) as pilot:
        await started(pilot, keys(100))
        assert app.table.text(0).split() == headers.split()
        assert app.table.max_scroll_x == 0
        await pilot.resize_terminal(40, 11)
        assert app.table.text(0).split() == ["NAME", "STATUS"]


async def test_what_cannot_be_dropped_scrolls_sideways() -> None:
    app = TableHost(WIDE)
    async with app.run_test(size=(20, 11)) as pilot:
        await started(pilot, keys(100))
        assert "STATUS" not in app.table.text(0)
        await pilot.press("right", "shift+right", "right")
        assert "STATUS" in app.table.text(0)
        assert app.table.text(1).startswith("▸")  # the gutter stays
        await pilot.press("G")
        assert "k000099" not in app.table.text(1)
        await pilot.press(*["h"] * 5)
        assert "k000099" in app.table.text(cursor_line(app))


async def test_keys_for_scrolling_sideways_are_free_when_all_fits() -> None:
    class Host(TableHost):
        BINDINGS = [("right", "logs", "logs")]
        logs = 0

        def action_logs(self) -> None:
            self.logs += 1

    app = Host()
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, keys(5))
        await pilot.press("right")
        assert app.logs == 1


async def test_an_empty_table_says_so_in_its_middle() -> None:
    app = TableHost(empty="No [b]jobs[/b] match.\nPress / to change the filter.")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        lines = app.table.lines
        assert lines[0].split() == ["NAME", "NOTE"]
        assert lines[5].strip() == "No [b]jobs[/b] match."
        assert lines[6].strip() == "Press / to change the filter."
        app.table.show(keys(2))
        assert "k000000" in app.table.text(1)
        assert app.table.text(5).strip() == ""
        app.table.show([])
        app.table.empty = "Loading"
        assert "Loading" in " ".join(app.table.lines)
        app.table.empty = "A sentence that says what to do is never cut short: its end may matter most."
        await pilot.pause()
        assert "may matter most." in " ".join(" ".join(app.table.lines).split())


async def test_cells_are_literal_harmless_and_cut() -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        app.notes = {"[red]a[/]": ("\x1b[31mlong text", "bad"), "資料" * 20: "two\nlines"}
        await started(pilot, list(app.notes))
        assert app.table.text(1).split() == ["▸", "[red]a[/]", "␛[31m…"]
        assert "資…" in app.table.text(2) and app.table.text(2).rstrip().endswith("two l…")
        for line in app.table.lines:
            assert line.isprintable()


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark"])
async def test_named_styles_and_the_cursor_follow_the_theme(theme: str) -> None:
    app = TableHost()
    async with app.run_test(size=SIZE) as pilot:
        app.theme = theme
        app.notes = {"a": ("one", "bad"), "b": ("two", "bad"), "c": ("three", "unknown style")}
        await started(pilot, list("abc"))

        def style(y: int, text: str) -> Style:
            [found] = [s.style for s in VirtualTable.render_line(app.table, y) if text in s.text]
            assert found is not None
            return found

        bad = app.table.get_component_rich_style("table--bad")
        assert style(2, "two").color == bad.color
        cursor = style(1, "▸")
        assert cursor.bgcolor != style(2, "two").bgcolor or cursor.reverse
        app.set_focus(None)
        await pilot.pause()
        assert style(1, "▸") != cursor
