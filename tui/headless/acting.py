"""Commands carried out without a screen: done, recorded, told line by line."""

from collections.abc import Callable, Sequence

from tui.actions.commands import Command
from tui.actions.outcomes import NotDone
from tui.actions.run import PATIENCE, carry_out
from tui.actions.words import entry
from tui.aws.session import Aws
from tui.headless.connection import DONE, FAILED, complain, say
from tui.headless.recording import recorder


def act(
    aws: Aws,
    commands: Sequence[Command],
    describe: Callable[[Command], str],
    *,
    dry_run: bool = False,
    patience: float = PATIENCE,
) -> int:
    """Carry the commands out. `describe` is what one of them does, for the line that tells it. Exit code."""
    if dry_run:
        for command in commands:
            say(f"would be done: {describe(command)}")
        return DONE
    result = carry_out(aws, tuple(commands), patience=patience)
    for command, outcome in zip(commands, result.outcomes, strict=True):
        if isinstance(outcome, NotDone):
            problem = outcome.problem
            complain(f"not done: {describe(command)}: {problem.title}: {problem.cause} {problem.next_step}")
        else:
            say(f"done: {describe(command)}")
    recorder(aws)(entry(*each) for each in zip(commands, result.outcomes, strict=True))
    return DONE if result.all_done else FAILED
