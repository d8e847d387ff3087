"""The life of a service job: submitted, queued, handed to SageMaker, watched, retried, ended."""

import zlib
from functools import partial
from typing import TYPE_CHECKING

from tui.model.jobs import FINISHED, RUNNING, Attempt, Status
from tui.sandbox import training
from tui.sandbox.batch import capacity
from tui.sandbox.batch.names import training_job_name
from tui.sandbox.batch.payload import request_of
from tui.sandbox.batch.records import Job, Script, resource
from tui.sandbox.batch.retries import wants_retry
from tui.sandbox.batch.state import Queue
from tui.sandbox.errors import AwsError
from tui.sandbox.outcomes import course_of
from tui.sandbox.past import REPORTED

if TYPE_CHECKING:
    from tui.sandbox.training import TrainingJob
    from tui.sandbox.world import World

NO_CAPACITY = "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY"
STARVED = f"{NO_CAPACITY} - Unable to provision requested compute resources"
TIMED_OUT = "Job attempt duration exceeded timeout"
PREEMPTED = "Preempted to free capacity for a job that is entitled to it"
PREEMPTED_OUT = "Terminated after preemption: preemption retries exhausted"

_RECENT_PREEMPTIONS = 10


def submit(world: "World", queue: Queue, job: Job) -> None:
    """Record a new job; the scheduler sees it a second or two later."""
    world.batch.jobs[job.id] = job
    queue.index.add(job)
    world.after(1_000 + zlib.crc32(job.id.encode()) % 1_000, _accepted, world, job)


def _accepted(world: "World", job: Job) -> None:
    if job.status == Status.SUBMITTED:
        _queue_up(world, job)


def _queue_up(world: "World", job: Job, reason: str = "") -> None:
    """Make the job RUNNABLE. One whose payload names no instances is handed over at once, to be refused."""
    queue = world.batch.queues[job.queue]
    _move(queue, job, Status.RUNNABLE, reason)
    job.runnable_at = world.now()
    job.scheduled_at = job.started_at = job.stopped_at = None
    if job.unit:
        capacity.wait(world, queue, job)
    else:
        world.after(500, _hand_over_unplaceable, world, job)


def _hand_over_unplaceable(world: "World", job: Job) -> None:
    if job.status == Status.RUNNABLE:
        dispatch(world, job)


def dispatch(world: "World", job: Job) -> None:
    """Hand a RUNNABLE job to SageMaker, which may refuse its payload."""
    queue = world.batch.queues[job.queue]
    job.fill()
    request = request_of(job.payload)
    job.turns += 1
    if isinstance(request, str):
        _refused(world, queue, job, request)
        return
    name = training_job_name(str(request.get("TrainingJobName") or job.name), job.id, job.turns)
    request = {**request, "TrainingJobName": name}
    refusal = training.refused(request)
    if not refusal and not job.scripts:  # what a scenario wrote is well-formed, and must start quickly
        try:
            request = training.typed(request)
        except AwsError as error:
            refusal = error.message
    if refusal:
        _refused(world, queue, job, refusal)
        return
    capacity.hold(world, queue, job)
    _move(queue, job, Status.SCHEDULED, job.status_reason)
    job.scheduled_at = world.now()
    script = job.scripts[min(job.turns, len(job.scripts)) - 1] if job.scripts else Script()
    course = course_of(request, zlib.crc32(name.encode()) ^ world.seed, script.seconds, script.failure)
    job.training = training.start(world, request, course, partial(observe, world, job))
    job.latest_arn = job.training.arn
    _limit_time_in_scheduled(world, queue, job)


def _refused(world: "World", queue: Queue, job: Job, refusal: str) -> None:
    """SageMaker did not take the request: an attempt without a training job."""
    reason = f"{REPORTED}ValidationException {refusal}"
    _attempted(world, job, reason, arn="")
    _retry_or_fail(world, queue, job, reason)


def observe(world: "World", job: Job, seen: "TrainingJob") -> None:
    """Follow a transition of the job's training job."""
    if seen is not job.training:
        return
    queue = world.batch.queues[job.queue]
    if seen.status in training.FINISHED:
        _ended(world, queue, job, seen)
    elif seen.status == "InProgress" and seen.secondary_status == "Starting":
        _move(queue, job, Status.STARTING)
    elif seen.status == "InProgress" and seen.secondary_status == "Training":
        _move(queue, job, Status.RUNNING)
        job.started_at = world.now()
        if job.timeout_seconds is not None:
            watch_timeout(world, job, job.timeout_seconds * 1_000)


def watch_timeout(world: "World", job: Job, delay_ms: int) -> None:
    """End the attempt that runs now, if it still runs after the delay."""
    world.after(delay_ms, _time_out, world, job, job.turns)


def _time_out(world: "World", job: Job, turn: int) -> None:
    if job.turns == turn and job.status == Status.RUNNING and not job.stop_cause:
        _stop(world, job, "timeout", TIMED_OUT)


def terminate(world: "World", job: Job, reason: str) -> None:
    """Cancel a queued job at once, stop a running one; a finished one stays as it is."""
    if job.status in FINISHED:
        return
    job.terminated = True
    job.changed()
    if job.status in RUNNING:
        _stop(world, job, "terminate", reason)
    else:
        _over(world, world.batch.queues[job.queue], job, Status.FAILED, reason)


def preempt(world: "World", job: Job) -> None:
    """Stop a job's attempt to free its capacity; it will be queued again."""
    if job.status in RUNNING and not job.stop_cause:
        _stop(world, job, "preempt", PREEMPTED)


def _stop(world: "World", job: Job, cause: str, reason: str) -> None:
    job.stop_cause, job.stop_reason = cause, reason
    capacity.stopping(world.batch.queues[job.queue], job)
    if job.training is not None:
        training.stop(world, job.training)


def _limit_time_in_scheduled(world: "World", queue: Queue, job: Job) -> None:
    for action in queue.shape.job_state_time_limit_actions:
        if action.reason == NO_CAPACITY:
            left = action.max_time_seconds * 1_000 - job.starved_ms
            world.after(max(0, left), _give_up_on_capacity, world, job, job.turns)


def _give_up_on_capacity(world: "World", job: Job, turn: int) -> None:
    if job.turns == turn and job.status == Status.SCHEDULED and not job.stop_cause:
        _stop(world, job, "terminate", f"Terminated by JobStateTimeLimit action due to reason: {NO_CAPACITY}")


def _ended(world: "World", queue: Queue, job: Job, ended: "TrainingJob") -> None:
    """Decide what becomes of the job now that its training job is over."""
    capacity.leave(world, queue, job)
    cause, reason = job.stop_cause, job.stop_reason
    job.stop_cause = job.stop_reason = ""
    if cause == "preempt":
        _preempted(world, queue, job, reason)
    elif cause:
        _attempted(world, job, reason)
        _over(world, queue, job, Status.FAILED, reason)
    elif ended.status == "Completed":
        reason = REPORTED + ended.transitions[-1].message
        _attempted(world, job, reason)
        _over(world, queue, job, Status.SUCCEEDED, reason)
    elif ended.failure_reason.startswith("CapacityError"):
        _starved(world, job, ended)
    else:
        reason = REPORTED + (ended.failure_reason or ended.transitions[-1].message)
        _attempted(world, job, reason)
        _retry_or_fail(world, queue, job, reason)


def _starved(world: "World", job: Job, ended: "TrainingJob") -> None:
    """SageMaker had no instances: queue again without using up an attempt, and delete what failed."""
    job.starved_ms += world.now() - (job.scheduled_at or world.now())
    world.training_jobs.pop(ended.name, None)
    job.training, job.latest_arn = None, ""
    _queue_up(world, job, STARVED)


def _preempted(world: "World", queue: Queue, job: Job, reason: str) -> None:
    attempt = _attempt(world, job, reason, job.latest_arn)
    job.preempted = (*job.preempted, attempt)[-_RECENT_PREEMPTIONS:]
    job.preempted_count += 1
    allowed = job.preemption.preemption_retries_before_termination if job.preemption else None
    if allowed is not None and job.preempted_count > allowed:
        _over(world, queue, job, Status.FAILED, PREEMPTED_OUT)
    else:
        _queue_up(world, job, reason)


def _retry_or_fail(world: "World", queue: Queue, job: Job, reason: str) -> None:
    job.tries += 1
    if wants_retry(job.retry, job.tries, reason):
        capacity.leave(world, queue, job)
        _queue_up(world, job, reason)
    else:
        _over(world, queue, job, Status.FAILED, reason)


def _attempt(world: "World", job: Job, reason: str, arn: str) -> Attempt:
    return Attempt(
        service_resource_id=resource(arn),
        started_at=job.started_at,
        stopped_at=world.now(),
        status_reason=reason,
    )


def _attempted(world: "World", job: Job, reason: str, arn: str | None = None) -> None:
    job.attempts = (*job.attempts, _attempt(world, job, reason, job.latest_arn if arn is None else arn))


def _over(world: "World", queue: Queue, job: Job, status: Status, reason: str) -> None:
    capacity.leave(world, queue, job)
    _move(queue, job, status, reason)
    job.stopped_at = max(world.now(), job.created_at)


def _move(queue: Queue, job: Job, status: Status, reason: str = "") -> None:
    queue.index.move(job, status)
    job.status_reason = reason
    job.changed()
