"""The poller's thread: a mistake of ours is said, and not for longer than it lasts."""

import queue
from collections.abc import Callable

from tui.live.budget import Budget
from tui.live.calls import Calls
from tui.live.engine import Engine
from tui.live.store import Store


def test_a_mistake_of_ours_is_shown_until_the_next_good_turn() -> None:
    store, inbox = Store(), queue.SimpleQueue[Callable[[], None]]()
    turns = iter([KeyError("a mistake"), None])

    def turn() -> None:
        if mistake := next(turns, None):
            raise mistake

    engine = Engine(store, inbox.put, Calls(Budget(10.0, 10.0), 1), turn)
    engine.start()
    try:
        inbox.get(timeout=10)()
        assert store.problem is not None
        assert "a mistake" in store.problem.cause
        inbox.get(timeout=10)()
        assert store.problem is None
    finally:
        engine.stop()
