"""A Problem in words, for the places that have room for it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.aws.problems import Problem
    from tui.live.store import Store


def paragraphs(problem: "Problem") -> str:
    """Title, cause and next step, each on its own line."""
    return "\n".join(part for part in (problem.title, problem.cause, problem.next_step) if part)


def urgent(problem: "Problem") -> str:
    """What happened and what to do; then the cause, which may be long, and be cut where room is short."""
    return f"{problem.title}. {problem.next_step}\n{problem.cause}".strip()


def queue_missing(store: "Store", queue: str, loading: str) -> str:
    """Why nothing is known of a queue: not yet, or it is gone, or it never was."""
    gone = f"There is no training queue named {queue} here (any more).  esc goes back."
    return empty_text(store.loaded, store.light(queue).problem, loading) or gone


def empty_text(loaded: bool, problem: "Problem | None", loading: str) -> str | None:
    """What an empty table says: the problem, or that it is loading; None once it was read, and is empty."""
    if loaded:
        return None
    return paragraphs(problem) if problem else loading
