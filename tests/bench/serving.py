"""A sandbox in a process of its own, so that its work is not counted as ours."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "sandbox",
    "AWS_SECRET_ACCESS_KEY": "sandbox",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


@contextmanager
def serving(scenario: str, *, speed: float = 1.0, jobs: int | None = None) -> Iterator[str]:
    """Runs `queuedeck sandbox` on a free port; gives its URL."""
    os.environ.update(ENVIRONMENT)
    command = [sys.executable, "-m", "tui", "sandbox", "--port", "0", "--with-parent"]
    command += ["--scenario", scenario, "--speed", str(speed)]
    command += ["--jobs", str(jobs)] if jobs is not None else []
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        words = dict(word.split("=", 1) for word in shlex.split(process.stdout.readline()) if "=" in word)
        yield words["AWS_ENDPOINT_URL"]
    finally:
        process.terminate()
        process.wait()
