"""The answers of a set-up that has begun and not ended: they survive the program.

One JSON file in the XDG state folder, readable by its user only. Losing it costs some typing, nothing else:
the plan is computed from what exists.
"""

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec


def unfinished_path() -> Path:
    from platformdirs import user_state_path

    return user_state_path("queuedeck") / "set-up.json"


def keep(values: Mapping[str, str], path: Path | None = None) -> None:
    """Write the answers down. Does nothing if that cannot be done."""
    path = path or unfinished_path()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as stream:
            json.dump(dict(values), stream)
    except OSError:
        return


def kept(path: Path | None = None) -> dict[str, str]:
    """The answers written down; none, if there are none that make sense."""
    try:
        return msgspec.json.decode((path or unfinished_path()).read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return {}


def forget(path: Path | None = None) -> None:
    """The set-up has ended. Does nothing if the file cannot be removed."""
    with contextlib.suppress(OSError):
        (path or unfinished_path()).unlink(missing_ok=True)
