"""How many bytes a refresh sends to the terminal when nothing changed."""

import os
import tempfile
from pathlib import Path

from tests.bench.rows import Row
from tests.bench.serving import serving
from tests.terminal.pty_terminal import QUEUEDECK, Terminal

SECONDS = 12


def rows() -> list[Row]:
    """A queue on screen for some refreshes, one a second, of a cluster that stands still; no clock."""
    with serving("demo", speed=1e-6) as url, tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.toml"
        config.write_text('clock = "off"\ninterval = 1\n')
        command = [*QUEUEDECK, "--endpoint-url", url, "--queue", "research"]
        with Terminal(command, env={**os.environ, "QUEUEDECK_CONFIG": str(config)}) as terminal:
            terminal.wait_for("RUNNABLE")
            terminal.wait_quiet(4.0, timeout=60)
            sent = terminal.listen(SECONDS)
    return [Row(f"bytes sent by {SECONDS} refreshes that changed nothing", "none", float(sent), 0.0, "bytes")]
