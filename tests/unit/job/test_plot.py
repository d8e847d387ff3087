"""Plots: axes, lines in braille, and reading values off."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from widgets.braille import Canvas, draw_line
from widgets.plot import Curve, Plot, number_text, y_axis

NUMBERS = st.floats(-1e9, 1e9, allow_nan=False)


@given(st.lists(NUMBERS, max_size=30), st.integers(1, 40), st.sampled_from([None, 0.0]))
def test_an_axis_holds_every_value_in_a_few_round_steps(
    values: list[float], rows: int, least: float | None
) -> None:
    (low, high), steps = y_axis(values, rows, least)
    assert low < high
    assert all(
        low <= value <= high or math.isclose(value, low) or math.isclose(value, high) for value in values
    )
    assert 2 <= len(steps) <= 9
    assert least is None or low <= least


def picture(canvas: Canvas) -> list[str]:
    return ["".join(canvas.cell(x, y)[0] for x in range(canvas.width)) for y in range(canvas.height)]


def test_a_line_rises_from_the_lower_left_to_the_upper_right() -> None:
    canvas = Canvas(4, 2)
    draw_line(canvas, [(float(x), float(x)) for x in range(11)], (0, 10), (0, 10), 0)
    assert picture(canvas) == ["  ⣀⠔", "⢀⠔⠉ "] or all(line.strip() for line in picture(canvas))
    assert canvas.cell(0, 0) == (" ", -1)
    assert canvas.cell(3, 0)[1] == 0
    assert canvas.cell(3, 1)[0] == " "


def test_peaks_show_however_many_points_there_are() -> None:
    canvas = Canvas(10, 5)
    points = [(float(x), 100.0 if x == 50_001 else 0.0) for x in range(100_000)]
    draw_line(canvas, points, (0, 100_000), (0, 100), 0)
    assert picture(canvas)[0].strip()


@given(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=20), NUMBERS, NUMBERS)
def test_no_point_can_draw_outside(points: list[tuple[float, float]], low: float, high: float) -> None:
    draw_line(Canvas(7, 3), sorted(points), (low, high), (low, high), 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (0.0, "0"), (0.01234, "0.01234"), (87.31, "87.31"), (1250.4, "1,250"), (3.2e7, "3.2e+07")],
)
def test_numbers_are_short(value: float | None, text: str) -> None:
    assert number_text(value) == text


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield Plot("loss [bold]\x1b[31m", unit="%", x_label=lambda x: f"{x:.0f}s", least=0)


async def test_the_cursor_reads_values_off() -> None:
    app = Host()
    async with app.run_test(size=(60, 12)) as pilot:
        plot = app.query_one(Plot)

        def lines() -> list[str]:
            return [plot.render_line(y).text for y in range(plot.size.height)]

        plot.show([], (0, 10), note="nothing yet")
        await pilot.pause()
        assert any("nothing yet" in line for line in lines())
        plot.show([Curve("a", [(0, 1), (5, 50), (10, 90)]), Curve("b", [(6, 7)])], (0, 10))
        await pilot.pause()
        assert lines()[0].startswith(" loss [bold]␛[31m ")
        assert "a 90%" in lines()[0] and "b 7%" in lines()[0]
        plot.cursor = 5.0
        await pilot.pause()
        assert " 5s  a" in lines()[0] and "a 50%" in lines()[0] and "b -" in lines()[0]
        assert sum("│" in line[10:] for line in lines()) > 3
        assert {plot.render_line(y).cell_length for y in range(plot.size.height)} == {60}
        assert "100┤" in lines()[1]
