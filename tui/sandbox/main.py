"""`queuedeck sandbox`: serve the endpoint until told to stop."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable

from tui.sandbox import scenarios
from tui.sandbox.clock import Clock
from tui.sandbox.faults import FaultError, parse_faults
from tui.sandbox.scenarios import demo
from tui.sandbox.server import Sandbox
from tui.sandbox.world import World

REFUSED = 2
SPEEDS = {"demo": demo.SPEED}
"""Simulated seconds per second of the scenarios that do not run in real time."""


def serve(
    *,
    port: int,
    scenario: str,
    speed: float | None,
    jobs: int | None,
    seed: int,
    faults: str,
    with_parent: bool,
) -> int:
    """Serve a scenario on a port of 127.0.0.1 until SIGINT, SIGTERM or, `with_parent`, the end of stdin.

    When ready, prints one line: shell code that exports the URL, credentials and region. Returns the exit
    code: 0, or 2 when an option is wrong or the port is taken (one line on standard error).
    """
    _on_signals(sys.exit)  # until it serves there is nothing to put in order
    try:
        wanted = parse_faults(faults)
    except FaultError as error:
        return _refuse(f"--fault: {error}")
    if speed is not None and not 0 < speed <= 1e6:
        return _refuse("--speed is simulated seconds per second, more than 0 and at most 1,000,000")
    if jobs is not None and jobs < 0:
        return _refuse("--jobs cannot be negative")
    world = World(Clock(speed or SPEEDS.get(scenario, 1.0)), seed)
    try:
        sandbox = Sandbox(world, port, wanted)
    except (OSError, OverflowError):
        return _refuse(
            f"port {port} on 127.0.0.1 cannot be used: choose another --port, or 0 for any free one"
        )
    gc.disable()
    scenarios.load(world, scenario, jobs=jobs, seed=seed)
    gc.freeze()  # a collector that went through 100,000 jobs would hold up an answer now and then
    gc.enable()
    ended = threading.Event()
    with sandbox:
        _on_signals(ended.set)
        _say(_exports(sandbox.url, world.region))
        sandbox.endpoint.warm_up()
        if with_parent:
            threading.Thread(target=_follow_stdin, args=(ended,), daemon=True).start()
        ended.wait()
    return 0


def _on_signals(do: Callable[[], object]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: do())


def _say(line: str) -> None:
    """Print it, if anybody listens: a reader that has gone is no reason to stop serving."""
    if not sys.stdout:  # closed from the start
        return
    try:
        sys.stdout.write(line)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _exports(url: str, region: str) -> str:
    """The line that says it is ready, as a shell understands it."""
    return (
        f"export AWS_ENDPOINT_URL={url} AWS_ACCESS_KEY_ID=sandbox AWS_SECRET_ACCESS_KEY=sandbox "
        f"AWS_DEFAULT_REGION={region}\n"
    )


def _follow_stdin(ended: threading.Event) -> None:
    # Not through sys.stdin: a thread waiting inside its buffer would abort the interpreter's end.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    ended.set()


def _refuse(message: str) -> int:
    sys.stderr.write(f"queuedeck sandbox: {message}\n")
    return REFUSED
