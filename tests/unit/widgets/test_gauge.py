import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from widgets.gauge import CapacityGauge, gauge, gauge_parts, gauge_text


@pytest.mark.parametrize(
    ("used", "limit", "width", "options", "shown"),
    [
        (27, 32, 16, {}, "████████░░ 27/32"),
        (16, 16, 16, {}, "██████████ 16/16"),
        (0, 8, 16, {}, "░░░░░░░░░░░░ 0/8"),
        (0, 0, 10, {}, "······ 0/0"),
        (3, 0, 10, {}, "│▓▓▓▓▓ 3/0"),
        (1, 100, 16, {}, "█░░░░░░░░░ 1/100"),  # not nothing shows
        (99, 100, 16, {}, "████████░ 99/100"),  # not full looks not full
        (2.5, 4, 16, {}, "██████░░░░ 2.5/4"),
        (12, 8, 24, {"reach": 16}, "█████████│▓▓▓▓▓···· 12/8"),
        (3, 8, 23, {"lent": 4}, "███████░░▒▒▒▒▒▒▒▒▒▒ 3/8"),
        (3, 8, 16, {"label_width": 6}, "███░░░░░░    3/8"),
        (12, 8, 24, {"reach": 16, "ascii_only": True}, "#########|+++++.... 12/8"),
        (12, 8, 6, {}, "  12/8"),  # no room for a bar
        (12, 8, 2, {}, "…"),  # half a number would be a wrong one
        (12, 8, 0, {}, ""),
        (math.nan, 8, 10, {}, "░░░░░░ 0/8"),
        (-1, 8, 10, {}, "░░░░░░ 0/8"),
    ],
)
def test_a_gauge_reads(used: float, limit: float, width: int, options: dict, shown: str) -> None:
    assert gauge_text(used, limit, width, **options) == shown
    assert gauge(used, limit, width, **options).plain == shown


numbers = st.floats(0, 1000)


@given(numbers, numbers, numbers, numbers, st.integers(16, 80))
def test_a_gauge_fills_its_width_and_does_not_lie(
    used: float, limit: float, lent: float, reach: float, width: int
) -> None:
    pieces = gauge_parts(used, limit, width, lent=lent, reach=reach)
    assert sum(len(text) for text, _ in pieces) == width
    parts = {part for _, part in pieces}
    if parts != {"label"}:
        assert ("over" in parts) == (used > limit)
        assert ("tick" in parts) == (max(reach, used) > limit)
        if used < limit:
            assert "free" in parts or "lent" in parts


async def test_the_widget_fills_its_place_and_repaints_only_news() -> None:
    painted: list[str] = []

    class Spied(CapacityGauge):
        def render(self):
            content = super().render()
            painted.append(content.plain)
            return content

    class Host(App[None]):
        def compose(self) -> ComposeResult:
            yield Spied()

    app = Host()
    async with app.run_test(size=(30, 3)) as pilot:
        widget = app.query_one(Spied)
        widget.update(12, 8, "+4 [b]lent", reach=16)
        await pilot.pause()
        assert painted[-1] == "██████│▓▓▓··· 12/8  +4 [b]lent"
        count = len(painted)
        widget.update(12, 8, "+4 [b]lent", reach=16)
        await pilot.pause()
        assert len(painted) == count
