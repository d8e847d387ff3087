"""How far a run is."""

import msgspec

from tui.aws.problems import Problem
from tui.model.plan import Step


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """All steps with their states. `over`: the run has ended, and `problem` says why if not all is done."""

    steps: tuple[Step, ...] = ()
    over: bool = False
    problem: Problem | None = None

    @property
    def complete(self) -> bool:
        """Everything is as wanted."""
        return self.problem is None and all(step.state in ("done", "adopted") for step in self.steps)
