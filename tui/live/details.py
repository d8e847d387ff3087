"""Descriptions of the rows on screen: the listing does not tell a job's priority."""

from collections.abc import Callable

import msgspec

from tui.aws.problems import Problem
from tui.live.backoff import Backoff
from tui.live.calls import Rank
from tui.live.rounds import QueueRounds

AT_ONCE = 4
"""Only a few questions at a time: when the user scrolls on, the rows he left are not asked for any more."""


class Wanted(msgspec.Struct, frozen=True):
    """A job to be described, as of its training job (empty before its first attempt)."""

    queue: str
    job_id: str
    training_job_arn: str


class Descriptions:
    """What is still to be described. Everything here runs in the engine's thread."""

    def __init__(self, rounds_of: Callable[[str], QueueRounds]) -> None:
        self.backoff = Backoff()
        self._rounds_of = rounds_of
        self._wanted: list[Wanted] = []
        self._asking: set[str] = set()
        self._answered: dict[str, str] = {}

    def want(self, wanted: list[Wanted]) -> None:
        """These instead of those wanted before. What was answered for the same attempt is not asked again:

        the answer may be on its way to the store, or tell of another attempt than the listing.
        """
        self._wanted = [
            item
            for item in wanted
            if item.job_id not in self._asking and self._answered.get(item.job_id) != item.training_job_arn
        ]

    def ask(self, interval: float) -> None:
        """Ask for as many as may be asked for now."""
        while self._wanted and len(self._asking) < AT_ONCE and not self.backoff.waiting:
            item = self._wanted.pop(0)
            self._asking.add(item.job_id)

            def done(problem: Problem | None, item: Wanted = item) -> None:
                self._asking.discard(item.job_id)
                if problem is None:
                    self._answered[item.job_id] = item.training_job_arn
                    self.backoff.clear()
                elif problem.code != "NotFound":
                    self.backoff.failed(problem, interval)

            self._rounds_of(item.queue).describe(item.job_id, Rank.VISIBLE, done)
