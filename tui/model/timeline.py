"""One job's life on one axis: the statuses of Batch, its attempts, and SageMaker's statuses in each.

DescribeServiceJob tells when each attempt ran; what lay between is waiting. The training job of an attempt
tells when SageMaker took it on, and each of its secondary statuses. What neither tells stays unknown.
"""

from collections.abc import Iterable, Mapping

import msgspec

from tui.model.jobs import FINISHED, QUEUED, Attempt, ServiceJobDetail
from tui.model.training import TrainingJob, name_of


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time (epoch ms), as `label`. `end` is None while it lasts. `kind` says how it looks:

    waiting, starting, running, uploading, good, bad, preempted.
    """

    label: str
    start: int
    end: int | None
    kind: str
    note: str = ""

    def length(self, now_ms: int) -> int:
        return max(0, (now_ms if self.end is None else self.end) - self.start)


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """Spans side by side, under one title."""

    title: str
    spans: tuple[Span, ...]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt, preempted ones included, in order of time. `number` counts from 1.

    `outcome`: running, succeeded, failed, preempted, stopped.
    """

    number: int
    attempt: Attempt
    outcome: str
    training: TrainingJob | None = None

    @property
    def training_job(self) -> str:
        """The name of its training job; empty if it never had one."""
        return name_of(self.attempt.training_job_arn)

    @property
    def begins(self) -> int | None:
        """When SageMaker took it on; if that is not known, when it began to train."""
        known = self.training.creation_time if self.training else None
        return known or self.attempt.started_at or self.attempt.stopped_at


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """`start` to `end` is the axis; `end` is now for a job that is not over."""

    start: int
    end: int
    lanes: tuple[Lane, ...]


def runs(job: ServiceJobDetail, training: Mapping[str, TrainingJob]) -> tuple[Run, ...]:
    """Every attempt that is known, oldest first. `training` maps ARNs to what SageMaker tells of them.

    Of many preemptions Batch tells the latest only.
    """
    preempted = job.preemption_summary.recent_preempted_attempts if job.preemption_summary else ()
    found: list[tuple[Attempt, str]] = [(attempt, "preempted") for attempt in preempted]
    known = {attempt.training_job_arn for attempt, _ in found}
    for attempt in job.attempts:
        if not attempt.training_job_arn or attempt.training_job_arn not in known:
            found.append((attempt, _outcome(job, attempt, training)))
            known.add(attempt.training_job_arn)
    latest = job.latest_attempt.service_resource_id if job.latest_attempt else None
    if latest is not None and latest.value not in known and job.status not in QUEUED:
        over = job.status in FINISHED
        current = Attempt(
            service_resource_id=latest,
            started_at=job.started_at,
            stopped_at=job.stopped_at if over else None,
            status_reason=job.status_reason if over else "",
        )
        found.append((current, _outcome(job, current, training)))

    def begins(item: tuple[Attempt, str]) -> int:
        attempt = item[0]
        seen = training.get(attempt.training_job_arn)
        return (
            (seen and seen.creation_time) or attempt.started_at or attempt.stopped_at or job.created_at or 0
        )

    found.sort(key=begins)
    return tuple(
        Run(
            number=number,
            attempt=attempt,
            outcome=outcome,
            training=training.get(attempt.training_job_arn),
        )
        for number, (attempt, outcome) in enumerate(found, 1)
    )


def _outcome(job: ServiceJobDetail, attempt: Attempt, training: Mapping[str, TrainingJob]) -> str:
    if attempt.stopped_at is None:
        return "running"
    seen = training.get(attempt.training_job_arn)
    if seen is not None and seen.over:
        return {"Completed": "succeeded", "Stopped": "stopped"}.get(seen.training_job_status, "failed")
    last = job.attempts[-1:] == (attempt,)
    return "succeeded" if last and job.status == "SUCCEEDED" else "failed"


def timeline(job: ServiceJobDetail, found: tuple[Run, ...], now_ms: int) -> Timeline:
    """The lanes: Batch's statuses, then for each attempt its SageMaker statuses."""
    over = job.status in FINISHED
    start = job.created_at or min((run.begins for run in found if run.begins), default=now_ms)
    end = (job.stopped_at or now_ms) if over else now_ms
    batch = tuple(_batch(job, found, start, end, over))
    lanes = [Lane(title="Batch", spans=batch)]
    for run in found:
        spans = tuple(_secondary(run)) if run.training else ()
        lanes.append(Lane(title=f"Attempt {run.number}", spans=spans or tuple(_bare(run))))
    last = max((span.end for lane in lanes for span in lane.spans if span.end), default=end)
    return Timeline(start=start, end=max(end, last, start + 1000), lanes=tuple(lanes))


_ENDS = {"succeeded": "good", "failed": "bad", "preempted": "preempted", "stopped": "bad"}


def _batch(job: ServiceJobDetail, found: tuple[Run, ...], start: int, end: int, over: bool) -> Iterable[Span]:
    """Waiting between the attempts; SCHEDULED, STARTING and RUNNING within each."""
    at = start
    for run in found:
        begins = max(at, run.begins or at)
        if begins > at:
            yield Span(label="RUNNABLE", start=at, end=begins, kind="waiting")
        at = begins
        for label, kind, until in _phases(run):
            if until is None or until > at:
                note = run.outcome if until == run.attempt.stopped_at else ""
                yield Span(label=label, start=at, end=until, kind=kind, note=note)
                at = at if until is None else until
    if job.status in QUEUED or (over and end > at and not found):
        yield Span(label="RUNNABLE", start=at, end=end if over else None, kind="waiting")


def _phases(run: Run) -> Iterable[tuple[str, str, int | None]]:
    """(Batch status, kind, its end) of one attempt; the end is None for the one that lasts."""
    begun = _entered(run.training, "Starting", "Downloading")
    trains = run.attempt.started_at or _entered(run.training, "Training")
    stopped = run.attempt.stopped_at
    steps = [("SCHEDULED", "starting", begun or trains), ("STARTING", "starting", trains)]
    for label, kind, until in steps:
        if until is None:
            yield label, kind, stopped
            return
        yield label, kind, until
    yield "RUNNING", "running", stopped


def _entered(training: TrainingJob | None, *statuses: str) -> int | None:
    steps = training.secondary_status_transitions if training else ()
    return next((step.start_time for step in steps if step.status in statuses), None)


_KINDS = {
    "Pending": "waiting",
    "Starting": "starting",
    "LaunchingMLInstances": "starting",
    "PreparingTrainingStack": "starting",
    "Downloading": "starting",
    "DownloadingTrainingImage": "starting",
    "Training": "running",
    "Uploading": "uploading",
    "Stopping": "uploading",
    "Interrupted": "preempted",
    "Restarting": "starting",
    "Completed": "good",
    "Failed": "bad",
    "Stopped": "bad",
    "MaxRuntimeExceeded": "bad",
    "MaxWaitTimeExceeded": "bad",
}


def _secondary(run: Run) -> Iterable[Span]:
    training = run.training
    for step in training.secondary_status_transitions if training else ():
        if step.start_time is None:
            continue
        kind = _KINDS.get(step.status, "running")
        if kind == "bad" and run.outcome == "preempted":
            kind = "preempted"
        yield Span(
            label=step.status,
            start=step.start_time,
            end=step.end_time,
            kind=kind,
            note=step.status_message,
        )


def _bare(run: Run) -> Iterable[Span]:
    """What Batch alone knows of an attempt: from when to when it ran, and how it ended."""
    begins = run.begins
    if begins is not None:
        yield Span(
            label=run.outcome,
            start=begins,
            end=run.attempt.stopped_at,
            kind=_ENDS.get(run.outcome, "running"),
            note=run.attempt.status_reason,
        )
