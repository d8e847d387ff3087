"""Operations on quota shares."""

from typing import Any

from msgspec.structs import replace

from tui.model.jobs import ACTIVE
from tui.model.queues import CapacityLimit, QuotaPreemption, QuotaShare, ResourceSharing
from tui.model.shape import converted
from tui.sandbox.batch import capacity, checks, find, lifecycle
from tui.sandbox.batch.members import members
from tui.sandbox.batch.paging import page
from tui.sandbox.batch.settling import SETTLE_MS, refuse_to_delete, refuse_unless_settled
from tui.sandbox.batch.state import Queue
from tui.sandbox.errors import client_error
from tui.sandbox.world import World

MAX_SHARES = 20
MAX_LIMITS = 5


def create(world: World, params: dict[str, Any]) -> dict[str, Any]:
    name = params["quotaShareName"]
    checks.name(name, "Quota share name")
    queue = find.queue(world, params["jobQueue"])
    if not capacity.is_quota(world, queue):
        raise client_error(f"JobQueue {queue.arn} does not have a quota share scheduling policy.")
    if queue.shape.status != "VALID":
        raise client_error(f"JobQueue {queue.arn} is not in the VALID status.")
    if name in queue.shares:
        raise client_error(f"Quota share {name} already exists in job queue {queue.name}.")
    checks.at_most(len(queue.shares) + 1, MAX_SHARES, "The number of quota shares in a job queue")
    share = QuotaShare(
        quota_share_name=name,
        quota_share_arn=f"{queue.arn}/quota-share/{name}",
        job_queue_arn=queue.arn,
        capacity_limits=_limits(params["capacityLimits"]),
        resource_sharing_configuration=_sharing(params["resourceSharingConfiguration"]),
        preemption_configuration=_preemption(params["preemptionConfiguration"]),
        state=params.get("state") or "ENABLED",
        status="CREATING",
        tags=checks.tags(params.get("tags")),
    )
    queue.shares[name] = share
    world.after(SETTLE_MS, _settle, world, queue, name)
    return _named(share)


def update(world: World, params: dict[str, Any]) -> dict[str, Any]:
    queue, share = find.quota_share(world, params["quotaShareArn"])
    refuse_unless_settled(share.status, "update")
    if params.get("capacityLimits") is not None:
        share = replace(share, capacity_limits=_limits(params["capacityLimits"]))
    if params.get("resourceSharingConfiguration") is not None:
        share = replace(
            share, resource_sharing_configuration=_sharing(params["resourceSharingConfiguration"])
        )
    if params.get("preemptionConfiguration") is not None:
        share = replace(share, preemption_configuration=_preemption(params["preemptionConfiguration"]))
    if params.get("state"):
        share = replace(share, state=params["state"])
    share = replace(share, status="UPDATING")
    queue.shares[share.quota_share_name] = share
    world.after(SETTLE_MS, _settle, world, queue, share.quota_share_name)
    world.cluster.mark(queue.environment)
    return _named(share)


def delete(world: World, params: dict[str, Any]) -> dict[str, Any]:
    """A DISABLED share goes, its jobs are terminated."""
    queue, share = find.quota_share(world, params["quotaShareArn"])
    if share.status == "DELETING":
        return {}
    refuse_to_delete("QuotaShare", share.status, share.state)
    name = share.quota_share_name
    queue.shares[name] = replace(share, status="DELETING")
    for status in ACTIVE:
        for job in list(queue.index.of_share(status, name)):
            lifecycle.terminate(world, job, "QuotaShare deleted")
    world.after(SETTLE_MS, _remove, world, queue, name)
    return {}


def describe(world: World, params: dict[str, Any]) -> dict[str, Any]:
    _, share = find.quota_share(world, params["quotaShareArn"])
    return members(share, tags={})


def list_(world: World, params: dict[str, Any]) -> dict[str, Any]:
    queue = find.queue(world, params["jobQueue"])
    listing = f"shares {queue.name}"
    found, more = page(list(queue.shares.values()), lambda share: share.quota_share_name, listing, params)
    return {"quotaShares": [members(replace(share, tags={})) for share in found], **more}


def _settle(world: World, queue: Queue, name: str) -> None:
    share = queue.shares.get(name)
    if share is not None and share.status in ("CREATING", "UPDATING"):
        queue.shares[name] = replace(share, status="VALID")
        world.cluster.mark(queue.environment)


def _remove(world: World, queue: Queue, name: str) -> None:
    """Remove the share once its last job has ended."""
    if any(queue.index.of_share(status, name) for status in ACTIVE):
        world.after(SETTLE_MS, _remove, world, queue, name)
        return
    queue.shares.pop(name, None)
    world.cluster.mark(queue.environment)


def _named(share: QuotaShare) -> dict[str, Any]:
    return {"quotaShareName": share.quota_share_name, "quotaShareArn": share.quota_share_arn}


def _limits(values: list[dict[str, Any]]) -> tuple[CapacityLimit, ...]:
    if not 1 <= len(values) <= MAX_LIMITS:
        raise client_error(f"capacityLimits must have between 1 and {MAX_LIMITS} entries.")
    limits = converted(values, tuple[CapacityLimit, ...])
    for limit in limits:
        checks.in_range(limit.max_capacity, 0, 10_000_000, "maxCapacity")
        checks.instance_type(limit.capacity_unit)
    if len({limit.capacity_unit for limit in limits}) < len(limits):
        raise client_error("capacityLimits must name each capacityUnit once.")
    return limits


def _sharing(values: dict[str, Any]) -> ResourceSharing:
    limit = values.get("borrowLimit")
    strategy = values["strategy"]
    if strategy not in ("RESERVE", "LEND", "LEND_AND_BORROW"):
        raise client_error(f"{strategy} is not a resource sharing strategy.")
    if strategy != "LEND_AND_BORROW":
        if limit is not None:
            raise client_error("borrowLimit can only be applied with the strategy LEND_AND_BORROW.")
        return ResourceSharing(strategy=strategy)
    checks.in_range(limit, -1, 1_000_000, "borrowLimit")
    return ResourceSharing(strategy=strategy, borrow_limit=-1 if limit is None else limit)


def _preemption(values: dict[str, Any]) -> QuotaPreemption:
    state = values["inSharePreemption"]
    if state not in ("ENABLED", "DISABLED"):
        raise client_error("inSharePreemption must be ENABLED or DISABLED.")
    return QuotaPreemption(in_share_preemption=state)
