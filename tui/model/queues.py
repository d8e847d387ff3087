"""Job queues and what stands behind them: environments, scheduling policies, quota shares, snapshots."""

from typing import Literal

from tui.model.jobs import CapacityUsage
from tui.model.shape import EpochMs, Shape

NUM_INSTANCES = "NUM_INSTANCES"
"""The capacity unit that counts instances of any type."""

PolicyKind = Literal["fifo", "fair", "quota"]


class ServiceEnvironmentOrder(Shape, frozen=True):
    order: int = 0
    service_environment: str = ""


class JobStateTimeLimitAction(Shape, frozen=True):
    reason: str = ""
    state: str = ""
    max_time_seconds: int = 0
    action: str = ""


class JobQueue(Shape, frozen=True):
    job_queue_name: str = ""
    job_queue_arn: str = ""
    state: str = ""
    status: str = ""
    status_reason: str = ""
    priority: int = 0
    scheduling_policy_arn: str = ""
    service_environment_order: tuple[ServiceEnvironmentOrder, ...] = ()
    job_queue_type: str = ""
    job_state_time_limit_actions: tuple[JobStateTimeLimitAction, ...] = ()
    tags: dict[str, str] = {}


class CapacityLimit(Shape, frozen=True):
    """At most `max_capacity` instances of `capacity_unit`."""

    max_capacity: int = 0
    capacity_unit: str = ""


class ServiceEnvironment(Shape, frozen=True):
    service_environment_name: str = ""
    service_environment_arn: str = ""
    service_environment_type: str = ""
    state: str = ""
    status: str = ""
    capacity_limits: tuple[CapacityLimit, ...] = ()
    tags: dict[str, str] = {}


class ShareAttributes(Shape, frozen=True):
    """A weight for a share identifier, or for all that begin with it if it ends in `*`."""

    share_identifier: str = ""
    weight_factor: float = 1.0


class FairsharePolicy(Shape, frozen=True):
    share_decay_seconds: int = 0
    compute_reservation: int = 0
    share_distribution: tuple[ShareAttributes, ...] = ()


class QuotaSharePolicy(Shape, frozen=True):
    idle_resource_assignment_strategy: str = "FIFO"


class SchedulingPolicy(Shape, frozen=True):
    name: str = ""
    arn: str = ""
    fairshare_policy: FairsharePolicy | None = None
    quota_share_policy: QuotaSharePolicy | None = None
    tags: dict[str, str] = {}


class ResourceSharing(Shape, frozen=True):
    """How a quota share treats idle capacity. `borrow_limit` is % of its own limits, -1 unlimited."""

    strategy: str = "RESERVE"
    borrow_limit: int | None = None


class QuotaPreemption(Shape, frozen=True):
    in_share_preemption: str = "DISABLED"


class QuotaShare(Shape, frozen=True):
    quota_share_name: str = ""
    quota_share_arn: str = ""
    job_queue_arn: str = ""
    capacity_limits: tuple[CapacityLimit, ...] = ()
    resource_sharing_configuration: ResourceSharing = ResourceSharing()
    preemption_configuration: QuotaPreemption = QuotaPreemption()
    state: str = ""
    status: str = ""
    tags: dict[str, str] = {}


class FrontJob(Shape, frozen=True):
    job_arn: str = ""
    earliest_time_at_position: EpochMs | None = None


class FrontOfQueue(Shape, frozen=True):
    """The first 100 RUNNABLE jobs in dispatch order."""

    jobs: tuple[FrontJob, ...] = ()
    last_updated_at: EpochMs | None = None


class FrontOfQuotaShares(Shape, frozen=True):
    quota_shares: dict[str, tuple[FrontJob, ...]] = {}
    last_updated_at: EpochMs | None = None


class FairshareUsage(Shape, frozen=True):
    share_identifier: str = ""
    capacity_usage: tuple[CapacityUsage, ...] = ()


class FairshareUtilization(Shape, frozen=True):
    """The 20 shares that use most, of `active_share_count` that have jobs."""

    active_share_count: int = 0
    top_capacity_utilization: tuple[FairshareUsage, ...] = ()


class QuotaShareUsage(Shape, frozen=True):
    quota_share_name: str = ""
    capacity_usage: tuple[CapacityUsage, ...] = ()


class QuotaShareUtilization(Shape, frozen=True):
    top_capacity_utilization: tuple[QuotaShareUsage, ...] = ()


class QueueUtilization(Shape, frozen=True):
    total_capacity_usage: tuple[CapacityUsage, ...] = ()
    fairshare_utilization: FairshareUtilization | None = None
    quota_share_utilization: QuotaShareUtilization | None = None
    last_updated_at: EpochMs | None = None


class JobQueueSnapshot(Shape, frozen=True):
    """GetJobQueueSnapshot: the front of the queue and who uses what, as of `last_updated_at`."""

    front_of_queue: FrontOfQueue | None = None
    front_of_quota_shares: FrontOfQuotaShares | None = None
    queue_utilization: QueueUtilization | None = None


def policy_kind(queue: JobQueue, policy: SchedulingPolicy | None) -> PolicyKind | None:
    """Which scheduler serves the queue; None while its policy is not known yet."""
    if not queue.scheduling_policy_arn:
        return "fifo"
    if policy is None:
        return None
    return "quota" if policy.quota_share_policy is not None else "fair"


def total_capacity(environments: tuple[ServiceEnvironment, ...]) -> int:
    """Instances the environments allow together, over all their units."""
    return sum(limit.max_capacity for env in environments for limit in env.capacity_limits)
