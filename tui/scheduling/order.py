"""The order of tasks among themselves."""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import TypeVar

from tui.scheduling.cluster import Task

Key = TypeVar("Key")

_created_at = attrgetter("created_at")
_priority = attrgetter("priority")


def by_age(waiting: Sequence[Task]) -> list[Task]:
    """By submission time; tasks of the same millisecond keep the order they are given in."""
    return sorted(waiting, key=_created_at)


def lanes(waiting: Iterable[Task], key: Callable[[Task], Key]) -> dict[Key, list[Task]]:
    """Tasks grouped by `key`, each group *reversed*, so that `pop()` takes the next one.

    Within a group higher priority goes first, then older.
    """
    groups: dict[Key, list[Task]] = {}
    for task in waiting:
        groups.setdefault(key(task), []).append(task)
    for tasks in groups.values():  # stable sorts by plain keys: several times faster than one by tuples
        tasks.reverse()
        tasks.sort(key=_created_at, reverse=True)
        tasks.sort(key=_priority)
    return groups


def share_of(task: Task) -> str:
    return task.share


def cheapest_first(running: Iterable[Task]) -> list[Task]:
    """Who to preempt first: the lowest priority, then the least work lost (dispatched last)."""
    return sorted(running, key=lambda task: (task.priority, -(task.dispatched_at or 0), task.id))
