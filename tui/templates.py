"""Saved templates: one document for each, 0600, in the `templates` folder beside the config file."""

import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from tui.model.submission import FieldProblem, Submission
from tui.model.templates import document_text, read_document
from tui.settings import config_path

SUFFIXES = (".json", ".yaml", ".yml")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}")


def folder() -> Path:
    """Where templates are. It need not exist."""
    return config_path().parent / "templates"


def names() -> list[str]:
    """The templates there are, sorted, with their suffix only if it is not .json."""
    try:
        files = [path for path in folder().iterdir() if path.suffix in SUFFIXES and path.is_file()]
    except OSError:
        return []
    return sorted((path.stem if path.suffix == ".json" else path.name for path in files), key=str.lower)


def save(name: str, submission: Submission, *, overwrite: bool = False) -> Path:
    """Write a template: `name` is JSON, `name.yaml` YAML.

    Raises ValueError (a sentence) for a name that is no file name, FileExistsError, OSError.
    """
    path = path_of(name)
    text = document_text(submission, yaml=path.suffix != ".json")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)  # 0600 from the start
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        if overwrite:
            Path(temporary).replace(path)
        else:
            Path(path).hardlink_to(temporary)
    finally:
        with suppress(FileNotFoundError):
            Path(temporary).unlink()
    return path


def load(name: str) -> Submission | list[FieldProblem]:
    """A saved template. Raises ValueError (a sentence) and OSError."""
    return read_file(path_of(name))


def delete(name: str) -> None:
    """Remove a template. Raises ValueError (a sentence) and OSError."""
    path_of(name).unlink()


def read_file(path: Path) -> Submission | list[FieldProblem]:
    """The submission in any document (`tui.model.templates`). Raises OSError, and ValueError if not text."""
    return read_document(path.read_text("utf-8-sig"))


def path_of(name: str) -> Path:
    """The file of a template. Raises ValueError (a sentence) for a name that is no file name."""
    if not _NAME.fullmatch(name):
        raise ValueError("a template's name has letters, digits, blanks and ._- only, up to 100")
    path = folder() / name
    return path if path.suffix in SUFFIXES else path.with_name(f"{name}.json")
