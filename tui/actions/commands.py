"""The commands: what to do to which job, and the one AWS call behind each."""

import msgspec

from tui.actions.outcomes import Done
from tui.aws import batch
from tui.aws.problems import AwsProblem, Problem
from tui.aws.session import Aws
from tui.model.submission import Submission


class Submit(msgspec.Struct, frozen=True, kw_only=True):
    """Make a job. Sent again it makes no second one: the submission carries its client token."""

    submission: Submission

    @property
    def key(self) -> str:
        return self.submission.client_token

    @property
    def name(self) -> str:
        return self.submission.job_name

    @property
    def queue(self) -> str:
        return self.submission.job_queue


class SetPriority(msgspec.Struct, frozen=True, kw_only=True):
    """Change a job's scheduling priority. `before` is what it was, if that is known."""

    job_id: str
    priority: int
    name: str = ""
    queue: str = ""
    before: int | None = None

    @property
    def key(self) -> str:
        return self.job_id


class Terminate(msgspec.Struct, frozen=True, kw_only=True):
    """Cancel a job that waits, or stop one that runs. `status` is what it was when the user said so."""

    job_id: str
    reason: str
    name: str = ""
    queue: str = ""
    status: str = ""

    @property
    def key(self) -> str:
        return self.job_id


class Requeue(msgspec.Struct, frozen=True, kw_only=True):
    """Submit the job anew, then terminate it: in this order nothing is lost if the first step fails."""

    job_id: str
    submission: Submission
    reason: str
    name: str = ""
    queue: str = ""
    status: str = ""

    @property
    def key(self) -> str:
        return self.job_id


Command = Submit | SetPriority | Terminate | Requeue


class Refused(msgspec.Struct, frozen=True):
    """A command that was not carried out this time; `job_id` is the job that a requeue made before."""

    problem: Problem
    job_id: str = ""


Answer = Done | Refused


class Call(msgspec.Struct, frozen=True):
    """Commands that go to AWS together."""

    commands: tuple[Command, ...]

    def __call__(self, aws: Aws) -> tuple[Answer, ...]:
        """Makes the call, in a worker: one answer for each command, in order. Never raises `AwsProblem`."""
        try:
            if len(self.commands) > 1:
                return _terminate_many(aws, self.commands)
            return tuple(_perform(aws, command) for command in self.commands)
        except AwsProblem as failure:
            return self.refused(failure.problem)

    def refused(self, problem: Problem) -> tuple[Answer, ...]:
        """The answers if the call failed as a whole."""
        return (Refused(problem),) * len(self.commands)


def calls(commands: tuple[Command, ...]) -> list[Call]:
    """The calls that carry these out: terminations for one reason by fifty, all else one by one."""
    grouped: dict[str, list[Command]] = {}
    single: list[Call] = []
    for command in commands:
        if isinstance(command, Terminate):
            grouped.setdefault(command.reason, []).append(command)
        else:
            single.append(Call((command,)))
    many = batch.TERMINATE_AT_ONCE
    return single + [
        Call(tuple(group[at : at + many])) for group in grouped.values() for at in range(0, len(group), many)
    ]


def _perform(aws: Aws, command: Command) -> Answer:
    match command:
        case Submit():
            job_id = batch.submit(aws, command.submission).job_id
        case SetPriority():
            job_id = command.job_id
            batch.update_priority(aws, job_id, command.priority)
        case Terminate():
            job_id = command.job_id
            batch.terminate(aws, job_id, command.reason)
        case Requeue():
            job_id = batch.submit(aws, command.submission).job_id
            try:
                batch.terminate(aws, command.job_id, command.reason)
            except AwsProblem as failure:
                return Refused(failure.problem, job_id)
    return Done(key=command.key, name=command.name, job_id=job_id)


def _terminate_many(aws: Aws, commands: tuple[Command, ...]) -> tuple[Answer, ...]:
    from tui.aws.refusals import job_refusal

    terminates = [command for command in commands if isinstance(command, Terminate)]
    reason = terminates[0].reason
    answer = batch.terminate_together(aws, tuple(command.job_id for command in terminates), reason)
    refused = {_id_of(error.job): job_refusal(error.code, error.message) for error in answer.errors}
    good = {_id_of(job) for job in answer.successful}
    return tuple(
        Done(key=command.key, name=command.name, job_id=command.job_id)
        if command.job_id in good
        else Refused(refused.get(command.job_id, NO_ANSWER))
        for command in terminates
    )


def _id_of(job: str) -> str:
    """AWS takes ids and ARNs, and answers with either."""
    return job.rpartition("/")[2]


NO_ANSWER = Problem(
    code="NoAnswer",
    title="No answer for this job",
    cause="AWS answered the call, but said nothing about this job.",
    next_step="Look at the job's state.",
    retryable=True,
)
