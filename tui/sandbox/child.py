"""The sandbox as a child process: it has its own interpreter, so the dashboard's never waits for it."""

import os
import shlex
import subprocess
import sys
import threading
from types import TracebackType
from typing import Self

# What must not leak from the user's own AWS set-up into a session on the sandbox.
_FOREIGN = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_CA_BUNDLE")


class SandboxError(Exception):
    """The sandbox did not start. The text is one line."""


class Child:
    """`queuedeck sandbox` on a free port. It ends with this process, however that ends.

    with Child(seed=0) as child:
        child.start_and_export()  # in a worker: blocks until the endpoint is ready

    Made without being started: two interpreters starting at once would delay the dashboard's first frame.
    """

    def __init__(self, seed: int = 0, speed: float | None = None, scenario: str = "demo") -> None:
        self._process: subprocess.Popen[str] | None = None
        self._drain: threading.Thread | None = None
        """Reads what it complains of once it runs: a pipe that nobody empties would stop it."""
        self._command = [sys.executable, "-m", "tui", "sandbox", "--port", "0", "--with-parent"]
        self._command += ["--scenario", scenario, "--seed", str(seed)]
        if speed is not None:
            self._command += ["--speed", str(speed)]

    def start_and_export(self) -> None:
        """Start it, wait for the line that says it is ready, and set its variables in our environment.

        Raises SandboxError when it ends instead.
        """
        # Its own session: a ctrl-c in the terminal is ours to handle. It ends when its stdin closes.
        self._process = process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stdout and process.stderr
        line = process.stdout.readline()
        if not line:
            reason = process.stderr.read().strip().splitlines()
            raise SandboxError(reason[-1] if reason else "the sandbox ended before it was ready")
        self._drain = threading.Thread(target=process.stderr.read, daemon=True)
        self._drain.start()
        exports = dict(word.split("=", 1) for word in shlex.split(line) if word.startswith("AWS_"))
        for name in _FOREIGN:
            os.environ.pop(name, None)
        os.environ.update(exports, AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is None:
            return
        self._process.kill()  # it has nothing to put in order, and the user waits
        self._process.wait()
        if self._drain:
            self._drain.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                pipe.close()
