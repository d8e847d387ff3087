import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.columns import Column, fit_columns, total_width

COLUMNS = (
    Column("position", "#", 4, align="right"),
    Column("name", "JOB", 16, max_width=40, weight=2),
    Column("status", "STATUS", 9),
    Column("instances", "INSTANCES", 17, drop=1),
    Column("reason", "REASON", 20, weight=1, drop=2),
)


@pytest.mark.parametrize(
    ("available", "widths"),
    [
        (250, (4, 40, 9, 17, 172)),  # the name reaches its greatest width, the reason takes the rest
        (120, (4, 40, 9, 17, 42)),
        (80, (4, 20, 9, 17, 22)),
        (70, (4, 34, 9, 17, 0)),  # the reason vanishes first
        (50, (4, 33, 9, 0, 0)),
        (33, (4, 16, 9, 0, 0)),
        (20, (4, 16, 9, 0, 0)),  # the rest never vanishes: the table scrolls
        (0, (4, 16, 9, 0, 0)),
    ],
)
def test_widths_follow_the_room(available: int, widths: tuple[int, ...]) -> None:
    assert fit_columns(COLUMNS, available) == widths


def test_equal_ranks_vanish_from_the_right() -> None:
    columns = [Column(name, name, 10, drop=1) for name in "abc"]
    assert fit_columns(columns, 25) == (10, 10, 0)


def test_no_columns_need_no_room() -> None:
    assert fit_columns((), 80) == ()
    assert total_width(()) == 0


column = st.builds(
    lambda width, extra, weight, drop: Column("k", "K", width, extra and width + extra, weight, drop=drop),
    st.integers(1, 30),
    st.one_of(st.none(), st.integers(1, 30)),
    st.integers(0, 3),
    st.integers(0, 3),
)


@given(st.lists(column, max_size=8), st.integers(0, 250))
def test_the_room_is_never_exceeded_but_by_columns_that_stay(columns: list[Column], available: int) -> None:
    widths = fit_columns(columns, available)
    shown = [(column, width) for column, width in zip(columns, widths, strict=True) if width]
    assert all(width >= column.width for column, width in shown)
    assert all(width <= (column.max_width or 999) for column, width in shown if column.weight)
    if any(column.drop for column, _ in shown):
        assert total_width(widths) <= available
    if total_width(widths) < available and len(shown) == len(columns):
        assert all(width == column.max_width for column, width in shown if column.weight)
