"""Plans: what is to be done, in which order, to get from what exists to a blueprint, or to nothing.

A plan is computed from what exists, never remembered: whoever was stopped in the middle computes it again
and goes on from there. `plan_setup` and `plan_teardown` make plans; this module says what a plan is.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from tui.model.resource_changes import Change, ResourceKind

StepState = Literal["todo", "doing", "done", "adopted", "blocked"]
Verb = Literal["create", "update", "delete", "keep"]

SETTLED = frozenset({"VALID", "INVALID", ""})
"""The statuses in which AWS is not at work on a resource. A policy has none."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done to one resource.

    `state`: `todo`; `doing`: AWS is at it (CREATING, UPDATING, DELETING), wait; `done`: as wanted;
    `adopted`: it was there, as wanted; `blocked`: `why` says what is in the way. `detail` says what changes
    (`maxCapacity 8 → 10`), or what is waited for. `changes` are the calls still to be made, in their order;
    the first can be made now if `ready`.
    """

    verb: Verb
    kind: ResourceKind
    name: str
    state: StepState = "todo"
    detail: str = ""
    why: str = ""
    changes: tuple[Change, ...] = ()
    ready: bool = False

    @property
    def key(self) -> str:
        """Which resource it is about: the same in every recomputation of a plan."""
        return f"{self.kind} {self.name}"

    @property
    def over(self) -> bool:
        """Nothing is left to do here."""
        return self.state in ("done", "adopted")


def complete(steps: Sequence[Step]) -> bool:
    """Everything is as wanted."""
    return all(step.over for step in steps)


def blocked(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps that something is in the way of."""
    return tuple(step for step in steps if step.state == "blocked")
