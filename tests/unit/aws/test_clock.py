"""AWS's time from `Date` headers: offset, another pace, sleep, nonsense."""

from email.utils import formatdate

import pytest

from tui.aws.clock import ServerClock


class Pair:
    """Our clock, moved by hand, and theirs, at another pace."""

    def __init__(self, offset: float = 0.0, pace: float = 1.0) -> None:
        self.ours = 1_800_000_000.0
        self.theirs = self.ours + offset
        self.pace = pace
        self.clock = ServerClock(lambda: self.ours)

    def wait(self, seconds: float) -> None:
        self.ours += seconds
        self.theirs += seconds * self.pace

    def answer(self) -> None:
        self.clock.observe(formatdate(int(self.theirs), usegmt=True))

    @property
    def error(self) -> float:
        """Seconds our estimate is ahead."""
        return self.clock.now_ms() / 1000 - self.theirs


def test_before_any_answer_it_is_our_own_time() -> None:
    assert Pair(offset=500).clock.now_ms() == 1_800_000_000_000


@pytest.mark.parametrize("offset", [0.0, -130.4, 7_200.7])
def test_a_clock_that_is_off_is_corrected_to_the_fraction(offset: float) -> None:
    pair = Pair(offset)
    for _ in range(60):
        pair.answer()
        pair.wait(0.9)
    assert -0.11 < pair.error <= 0
    pair.wait(600)
    assert -0.11 < pair.error <= 0, "it goes on by itself"


def test_a_faster_clock_is_followed_between_answers() -> None:
    pair = Pair(pace=60)
    for _ in range(10):
        pair.answer()
        pair.wait(5)
    assert abs(pair.error) < 2


def test_a_machine_that_slept_is_right_after_a_minute() -> None:
    pair = Pair()
    pair.answer()
    pair.theirs += 3_600  # our clock stood still meanwhile
    for _ in range(30):
        pair.answer()
        pair.wait(5)
    assert abs(pair.error) < 1


def test_our_clock_set_back_starts_the_samples_anew() -> None:
    pair = Pair()
    pair.answer()
    pair.ours -= 3_600
    pair.answer()
    assert abs(pair.error) <= 1


@pytest.mark.parametrize("date", ["", "yesterday", "Tue, 99 Xyz 2026 00:00:00 GMT"])
def test_nonsense_is_ignored(date: str) -> None:
    pair = Pair()
    pair.clock.observe(date)
    assert pair.error == 0
