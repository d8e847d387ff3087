"""A blueprint: a training queue and all behind it, as one value and one file.

The file (TOML, JSON or YAML) uses AWS's own member names:

    serviceEnvironment: {serviceEnvironmentName: vision-env, capacityLimits: [{maxCapacity: 8, capacityUnit: ml.g5.xlarge}]}
    schedulingPolicy:   {name: vision-policy, quotaSharePolicy: {idleResourceAssignmentStrategy: FIFO}}
    jobQueue:           {jobQueueName: vision, priority: 1}
    quotaShares:        [{quotaShareName: prod, capacityLimits: [...], ...}]
    tags:               {team: vision}

`tags` of the blueprint go on every resource; a resource's own win over them.
"""  # noqa: E501

from collections.abc import Mapping
from typing import Literal

import msgspec

from tui.model.queues import (
    NUM_INSTANCES,
    CapacityLimit,
    FairsharePolicy,
    JobStateTimeLimitAction,
    PolicyKind,
    QuotaPreemption,
    QuotaSharePolicy,
    ResourceSharing,
    ShareAttributes,
)
from tui.model.shape import Shape

State = Literal["ENABLED", "DISABLED"]


class Environment(Shape, frozen=True):
    """The service environment. Without limits, one that exists is adopted as it is."""

    service_environment_name: str = ""
    capacity_limits: tuple[CapacityLimit, ...] = ()
    state: State = "ENABLED"
    tags: dict[str, str] = {}


class Policy(Shape, frozen=True):
    """The scheduling policy: one of the two kinds is given."""

    name: str = ""
    fairshare_policy: FairsharePolicy | None = None
    quota_share_policy: QuotaSharePolicy | None = None
    tags: dict[str, str] = {}


class Queue(Shape, frozen=True):
    """The job queue."""

    job_queue_name: str = ""
    priority: int = 1
    state: State = "ENABLED"
    job_state_time_limit_actions: tuple[JobStateTimeLimitAction, ...] = ()
    tags: dict[str, str] = {}


class Share(Shape, frozen=True):
    """One quota share of the queue."""

    quota_share_name: str = ""
    capacity_limits: tuple[CapacityLimit, ...] = ()
    resource_sharing_configuration: ResourceSharing = ResourceSharing()
    preemption_configuration: QuotaPreemption = QuotaPreemption()
    state: State = "ENABLED"
    tags: dict[str, str] = {}


class Blueprint(Shape, frozen=True):
    """One queue with its environment, its policy (none: FIFO), and its quota shares (quota queues only)."""

    service_environment: Environment = Environment()
    scheduling_policy: Policy | None = None
    job_queue: Queue = Queue()
    quota_shares: tuple[Share, ...] = ()
    tags: dict[str, str] = {}

    @property
    def kind(self) -> PolicyKind:
        if self.scheduling_policy is None:
            return "fifo"
        return "quota" if self.scheduling_policy.quota_share_policy is not None else "fair"

    def tags_of(self, part: Environment | Policy | Queue | Share) -> dict[str, str]:
        """The tags that a resource gets: the blueprint's and its own."""
        return self.tags | part.tags


# ---- from a few answers


class ShareAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One share as the wizard asks for it: `weight` in a fair-share queue, the rest in a quota queue.

    `capacity` counts instances of the answers' instance type. `borrow_limit` is % of it, None unlimited.
    """

    name: str
    weight: float = 1.0
    capacity: int = 0
    strategy: Literal["RESERVE", "LEND", "LEND_AND_BORROW"] = "RESERVE"
    borrow_limit: int | None = None
    in_share_preemption: bool = False


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What the wizard asks. Without an `instance_type` instances of any type count (not for quota).

    `environment` and `policy` name what to create or adopt; empty: `<queue>-env` and `<queue>-policy`.
    `capacity` 0 adopts an environment as it is.
    """

    kind: PolicyKind
    queue: str
    capacity: int = 1
    instance_type: str = ""
    priority: int = 1
    environment: str = ""
    policy: str = ""
    share_decay_seconds: int = 0
    compute_reservation: int = 0
    shares: tuple[ShareAnswer, ...] = ()
    tags: Mapping[str, str] = {}


def from_answers(answers: Answers) -> Blueprint:
    """The blueprint that the answers describe. `check` tells whether it can be built."""
    unit = answers.instance_type or NUM_INSTANCES
    limits = (CapacityLimit(max_capacity=answers.capacity, capacity_unit=unit),) if answers.capacity else ()
    quota = answers.kind == "quota"
    return Blueprint(
        service_environment=Environment(
            service_environment_name=answers.environment or f"{answers.queue}-env", capacity_limits=limits
        ),
        scheduling_policy=_policy(answers),
        job_queue=Queue(job_queue_name=answers.queue, priority=answers.priority),
        quota_shares=tuple(_share(share, unit) for share in answers.shares) if quota else (),
        tags=dict(answers.tags),
    )


def _policy(answers: Answers) -> Policy | None:
    name = answers.policy or f"{answers.queue}-policy"
    match answers.kind:
        case "fifo":
            return None
        case "quota":
            return Policy(name=name, quota_share_policy=QuotaSharePolicy())
        case "fair":
            distribution = tuple(
                ShareAttributes(share_identifier=share.name, weight_factor=share.weight)
                for share in answers.shares
            )
            return Policy(
                name=name,
                fairshare_policy=FairsharePolicy(
                    share_decay_seconds=answers.share_decay_seconds,
                    compute_reservation=answers.compute_reservation,
                    share_distribution=distribution,
                ),
            )


def _share(answer: ShareAnswer, unit: str) -> Share:
    borrows = answer.strategy == "LEND_AND_BORROW"
    return Share(
        quota_share_name=answer.name,
        capacity_limits=(CapacityLimit(max_capacity=answer.capacity, capacity_unit=unit),),
        resource_sharing_configuration=ResourceSharing(
            strategy=answer.strategy, borrow_limit=answer.borrow_limit if borrows else None
        ),
        preemption_configuration=QuotaPreemption(
            in_share_preemption="ENABLED" if answer.in_share_preemption else "DISABLED"
        ),
    )
