"""One job as sections of labelled facts: what the details screen shows, without how it looks."""

from collections.abc import Iterable

import msgspec

from tui.model.jobs import (
    QUEUED,
    Attempt,
    ServiceJobDetail,
    age_ms,
    is_finished,
    ran_ms,
    waited_ms,
)
from tui.model.units import clock, duration

Fact = tuple[str, str, str]
"""Label, value, style name (empty for plain)."""


class Section(msgspec.Struct, frozen=True):
    title: str
    facts: tuple[Fact, ...]


STATUS_STYLES = {
    "SUBMITTED": "muted",
    "PENDING": "muted",
    "RUNNABLE": "accent",
    "SCHEDULED": "accent",
    "STARTING": "good",
    "RUNNING": "good",
    "SUCCEEDED": "",
    "FAILED": "bad",
}


def sections(job: ServiceJobDetail, now_ms: int, position: int | None, utc: bool) -> list[Section]:
    """Everything DescribeServiceJob tells, but for the request itself; sections without facts left out."""
    found = [
        Section("Job", tuple(_job(job, position))),
        Section("Times", tuple(_times(job, now_ms, utc))),
        Section("Attempts", tuple(_attempts(job.attempts, now_ms, utc))),
        Section("Preemptions", tuple(_preemptions(job, now_ms, utc))),
        Section("Rules", tuple(_rules(job))),
        Section("Tags", tuple((key, value, "") for key, value in sorted(job.tags.items()))),
    ]
    return [section for section in found if section.facts]


def _job(job: ServiceJobDetail, position: int | None) -> Iterable[Fact]:
    terminated = ", termination requested" if job.is_terminated and not is_finished(job) else ""
    yield "Status", job.status + terminated, STATUS_STYLES.get(job.status, "")
    if job.status_reason:
        yield "Reason", job.status_reason, "bad" if job.status == "FAILED" else ""
    yield "Queue", job.job_queue.rpartition("/")[2], ""
    if job.share_identifier:
        yield "Share identifier", job.share_identifier, ""
    if job.quota_share_name:
        yield "Quota share", job.quota_share_name, ""
    if job.scheduling_priority is not None:
        yield "Priority", str(job.scheduling_priority), ""
    if job.status in QUEUED:
        yield "Position", str(position) if position else "not among the first 100", ""
    for usage in job.capacity_usage:
        yield "Capacity", f"{usage.quantity:g} × {usage.capacity_unit}", ""
    yield "Type", job.service_job_type, "muted"
    yield "Job id", job.job_id, ""
    yield "Job ARN", job.job_arn, "muted"
    if job.training_job_arn:
        yield "Training job", job.training_job_arn.rpartition("/")[2], ""
        yield "Training job ARN", job.training_job_arn, "muted"


def _times(job: ServiceJobDetail, now_ms: int, utc: bool) -> Iterable[Fact]:
    for label, at in (
        ("Submitted", job.created_at),
        ("Scheduled", job.scheduled_at),
        ("Started", job.started_at),
        ("Stopped", job.stopped_at),
    ):
        if at is not None:
            yield label, f"{clock(at, utc=utc)}  {duration(max(0, now_ms - at))} ago", ""
    if not is_finished(job):
        yield "Age", duration(age_ms(job, now_ms)), ""
    yield "Waited", duration(waited_ms(job, now_ms)), ""
    yield "Ran", duration(ran_ms(job, now_ms)), ""


def _attempts(attempts: tuple[Attempt, ...], now_ms: int, utc: bool) -> Iterable[Fact]:
    for number, attempt in enumerate(attempts, 1):
        yield f"Attempt {number}", _attempt(attempt, now_ms, utc), ""


def _attempt(attempt: Attempt, now_ms: int, utc: bool) -> str:
    end = attempt.stopped_at or now_ms
    ran = duration(max(0, end - attempt.started_at)) if attempt.started_at else "never started"
    lines = [f"{clock(attempt.started_at, utc=utc)}, {ran}" if attempt.started_at else ran]
    if attempt.status_reason:
        lines.append(attempt.status_reason)
    if attempt.training_job_arn:
        lines.append(attempt.training_job_arn.rpartition("/")[2])
    return "\n".join(lines)


def _preemptions(job: ServiceJobDetail, now_ms: int, utc: bool) -> Iterable[Fact]:
    summary = job.preemption_summary
    if summary and summary.preempted_attempt_count:
        yield "Preempted", f"{summary.preempted_attempt_count} times", "warn"
        for attempt in summary.recent_preempted_attempts:
            yield "Preempted attempt", _attempt(attempt, now_ms, utc), ""


def _rules(job: ServiceJobDetail) -> Iterable[Fact]:
    if retry := job.retry_strategy:
        yield "Attempts allowed", str(retry.attempts), ""
        for rule in retry.evaluate_on_exit:
            pattern = rule.on_status_reason or "*"
            yield "On exit", f"{rule.action} when the reason matches {pattern}", ""
    if job.timeout_config and job.timeout_config.attempt_duration_seconds:
        yield "Attempt time-out", duration(job.timeout_config.attempt_duration_seconds * 1000), ""
    preemption = job.preemption_configuration
    if preemption and (retries := preemption.preemption_retries_before_termination) is not None:
        yield "Preemption retries", f"{retries}, then terminated", ""
