"""What can be built from a blueprint, but not without a thought: told before it is done."""

from collections.abc import Iterable, Iterator, Sequence

from tui.model.blueprint import Blueprint
from tui.model.existing import Existing
from tui.model.jobs import CapacityUsage
from tui.model.payload_text import FieldProblem
from tui.model.queues import NUM_INSTANCES, CapacityLimit


def warnings(blueprint: Blueprint, existing: Existing) -> list[FieldProblem]:
    """What will follow that the blueprint does not say."""
    return [FieldProblem(field, message) for field, message in _warnings(blueprint, existing)]


def below_use(limits: Sequence[CapacityLimit], usage: Iterable[CapacityUsage]) -> list[str]:
    """The limits that are lower than what is in use now, each in words."""
    used = list(usage)
    found: list[str] = []
    for limit in limits:
        every = limit.capacity_unit == NUM_INSTANCES
        now = sum(u.quantity for u in used if every or u.capacity_unit == limit.capacity_unit)
        if limit.max_capacity < now:
            found.append(f"{limit.capacity_unit} {limit.max_capacity} is below the {now:g} in use")
    return found


def _warnings(blueprint: Blueprint, existing: Existing) -> Iterator[tuple[str, str]]:
    yield from _environment(blueprint, existing)
    yield from _policy(blueprint, existing)
    yield from _shares(blueprint, existing)


def _environment(blueprint: Blueprint, existing: Existing) -> Iterator[tuple[str, str]]:
    wanted = blueprint.service_environment
    found = existing.environment(wanted.service_environment_name)
    if found is None or not wanted.capacity_limits or found.capacity_limits == wanted.capacity_limits:
        return
    field = "serviceEnvironment.capacityLimits"
    queues = existing.queues_on(found)
    usage = [use for queue in queues for use in existing.usage.get(queue.job_queue_name, ())]
    then = "jobs that borrow will be preempted" if blueprint.kind == "quota" else "none starts until it fits"
    for words in below_use(wanted.capacity_limits, usage):
        yield field, f"{words}: {then}"
    others = [q.job_queue_name for q in queues if q.job_queue_name != blueprint.job_queue.job_queue_name]
    if others:
        yield field, f"it also serves {', '.join(others)}"


def _policy(blueprint: Blueprint, existing: Existing) -> Iterator[tuple[str, str]]:
    wanted = blueprint.scheduling_policy
    found = existing.policy(wanted.name) if wanted else None
    if wanted is None or found is None or wanted.fairshare_policy == found.fairshare_policy:
        return
    queue = blueprint.job_queue.job_queue_name
    others = [q.job_queue_name for q in existing.queues_under(found) if q.job_queue_name != queue]
    if others:
        yield "schedulingPolicy", f"{wanted.name} also orders {', '.join(others)}: their jobs are affected"


def _shares(blueprint: Blueprint, existing: Existing) -> Iterator[tuple[str, str]]:
    if blueprint.kind != "quota":
        return
    queue = blueprint.job_queue.job_queue_name
    wanted = {share.quota_share_name for share in blueprint.quota_shares}
    there = existing.quota_shares.get(queue, ())
    if not wanted and not there:
        yield "quotaShares", "without one the queue takes no jobs"
    others = sorted(share.quota_share_name for share in there if share.quota_share_name not in wanted)
    if others:
        yield "quotaShares", f"{queue} also has {', '.join(others)}, which stay"
    for at, share in enumerate(blueprint.quota_shares):
        found = existing.share(queue, share.quota_share_name)
        if found is not None and found.capacity_limits != share.capacity_limits:
            usage = existing.share_usage.get((queue, share.quota_share_name), ())
            for words in below_use(share.capacity_limits, usage):
                yield f"quotaShares[{at}].capacityLimits", f"{words}: jobs may be preempted"
    yield from _promised(blueprint, existing)


def _promised(blueprint: Blueprint, existing: Existing) -> Iterator[tuple[str, str]]:
    """Shares that are promised more together than the environment has."""
    environment = existing.environment(blueprint.service_environment.service_environment_name)
    limits = blueprint.service_environment.capacity_limits or (
        environment.capacity_limits if environment else ()
    )
    for limit in limits:
        promised = sum(
            given.max_capacity
            for share in blueprint.quota_shares
            for given in share.capacity_limits
            if given.capacity_unit == limit.capacity_unit
        )
        if promised > limit.max_capacity:
            yield (
                "quotaShares",
                f"they are promised {promised} {limit.capacity_unit} of {limit.max_capacity} there are",
            )
