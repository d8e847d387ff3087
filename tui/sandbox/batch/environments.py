"""Operations on service environments."""

from typing import Any

from msgspec.structs import replace

from tui.model.queues import NUM_INSTANCES, CapacityLimit, ServiceEnvironment
from tui.model.shape import converted
from tui.sandbox.batch import capacity, checks, find
from tui.sandbox.batch.members import members
from tui.sandbox.batch.paging import page
from tui.sandbox.batch.settling import SETTLE_MS, refuse_to_delete, refuse_unless_settled
from tui.sandbox.errors import client_error
from tui.sandbox.world import World

MAX_ENVIRONMENTS = 50
MAX_LIMITS = 5


def create(world: World, params: dict[str, Any]) -> dict[str, Any]:
    name = params["serviceEnvironmentName"]
    checks.name(name, "Service environment name")
    if name in world.batch.environments:
        raise client_error("Object already exists")
    if params["serviceEnvironmentType"] != "SAGEMAKER_TRAINING":
        raise client_error("serviceEnvironmentType must be SAGEMAKER_TRAINING.")
    checks.at_most(len(world.batch.environments) + 1, MAX_ENVIRONMENTS, "The number of service environments")
    environment = ServiceEnvironment(
        service_environment_name=name,
        service_environment_arn=world.arn("batch", f"service-environment/{name}"),
        service_environment_type=params["serviceEnvironmentType"],
        state=params.get("state") or "ENABLED",
        status="CREATING",
        capacity_limits=_limits(params["capacityLimits"]),
        tags=checks.tags(params.get("tags")),
    )
    world.batch.environments[name] = environment
    world.after(SETTLE_MS, _settle, world, name)
    return _named(environment)


def update(world: World, params: dict[str, Any]) -> dict[str, Any]:
    """A new state, new limits, or both; the scheduler acts on them at once."""
    environment = find.environment(world, params["serviceEnvironment"])
    refuse_unless_settled(environment.status, "update")
    limits = environment.capacity_limits
    if params.get("capacityLimits") is not None:
        limits = _limits(params["capacityLimits"])
        _check_units(world, environment, limits)
    environment = replace(
        environment,
        state=params.get("state") or environment.state,
        capacity_limits=limits,
        status="UPDATING",
    )
    name = environment.service_environment_name
    world.batch.environments[name] = environment
    world.after(SETTLE_MS, _settle, world, name)
    world.cluster.mark(name)
    return _named(environment)


def delete(world: World, params: dict[str, Any]) -> dict[str, Any]:
    """Only a DISABLED environment without queues can go."""
    environment = find.environment(world, params["serviceEnvironment"])
    name = environment.service_environment_name
    if environment.status == "DELETING":
        return {}
    refuse_to_delete("ServiceEnvironment", environment.status, environment.state)
    if any(queue.environment == name for queue in world.batch.queues.values()):
        raise client_error("Cannot delete, found existing JobQueue relationship")
    world.batch.environments[name] = replace(environment, status="DELETING")
    world.after(SETTLE_MS, _remove, world, name)
    return {}


def describe(world: World, params: dict[str, Any]) -> dict[str, Any]:
    wanted = params.get("serviceEnvironments")
    environments = list(world.batch.environments.values())
    if wanted:
        checks.at_most(len(wanted), 100, "The number of service environments")
        names = {find.bare(reference, "service-environment", world) for reference in wanted}
        environments = [item for item in environments if item.service_environment_name in names]
    found, more = page(environments, lambda item: item.service_environment_name, "environments", params)
    return {"serviceEnvironments": [members(item, tags={}, capacityLimits=[]) for item in found], **more}


def _settle(world: World, name: str) -> None:
    environment = world.batch.environments.get(name)
    if environment is not None and environment.status in ("CREATING", "UPDATING"):
        world.batch.environments[name] = replace(environment, status="VALID")
        world.cluster.mark(name)


def _remove(world: World, name: str) -> None:
    world.batch.environments.pop(name, None)


def _named(environment: ServiceEnvironment) -> dict[str, Any]:
    return {
        "serviceEnvironmentName": environment.service_environment_name,
        "serviceEnvironmentArn": environment.service_environment_arn,
    }


def _check_units(world: World, environment: ServiceEnvironment, limits: tuple[CapacityLimit, ...]) -> None:
    """An environment that a quota-managed queue uses keeps counting by instance type."""
    queues = (q for q in world.batch.queues.values() if q.environment == environment.service_environment_name)
    if any(limit.capacity_unit == NUM_INSTANCES for limit in limits) and any(
        capacity.is_quota(world, queue) for queue in queues
    ):
        raise client_error(
            "The service environment of a quota managed job queue needs limits by instance type."
        )


def _limits(values: list[dict[str, Any]]) -> tuple[CapacityLimit, ...]:
    """1-5 limits of different units; NUM_INSTANCES stands alone."""
    if not values:
        raise client_error("capacityLimits must have at least one entry.")
    checks.at_most(len(values), MAX_LIMITS, "The number of capacity limits")
    limits = converted(values, tuple[CapacityLimit, ...])
    for limit, given in zip(limits, values, strict=True):
        if "maxCapacity" not in given or "capacityUnit" not in given:
            raise client_error("Each capacity limit needs maxCapacity and capacityUnit.")
        checks.in_range(limit.max_capacity, 0, 10_000_000, "maxCapacity")
        checks.capacity_unit(limit.capacity_unit)
    units = [limit.capacity_unit for limit in limits]
    if len(set(units)) < len(units) or (NUM_INSTANCES in units and len(units) > 1):
        raise client_error("capacityLimits must name each capacityUnit once, and NUM_INSTANCES alone.")
    return limits
