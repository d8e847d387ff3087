"""Commands as the AWS CLI commands that do the same, ready to be pasted into a POSIX shell."""

import json
import shlex
from collections.abc import Sequence

from tui.actions.commands import Command, Requeue, SetPriority, Submit, Terminate, calls
from tui.model.submission import Submission, request_of


def shell_text(
    commands: Sequence[Command],
    *,
    profile: str | None = None,
    region: str | None = None,
    endpoint_url: str | None = None,
) -> str:
    """One line a call. Profile, region and endpoint are named if the user chose them for queuedeck."""
    where: list[str] = []
    for option, value in (("--profile", profile), ("--region", region), ("--endpoint-url", endpoint_url)):
        where += [option, value] if value else []
    lines: list[str] = []
    for call in calls(tuple(commands)):
        lines += [shlex.join(["aws", *where, "batch", *words]) for words in _words(call.commands)]
    return "\n".join(lines)


def _words(commands: tuple[Command, ...]) -> list[list[str]]:
    terminates = [command for command in commands if isinstance(command, Terminate)]
    if len(terminates) > 1:
        ids = [command.job_id for command in terminates]
        return [["terminate-service-jobs", "--jobs", *ids, "--reason", terminates[0].reason]]
    return [words for command in commands for words in _one(command)]


def _one(command: Command) -> list[list[str]]:
    match command:
        case Submit():
            return [_submit(command.submission)]
        case SetPriority():
            priority = str(command.priority)
            return [["update-service-job", "--job-id", command.job_id, "--scheduling-priority", priority]]
        case Terminate():
            return [_terminate(command.job_id, command.reason)]
        case Requeue():
            return [_submit(command.submission), _terminate(command.job_id, command.reason)]


def _submit(submission: Submission) -> list[str]:
    request = json.dumps(request_of(submission), ensure_ascii=False)
    return ["submit-service-job", "--cli-input-json", request]


def _terminate(job_id: str, reason: str) -> list[str]:
    return ["terminate-service-job", "--job-id", job_id, "--reason", reason]
