"""`queuedeck cancel`: cancel jobs that wait, stop jobs that run."""

import argparse
from collections.abc import Sequence

from tui.actions.commands import Command, Terminate
from tui.headless import choosing, connection
from tui.headless.acting import act
from tui.live.audit import os_user
from tui.model.jobs import QUEUED


@connection.told
def main(arguments: Sequence[str]) -> int:
    """Run the command. Exit code 0: all terminated; 1: some not, each named; 2: the command is wrong."""
    parser = argparse.ArgumentParser(
        prog="queuedeck cancel",
        description="Cancel training jobs that wait and stop those that run.",
        allow_abbrev=False,
    )
    choosing.add_options(parser)
    parser.add_argument("--reason", help="becomes the jobs' status reason (default: by whom)")
    connection.add_options(parser)
    options = vars(parser.parse_args(arguments))
    reason = options["reason"]
    if reason is None:
        reason = f"Cancelled by {os_user() or 'the operator'} with queuedeck"
    if not reason.strip():
        raise connection.UsageError("--reason must not be empty")
    aws, _ = connection.connect(options)
    chosen = choosing.choose(aws, options["jobs"], options["queue"], options["filter"])
    commands: list[Command] = [
        Terminate(
            job_id=found.job.job_id,
            reason=reason.strip(),
            name=found.job.job_name,
            queue=found.queue,
            status=found.job.status,
        )
        for found in choosing.not_ended(chosen)
    ]
    if not commands:
        connection.say("no active job is meant")
    return act(aws, commands, _describe, dry_run=options["dry_run"])


def _describe(command: Command) -> str:
    assert isinstance(command, Terminate)
    verb = "cancel" if command.status in QUEUED else "stop"
    return f"{verb} {command.name} ({command.job_id}), {command.status}"
