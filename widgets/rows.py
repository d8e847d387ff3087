"""What happens to a cursor and a window on rows when other rows take their place. Pure functions.

    cursor = follow(before, keys, "job-7", old=12)     # where job-7 is now, or its nearest neighbour
    top = keep_window(before, keys, top=10, body=20, old=12, cursor=cursor)

No cost here grows with the rows but a search at C speed, and that only when rows have moved.
"""

from collections.abc import Sequence

_NEAR = 100
"""Neighbours to consider, each way, when the cursor's row is gone."""


def index_of(keys: Sequence[str], key: str, guess: int) -> int | None:
    """Where the key is: at the guess most of the time, else searched for; None if nowhere."""
    if 0 <= guess < len(keys) and keys[guess] == key:
        return guess
    try:
        return keys.index(key)
    except ValueError:
        return None


def follow(before: Sequence[str], keys: Sequence[str], key: str | None, old: int) -> int:
    """Where the row `key`, once at `old`, is now; if it is gone, its nearest row below, else above."""
    if not keys or key is None:
        return 0
    index = index_of(keys, key, old)
    if index is None:
        near = [*before[old + 1 : old + _NEAR], *reversed(before[max(0, old - _NEAR) : old])]
        left = set(near).intersection(keys)
        heir = next((neighbour for neighbour in near if neighbour in left), None)
        index = None if heir is None else index_of(keys, heir, old)
    return min(old, len(keys) - 1) if index is None else index


def keep_window(
    before: Sequence[str], keys: Sequence[str], *, top: int, body: int, old: int, cursor: int
) -> int:
    """The first row to show, so that what the reader looks at does not jump.

    That is the cursor's row, from `old` to `cursor`, if it was among the `body` rows on screen; else the
    row at the top.
    """
    if top <= old < top + body:
        return top + cursor - old
    moved = index_of(keys, before[top], top) if top < len(before) else None
    return top if moved is None else moved
