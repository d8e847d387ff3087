"""The token bucket: burst, sustained rate, the user first, throttling."""

import pytest

from tui.live.budget import MIN_RATE, Budget


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hand() -> Hand:
    return Hand()


def spent(budget: Budget) -> int:
    count = 0
    while budget.take() == 0:
        count += 1
    return count


def test_a_burst_then_the_rate(hand: Hand) -> None:
    budget = Budget(rate=10, burst=20, clock=hand)
    assert spent(budget) == 20
    assert budget.take() == pytest.approx(0.1)
    hand.now += 1.05
    assert spent(budget) == 10
    hand.now += 1_000
    assert spent(budget) == 20, "what was not used is not saved up for ever"


def test_the_user_does_not_wait_but_those_after_him_do(hand: Hand) -> None:
    budget = Budget(rate=10, burst=5, clock=hand)
    spent(budget)
    for _ in range(3):
        budget.take_now()
    assert budget.take() == pytest.approx(0.4)


def test_throttling_halves_the_rate_and_it_recovers(hand: Hand) -> None:
    budget = Budget(rate=8, burst=5, clock=hand)
    budget.throttled()
    assert budget.rate == 4
    assert budget.take() > 0, "what was saved up is spent"
    budget.throttled()
    assert budget.rate == 4, "calls refused together are one sign"
    hand.now += 1.5
    budget.throttled()
    assert 2 <= budget.rate < 3
    hand.now += 60
    budget.take()
    assert budget.rate == 8


def test_the_rate_never_falls_to_nothing(hand: Hand) -> None:
    budget = Budget(rate=8, burst=5, clock=hand)
    for _ in range(50):
        hand.now += 1
        budget.throttled()
    assert budget.rate >= MIN_RATE
