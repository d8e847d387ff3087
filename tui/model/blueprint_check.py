"""What is wrong with a blueprint, told before anything is sent.

`check` is `mistakes` (the blueprint alone) and `conflicts` (with what exists). `warnings` can be built.
Sources: the AWS Batch API reference, its service quotas page, and the CloudFormation schemas (the least
`MaxCapacity` of a quota share). A field is the dotted path in the blueprint's file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from tui.model.blueprint import Blueprint, Environment, Share
from tui.model.existing import Existing
from tui.model.payload_text import FieldProblem
from tui.model.queues import (
    NUM_INSTANCES,
    CapacityLimit,
    FairsharePolicy,
    JobStateTimeLimitAction,
    ResourceSharing,
)

MAX_QUEUES = MAX_ENVIRONMENTS = 50
MAX_SHARES = 20
MAX_LIMITS = 5
MAX_WEIGHTS = 500
MAX_TAGS = 50
NO_CAPACITY = "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY"
"""The only reason that time-limit actions of training queues know."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_SHARE_ENTRY = re.compile(r"[A-Za-z0-9]{0,254}\*|[A-Za-z0-9]{1,255}")
_UNIT = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9-]+")

Found = Iterator[tuple[str, str]]


def check(blueprint: Blueprint, existing: Existing) -> list[FieldProblem]:
    """Everything that stands in the way of building it here."""
    return mistakes(blueprint) + conflicts(blueprint, existing)


def mistakes(blueprint: Blueprint) -> list[FieldProblem]:
    """What AWS would refuse anywhere."""
    return [FieldProblem(field, message) for field, message in _mistakes(blueprint)]


def _mistakes(blueprint: Blueprint) -> Found:
    environment, policy, queue = (
        blueprint.service_environment,
        blueprint.scheduling_policy,
        blueprint.job_queue,
    )
    yield from name_mistakes(
        environment.service_environment_name, "serviceEnvironment.serviceEnvironmentName"
    )
    if environment.capacity_limits:
        yield from limit_mistakes(
            environment.capacity_limits, "serviceEnvironment.capacityLimits", quota=blueprint.kind == "quota"
        )
    if policy is not None:
        yield from name_mistakes(policy.name, "schedulingPolicy.name")
        if (policy.fairshare_policy is None) == (policy.quota_share_policy is None):
            yield "schedulingPolicy", "give either fairsharePolicy or quotaSharePolicy"
        if policy.fairshare_policy is not None:
            yield from fairshare_mistakes(policy.fairshare_policy, "schedulingPolicy.fairsharePolicy")
        strategy = policy.quota_share_policy and policy.quota_share_policy.idle_resource_assignment_strategy
        if strategy and strategy != "FIFO":
            yield (
                "schedulingPolicy.quotaSharePolicy.idleResourceAssignmentStrategy",
                "FIFO is the only one there is",
            )
    yield from name_mistakes(queue.job_queue_name, "jobQueue.jobQueueName")
    if queue.priority < 0:
        yield "jobQueue.priority", f"a priority is 0 or more, not {queue.priority}"
    for at, action in enumerate(queue.job_state_time_limit_actions):
        yield from _action(action, f"jobQueue.jobStateTimeLimitActions[{at}]")
    yield from _shares(blueprint)
    yield from _tags(blueprint)


def name_mistakes(name: str, field: str) -> Found:
    """Mistakes in the name of a resource."""
    if not name:
        yield field, "give a name"
    elif not _NAME.fullmatch(name):
        yield field, "a name has up to 128 letters, digits, hyphens and underscores"


def limit_mistakes(limits: Sequence[CapacityLimit], field: str, *, quota: bool, least: int = 0) -> Found:
    """Mistakes in capacity limits. With `quota` each counts one instance type."""
    if not 1 <= len(limits) <= MAX_LIMITS:
        yield field, f"give 1 to {MAX_LIMITS} limits, not {len(limits)}"
    units = [limit.capacity_unit for limit in limits]
    for at, limit in enumerate(limits):
        here, unit = f"{field}[{at}]", limit.capacity_unit
        if quota and unit == NUM_INSTANCES:
            yield f"{here}.capacityUnit", "quota management counts an instance type, such as ml.g5.xlarge"
        elif unit != NUM_INSTANCES and not _UNIT.fullmatch(unit):
            wanted = (
                "an instance type, such as ml.g5.xlarge" if quota else f"{NUM_INSTANCES} or an instance type"
            )
            yield f"{here}.capacityUnit", f"{unit!r} is not {wanted}"
        if units.index(unit) < at:
            yield f"{here}.capacityUnit", f"{unit} has a limit already"
        if limit.max_capacity < least:
            yield f"{here}.maxCapacity", f"it is {least} or more, not {limit.max_capacity}"
    if NUM_INSTANCES in units and len(set(units)) > 1:
        yield field, f"{NUM_INSTANCES} stands alone"


def fairshare_mistakes(policy: FairsharePolicy, field: str) -> Found:
    """Mistakes in a fair-share policy: ranges, identifiers, entries that overlap."""
    if not 0 <= policy.share_decay_seconds <= 604_800:
        yield f"{field}.shareDecaySeconds", "it is 0 to 604800 seconds (a week)"
    if not 0 <= policy.compute_reservation <= 99:
        yield f"{field}.computeReservation", "it is 0 to 99 percent"
    entries = policy.share_distribution
    if len(entries) > MAX_WEIGHTS:
        yield f"{field}.shareDistribution", f"there are {len(entries)} entries; at most {MAX_WEIGHTS}"
        return
    for at, entry in enumerate(entries):
        here, name = f"{field}.shareDistribution[{at}]", entry.share_identifier
        if not _SHARE_ENTRY.fullmatch(name):
            yield (
                f"{here}.shareIdentifier",
                f"{name!r} is not up to 255 letters and digits, which may end in *",
            )
        if not 0.0001 <= entry.weight_factor <= 999.9999:
            yield f"{here}.weightFactor", "it is 0.0001 to 999.9999; a lower one gets more"
        for other in entries[:at]:
            if overlap(name, other.share_identifier):
                yield f"{here}.shareIdentifier", f"it overlaps with {other.share_identifier}"
                break


def overlap(first: str, second: str) -> bool:
    """Whether some share identifier belongs to both entries (one that ends in `*` is a prefix)."""
    if first.endswith("*") and second.endswith("*"):
        return first[:-1].startswith(second[:-1]) or second[:-1].startswith(first[:-1])
    if first.endswith("*"):
        return second.startswith(first[:-1])
    if second.endswith("*"):
        return first.startswith(second[:-1])
    return first == second


def sharing_mistakes(sharing: ResourceSharing, field: str) -> Found:
    """Mistakes in how a quota share lends and borrows."""
    if sharing.strategy not in ("RESERVE", "LEND", "LEND_AND_BORROW"):
        yield f"{field}.strategy", f"{sharing.strategy!r} is not RESERVE, LEND or LEND_AND_BORROW"
    elif sharing.borrow_limit is not None and sharing.strategy != "LEND_AND_BORROW":
        yield f"{field}.borrowLimit", f"{sharing.strategy} does not borrow: leave it out"
    elif sharing.borrow_limit is not None and sharing.borrow_limit < -1:
        yield f"{field}.borrowLimit", "it is a percentage, or -1 for any amount"


def _shares(blueprint: Blueprint) -> Found:
    shares = blueprint.quota_shares
    if shares and blueprint.kind != "quota":
        yield "quotaShares", "only a queue with a quotaSharePolicy has quota shares"
        return
    if len(shares) > MAX_SHARES:
        yield "quotaShares", f"there are {len(shares)}; a queue has at most {MAX_SHARES}"
    names = [share.quota_share_name for share in shares]
    for at, share in enumerate(shares):
        yield from _share(share, f"quotaShares[{at}]", blueprint.service_environment)
        if names.index(share.quota_share_name) < at:
            yield f"quotaShares[{at}].quotaShareName", f"{share.quota_share_name} is there twice"


def _share(share: Share, field: str, environment: Environment) -> Found:
    yield from name_mistakes(share.quota_share_name, f"{field}.quotaShareName")
    yield from limit_mistakes(share.capacity_limits, f"{field}.capacityLimits", quota=True, least=1)
    yield from sharing_mistakes(share.resource_sharing_configuration, f"{field}.resourceSharingConfiguration")
    if share.preemption_configuration.in_share_preemption not in ("ENABLED", "DISABLED"):
        yield f"{field}.preemptionConfiguration.inSharePreemption", "it is ENABLED or DISABLED"
    if environment.capacity_limits:
        yield from _units_in(share, field, environment.capacity_limits)


def _units_in(share: Share, field: str, limits: Sequence[CapacityLimit]) -> Found:
    units = [limit.capacity_unit for limit in limits]
    for at, limit in enumerate(share.capacity_limits):
        if limit.capacity_unit not in units:
            there = ", ".join(units)
            yield f"{field}.capacityLimits[{at}].capacityUnit", f"the environment has {there} only"


def _action(action: JobStateTimeLimitAction, field: str) -> Found:
    if action.reason != NO_CAPACITY:
        yield f"{field}.reason", f"for training queues it is {NO_CAPACITY}"
    if action.state != "RUNNABLE":
        yield f"{field}.state", "it is RUNNABLE"
    if action.action != "TERMINATE":
        yield f"{field}.action", "for training queues it is TERMINATE"
    if not 600 <= action.max_time_seconds <= 86_400:
        yield f"{field}.maxTimeSeconds", "it is 600 to 86400 seconds"


def _tags(blueprint: Blueprint) -> Found:
    yield from tag_mistakes(blueprint.tags, "tags")
    parts = [
        ("serviceEnvironment", blueprint.service_environment),
        ("schedulingPolicy", blueprint.scheduling_policy),
        ("jobQueue", blueprint.job_queue),
        *((f"quotaShares[{at}]", share) for at, share in enumerate(blueprint.quota_shares)),
    ]
    for field, part in parts:
        if part is not None:
            yield from tag_mistakes(part.tags, f"{field}.tags")
            if len(part.tags) <= MAX_TAGS < len(blueprint.tags_of(part)):
                yield f"{field}.tags", f"with the blueprint's there are more than {MAX_TAGS}"


def tag_mistakes(tags: Mapping[str, str], field: str) -> Found:
    """Mistakes in tags."""
    if len(tags) > MAX_TAGS:
        yield field, f"there are {len(tags)}; a resource has at most {MAX_TAGS}"
    for key, value in tags.items():
        if not 1 <= len(key) <= 128 or len(value) > 256:
            yield f"{field}.{key[:40]}", "a key has 1 to 128 characters, a value up to 256"
        if key.lower().startswith("aws:"):
            yield f"{field}.{key}", "keys that begin with aws: are AWS's own"


# ---- with what exists


def conflicts(blueprint: Blueprint, existing: Existing) -> list[FieldProblem]:
    """What exists here and is in the way, and limits of the region that would be passed."""
    found = (
        *_environment_conflicts(blueprint, existing),
        *_policy_conflicts(blueprint, existing),
        *_queue_conflicts(blueprint, existing),
        *_share_conflicts(blueprint, existing),
    )
    return [FieldProblem(field, message) for field, message in found]


def _environment_conflicts(blueprint: Blueprint, existing: Existing) -> Found:
    wanted = blueprint.service_environment
    name = wanted.service_environment_name
    field = "serviceEnvironment.serviceEnvironmentName"
    found = existing.environment(name)
    if found is None:
        if not wanted.capacity_limits:
            yield "serviceEnvironment.capacityLimits", f"{name} does not exist: say what it is to hold"
        if len(existing.environments) >= MAX_ENVIRONMENTS:
            there = len(existing.environments)
            yield field, f"there are {there} environments; a region has at most {MAX_ENVIRONMENTS}"
        return
    if found.service_environment_type != "SAGEMAKER_TRAINING":
        yield field, f"{name} exists and is not of the type SAGEMAKER_TRAINING"
    if found.status == "INVALID":
        yield field, f"{name} exists and is INVALID: correct or delete it first"
    if wanted.state == "ENABLED" and found.status == "DELETED":
        yield field, f"{name} is still DELETED: take another name, or wait"
    quota = {policy.arn for policy in existing.policies if policy.quota_share_policy is not None}
    for queue in existing.queues_on(found):
        if queue.job_queue_name == blueprint.job_queue.job_queue_name:
            continue
        if blueprint.kind == "quota" or queue.scheduling_policy_arn in quota:
            yield (
                field,
                f"{name} serves {queue.job_queue_name} already; with quota management it serves one only",
            )
    units = [limit.capacity_unit for limit in found.capacity_limits]
    if blueprint.kind == "quota" and not wanted.capacity_limits:
        if NUM_INSTANCES in units:
            yield field, f"{name} counts {NUM_INSTANCES}; quota management needs instance types"
        else:
            for at, share in enumerate(blueprint.quota_shares):
                yield from _units_in(share, f"quotaShares[{at}]", found.capacity_limits)


def _policy_conflicts(blueprint: Blueprint, existing: Existing) -> Found:
    wanted = blueprint.scheduling_policy
    found = existing.policy(wanted.name) if wanted else None
    if wanted is None or found is None:
        return
    if (found.quota_share_policy is None) != (wanted.quota_share_policy is None):
        kind = "fair-share" if found.quota_share_policy is None else "quota share"
        yield "schedulingPolicy.name", f"{wanted.name} exists and is a {kind} policy: take another name"


def _queue_conflicts(blueprint: Blueprint, existing: Existing) -> Found:
    name, field = blueprint.job_queue.job_queue_name, "jobQueue.jobQueueName"
    found = existing.queue(name)
    if found is None:
        if len(existing.queues) >= MAX_QUEUES:
            yield (
                field,
                f"there are {len(existing.queues)} job queues; a region has at most {MAX_QUEUES}",
            )
        return
    if found.job_queue_type and found.job_queue_type != "SAGEMAKER_TRAINING":
        yield field, f"{name} exists and is a queue of the type {found.job_queue_type}"
        return
    if found.status == "INVALID":
        reason = f": {found.status_reason}" if found.status_reason else ""
        yield field, f"{name} exists and is INVALID{reason}"
    if found.status == "DELETING":
        return
    policy = existing.policy(found.scheduling_policy_arn) if found.scheduling_policy_arn else None
    if not found.scheduling_policy_arn and blueprint.scheduling_policy is not None:
        yield "schedulingPolicy", f"{name} is a FIFO queue, and stays one: a policy cannot be added"
    elif found.scheduling_policy_arn and blueprint.scheduling_policy is None:
        yield "schedulingPolicy", f"{name} has a scheduling policy, which cannot be removed: name one"
    elif policy is not None and (policy.quota_share_policy is None) == (blueprint.kind == "quota"):
        kind = "fair-share" if policy.quota_share_policy is None else "quota management"
        yield "schedulingPolicy", f"{name} uses {kind}, and a policy is replaced only by one of its kind"


def _share_conflicts(blueprint: Blueprint, existing: Existing) -> Found:
    queue = blueprint.job_queue.job_queue_name
    wanted = {share.quota_share_name for share in blueprint.quota_shares}
    others = [s for s in existing.quota_shares.get(queue, ()) if s.quota_share_name not in wanted]
    if wanted and others and len(others) + len(wanted) > MAX_SHARES:
        yield (
            "quotaShares",
            f"with the {len(others)} others of {queue} there are {len(others) + len(wanted)}; "
            f"a queue has at most {MAX_SHARES}",
        )
    for at, share in enumerate(blueprint.quota_shares):
        found = existing.share(queue, share.quota_share_name)
        if found is not None and found.status == "INVALID":
            yield f"quotaShares[{at}].quotaShareName", f"{share.quota_share_name} exists and is INVALID"
