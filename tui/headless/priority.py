"""`queuedeck priority`: change scheduling priorities, by number or by what they are meant to do."""

import argparse
from collections.abc import Sequence

from tui.actions.commands import Command, SetPriority
from tui.aws import batch
from tui.aws.session import Aws
from tui.headless import choosing, connection
from tui.headless.acting import act
from tui.headless.choosing import Chosen
from tui.headless.connection import UsageError, patiently
from tui.live.picture import job_id_of
from tui.model.jobs import QUEUED
from tui.model.priority import HINT, Above, Absolute, Placed, Relative, Wish, WishError, parse_wish, resolve
from tui.model.queues import policy_kind


@connection.told
def main(arguments: Sequence[str]) -> int:
    """Run the command. Exit code 0: all set; 1: some not, each named; 2: the command is wrong."""
    parser = argparse.ArgumentParser(
        prog="queuedeck priority",
        description="Change the scheduling priority of training jobs. It counts within a share, in "
        "fair-share and quota queues only.",
        allow_abbrev=False,
    )
    parser.add_argument("wish", metavar="PRIORITY", help=f"0 to 9999, or one of {HINT}")
    choosing.add_options(parser)
    connection.add_options(parser)
    options = vars(parser.parse_args(arguments))
    try:
        wish = parse_wish(options["wish"])
        aws, _ = connection.connect(options)
        chosen = choosing.choose(aws, options["jobs"], options["queue"], options["filter"])
        chosen = choosing.not_ended(_known(aws, chosen))
        _refuse_fifo(aws, chosen)
        priorities = _priorities(aws, wish, chosen)
    except WishError as error:
        raise UsageError(str(error)) from None
    commands: list[Command] = [
        SetPriority(
            job_id=found.job.job_id,
            priority=priorities[found.job.job_id],
            name=found.job.job_name,
            queue=found.queue,
            before=found.priority,
        )
        for found in chosen
    ]
    if not commands:
        connection.say("no active job is meant")
    return act(aws, commands, _describe, dry_run=options["dry_run"])


def _describe(command: Command) -> str:
    assert isinstance(command, SetPriority)
    before = "-" if command.before is None else command.before
    return f"{command.name} ({command.job_id}): priority {before} → {command.priority}"


def _known(aws: Aws, chosen: list[Chosen]) -> list[Chosen]:
    """With their priorities: a listing does not tell them."""
    return [
        found if found.priority is not None else choosing.described(aws, found.job.job_id) for found in chosen
    ]


def _refuse_fifo(aws: Aws, chosen: list[Chosen]) -> None:
    named = {found.queue for found in chosen}
    for queue in patiently(lambda: batch.list_queues(aws)) if named else ():
        if queue.job_queue_name in named and policy_kind(queue, None) == "fifo":
            raise UsageError(f"{queue.job_queue_name} is a FIFO queue: priorities have no effect there")


def _priorities(aws: Aws, wish: Wish, chosen: list[Chosen]) -> dict[str, int]:
    ours = {found.job.job_id: _placed(found) for found in chosen}
    if isinstance(wish, Absolute | Relative):
        return resolve(wish, list(ours), ours)
    wanted: dict[str, int] = {}
    for queue in dict.fromkeys(found.queue for found in chosen):
        here = [found for found in chosen if found.queue == queue]
        order = _order(aws, queue) if isinstance(wish, Above) else []
        pivot = order[wish.place - 1 : wish.place] if isinstance(wish, Above) else []
        shares = {found.job.share for found in here}
        waiting = [
            choosing.described(aws, job.job_id)
            for job in choosing.active_jobs(aws, queue, sorted(QUEUED))
            if (job.job_id in pivot if isinstance(wish, Above) else job.share in shares)
        ]
        placed = {found.job.job_id: _placed(found) for found in waiting} | ours
        wanted |= resolve(wish, [found.job.job_id for found in here], placed, order)
    return wanted


def _order(aws: Aws, queue: str) -> list[str]:
    front = patiently(lambda: batch.snapshot(aws, queue)).front_of_queue
    return [job_id_of(job.job_arn) for job in front.jobs] if front else []


def _placed(found: Chosen) -> Placed:
    return Placed(
        share=found.job.share,
        priority=found.priority,
        created_at=found.job.created_at or 0,
        waits=found.job.status in QUEUED,
    )
