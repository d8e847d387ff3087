"""What to do when the terminal is gone: a closed window, a lost SSH connection.

Textual's writer thread dies of the first write that fails, and the app then waits for it for ever, while the
thread that reads keys finds the end of the file again and again.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any, TextIO


class PaintedOn:
    """Standard error as Textual paints on it. Once a write fails, this process hangs up, and writing does
    nothing from then on."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._lost = False

    def write(self, text: str) -> int:
        return self._try(lambda: self._file.write(text)) or len(text)

    def flush(self) -> None:
        self._try(self._file.flush)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def _try(self, work: Callable[[], int | None]) -> int | None:
        if not self._lost:
            try:
                return work()
            except OSError:
                self._lost = True
                os.kill(os.getpid(), signal.SIGHUP)
        return None


def hang_up_without_it() -> None:
    """From now on the loss of the terminal is a SIGHUP, also where the system sends none."""
    painted_on: Any = PaintedOn(sys.__stderr__) if sys.__stderr__ else None
    sys.__stderr__ = painted_on
