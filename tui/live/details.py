"""Descriptions of the rows on screen: the listing does not tell a job's priority."""

from collections.abc import Callable

from tui.aws.problems import Problem
from tui.live.backoff import Backoff
from tui.live.calls import Rank
from tui.live.rounds import QueueRounds

AT_ONCE = 4
"""Only a few questions at a time: when the user scrolls on, the rows he left are not asked for any more."""


class Descriptions:
    """What is still to be described, as (queue, job id). Everything here runs in the engine's thread."""

    def __init__(self, rounds_of: Callable[[str], QueueRounds]) -> None:
        self.backoff = Backoff()
        self._rounds_of = rounds_of
        self._wanted: list[tuple[str, str]] = []
        self._asking: set[str] = set()

    def want(self, wanted: list[tuple[str, str]]) -> None:
        """These instead of those wanted before."""
        self._wanted = [item for item in wanted if item[1] not in self._asking]

    def ask(self, interval: float) -> None:
        """Ask for as many as may be asked for now."""
        while self._wanted and len(self._asking) < AT_ONCE and not self.backoff.waiting:
            queue, job_id = self._wanted.pop(0)
            self._asking.add(job_id)

            def done(problem: Problem | None, job_id: str = job_id) -> None:
                self._asking.discard(job_id)
                if problem is None:
                    self.backoff.clear()
                elif problem.code != "NotFound":
                    self.backoff.failed(problem, interval)

            self._rounds_of(queue).describe(job_id, Rank.VISIBLE, done)
