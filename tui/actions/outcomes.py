"""What became of a command. Every command of a run has exactly one outcome, whatever happened."""

import msgspec

from tui.aws.problems import Problem


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """AWS accepted it. `key` is the command's; `job_id` that of the job it made or changed."""

    key: str
    name: str
    job_id: str = ""


class NotDone(msgspec.Struct, frozen=True, kw_only=True):
    """It was not done, or nobody can tell (`Problem.code` is then `Unknown`), and why.

    `job_id` is the new job where a requeue got as far as submitting it.
    """

    key: str
    name: str
    problem: Problem
    job_id: str = ""


Outcome = Done | NotDone


class Result(msgspec.Struct, frozen=True):
    """The outcomes of one run, in the order of its commands."""

    outcomes: tuple[Outcome, ...] = ()

    @property
    def done(self) -> tuple[Done, ...]:
        return tuple(outcome for outcome in self.outcomes if isinstance(outcome, Done))

    @property
    def not_done(self) -> tuple[NotDone, ...]:
        return tuple(outcome for outcome in self.outcomes if isinstance(outcome, NotDone))

    @property
    def all_done(self) -> bool:
        return not self.not_done
