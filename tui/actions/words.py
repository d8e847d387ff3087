"""Actions in words: the mark on a row, the toast at the end, the line in the audit log."""

from collections.abc import Sequence

from tui.actions.commands import Command, Requeue, SetPriority, Submit, Terminate
from tui.actions.outcomes import NotDone, Outcome, Result
from tui.aws.problems import Problem
from tui.aws.roles import RoleResult
from tui.live.audit import Entry, now_text
from tui.model.jobs import QUEUED
from tui.model.roles import RoleSpec

NAMED = 3
"""A toast names this many jobs; the dialog and the audit log name all."""


def pending_text(command: Command) -> str:
    """At most nine cells, as wide as a status."""
    match command:
        case Submit():
            return "submit…"
        case SetPriority():
            return f"pri {command.priority}…"
        case Terminate():
            return "cancel…" if command.status in QUEUED else "stop…"
        case Requeue():
            return "requeue…"


def result_text(commands: Sequence[Command], result: Result) -> str:
    """One sentence, or two where something was not done; empty for a run of nothing."""
    if not commands:
        return ""
    done = {outcome.key for outcome in result.done}
    good = [command for command in commands if command.key in done]
    said: list[str] = []
    if good:
        said.append(f"{_did(good)} {_jobs([command.name for command in good])}{_how(good)}.")
    if failed := result.not_done:
        names = ", ".join(outcome.name for outcome in failed[:NAMED])
        more = f" and {len(failed) - NAMED} more" if len(failed) > NAMED else ""
        many = f" {len(failed)} jobs:" if len(failed) > 1 else ""
        said.append(f"Not {_verb(commands[0])}:{many} {names}{more}. {_why(next(iter(failed)))}")
    return " ".join(said)


def _why(failed: NotDone) -> str:
    also = (
        f" It was submitted anew as {failed.job_id}, but the old one was not stopped."
        if failed.job_id
        else ""
    )
    return f"{failed.problem.title}: {failed.problem.cause}{also}"


def _did(commands: Sequence[Command]) -> str:
    verbs = {_verb(command) for command in commands}
    return (verbs.pop() if len(verbs) == 1 else "terminated").capitalize()


def _verb(command: Command) -> str:
    match command:
        case Submit():
            return "submitted"
        case SetPriority():
            return "reprioritised"
        case Terminate():
            return "cancelled" if command.status in QUEUED else "stopped"
        case Requeue():
            return "requeued"


def _how(commands: Sequence[Command]) -> str:
    priorities = {command.priority for command in commands if isinstance(command, SetPriority)}
    return f" to {priorities.pop()}" if len(priorities) == 1 else ""


def _jobs(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} jobs"


def entry(command: Command, outcome: Outcome) -> Entry:
    """The audit line of a command, without who and where."""
    problem = outcome.problem if isinstance(outcome, NotDone) else None
    said = "done" if problem is None else "unknown" if problem.code == "Unknown" else "not done"
    why = before = after = new_job = ""
    match command:
        case Submit():
            action, job_id, new_job = "submit", "", outcome.job_id
            after = priority_text(command.submission.scheduling_priority)
        case SetPriority():
            action, job_id = "set priority", command.job_id
            before, after = priority_text(command.before), str(command.priority)
        case Terminate():
            action, job_id = "terminate", command.job_id
            why, before, after = command.reason, command.status, "terminated"
        case Requeue():
            action, job_id, new_job = "requeue", command.job_id, outcome.job_id
            why, before = command.reason, command.status
            after = priority_text(command.submission.scheduling_priority)
    return Entry(
        when=now_text(),
        action=action,
        job_id=job_id,
        job_name=command.name,
        queue=command.queue,
        why=why,
        before=before,
        after=after,
        new_job_id=new_job,
        outcome=said,
        problem=f"{problem.code}: {problem.cause}" if problem else "",
    )


def role_entry(spec: RoleSpec, result: RoleResult | Problem) -> Entry:
    """The audit line of a role that was made, completed or adopted, without who and where."""
    failed = isinstance(result, Problem)
    return Entry(
        when=now_text(),
        action=f"ensure role {spec.name}",
        after="" if failed else "made" if result.made else "completed" if result.completed else "adopted",
        outcome="not done" if failed else "done",
        problem=f"{result.code}: {result.cause}" if failed else "",
    )


def priority_text(priority: int | None) -> str:
    return "" if priority is None else str(priority)
