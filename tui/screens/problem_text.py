"""A Problem in words, for the places that have room for it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.aws.problems import Problem


def paragraphs(problem: "Problem") -> str:
    """Title, cause and next step, each on its own line."""
    return "\n".join(part for part in (problem.title, problem.cause, problem.next_step) if part)


def urgent(problem: "Problem") -> str:
    """What happened and what to do; then the cause, which may be long, and be cut where room is short."""
    return f"{problem.title}. {problem.next_step}\n{problem.cause}".strip()


def empty_text(loaded: bool, problem: "Problem | None", loading: str) -> str | None:
    """What an empty table says: the problem, or that it is loading; None once it was read, and is empty."""
    if loaded:
        return None
    return paragraphs(problem) if problem else loading
