"""`queuedeck teardown`: delete a training queue and what only it uses."""

import argparse
import threading
from collections.abc import Sequence

from tui import provision
from tui.aws.patient import PatientAws
from tui.headless import connection, provisioning
from tui.model.plan import blocked
from tui.model.plan_teardown import teardown_steps


@connection.told
def main(arguments: Sequence[str]) -> int:
    """Run the command. Exit code 0: all is gone; 1: not all; 2: the command is wrong."""
    parser = argparse.ArgumentParser(
        prog="queuedeck teardown",
        description="Delete a training queue and what only it uses: quota shares, queue, scheduling policy, "
        "service environment. What another queue uses is kept. A tear-down that was stopped goes on.",
        allow_abbrev=False,
    )
    parser.add_argument("queue", metavar="QUEUE", help="name of the job queue")
    parser.add_argument("--dry-run", action="store_true", help="tell what would be done, do nothing")
    parser.add_argument("--drain", action="store_true", help="take no new jobs, and wait for those there are")
    parser.add_argument("--yes", action="store_true", help="do not ask for the queue's name")
    connection.add_options(parser)
    options = vars(parser.parse_args(arguments))
    queue, drain = options["queue"], options["drain"]
    aws, _ = connection.connect(options, changes=not options["dry_run"])
    asks = not options["dry_run"] and not options["yes"]
    if asks and not provisioning.interactive():
        raise connection.UsageError("nobody can be asked: add --yes, or --dry-run")
    existing = provision.read_for_teardown(PatientAws(aws, threading.Event()), queue)
    steps = teardown_steps(queue, existing, drain=drain)
    if not steps:
        connection.complain(f"there is no job queue {queue} here, and nothing is left of one")
        return connection.FAILED
    provisioning.show_plan(steps)
    if blocked(steps):
        connection.complain("something is in the way; nothing was done")
        return connection.FAILED
    if options["dry_run"]:
        return connection.DONE
    if asks and not provisioning.ask(f"Type {queue} to tear it down: ", queue):
        connection.complain("nothing was done")
        return connection.FAILED
    return provisioning.follow(
        aws,
        lambda told, cancelled, logged: provision.teardown(
            aws, queue, told, cancelled, drain=drain, logged=logged
        ),
    )
