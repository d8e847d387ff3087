"""From the command to the first frame, and to the first jobs on screen."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.rows import Row, ratio_of
from tests.bench.serving import serving
from tests.terminal.pty_terminal import QUEUEDECK, Terminal

MINIMAL = """
from textual.app import App
from textual.widgets import Static

class Minimal(App):
    def compose(self):
        yield Static("minimal")

Minimal().run()
"""
RUNS = 9


def rows() -> list[Row]:
    return [_first_frame(), _first_jobs()]


def _seconds_to(command: list[str], text: str) -> float:
    with Terminal(command) as terminal:
        seconds = terminal.seconds_to(text.encode())
        terminal.press("ctrl+q" if "queuedeck" not in text else "ctrl+c")
        terminal.wait_exit()
        return seconds


def _first_frame() -> Row:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "minimal.py"
        script.write_text(MINIMAL)
        ours = lambda: _seconds_to([*QUEUEDECK, "--demo"], "queuedeck")  # noqa: E731
        theirs = lambda: _seconds_to([sys.executable, str(script)], "minimal")  # noqa: E731
        return Row(
            "first frame of `queuedeck --demo`", "a minimal Textual app", ratio_of(ours, theirs, RUNS), 1.3
        )


def _first_jobs() -> Row:
    """Both start cold on the same endpoint; ours is timed to a job's name on the screen."""
    with serving("demo", speed=0.001) as url:
        cli = [
            str(Path(sys.executable).parent / "aws"),
            "batch",
            "list-service-jobs",
            "--job-queue",
            "research",
        ]

        def theirs() -> float:
            begun = time.perf_counter()
            subprocess.run(
                cli, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "AWS_ENDPOINT_URL": url}
            )
            return time.perf_counter() - begun

        def ours() -> float:
            command = [*QUEUEDECK, "--endpoint-url", url, "--queue", "research"]
            with Terminal(command) as terminal:
                return terminal.seconds_to(b"RUNNABLE")

        return Row("first jobs on screen", "`aws batch list-service-jobs`", ratio_of(ours, theirs, RUNS), 1.0)
