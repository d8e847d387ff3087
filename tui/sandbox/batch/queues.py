"""Operations on job queues."""

from typing import Any

from msgspec.structs import replace

from tui.model.jobs import ACTIVE
from tui.model.queues import (
    JobQueue,
    JobStateTimeLimitAction,
    SchedulingPolicy,
    ServiceEnvironment,
    ServiceEnvironmentOrder,
)
from tui.model.shape import converted
from tui.sandbox.batch import capacity, checks, find, lifecycle
from tui.sandbox.batch.members import members
from tui.sandbox.batch.paging import page
from tui.sandbox.batch.settling import SETTLE_MS, refuse_to_delete, refuse_unless_settled
from tui.sandbox.batch.state import Queue
from tui.sandbox.errors import client_error
from tui.sandbox.world import World

MAX_QUEUES = 50


def create(world: World, params: dict[str, Any]) -> dict[str, Any]:
    name = params["jobQueueName"]
    checks.name(name, "Job queue name")
    if name in world.batch.queues:
        raise client_error("Object already exists")
    checks.at_most(len(world.batch.queues) + 1, MAX_QUEUES, "The number of job queues")
    if params.get("jobQueueType") != "SAGEMAKER_TRAINING" or params.get("computeEnvironmentOrder"):
        raise client_error("The sandbox has job queues of the type SAGEMAKER_TRAINING only.")
    checks.in_range(params["priority"], 0, 1_000_000, "Job queue priority")
    policy_arn = params.get("schedulingPolicyArn") or ""
    policy = find.policy(world, policy_arn) if policy_arn else None
    order, environment = _environment_order(world, params.get("serviceEnvironmentOrder") or [])
    _check_fit(world, name, environment, policy)
    shape = JobQueue(
        job_queue_name=name,
        job_queue_arn=world.arn("batch", f"job-queue/{name}"),
        state=params.get("state") or "ENABLED",
        status="CREATING",
        status_reason="JobQueue Creating",
        priority=params["priority"],
        scheduling_policy_arn=policy_arn,
        service_environment_order=order,
        job_queue_type="SAGEMAKER_TRAINING",
        job_state_time_limit_actions=_time_limits(params.get("jobStateTimeLimitActions") or []),
        tags=checks.tags(params.get("tags")),
    )
    queue = world.batch.queues[name] = Queue(shape, usage_at=world.now())
    world.after(SETTLE_MS, _settle, world, queue)
    return _named(queue)


def update(world: World, params: dict[str, Any]) -> dict[str, Any]:
    """A DISABLED queue takes no new jobs; those in it go on."""
    queue = find.queue(world, params["jobQueue"])
    refuse_unless_settled(queue.shape.status, "update")
    shape = queue.shape
    if params.get("computeEnvironmentOrder"):
        raise client_error("A SAGEMAKER_TRAINING queue can't have a computeEnvironmentOrder.")
    if params.get("priority") is not None:
        checks.in_range(params["priority"], 0, 1_000_000, "Job queue priority")
        shape = replace(shape, priority=params["priority"])
    if params.get("state"):
        shape = replace(shape, state=params["state"])
    if params.get("jobStateTimeLimitActions") is not None:
        shape = replace(shape, job_state_time_limit_actions=_time_limits(params["jobStateTimeLimitActions"]))
    policy = capacity.policy_of(world, queue)
    if params.get("schedulingPolicyArn"):
        policy = _replacement(policy, find.policy(world, params["schedulingPolicyArn"]))
        shape = replace(shape, scheduling_policy_arn=policy.arn)
    if params.get("serviceEnvironmentOrder") is not None:
        order, environment = _environment_order(world, params["serviceEnvironmentOrder"])
        _check_fit(world, queue.name, environment, policy)
        if queue.holding and environment.service_environment_name != queue.environment:
            raise client_error("Cannot change the service environment of a queue whose jobs are running")
        shape = replace(shape, service_environment_order=order)
    capacity.settle_usage(world, queue)
    queue.shape = replace(shape, status="UPDATING", status_reason="JobQueue Updating")
    world.after(SETTLE_MS, _settle, world, queue)
    world.cluster.mark(queue.environment)
    return _named(queue)


def delete(world: World, params: dict[str, Any]) -> dict[str, Any]:
    """A DISABLED queue goes, its jobs are terminated; quota shares must have gone before."""
    queue = find.queue(world, params["jobQueue"])
    if queue.shape.status == "DELETING":
        return {}
    refuse_to_delete("JobQueue", queue.shape.status, queue.shape.state)
    if queue.shares:
        raise client_error("Cannot delete, found existing QuotaShare relationship")
    queue.shape = replace(queue.shape, status="DELETING", status_reason="JobQueue Deleting")
    for status in ACTIVE:
        for job in list(queue.index.of_status(status)):
            lifecycle.terminate(world, job, "JobQueue deleted")
    world.after(SETTLE_MS, _remove, world, queue)
    return {}


def describe(world: World, params: dict[str, Any]) -> dict[str, Any]:
    wanted = params.get("jobQueues")
    queues = list(world.batch.queues.values())
    if wanted:
        checks.at_most(len(wanted), 100, "The number of job queues")
        names = {find.bare(reference, "job-queue", world) for reference in wanted}
        queues = [queue for queue in queues if queue.name in names]
    found, more = page(queues, lambda queue: queue.name, "queues", params)
    return {
        "jobQueues": [members(queue.shape, computeEnvironmentOrder=[], tags={}) for queue in found],
        **more,
    }


def _settle(world: World, queue: Queue) -> None:
    if queue.shape.status in ("CREATING", "UPDATING"):
        queue.shape = replace(queue.shape, status="VALID", status_reason="JobQueue Healthy")
        world.cluster.mark(queue.environment)


def _remove(world: World, queue: Queue) -> None:
    """Remove the queue once its last job has ended; its jobs go with it."""
    if any(queue.index.count(status) for status in ACTIVE):
        world.after(SETTLE_MS, _remove, world, queue)
        return
    del world.batch.queues[queue.name]
    for job in queue.index.all:
        world.batch.jobs.pop(job.id, None)


def _named(queue: Queue) -> dict[str, Any]:
    return {"jobQueueName": queue.name, "jobQueueArn": queue.arn}


def _replacement(old: SchedulingPolicy | None, new: SchedulingPolicy) -> SchedulingPolicy:
    if old is None:
        raise client_error("A scheduling policy can't be added to a job queue that was created without one.")
    if (old.quota_share_policy is None) != (new.quota_share_policy is None):
        raise client_error("A scheduling policy can only be replaced by one of the same type.")
    return new


def _environment_order(
    world: World, values: list[dict[str, Any]]
) -> tuple[tuple[ServiceEnvironmentOrder, ...], ServiceEnvironment]:
    if len(values) != 1:
        raise client_error("serviceEnvironmentOrder must have exactly one service environment.")
    checks.in_range(values[0]["order"], 0, 1_000_000, "The order of a service environment")
    environment = find.environment(world, values[0]["serviceEnvironment"])
    if environment.status not in ("VALID", "UPDATING"):
        raise client_error(f"{environment.service_environment_arn} is not Valid")
    order = ServiceEnvironmentOrder(
        order=values[0]["order"], service_environment=environment.service_environment_arn
    )
    return (order,), environment


def _check_fit(
    world: World, name: str, environment: ServiceEnvironment, policy: SchedulingPolicy | None
) -> None:
    """A quota-managed environment serves one queue; others may serve several."""
    others = [
        queue
        for queue in world.batch.queues.values()
        if queue.environment == environment.service_environment_name and queue.name != name
    ]
    quota = policy is not None and policy.quota_share_policy is not None
    if others and (quota or any(capacity.is_quota(world, queue) for queue in others)):
        raise client_error("A quota management enabled service environment can serve one job queue only.")
    if quota and any(limit.capacity_unit == "NUM_INSTANCES" for limit in environment.capacity_limits):
        raise client_error(
            "A job queue with a quota share policy needs a service environment whose capacityUnit is an "
            "instance type."
        )


def _time_limits(values: list[dict[str, Any]]) -> tuple[JobStateTimeLimitAction, ...]:
    for value in values:
        checks.in_range(value["maxTimeSeconds"], 600, 86_400, "maxTimeSeconds")
        if value["state"] != "RUNNABLE":
            raise client_error("The only supported state of jobStateTimeLimitActions is RUNNABLE.")
        if value["action"] != "TERMINATE":
            raise client_error("The only supported action for a SAGEMAKER_TRAINING queue is TERMINATE.")
        if value["reason"] != lifecycle.NO_CAPACITY:
            raise client_error(f"The only supported reason is {lifecycle.NO_CAPACITY}.")
    return converted(values, tuple[JobStateTimeLimitAction, ...])
