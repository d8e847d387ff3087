"""Resources by name or ARN. Each raises AwsError (ClientException) if there is none."""

from tui.model.queues import QuotaShare, SchedulingPolicy, ServiceEnvironment
from tui.sandbox.batch.records import Job
from tui.sandbox.batch.state import Queue
from tui.sandbox.errors import client_error
from tui.sandbox.world import World


def bare(reference: str, kind: str, world: World) -> str:
    """The name in an ARN of this kind (`job-queue`, `service-environment`); a name stays as it is."""
    prefix = world.arn("batch", f"{kind}/")
    return reference.removeprefix(prefix)


def queue(world: World, reference: str) -> Queue:
    found = world.batch.queues.get(bare(reference, "job-queue", world))
    if found is None:
        raise client_error(f"JobQueue {reference} not found.")
    return found


def environment(world: World, reference: str) -> ServiceEnvironment:
    found = world.batch.environments.get(bare(reference, "service-environment", world))
    if found is None:
        raise client_error(f"ServiceEnvironment {reference} not found.")
    return found


def policy(world: World, arn: str) -> SchedulingPolicy:
    found = world.batch.policies.get(arn)
    if found is None:
        raise client_error(f"SchedulingPolicy {arn} not found.")
    return found


def quota_share(world: World, arn: str) -> tuple[Queue, QuotaShare]:
    """The share of an ARN `<queue arn>/quota-share/<name>`, and its queue."""
    queue_arn, _, name = arn.rpartition("/quota-share/")
    owner = world.batch.queues.get(bare(queue_arn, "job-queue", world))
    found = owner.shares.get(name) if owner and owner.arn == queue_arn else None
    if owner is None or found is None:
        raise client_error(f"QuotaShare {arn} not found.")
    return owner, found


def job(world: World, reference: str) -> Job:
    """A service job by id or ARN."""
    found = world.batch.jobs.get(bare(reference, "service-job", world))
    if found is None:
        raise client_error(f"ServiceJob {reference} not found.")
    return found
