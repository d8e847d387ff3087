"""Worker threads: order of rank, the user's own calls, and leaving without waiting."""

import threading

from tests.conftest import wait_for
from tui.live.budget import Budget
from tui.live.calls import Calls, Rank


def test_calls_are_made_in_order_of_rank() -> None:
    calls = Calls(Budget(rate=1000, burst=1000), threads=1)
    seen: list[str] = []
    for rank, name in ((Rank.BACKGROUND, "d"), (Rank.WATCHED, "a"), (Rank.OTHERS, "c"), (Rank.VISIBLE, "b")):
        calls.submit(rank, lambda name=name: seen.append(name))
    calls.submit(Rank.WATCHED, lambda: seen.append("a2"))
    calls.start()
    wait_for(lambda: len(seen) == 5)
    assert seen == ["a", "a2", "b", "c", "d"]
    calls.stop()


def test_the_user_finds_a_thread_and_a_token_whatever_the_others_wait_for() -> None:
    calls = Calls(Budget(rate=0.001, burst=1), threads=1)
    release, user = threading.Event(), threading.Event()
    calls.start()
    calls.submit(Rank.WATCHED, lambda: (release.wait(10), None)[1])
    calls.submit(Rank.WATCHED, lambda: None)
    calls.submit(Rank.USER, user.set)
    assert user.wait(5)
    release.set()
    calls.stop()


def test_stopping_drops_what_has_not_begun_and_waits_for_nobody() -> None:
    calls = Calls(Budget(rate=1000, burst=1000), threads=1)
    began, release, late = threading.Event(), threading.Event(), threading.Event()
    calls.start()
    calls.submit(Rank.WATCHED, lambda: (began.set(), release.wait(10), None)[2])
    assert began.wait(5)
    calls.submit(Rank.WATCHED, late.set)
    calls.stop()
    calls.submit(Rank.USER, late.set)
    release.set()
    wait_for(lambda: not any(thread.name.startswith("aws-0") for thread in threading.enumerate()))
    assert not late.is_set()
