"""What the simulated Batch remembers of one service job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from tui.model.jobs import (
    Attempt,
    CapacityUsage,
    LatestAttempt,
    PreemptionConfiguration,
    RetryStrategy,
    ServiceJob,
    ServiceResourceId,
    Status,
)

if TYPE_CHECKING:
    from tui.sandbox.training import TrainingJob


class Summary(ServiceJob, frozen=True, kw_only=True):
    """ServiceJobSummary as it goes over the wire. A factory's default is sent, other defaults are not."""

    service_job_type: str = msgspec.field(default_factory=lambda: "SAGEMAKER_TRAINING")


@dataclass(frozen=True, slots=True)
class Script:
    """What a scenario decides about one attempt: seconds of training, and the failure at its end."""

    seconds: float | None = None
    failure: str = ""


@dataclass(slots=True, eq=False)
class Job:
    """A service job. Times are epoch ms; `attempts` holds the ended ones, preempted ones apart.

    `stop_cause` says why its training job is being stopped: `terminate`, `preempt`, `timeout` or empty;
    `stop_reason` is the status reason it will then get. `turns` counts the times it was handed to
    SageMaker, whatever came of it; `tries` those that count against the retry strategy. `starved_ms` is
    the time spent in SCHEDULED for lack of capacity. `scripts` has one entry per attempt, the last one
    repeated. `past` fills in payload, tags and attempts of a job that a scenario made up, when first asked.
    """

    id: str
    name: str
    queue: str
    created_at: int
    payload: str = ""
    unit: str = ""
    quantity: int = 1
    share: str = ""
    priority: int | None = None
    retry: RetryStrategy | None = None
    timeout_seconds: int | None = None
    preemption: PreemptionConfiguration | None = None
    tags: dict[str, str] = field(default_factory=dict[str, str])
    scripts: tuple[Script, ...] = ()
    status: str = Status.SUBMITTED
    status_reason: str = ""
    runnable_at: int | None = None
    scheduled_at: int | None = None
    started_at: int | None = None
    stopped_at: int | None = None
    terminated: bool = False
    stop_cause: str = ""
    stop_reason: str = ""
    turns: int = 0
    tries: int = 0
    starved_ms: int = 0
    training: TrainingJob | None = None
    latest_arn: str = ""
    attempts: tuple[Attempt, ...] = ()
    preempted: tuple[Attempt, ...] = ()
    preempted_count: int = 0
    past: Callable[[Job], None] | None = None
    summary: Summary | None = None

    @property
    def key(self) -> tuple[int, str]:
        """The order of every listing: by creation, then by id."""
        return (self.created_at, self.id)

    def fill(self) -> None:
        """Make payload, tags and attempts present, if they have not been derived yet."""
        if self.past is not None:
            past, self.past = self.past, None
            past(self)

    def changed(self) -> None:
        """Forget the summary made for listings."""
        self.summary = None


_RESOURCE = "TrainingJobArn"


def resource(arn: str) -> ServiceResourceId | None:
    return ServiceResourceId(name=_RESOURCE, value=arn) if arn else None


def summary_of(job: Job, arn: str, quota: bool) -> Summary:
    """What both listing and description say of a job, made anew only when the job has changed."""
    if job.summary is None:
        usage = (CapacityUsage(capacity_unit=job.unit, quantity=float(job.quantity)),) if job.unit else ()
        job.summary = Summary(
            job_id=job.id,
            job_arn=arn,
            job_name=job.name,
            status=job.status,
            status_reason=job.status_reason,
            share_identifier="" if quota else job.share,
            quota_share_name=job.share if quota else "",
            capacity_usage=usage,
            latest_attempt=LatestAttempt(service_resource_id=resource(job.latest_arn))
            if job.latest_arn
            else None,
            created_at=job.created_at,
            scheduled_at=job.scheduled_at,
            started_at=job.started_at,
            stopped_at=job.stopped_at,
            is_terminated=job.terminated,
        )
    return job.summary
