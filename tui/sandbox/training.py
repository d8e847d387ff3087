"""SageMaker training jobs of the simulated cluster, as records that the simulation moves along."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Transition:
    """One entry of SecondaryStatusTransitions. Times are epoch ms; `end` is None while it lasts."""

    status: str
    start: int
    end: int | None
    message: str


@dataclass(slots=True)
class TrainingJob:
    """A training job. `request` is its CreateTrainingJob request; times are epoch ms.

    `status` is TrainingJobStatus (InProgress, Completed, Failed, Stopping, Stopped). `seed` makes what
    is derived (log lines, metric values) the same at every read.
    """

    name: str
    arn: str
    request: dict[str, Any]
    created_at: int
    seed: int
    status: str = "InProgress"
    failure_reason: str = ""
    transitions: list[Transition] = field(default_factory=list[Transition])
    training_started_at: int | None = None
    training_ended_at: int | None = None
    ended_at: int | None = None

    @property
    def secondary_status(self) -> str:
        return self.transitions[-1].status if self.transitions else "Pending"

    @property
    def instance_count(self) -> int:
        config = self.request.get("ResourceConfig", {})
        groups = config.get("InstanceGroups") or []
        return sum(g.get("InstanceCount", 1) for g in groups) or config.get("InstanceCount", 1)

    @property
    def instance_type(self) -> str:
        config = self.request.get("ResourceConfig", {})
        groups = config.get("InstanceGroups") or [{}]
        return config.get("InstanceType") or groups[0].get("InstanceType", "")
