"""`queuedeck submit`: read, build, check everything, then send; one line for each job."""

import argparse
import json
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from tui.actions.commands import Submit
from tui.actions.outcomes import NotDone, Outcome
from tui.actions.run import CLOSED, carry_out
from tui.actions.words import entry
from tui.aws import batch
from tui.aws.problems import AwsProblem, unknown_queue
from tui.aws.session import Aws
from tui.headless.connection import (
    DONE,
    FAILED,
    WRONG,
    UsageError,
    complain,
    connect,
    patiently,
    say,
)
from tui.headless.recording import recorder
from tui.headless.submit_build import build, check_all, read, several
from tui.headless.submit_options import Wrong, check_options, parser, with_options
from tui.model.queues import PolicyKind, policy_kind
from tui.model.submission import Submission, request_of

PACE = 0.2
"""Seconds between submissions: AWS takes five a second."""


def main(arguments: Sequence[str]) -> int:
    """Run the command. Exit code 0: all submitted; 1: some not, each named; 2: nothing could be sent."""
    options = parser().parse_args(arguments)
    try:
        return _submit(options)
    except UsageError as error:
        complain(str(error))
        return WRONG
    except AwsProblem as failure:
        complain(str(failure.problem))
        return WRONG if failure.problem.code in ("NoSdk", "NoPython") else FAILED
    except KeyboardInterrupt:
        complain("interrupted: nothing was submitted")
        return FAILED


def _submit(options: argparse.Namespace) -> int:
    check_options(options)
    given = read(options)
    base = with_options(given.submission, options)
    aws, settings = connect(vars(options))
    if not base.job_queue and settings.queue:
        base = replace(base, job_queue=settings.queue)
    kind, shares = _queue(aws, base.job_queue)
    base = build(base, given, options, aws)
    jobs = several(base, options)
    check_all(jobs, kind, shares, given)
    if options.save_template:
        _keep(options.save_template, base)
    if options.dry_run:
        return _preview(jobs)
    if len(jobs) > 1 and not options.yes:
        _confirm(jobs)
    return _send(aws, jobs, as_json=options.json)


def _queue(aws: Aws, name: str) -> tuple[PolicyKind | None, list[str] | None]:
    """The queue's policy, and the quota shares that exist; None for what may not be read."""
    if not name:
        raise Wrong("choose a job queue with --queue")
    try:
        return patiently(lambda: _policy(aws, name.rpartition("/")[2]))
    except AwsProblem as failure:
        if failure.problem.code == "AccessDenied":
            return None, None  # submitting needs no permission to look
        raise


def _policy(aws: Aws, name: str) -> tuple[PolicyKind | None, list[str] | None]:
    queues = batch.list_queues(aws)
    queue = next((queue for queue in queues if queue.job_queue_name == name), None)
    if queue is None:
        raise Wrong(unknown_queue(name, [queue.job_queue_name for queue in queues], aws.region))
    arn = queue.scheduling_policy_arn
    policy = next(iter(batch.policies(aws, (arn,) if arn else ())), None)
    kind = policy_kind(queue, policy)
    if kind != "quota":
        return kind, None
    return kind, [share.quota_share_name for share in batch.quota_shares(aws, queue.job_queue_arn)]


def _keep(name: str, submission: Submission) -> None:
    from tui import templates

    try:
        complain(f"saved as the template {templates.save(name, submission)}")
    except FileExistsError:
        raise Wrong(f"there is a template {name!r} already (--save-template)") from None
    except (ValueError, OSError) as error:
        raise Wrong(f"the template cannot be saved: {error} (--save-template)") from None


def _preview(jobs: list[Submission]) -> int:
    requests = [request_of(job) for job in jobs]
    say(json.dumps(requests[0] if len(requests) == 1 else requests, indent=2))
    return DONE


def _confirm(jobs: list[Submission]) -> None:
    if not sys.stdin.isatty():
        raise Wrong(f"these are {len(jobs)} jobs: add --yes to submit them without being asked")
    names = f"{jobs[0].job_name} … {jobs[-1].job_name}"
    sys.stderr.write(f"Submit {len(jobs)} jobs to {jobs[0].job_queue} ({names})? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Wrong("nothing was submitted")


def _send(aws: Aws, jobs: list[Submission], *, as_json: bool) -> int:
    """One after the other, each until it is a job or surely none; recorded and told at once."""
    outcomes: list[tuple[Submission, Outcome]] = []
    record = recorder(aws)
    pause, due = threading.Event(), 0.0
    try:
        for job in jobs:
            pause.wait(max(0.0, due - time.monotonic()))
            due = time.monotonic() + PACE
            command = Submit(submission=job)
            outcome = carry_out(aws, (command,)).outcomes[0]
            outcomes.append((job, outcome))
            record([entry(command, outcome)])
            if not as_json:
                _tell(job, outcome)
            if isinstance(outcome, NotDone) and (outcome.problem.retryable or outcome.problem is CLOSED):
                break  # interrupted, or tried for long enough: the others would fare no better
    except KeyboardInterrupt:
        complain("interrupted")
    if as_json:
        say(json.dumps([_as_json(job, outcome) for job, outcome in outcomes], indent=2))
    done = sum(not isinstance(outcome, NotDone) for _, outcome in outcomes)
    if done < len(jobs) > 1:
        complain(f"{done} of {len(jobs)} jobs were submitted; {len(jobs) - len(outcomes)} were not tried")
    return DONE if done == len(jobs) else FAILED


def _tell(job: Submission, outcome: Outcome) -> None:
    if isinstance(outcome, NotDone):
        complain(f"{job.job_name}: {outcome.problem}")
    else:
        say(f"{outcome.job_id}  {job.job_name}  {job.job_queue}")
        sys.stdout.flush()


def _as_json(job: Submission, outcome: Outcome) -> dict[str, Any]:
    told = {"jobName": job.job_name, "jobQueue": job.job_queue, "clientToken": job.client_token}
    if not isinstance(outcome, NotDone):
        return told | {"jobId": outcome.job_id}
    problem = outcome.problem
    return told | {"error": {"code": problem.code, "cause": problem.cause, "nextStep": problem.next_step}}
