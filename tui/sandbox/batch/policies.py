"""Operations on scheduling policies."""

from typing import Any

from msgspec.structs import replace

from tui.model.queues import FairsharePolicy, QuotaSharePolicy, SchedulingPolicy
from tui.model.shape import converted
from tui.sandbox.batch import checks, find
from tui.sandbox.batch.members import members
from tui.sandbox.batch.paging import page
from tui.sandbox.errors import client_error
from tui.sandbox.world import World

MAX_POLICIES = 50


def create(world: World, params: dict[str, Any]) -> dict[str, Any]:
    name = params["name"]
    checks.name(name, "Scheduling policy name")
    arn = world.arn("batch", f"scheduling-policy/{name}")
    if arn in world.batch.policies:
        raise client_error("Object already exists")
    checks.at_most(len(world.batch.policies) + 1, MAX_POLICIES, "The number of scheduling policies")
    fairshare, quota = params.get("fairsharePolicy"), params.get("quotaSharePolicy")
    if fairshare is not None and quota is not None:
        raise client_error("Only one of fairsharePolicy or quotaSharePolicy can be set.")
    tags = checks.tags(params.get("tags"))
    world.batch.policies[arn] = SchedulingPolicy(
        name=name,
        arn=arn,
        fairshare_policy=_fairshare(fairshare or {}) if quota is None else None,
        quota_share_policy=_quota(quota) if quota is not None else None,
        tags=tags,
    )
    return {"name": name, "arn": arn}


def update(world: World, params: dict[str, Any]) -> dict[str, Any]:
    policy = find.policy(world, params["arn"])
    fairshare, quota = params.get("fairsharePolicy"), params.get("quotaSharePolicy")
    if (fairshare is not None and policy.fairshare_policy is None) or (
        quota is not None and policy.quota_share_policy is None
    ):
        raise client_error("The type of a scheduling policy cannot be changed.")
    if fairshare is not None:
        policy = replace(policy, fairshare_policy=_fairshare(fairshare))
    if quota is not None:
        policy = replace(policy, quota_share_policy=_quota(quota))
    world.batch.policies[policy.arn] = policy
    for queue in _users(world, policy.arn):
        world.cluster.mark(queue.environment)
    return {}


def delete(world: World, params: dict[str, Any]) -> dict[str, Any]:
    policy = find.policy(world, params["arn"])
    if _users(world, policy.arn):
        raise client_error("Cannot delete, found existing JobQueue relationship")
    del world.batch.policies[policy.arn]
    return {}


def describe(world: World, params: dict[str, Any]) -> dict[str, Any]:
    arns = params["arns"]
    checks.at_most(len(arns), 100, "The number of scheduling policy ARNs")
    found = (world.batch.policies.get(arn) for arn in arns)
    return {"schedulingPolicies": [members(policy, tags={}) for policy in found if policy is not None]}


def list_(world: World, params: dict[str, Any]) -> dict[str, Any]:
    arns, more = page(list(world.batch.policies), str, "policies", params)
    return {"schedulingPolicies": [{"arn": arn} for arn in arns], **more}


def _users(world: World, arn: str) -> list[Any]:
    return [queue for queue in world.batch.queues.values() if queue.shape.scheduling_policy_arn == arn]


def _fairshare(values: dict[str, Any]) -> FairsharePolicy:
    checks.in_range(values.get("shareDecaySeconds"), 0, 604_800, "shareDecaySeconds")
    checks.in_range(values.get("computeReservation"), 0, 99, "computeReservation")
    checks.share_distribution(values.get("shareDistribution") or [])
    return converted(values, FairsharePolicy)


def _quota(values: dict[str, Any]) -> QuotaSharePolicy:
    if values["idleResourceAssignmentStrategy"] != "FIFO":
        raise client_error("idleResourceAssignmentStrategy must be FIFO.")
    return converted(values, QuotaSharePolicy)
