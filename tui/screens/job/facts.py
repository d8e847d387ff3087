"""One job as sections of labelled facts: the overview's and the attempts' text, without how it looks."""

from collections.abc import Iterable, Sequence

from msgspec import structs

from tui.model.failures import explain
from tui.model.jobs import QUEUED, ServiceJob, ServiceJobDetail, age_ms, is_finished, ran_ms, waited_ms
from tui.model.timeline import Run
from tui.model.training import TrainingRequest, billable_seconds, instance_hours
from tui.model.units import clock, duration
from tui.screens.job_facts import STATUS_STYLES, Fact, Section

OUTCOME_STYLES = {
    "running": "good",
    "succeeded": "",
    "failed": "bad",
    "preempted": "warn",
    "stopped": "warn",
}
_SUBMITTERS = ("owner", "user", "submitter", "created-by", "createdby", "submitted-by", "username")


def as_listed(job: ServiceJob, queue: str) -> ServiceJobDetail:
    """What a listing of the queue tells, for a job that has not been described (yet)."""
    return ServiceJobDetail(**structs.asdict(job), job_queue=queue)


def job_section(
    job: ServiceJobDetail, request: TrainingRequest, position: int | None, now_ms: int, pending: str | None
) -> Section:
    """What it is, how it stands, and since when."""
    return Section("Job", tuple(_job(job, request, position, now_ms, pending)))


def _job(
    job: ServiceJobDetail, request: TrainingRequest, position: int | None, now_ms: int, pending: str | None
) -> Iterable[Fact]:
    since = _since(job)
    status = job.status if since is None else f"{job.status} for {duration(max(0, now_ms - since))}"
    if is_finished(job) and since is not None:
        status = f"{job.status} {duration(max(0, now_ms - since))} ago"
    if pending:
        status += f", {pending}"
    elif job.is_terminated and not is_finished(job):
        status += ", termination requested"
    yield "Status", status, STATUS_STYLES.get(job.status, "")
    yield "Queue", job.job_queue.rpartition("/")[2], ""
    if job.share_identifier:
        yield "Share identifier", job.share_identifier, ""
    if job.quota_share_name:
        yield "Quota share", job.quota_share_name, ""
    if job.scheduling_priority is not None:
        yield "Priority", str(job.scheduling_priority), ""
    if job.status in QUEUED:
        yield "Position", str(position) if position else "not among the first 100", ""
    if submitter := submitted_by(job):
        yield "Submitted by", submitter, ""
    for usage in job.capacity_usage:
        yield "Instances", f"{usage.quantity:g} × {usage.capacity_unit}", ""
    if request.image:
        yield "Image", request.image, ""
    if request.role_arn:
        yield "Role", request.role_arn.rpartition("role/")[2] or request.role_arn, ""
    yield "Job id", job.job_id, ""


def _since(job: ServiceJobDetail) -> int | None:
    """When the job got its status, as far as Batch tells it."""
    if is_finished(job):
        return job.stopped_at
    return {"SCHEDULED": job.scheduled_at, "RUNNING": job.started_at}.get(job.status) or (
        job.created_at if job.status in QUEUED and not job.attempts and not job.training_job_arn else None
    )


def submitted_by(job: ServiceJobDetail) -> str:
    """Who submitted the job, if a tag tells it. Batch itself does not."""
    tags = {key.lower().replace("_", "-"): value for key, value in job.tags.items()}
    return next((tags[key] for key in _SUBMITTERS if tags.get(key)), "")


def reason_section(job: ServiceJobDetail, found: Sequence[Run]) -> Section | None:
    """Why it is as it is: the reason in full, its likely cause, and what to do. None without a reason."""
    reason = job.status_reason
    failure = found[-1].training.failure_reason if found and found[-1].training else ""
    if not reason and not failure:
        return None
    return Section("Reason", tuple(_reason(job, reason, failure)))


def _reason(job: ServiceJobDetail, reason: str, failure: str) -> Iterable[Fact]:
    failed = job.status == "FAILED"
    explanation = (
        explain(reason or failure, terminated=job.is_terminated) if job.status != "SUCCEEDED" else None
    )
    if explanation is not None:
        yield "Kind", explanation.kind, "bad" if failed else "warn"
        yield "Likely cause", explanation.cause, ""
        yield "Next step", explanation.next_step, ""
    if reason:
        yield "In full", reason, ""
    if failure and failure not in reason:
        yield "SageMaker", failure, ""


def times_section(job: ServiceJobDetail, found: Sequence[Run], now_ms: int, utc: bool) -> Section:
    """When what happened, how long it took, and what it cost."""
    return Section("Times and cost", tuple(_times(job, found, now_ms, utc)))


def _times(job: ServiceJobDetail, found: Sequence[Run], now_ms: int, utc: bool) -> Iterable[Fact]:
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
    yield from _cost([run for run in found if run.training is not None], now_ms)


def _cost(known: Sequence[Run], now_ms: int) -> Iterable[Fact]:
    jobs = [run.training for run in known if run.training is not None]
    seconds = [each for job in jobs if (each := billable_seconds(job, now_ms)) is not None]
    hours = [each for job in jobs if (each := instance_hours(job, now_ms)) is not None]
    if not seconds:
        return
    running = any(not job.over for job in jobs)
    over = f" over {len(jobs)} attempts" if len(jobs) > 1 else ""
    yield "Billable time", duration(sum(seconds) * 1000) + over + (" so far" if running else ""), ""
    yield "Cost", f"{sum(hours):,.2f} instance-hours" + (" so far" if running else ""), "accent"


def runs_section(found: Sequence[Run], now_ms: int) -> Section:
    """A line for each attempt: how it ended, how long it ran, the name of its training job."""
    return Section("Attempts", tuple(_run_line(run, now_ms) for run in found))


def _run_line(run: Run, now_ms: int) -> Fact:
    ran = ran_text(run, now_ms)
    name = run.training_job or "no training job"
    return f"{run.number} {run.outcome}", f"{ran}  {name}", OUTCOME_STYLES.get(run.outcome, "")


def ran_text(run: Run, now_ms: int) -> str:
    """How long the attempt trained."""
    if run.attempt.started_at is None:
        return "never started"
    return duration(max(0, (run.attempt.stopped_at or now_ms) - run.attempt.started_at))


def run_sections(run: Run, now_ms: int, utc: bool) -> list[Section]:
    """Everything about one attempt."""
    return [
        Section(f"Attempt {run.number}: {run.outcome}", tuple(_run(run, now_ms, utc))),
        Section("SageMaker", tuple(_steps(run, now_ms, utc))),
    ]


def _steps(run: Run, now_ms: int, utc: bool) -> Iterable[Fact]:
    for step in run.training.secondary_status_transitions if run.training else ():
        if step.start_time is not None:
            lasted = duration((step.end_time or now_ms) - step.start_time)
            yield (
                step.status,
                f"{clock(step.start_time, utc=utc)}  {lasted}  {step.status_message}".rstrip(),
                "",
            )


def _run(run: Run, now_ms: int, utc: bool) -> Iterable[Fact]:
    explanation = (
        explain(run.attempt.status_reason) if run.outcome in ("failed", "preempted", "stopped") else None
    )
    if explanation is not None:
        yield "Kind", explanation.kind, "bad" if run.outcome == "failed" else "warn"
        yield "Likely cause", explanation.cause, ""
        yield "Next step", explanation.next_step, ""
    if run.attempt.status_reason:
        yield "Reason", run.attempt.status_reason, ""
    if (
        run.training
        and run.training.failure_reason
        and run.training.failure_reason not in run.attempt.status_reason
    ):
        yield "SageMaker says", run.training.failure_reason, ""
    yield "Training job", run.training_job or "none: SageMaker never had it", ""
    if run.attempt.training_job_arn:
        yield "ARN", run.attempt.training_job_arn, "muted"
    for label, at in (("Started", run.attempt.started_at), ("Stopped", run.attempt.stopped_at)):
        if at is not None:
            yield label, f"{clock(at, utc=utc)}  {duration(max(0, now_ms - at))} ago", ""
    yield "Ran", ran_text(run, now_ms), ""
    if run.training is not None:
        yield "Instances", str(run.training.resource_config), ""
        yield from _cost([run], now_ms)


def rules_section(job: ServiceJobDetail) -> Section:
    """Retries, time-outs and preemption rules."""
    return Section("Rules", tuple(_rules(job)))


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


def tags_section(job: ServiceJobDetail) -> Section:
    return Section("Tags", tuple((key, value, "") for key, value in sorted(job.tags.items())))


def names_section(job: ServiceJobDetail) -> Section:
    """What it is called in full."""
    facts: list[Fact] = [("Type", job.service_job_type, ""), ("Job ARN", job.job_arn, "")]
    if job.training_job_arn:
        facts.append(("Training job ARN", job.training_job_arn, ""))
    return Section("Names", tuple(facts))


def filled(*sections: Section | None) -> list[Section]:
    """The sections that have something to say."""
    return [section for section in sections if section is not None and section.facts]
