"""The plan of a set-up: environment and policy, then the queue, then its quota shares.

What exists under a wanted name is adopted, and updated where it differs. Tags are added, never removed;
shares that the blueprint does not name stay.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from tui.model import resource_changes as changes
from tui.model.blueprint import Blueprint, Share
from tui.model.blueprint_check import conflicts
from tui.model.blueprint_file import TEARDOWN_MARK
from tui.model.existing import Existing
from tui.model.plan import SETTLED, Step
from tui.model.queues import CapacityLimit, FairsharePolicy, JobQueue, QuotaShare
from tui.model.resource_changes import Change, ResourceKind

_PARTS: dict[str, ResourceKind] = {
    "serviceEnvironment": "service environment",
    "schedulingPolicy": "scheduling policy",
    "jobQueue": "job queue",
}


def setup_steps(blueprint: Blueprint, existing: Existing) -> tuple[Step, ...]:
    """One step for each resource of the blueprint, in the order of their making."""
    obstacles = _obstacles(blueprint, existing)
    environment = _environment(blueprint, existing)
    steps = [environment]
    if blueprint.scheduling_policy is not None:
        steps.append(_policy(blueprint, existing))
    queue = _queue(blueprint, existing, ready=all(_usable(step, existing) for step in steps))
    steps.append(queue)
    ready = _usable(queue, existing)
    steps += [_share(blueprint, share, existing, ready=ready) for share in blueprint.quota_shares]
    return tuple(_with_obstacle(step, obstacles) for step in steps)


def _obstacles(blueprint: Blueprint, existing: Existing) -> dict[str, str]:
    """What is in the way of each step, by the step's key."""
    found: dict[str, str] = {}
    names = {
        "serviceEnvironment": blueprint.service_environment.service_environment_name,
        "schedulingPolicy": blueprint.scheduling_policy.name if blueprint.scheduling_policy else "",
        "jobQueue": blueprint.job_queue.job_queue_name,
    }
    for problem in conflicts(blueprint, existing):
        part = problem.field.partition(".")[0]
        if part in _PARTS:
            key = f"{_PARTS[part]} {names[part]}"
            if part == "schedulingPolicy" and blueprint.scheduling_policy is None:
                key = f"job queue {names['jobQueue']}"
            found.setdefault(key, problem.message)
        elif part == "quotaShares":
            for share in blueprint.quota_shares:
                found.setdefault(f"quota share {share.quota_share_name}", problem.message)
        else:
            at = int(part.partition("[")[2].rstrip("]"))
            found.setdefault(f"quota share {blueprint.quota_shares[at].quota_share_name}", problem.message)
    return found


def _with_obstacle(step: Step, obstacles: Mapping[str, str]) -> Step:
    why = obstacles.get(step.key)
    if why is None:
        return step
    return Step(verb=step.verb, kind=step.kind, name=step.name, state="blocked", why=why)


def _usable(step: Step, existing: Existing) -> bool:
    """Whether what comes next may refer to it."""
    if step.kind == "scheduling policy":
        return existing.policy(step.name) is not None
    if step.kind == "job queue":
        queue = existing.queue(step.name)
        return queue is not None and queue.status == "VALID"
    environment = existing.environment(step.name)
    return environment is not None and environment.status == "VALID"


def _environment(blueprint: Blueprint, existing: Existing) -> Step:
    wanted = blueprint.service_environment
    name, tags = wanted.service_environment_name, blueprint.tags_of(wanted)
    found = existing.environment(name)
    kind: ResourceKind = "service environment"
    if found is None or found.status in ("DELETING", "DELETED"):
        return _creation(
            kind,
            name,
            changes.create_environment(wanted, tags),
            limits_text(wanted.capacity_limits),
            gone=found is None,
        )
    limits = wanted.capacity_limits
    differs = _differences(
        ("capacity", limits and _by_unit(found.capacity_limits), limits and _by_unit(limits)),
        ("state", found.state, wanted.state),
    )
    update = changes.update_environment(
        name,
        capacity_limits=limits if limits and "capacity" in differs else None,
        state=wanted.state if "state" in differs else None,
    )
    tagging = _tagging(kind, found.service_environment_arn, found.tags, tags)
    return _adoption(kind, name, found.status, differs, update, tagging)


def _policy(blueprint: Blueprint, existing: Existing) -> Step:
    wanted = blueprint.scheduling_policy
    assert wanted is not None
    kind: ResourceKind = "scheduling policy"
    found, tags = existing.policy(wanted.name), blueprint.tags_of(wanted)
    if found is None:
        detail = "fair-share" if wanted.quota_share_policy is None else "quota management"
        return _creation(kind, wanted.name, changes.create_policy(wanted, tags), detail)
    differs: dict[str, str] = {}
    if wanted.fairshare_policy is not None:
        there = found.fairshare_policy or FairsharePolicy()
        differs = fairshare_differences(there, wanted.fairshare_policy)
    update = changes.update_policy(found.arn, fairshare=wanted.fairshare_policy)
    tagging = _tagging(kind, found.arn, found.tags, tags)
    return _adoption(kind, wanted.name, "", differs, update, tagging)


def _queue(blueprint: Blueprint, existing: Existing, *, ready: bool) -> Step:
    wanted, policy = blueprint.job_queue, blueprint.scheduling_policy
    kind: ResourceKind = "job queue"
    name, tags = wanted.job_queue_name, blueprint.tags_of(wanted)
    environment = blueprint.service_environment.service_environment_name
    environment_arn = _arn(existing, "service-environment", environment)
    policy_arn = _arn(existing, "scheduling-policy", policy.name) if policy else ""
    found = existing.queue(name)
    if found is None or found.status in ("DELETING", "DELETED"):
        create = changes.create_queue(wanted, environment_arn, policy_arn, tags)
        detail = f"on {environment}" + (f", ordered by {policy.name}" if policy else ", first in, first out")
        return _creation(kind, name, create, detail, gone=found is None, ready=ready)
    # ARNs cannot be compared while the prefix is not known: names can.
    order = [changes.name_in(item.service_environment) for item in found.service_environment_order]
    differs = _differences(
        ("environment", ", ".join(order), environment),
        ("policy", changes.name_in(found.scheduling_policy_arn), policy.name if policy else ""),
        ("priority", found.priority, wanted.priority),
        ("state", found.state, wanted.state),
        *_time_limits(found, wanted.job_state_time_limit_actions),
    )
    update = changes.update_queue(
        name,
        state=wanted.state if "state" in differs else None,
        priority=wanted.priority if "priority" in differs else None,
        policy_arn=policy_arn if "policy" in differs else None,
        environment=environment_arn if "environment" in differs else None,
        time_limit_actions=wanted.job_state_time_limit_actions if "time limits" in differs else None,
    )
    tagging = _tagging(kind, found.job_queue_arn, found.tags, tags)
    return _adoption(kind, name, found.status, differs, update, tagging, ready=ready)


def _share(blueprint: Blueprint, wanted: Share, existing: Existing, *, ready: bool) -> Step:
    kind: ResourceKind = "quota share"
    name, tags = wanted.quota_share_name, blueprint.tags_of(wanted)
    queue = blueprint.job_queue.job_queue_name
    found = existing.share(queue, name)
    if found is None or found.status in ("DELETING", "DELETED"):
        sharing = wanted.resource_sharing_configuration.strategy
        create = changes.create_share(queue, wanted, tags)
        detail = f"{limits_text(wanted.capacity_limits)}, {sharing}"
        return _creation(kind, name, create, detail, gone=found is None, ready=ready)
    differs = share_differences(found, wanted)
    update = changes.update_share(
        found.quota_share_arn,
        capacity_limits=wanted.capacity_limits if "capacity" in differs else None,
        sharing=wanted.resource_sharing_configuration
        if "strategy" in differs or "borrow limit" in differs
        else None,
        preemption=wanted.preemption_configuration if "in-share preemption" in differs else None,
        state=wanted.state if "state" in differs else None,
    )
    tagging = _tagging(kind, found.quota_share_arn, found.tags, tags)
    return _adoption(kind, name, found.status, differs, update, tagging, ready=ready)


# ---- a step from a difference


def _creation(
    kind: ResourceKind, name: str, create: Change, detail: str, *, gone: bool = True, ready: bool = True
) -> Step:
    if not gone:
        return Step(
            verb="create",
            kind=kind,
            name=name,
            state="doing",
            detail="one of this name is being deleted",
            changes=(create,),
        )
    return Step(verb="create", kind=kind, name=name, detail=detail, changes=(create,), ready=ready)


def _adoption(
    kind: ResourceKind,
    name: str,
    status: str,
    differs: Mapping[str, str],
    update: Change,
    tagging: tuple[Change, ...],
    *,
    ready: bool = True,
) -> Step:
    calls = ((update,) if differs else ()) + tagging
    detail = ", ".join([*differs.values(), *(("tags",) if tagging else ())])
    verb: Literal["update", "keep"] = "update" if calls else "keep"
    if status not in SETTLED:
        return Step(verb=verb, kind=kind, name=name, state="doing", detail=status, changes=calls)
    if not calls:
        return Step(verb=verb, kind=kind, name=name, state="adopted")
    return Step(verb=verb, kind=kind, name=name, detail=detail, changes=calls, ready=ready)


def _tagging(
    kind: ResourceKind, arn: str, there: Mapping[str, str], wanted: Mapping[str, str]
) -> tuple[Change, ...]:
    missing = {key: value for key, value in wanted.items() if there.get(key) != value}
    tag = (changes.tag(kind, arn, missing),) if missing else ()
    return (*tag, changes.untag(kind, arn, (TEARDOWN_MARK,))) if TEARDOWN_MARK in there else tag


# ---- differences, in words


def _differences(*members: tuple[str, Any, Any]) -> dict[str, str]:
    """What is to change, `name before → after` by name."""
    return {name: f"{name} {old} → {new}" for name, old, new in members if old != new}


def share_differences(found: QuotaShare, wanted: Share) -> dict[str, str]:
    """What an update of a quota share changes."""
    before, after = found.resource_sharing_configuration, wanted.resource_sharing_configuration
    return _differences(
        ("capacity", _by_unit(found.capacity_limits), _by_unit(wanted.capacity_limits)),
        ("strategy", before.strategy, after.strategy),
        ("borrow limit", borrow_text(before.borrow_limit), borrow_text(after.borrow_limit)),
        (
            "in-share preemption",
            found.preemption_configuration.in_share_preemption,
            wanted.preemption_configuration.in_share_preemption,
        ),
        ("state", found.state, wanted.state),
    )


def fairshare_differences(found: FairsharePolicy, wanted: FairsharePolicy) -> dict[str, str]:
    """What an update of a fair-share policy changes."""
    before = {entry.share_identifier: entry.weight_factor for entry in found.share_distribution}
    after = {entry.share_identifier: entry.weight_factor for entry in wanted.share_distribution}
    members: list[tuple[str, Any, Any]] = [
        (f"weight of {name}", _weight(before.get(name)), _weight(after.get(name)))
        for name in sorted({*before, *after})
    ]
    return _differences(
        ("decay seconds", found.share_decay_seconds, wanted.share_decay_seconds),
        ("reservation", f"{found.compute_reservation} %", f"{wanted.compute_reservation} %"),
        *members,
    )


def limits_text(limits: Sequence[CapacityLimit]) -> str:
    """`8 × ml.g5.xlarge`, or `8 instances`."""
    return ", ".join(
        f"{limit.max_capacity} instances"
        if limit.capacity_unit == "NUM_INSTANCES"
        else f"{limit.max_capacity} × {limit.capacity_unit}"
        for limit in limits
    )


def borrow_text(limit: int | None) -> str:
    """A borrow limit as people say it; AWS's default is any amount."""
    return "any" if limit is None or limit == -1 else f"{limit} %"


def _by_unit(limits: Sequence[CapacityLimit]) -> str:
    return limits_text(sorted(limits, key=lambda limit: limit.capacity_unit))


def _weight(factor: float | None) -> str:
    return "none" if factor is None else f"{factor:g}"


def _time_limits(found: JobQueue, wanted: Sequence[Any]) -> tuple[tuple[str, Any, Any], ...]:
    before = [action.max_time_seconds for action in found.job_state_time_limit_actions]
    after = [action.max_time_seconds for action in wanted]
    return (("time limits", before, after),)


def _arn(existing: Existing, kind: str, name: str) -> str:
    """The ARN of a resource by its name. Until the account is known it is the name alone."""
    return f"{existing.arn_prefix}{kind}/{name}" if existing.arn_prefix else name
