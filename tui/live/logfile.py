"""A log written to a file that only its owner can read."""

import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from tui.model.loglines import Line, LogLines


def folder() -> Path:
    """Where logs are saved: `logs` in the XDG data folder."""
    from platformdirs import user_data_path

    return user_data_path("queuedeck") / "logs"


def save(lines: LogLines, chosen: Iterable[int] | None, name: str, into: Path | None = None) -> Path:
    """Write lines, all or the `chosen` ones, each as `time host text`; returns the file (mode 0600).

    Times are UTC. An existing file is never written over. Raises OSError.
    """
    into = folder() if into is None else into
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")[:100] or "log"
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")[:-3]
    path = into / f"{stem}-{stamp}.log"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
        for line in lines if chosen is None else map(lines.line, chosen):
            file.write(_written(line))
    return path


def _written(line: Line) -> str:
    moment = datetime.fromtimestamp(line.time / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{line.time % 1000:03}Z {line.host} {line.text}\n"
