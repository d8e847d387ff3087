"""A moment as people type it."""

from datetime import UTC, datetime

import pytest

from tui.model.moments import moment

AROUND = int(datetime(2026, 11, 24, 12, 30, tzinfo=UTC).timestamp() * 1000)


def at(text: str) -> str:
    return datetime.fromtimestamp(moment(text, AROUND, utc=True) / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12:41", "2026-11-24 12:41:00"),
        (" 12:41:07 ", "2026-11-24 12:41:07"),
        ("11-23 7:05", "2026-11-23 07:05:00"),
        ("2025-01-02T03:04:05Z", "2025-01-02 03:04:05"),
        ("-10m", "2026-11-24 12:20:00"),
        ("+1h30m", "2026-11-24 14:00:00"),
    ],
)
def test_forms(text: str, expected: str) -> None:
    assert at(text) == expected


@pytest.mark.parametrize(
    "text", ["", "soon", "25:00", "12:99", "02-30 12:00", "-", "-10", "9999999-01-01 1:00"]
)
def test_what_is_no_moment_says_what_would_be(text: str) -> None:
    with pytest.raises(ValueError, match=r"12:41|90s"):
        at(text)


def test_a_z_means_utc_whatever_is_shown() -> None:
    assert moment("12:41Z", AROUND, utc=False) == moment("12:41", AROUND, utc=True)
