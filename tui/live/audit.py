"""The audit log: one JSON line for each thing the user did, in a file that only he may read.

Lines are appended whole, each by a single write: several queuedecks may share the file. A failure to write
never gets in the way of an action; it is told.
"""

import getpass
import os
import queue
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tui.model.text import clean_tree


class Who(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """On whose behalf: the caller as AWS knows it, and the user of this machine."""

    arn: str = ""
    profile: str = ""
    user: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line. `when` is UTC, ISO 8601. `outcome` is `done`, `not done` or `unknown`; `before` and `after`
    are the priority, or the status, that the action changes."""

    when: str = ""
    who: Who = Who()
    action: str
    job_id: str = ""
    job_name: str = ""
    queue: str = ""
    region: str = ""
    why: str = ""
    before: str = ""
    after: str = ""
    new_job_id: str = ""
    outcome: str
    problem: str = ""


def audit_path() -> Path:
    """Where the log is: `audit.jsonl` in the XDG state folder."""
    from platformdirs import user_state_path

    return user_state_path("queuedeck") / "audit.jsonl"


def os_user() -> str:
    """The user of this machine, as far as it can be told."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def now_text() -> str:
    """The present as `2026-11-24T12:41:07.123Z`."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def append(path: Path, entries: Sequence[Entry]) -> None:
    """Append entries, 0600, in a folder that is 0700 if we make it. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    file = os.open(path, flags, 0o600)
    try:
        if os.fstat(file).st_mode & 0o077:
            os.fchmod(file, 0o600)
        for entry in entries:
            # Cleaned: half a character, as a shell may hand over, cannot be written.
            line = msgspec.json.encode(clean_tree(msgspec.to_builtins(entry))) + b"\n"
            if os.write(file, line) != len(line):
                raise OSError("the disk took a part of the line only")
    finally:
        os.close(file)


class AuditLog:
    """Writes in a thread of its own. `failed` is called with one sentence, in that thread, once for each row
    of failures in a row."""

    def __init__(self, path: Path | None = None, failed: Callable[[str], None] = lambda text: None) -> None:
        self._path = path
        self._failed = failed
        self._inbox: queue.SimpleQueue[Sequence[Entry] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def write(self, entries: Sequence[Entry]) -> None:
        """Have these entries written, soon. May be called from any thread."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="audit", daemon=True)
                self._thread.start()
        self._inbox.put(entries)

    def close(self, timeout: float = 2.0) -> None:
        """Wait until all is written, but not for ever."""
        if self._thread is not None:
            self._inbox.put(None)
            self._thread.join(timeout)
            self._thread = None

    def _serve(self) -> None:
        failing = False
        while (entries := self._inbox.get()) is not None:
            try:
                path = self._path = self._path or audit_path()
                append(path, entries)
                failing = False
            except OSError as error:
                if not failing:
                    self._failed(f"The audit log cannot be written ({self._path}): {error.strerror or error}")
                failing = True
