"""The command line: options become Settings, then the dashboard or one headless command runs.

Exit codes: 0 done, 1 it failed while running, 2 the command, a setting or the AWS configuration is
wrong (one line on standard error says which, and what to do).
"""

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tui import __version__

if TYPE_CHECKING:
    from tui.settings import Settings

USAGE_ERROR = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run queuedeck. Returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    match arguments:
        case ["sandbox", *rest]:
            return _sandbox(rest)
        case ["submit", *rest]:
            from tui.headless import submit

            return submit.main(rest)
        case ["priority", *rest]:
            from tui.headless import priority

            return priority.main(rest)
        case ["cancel", *rest]:
            from tui.headless import cancel

            return cancel.main(rest)
        case ["setup", *rest]:
            from tui.headless import setup

            return setup.main(rest)
        case ["teardown", *rest]:
            from tui.headless import teardown

            return teardown.main(rest)
        case ["export", *rest]:
            from tui.headless import export

            return export.main(rest)
        case ["doctor", *rest]:
            from tui.headless import doctor

            return doctor.main(rest)
        case ["roles", *rest]:
            from tui.headless import roles

            return roles.main(rest)
    return _dashboard(arguments)


def _dashboard(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="queuedeck",
        description="A terminal dashboard for SageMaker training queues on AWS Batch.",
        epilog="Without the dashboard: `queuedeck submit`, `queuedeck priority` and `queuedeck cancel` act "
        "on jobs, `setup`, `teardown`, `export` and `roles` on queues and what they need. "
        "`queuedeck sandbox` serves an AWS endpoint on loopback with a simulated cluster.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--version", action="version", version=f"queuedeck {__version__}")
    add("--demo", action="store_true", help="watch a busy simulated cluster; needs no AWS account")
    add("--profile", help="AWS profile (default: AWS's own resolution)")
    add("--region", help="AWS region")
    add("--endpoint-url", metavar="URL", help="endpoint for every AWS service")
    add("--queue", metavar="NAME", help="open this job queue at the start")
    add("--filter", metavar="TERMS", help="first filter of the job table, as typed after /")
    add("--interval", type=float, metavar="SECONDS", help="seconds between refreshes (default 5)")
    add("--read-only", action="store_true", default=None, help="disable everything that changes AWS")
    add("--utc", action="store_true", default=None, help="show times in UTC")
    add("--theme", help="a Textual theme, such as textual-light or ansi-dark")
    add("--seed", type=int, default=0, help="seed of the demo's story")
    add("--speed", type=float, help="simulated seconds per second of the demo")
    flags = vars(parser.parse_args(arguments))
    demo, seed, speed = flags.pop("demo"), flags.pop("seed"), flags.pop("speed")
    if demo and (flags["endpoint_url"] or flags["profile"]):
        return _refuse("--demo brings its own endpoint: leave out --endpoint-url and --profile")
    if not demo and speed is not None:
        return _refuse("--speed belongs to --demo: add it, or leave --speed out")
    try:
        settings = _settings(flags)
    except ValueError as error:
        return _refuse(str(error))
    if not (sys.stdin.isatty() and sys.stderr.isatty()):  # Textual paints on standard error
        return _refuse("the dashboard needs a terminal; run it in one, without pipes")
    if not demo:
        return _run_app(settings)
    from tui.sandbox.child import Child

    with Child(seed=seed, speed=speed) as child:
        return _run_app(settings, child.start_and_export)


def _settings(flags: dict[str, object]) -> "Settings":
    """Settings with a filter and a theme that exist. Raises ValueError with one line."""
    from tui.settings import load

    settings = load(flags)
    if settings.filter:
        from tui.model.filters import Facts, FilterError, parse

        try:
            parse(settings.filter, Facts(now_ms=lambda: 0, priority=lambda _: None))
        except FilterError as error:
            raise ValueError(f"filter {settings.filter!r}: {error}") from None
    return settings


def _run_app(settings: "Settings", prepare: Callable[[], None] | None = None) -> int:
    # Imports make much and throw little away: collecting meanwhile costs an eighth of the first frame.
    # The app turns it on again.
    gc.disable()
    # Textual paints 60 times a second at the most; what comes in between waits, the first jobs twice.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    from tui.app import QueuedeckApp
    from tui.lost_terminal import hang_up_without_it

    hang_up_without_it()
    app = QueuedeckApp(settings, prepare)
    if settings.theme not in app.available_themes:
        return _refuse(f"no theme {settings.theme!r}; there are {', '.join(sorted(app.available_themes))}")
    if settings.keys:
        from tui.screens.keymap import known_ids

        if unknown := settings.keys.keys() - known_ids():
            return _refuse(
                f"keys: no action {', '.join(sorted(unknown))}; there are {', '.join(sorted(known_ids()))}"
            )
    app.run()
    if app.last_words:
        print(f"queuedeck: {app.last_words}", file=sys.stderr)
    return app.return_code or 0


def _sandbox(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="queuedeck sandbox",
        description="Serve an AWS endpoint on loopback: Batch training queues and what belongs to them, "
        "on a simulated cluster. Unmodified AWS CLI, boto3 and SageMaker SDK work against it.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--port", type=int, default=8471, help="port on 127.0.0.1, 0 for any free one (default 8471)")
    add("--scenario", choices=("demo", "empty", "scale"), default="demo", help="what is there at the start")
    add("--speed", type=float, help="simulated seconds per second (default: the scenario's)")
    add("--jobs", type=int, metavar="N", help="finished jobs of the scale scenario (default 100,000)")
    add("--seed", type=int, default=0, help="same seed, same story (default 0)")
    add("--fault", default="", metavar="SPEC", help="faults on order, such as throttle=0.2,latency=40ms")
    add("--with-parent", action="store_true", help="stop when standard input closes")
    options = parser.parse_args(arguments)
    from tui.sandbox.main import serve

    return serve(
        port=options.port,
        scenario=options.scenario,
        speed=options.speed,
        jobs=options.jobs,
        seed=options.seed,
        faults=options.fault,
        with_parent=options.with_parent,
    )


def _refuse(message: str) -> int:
    print(f"queuedeck: {message}", file=sys.stderr)
    return USAGE_ERROR
