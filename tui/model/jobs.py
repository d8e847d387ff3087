"""Service jobs: what ListServiceJobs and DescribeServiceJob say, and the times people ask about."""

from collections.abc import Sequence
from enum import StrEnum

from tui.model.shape import EpochMs, Shape


class Status(StrEnum):
    """ServiceJobStatus, in the order of a job's life. Struct fields stay `str`: AWS may add one."""

    SUBMITTED = "SUBMITTED"
    PENDING = "PENDING"
    RUNNABLE = "RUNNABLE"
    SCHEDULED = "SCHEDULED"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


QUEUED = frozenset({Status.SUBMITTED, Status.PENDING, Status.RUNNABLE})
RUNNING = frozenset({Status.SCHEDULED, Status.STARTING, Status.RUNNING})
FINISHED = frozenset({Status.SUCCEEDED, Status.FAILED})
ACTIVE = (
    Status.SUBMITTED,
    Status.PENDING,
    Status.RUNNABLE,
    Status.SCHEDULED,
    Status.STARTING,
    Status.RUNNING,
)
"""The statuses a job can still leave, as listed at every refresh."""


class ServiceResourceId(Shape, frozen=True):
    name: str = ""
    value: str = ""


class LatestAttempt(Shape, frozen=True):
    service_resource_id: ServiceResourceId | None = None


class CapacityUsage(Shape, frozen=True):
    """What a job or share occupies: `quantity` instances of `capacity_unit`."""

    capacity_unit: str = ""
    quantity: float = 0.0


class Attempt(Shape, frozen=True):
    """One attempt of a job: one SageMaker training job. Also the shape of a preempted attempt."""

    service_resource_id: ServiceResourceId | None = None
    started_at: EpochMs | None = None
    stopped_at: EpochMs | None = None
    status_reason: str = ""

    @property
    def training_job_arn(self) -> str:
        return self.service_resource_id.value if self.service_resource_id else ""


class EvaluateOnExit(Shape, frozen=True):
    action: str = ""
    on_status_reason: str = ""


class RetryStrategy(Shape, frozen=True):
    attempts: int = 1
    evaluate_on_exit: tuple[EvaluateOnExit, ...] = ()


class TimeoutConfig(Shape, frozen=True):
    attempt_duration_seconds: int | None = None


class PreemptionConfiguration(Shape, frozen=True):
    preemption_retries_before_termination: int | None = None


class PreemptionSummary(Shape, frozen=True):
    preempted_attempt_count: int = 0
    recent_preempted_attempts: tuple[Attempt, ...] = ()


class ServiceJob(Shape, frozen=True):
    """ServiceJobSummary: one job as ListServiceJobs returns it (no priority, no payload, no tags)."""

    job_id: str = ""
    job_arn: str = ""
    job_name: str = ""
    status: str = ""
    status_reason: str = ""
    service_job_type: str = "SAGEMAKER_TRAINING"
    share_identifier: str = ""
    quota_share_name: str = ""
    capacity_usage: tuple[CapacityUsage, ...] = ()
    latest_attempt: LatestAttempt | None = None
    created_at: EpochMs | None = None
    scheduled_at: EpochMs | None = None
    started_at: EpochMs | None = None
    stopped_at: EpochMs | None = None
    is_terminated: bool = False

    @property
    def share(self) -> str:
        """The fair-share identifier or the quota share's name, whichever the queue's policy uses."""
        return self.share_identifier or self.quota_share_name

    @property
    def training_job_arn(self) -> str:
        resource = self.latest_attempt and self.latest_attempt.service_resource_id
        return resource.value if resource else ""

    @property
    def instances(self) -> int:
        """Instances the job occupies, or asks for while it waits."""
        return int(sum(usage.quantity for usage in self.capacity_usage))

    @property
    def instance_type(self) -> str:
        return self.capacity_usage[0].capacity_unit if self.capacity_usage else ""


class ServiceJobDetail(ServiceJob, frozen=True):
    """DescribeServiceJob: everything AWS tells of one job."""

    job_queue: str = ""
    scheduling_priority: int | None = None
    attempts: tuple[Attempt, ...] = ()
    retry_strategy: RetryStrategy | None = None
    timeout_config: TimeoutConfig | None = None
    preemption_configuration: PreemptionConfiguration | None = None
    preemption_summary: PreemptionSummary | None = None
    service_request_payload: str = ""
    tags: dict[str, str] = {}


def is_finished(job: ServiceJob) -> bool:
    return job.status in FINISHED


def age_ms(job: ServiceJob, now_ms: int) -> int | None:
    """Milliseconds since the job was submitted."""
    return None if job.created_at is None else max(0, now_ms - job.created_at)


def waited_ms(job: ServiceJob, now_ms: int) -> int | None:
    """Milliseconds between submission and start; up to now for a job that has not started.

    A job that finished without ever starting (cancelled in the queue) waited until it stopped.
    """
    if job.created_at is None:
        return None
    end = job.started_at
    if end is None:
        end = job.stopped_at if is_finished(job) else now_ms
    return None if end is None else max(0, end - job.created_at)


def ran_ms(job: ServiceJob, now_ms: int) -> int | None:
    """Milliseconds the latest attempt has run, None if it never started or waits to be retried."""
    if job.started_at is None or job.status in QUEUED:
        return None
    end = (job.stopped_at or job.started_at) if is_finished(job) else now_ms
    return max(0, end - job.started_at)


def median(values: Sequence[int]) -> int | None:
    """The middle value (the lower of two), None for none."""
    return sorted(values)[(len(values) - 1) // 2] if values else None
