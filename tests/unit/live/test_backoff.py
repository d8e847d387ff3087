"""When to ask again after a failure."""

import pytest

from tui.aws.problems import Problem
from tui.live.backoff import Backoff

FLEETING = Problem(code="ServerError", title="", cause="", next_step="", retryable=True)
LASTING = Problem(code="AccessDenied", title="", cause="", next_step="")


def test_it_doubles_up_to_a_minute_and_starts_again_after_a_success() -> None:
    backoff = Backoff(clock=lambda: 0.0, chance=lambda low, high: 1.0)
    assert [backoff.failed(FLEETING, 5) for _ in range(6)] == [5, 10, 20, 40, 60, 60]
    assert backoff.waiting
    backoff.clear()
    assert not backoff.waiting
    assert backoff.failed(FLEETING, 5) == 5


def test_a_refusal_waits_the_minute_at_once() -> None:
    backoff = Backoff(clock=lambda: 0.0, chance=lambda low, high: 1.0)
    assert backoff.failed(LASTING, 5) == 60


def test_delays_are_spread() -> None:
    delays = {Backoff().failed(FLEETING, 10) for _ in range(20)}
    assert len(delays) > 10
    assert all(delay == pytest.approx(10, rel=0.2) for delay in delays)
