"""`queuedeck setup`: make a training queue, and all behind it, from a file."""

import argparse
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from tui import provision
from tui.aws.patient import PatientAws
from tui.headless import connection, provisioning
from tui.model.blueprint import Blueprint
from tui.model.blueprint_check import conflicts, mistakes
from tui.model.blueprint_file import format_of, read_blueprint
from tui.model.blueprint_warnings import warnings
from tui.model.plan import blocked, complete
from tui.model.plan_setup import setup_steps


@connection.told
def main(arguments: Sequence[str]) -> int:
    """Run the command. Exit code 0: all is there and VALID; 1: not all; 2: command or file is wrong."""
    parser = argparse.ArgumentParser(
        prog="queuedeck setup",
        description="Make a training queue and all behind it, as a file says. What exists is adopted and, "
        "where it differs, updated. A set-up that was stopped goes on where it was.",
        epilog="`queuedeck export QUEUE` writes such a file.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "file", metavar="FILE", help="blueprint in TOML, JSON or YAML; - reads standard input"
    )
    parser.add_argument("--dry-run", action="store_true", help="tell what would be done, do nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    connection.add_options(parser)
    options = vars(parser.parse_args(arguments))
    blueprint = _blueprint(options["file"])
    aws, _ = connection.connect(options, changes=not options["dry_run"])
    asks = not options["dry_run"] and not options["yes"]
    if asks and (options["file"] == "-" or not provisioning.interactive()):
        raise connection.UsageError("nobody can be asked: add --yes, or --dry-run")
    existing = provision.read_for_setup(PatientAws(aws, threading.Event()), blueprint)
    steps = setup_steps(blueprint, existing)
    provisioning.show_plan(steps, warnings(blueprint, existing))
    obstacles = conflicts(blueprint, existing)
    for problem in obstacles:
        connection.complain(str(problem))
    if obstacles or blocked(steps):
        return connection.FAILED
    if options["dry_run"]:
        return connection.DONE
    if asks and not complete(steps) and not provisioning.ask("Do this? [y/N] ", "y"):
        connection.complain("nothing was done")
        return connection.FAILED
    return provisioning.follow(
        aws, lambda told, cancelled, logged: provision.setup(aws, blueprint, told, cancelled, logged=logged)
    )


def _blueprint(file: str) -> Blueprint:
    """Raises UsageError with one line for each mistake."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise connection.UsageError(f"cannot read {file}: {error}") from None
    found = read_blueprint(text, format_of(file, text))
    problems = mistakes(found) if isinstance(found, Blueprint) else found
    if problems or not isinstance(found, Blueprint):
        raise connection.UsageError("\n".join(f"{file}: {problem}" for problem in problems))
    return found
