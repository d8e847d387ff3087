"""A run: commands sent again and again until each has its outcome or the time is over. No I/O, no clock.

The dashboard's desk drives it through the poller's workers, headless commands drive it with `carry_out`.
"""

import random
import threading
import time
from collections.abc import Callable

from tui.actions.commands import Answer, Call, Command, Refused, calls
from tui.actions.outcomes import Done, NotDone, Outcome, Result
from tui.aws.problems import Problem
from tui.aws.session import Aws

PATIENCE = 120.0
"""Seconds in which a call that may yet succeed is tried again."""

FIRST_DELAY = 0.5
LONGEST_DELAY = 8.0

CLOSED = Problem(
    code="Unknown",
    title="queuedeck was closed",
    cause="queuedeck was closed before AWS had answered.",
    next_step="Look at the job's state.",
)


class Run:
    """The state of one run. `round` gives the calls to make now, `answer` takes what came of each.

    When all calls of a round are answered, `delay` is the seconds until the next one: None when all is done.
    """

    def __init__(
        self,
        commands: tuple[Command, ...],
        *,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self.commands = commands
        self.outcomes: dict[str, Outcome] = {}
        self._clock = clock
        self._chance = chance
        self._deadline = clock() + patience
        self._rounds = 0
        self._under_way = 0
        self._last: dict[str, Refused] = {}

    @property
    def open(self) -> tuple[Command, ...]:
        """The commands without an outcome."""
        return tuple(command for command in self.commands if command.key not in self.outcomes)

    @property
    def over(self) -> bool:
        """Every command has its outcome."""
        return len(self.outcomes) == len(self.commands)

    @property
    def result(self) -> Result:
        return Result(tuple(self.outcomes[c.key] for c in self.commands if c.key in self.outcomes))

    def round(self) -> list[Call]:
        """The calls to make now."""
        todo = calls(self.open)
        self._rounds += 1
        self._under_way = len(todo)
        return todo

    def answer(self, call: Call, answers: tuple[Answer, ...]) -> bool:
        """What came of a call. True when the round is complete."""
        for command, answer in zip(call.commands, answers, strict=True):
            if isinstance(answer, Done):
                self.outcomes[command.key] = answer
                continue
            self._last[command.key] = answer
            if not answer.problem.retryable:
                self._give_up(command, answer.problem)
        self._under_way -= 1
        return self._under_way <= 0

    def delay(self) -> float | None:
        """Seconds until the next round; None when there is none: what is open then is given up."""
        if self.over:
            return None
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2 ** (self._rounds - 1)) * self._chance(0.8, 1.2)
        if self._clock() + delay <= self._deadline:
            return delay
        for command in self.open:
            self._give_up(command, self._last[command.key].problem)
        return None

    def abandon(self, problem: Problem) -> None:
        """Give up what is open, now."""
        for command in self.open:
            self._give_up(command, problem)

    def _give_up(self, command: Command, problem: Problem) -> None:
        made = self._last.get(command.key, Refused(problem)).job_id
        self.outcomes[command.key] = NotDone(key=command.key, name=command.name, problem=problem, job_id=made)


def carry_out(aws: Aws, commands: tuple[Command, ...], *, patience: float = PATIENCE) -> Result:
    """Carry commands out one after the other, and return when each has its outcome. Blocks: for workers
    and headless commands. An interrupt ends it: what is open then is `CLOSED`."""
    run = Run(commands, patience=patience)
    pause = threading.Event()
    try:
        while not run.over:
            for call in run.round():
                run.answer(call, call(aws))
            delay = run.delay()
            if delay is not None:
                pause.wait(delay)
    except KeyboardInterrupt:
        run.abandon(CLOSED)
    return run.result
