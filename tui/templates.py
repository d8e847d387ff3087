"""Saved templates: one document for each, 0600, in the `templates` folder of the user's config."""

from pathlib import Path

from tui.model.submission import FieldProblem, Submission


def folder() -> Path:
    """Where templates are: beside the config file."""
    raise NotImplementedError


def names() -> list[str]:
    """The templates there are, sorted. Empty when the folder cannot be read."""
    raise NotImplementedError


def save(name: str, submission: Submission, *, overwrite: bool = False) -> Path:
    """Write a template (`name`, or `name.yaml` for YAML). Raises FileExistsError, ValueError, OSError."""
    raise NotImplementedError


def load(name: str) -> Submission | list[FieldProblem]:
    """A saved template, or the file at a path. Raises OSError."""
    raise NotImplementedError


def delete(name: str) -> None:
    """Remove a template. Raises OSError."""
    raise NotImplementedError
