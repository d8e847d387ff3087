"""Commands as the AWS CLI commands that do the same, ready to be pasted into a POSIX shell."""

import json
import shlex
from collections.abc import Sequence

from tui.actions.commands import Command, Requeue, SetPriority, Submit, Terminate
from tui.model.submission import Submission, request_of


def shell_text(
    commands: Sequence[Command],
    *,
    profile: str | None = None,
    region: str | None = None,
    endpoint_url: str | None = None,
) -> str:
    """One line a command; many terminations are a loop (not every AWS CLI knows the call for many at once).

    Profile, region and endpoint are named if the user chose them for queuedeck.
    """
    aws = ["aws"]
    for option, value in (("--profile", profile), ("--region", region), ("--endpoint-url", endpoint_url)):
        aws += [option, value] if value else []
    aws.append("batch")
    lines: list[str] = []
    terminates: dict[str, list[str]] = {}
    for command in commands:
        if isinstance(command, Terminate):
            terminates.setdefault(command.reason, []).append(command.job_id)
        else:
            lines += [shlex.join([*aws, *words]) for words in _words(command)]
    return "\n".join([*lines, *(_terminations(aws, ids, reason) for reason, ids in terminates.items())])


def _terminations(aws: list[str], job_ids: list[str], reason: str) -> str:
    if len(job_ids) == 1:
        return shlex.join([*aws, *_terminate(job_ids[0], reason)])
    call = f'{shlex.join([*aws, "terminate-service-job"])} --job-id "$job" --reason {shlex.quote(reason)}'
    return f"for job in {shlex.join(job_ids)}; do {call}; done"


def _words(command: Command) -> list[list[str]]:
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
