"""Plans: what is to be done, in which order, to get from what exists to a blueprint, or to nothing.

A plan is computed from what exists, never remembered: whoever was stopped in the middle computes it again
and goes on from there.
"""

from typing import Literal

import msgspec

from tui.model.resource_changes import Change, ResourceKind

StepState = Literal["todo", "doing", "done", "adopted", "blocked"]
Verb = Literal["create", "update", "tag", "enable", "disable", "delete", "keep"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do to one resource.

    `state`: `todo`; `doing`: AWS is at it (CREATING, UPDATING, DELETING), wait; `done`: as wanted, by us;
    `adopted`: it was there as wanted; `blocked`: `why` says what is in the way. `detail` says what the
    step changes (`maxCapacity 8 → 10`). `change` is the call to make, None when there is none.
    """

    verb: Verb
    kind: ResourceKind
    name: str
    state: StepState = "todo"
    detail: str = ""
    why: str = ""
    change: Change | None = None

    @property
    def key(self) -> str:
        """Which step this is, in every recomputation of the plan."""
        return f"{self.verb} {self.kind} {self.name}"
