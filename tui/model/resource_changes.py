"""Changes to resources: each is one call of AWS Batch, as a value that can be shown before it is made."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from tui.model.blueprint import Environment, Policy, Queue, Share
from tui.model.queues import (
    CapacityLimit,
    FairsharePolicy,
    JobStateTimeLimitAction,
    QuotaPreemption,
    QuotaSharePolicy,
    ResourceSharing,
)

ResourceKind = Literal["service environment", "scheduling policy", "job queue", "quota share"]
QUEUE_TYPE = "SAGEMAKER_TRAINING"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One call: `operation` as AWS names it (`UpdateQuotaShare`), `request` exactly as it is sent."""

    operation: str
    request: dict[str, Any]
    kind: ResourceKind
    name: str


def plain(value: Any) -> Any:
    """A Shape, or a sequence of them, as AWS's JSON, defaults included."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, msgspec.Struct):
        return {
            field.encode_name: plain(member)
            for field in msgspec.structs.fields(value)
            if (member := getattr(value, field.name)) is not None
        }
    return value


def _given(**members: Any) -> dict[str, Any]:
    return {name: plain(value) for name, value in members.items() if value is not None}


# ---- service environments


def create_environment(environment: Environment, tags: Mapping[str, str] | None = None) -> Change:
    name = environment.service_environment_name
    request = _given(
        serviceEnvironmentName=name,
        serviceEnvironmentType=QUEUE_TYPE,
        state=environment.state,
        capacityLimits=environment.capacity_limits,
        tags=dict(tags or environment.tags) or None,
    )
    return Change(
        operation="CreateServiceEnvironment", request=request, kind="service environment", name=name
    )


def update_environment(
    name: str, *, capacity_limits: Sequence[CapacityLimit] | None = None, state: str | None = None
) -> Change:
    request = _given(serviceEnvironment=name, state=state, capacityLimits=capacity_limits)
    return Change(
        operation="UpdateServiceEnvironment", request=request, kind="service environment", name=name
    )


def delete_environment(name: str) -> Change:
    request = {"serviceEnvironment": name}
    return Change(
        operation="DeleteServiceEnvironment", request=request, kind="service environment", name=name
    )


# ---- scheduling policies


def create_policy(policy: Policy, tags: Mapping[str, str] | None = None) -> Change:
    request = _given(
        name=policy.name,
        fairsharePolicy=policy.fairshare_policy,
        quotaSharePolicy=policy.quota_share_policy,
        tags=dict(tags or policy.tags) or None,
    )
    return Change(
        operation="CreateSchedulingPolicy", request=request, kind="scheduling policy", name=policy.name
    )


def update_policy(
    arn: str, *, fairshare: FairsharePolicy | None = None, quota: QuotaSharePolicy | None = None
) -> Change:
    """Replaces the whole policy: weights that are not given are gone."""
    request = _given(arn=arn, fairsharePolicy=fairshare, quotaSharePolicy=quota)
    return Change(
        operation="UpdateSchedulingPolicy", request=request, kind="scheduling policy", name=name_in(arn)
    )


def delete_policy(arn: str) -> Change:
    request = {"arn": arn}
    return Change(
        operation="DeleteSchedulingPolicy", request=request, kind="scheduling policy", name=name_in(arn)
    )


# ---- job queues


def create_queue(
    queue: Queue, environment: str, policy_arn: str = "", tags: Mapping[str, str] | None = None
) -> Change:
    """`environment` is a name or an ARN; no policy makes a FIFO queue."""
    request = _given(
        jobQueueName=queue.job_queue_name,
        jobQueueType=QUEUE_TYPE,
        state=queue.state,
        priority=queue.priority,
        serviceEnvironmentOrder=[{"order": 1, "serviceEnvironment": environment}],
        schedulingPolicyArn=policy_arn or None,
        jobStateTimeLimitActions=queue.job_state_time_limit_actions or None,
        tags=dict(tags or queue.tags) or None,
    )
    return Change(operation="CreateJobQueue", request=request, kind="job queue", name=queue.job_queue_name)


def update_queue(
    name: str,
    *,
    state: str | None = None,
    priority: int | None = None,
    policy_arn: str | None = None,
    environment: str | None = None,
    time_limit_actions: Sequence[JobStateTimeLimitAction] | None = None,
) -> Change:
    order = None if environment is None else [{"order": 1, "serviceEnvironment": environment}]
    request = _given(
        jobQueue=name,
        state=state,
        priority=priority,
        schedulingPolicyArn=policy_arn,
        serviceEnvironmentOrder=order,
        jobStateTimeLimitActions=time_limit_actions,
    )
    return Change(operation="UpdateJobQueue", request=request, kind="job queue", name=name)


def delete_queue(name: str) -> Change:
    return Change(operation="DeleteJobQueue", request={"jobQueue": name}, kind="job queue", name=name)


# ---- quota shares


def create_share(queue: str, share: Share, tags: Mapping[str, str] | None = None) -> Change:
    request = _given(
        quotaShareName=share.quota_share_name,
        jobQueue=queue,
        capacityLimits=share.capacity_limits,
        resourceSharingConfiguration=share.resource_sharing_configuration,
        preemptionConfiguration=share.preemption_configuration,
        state=share.state,
        tags=dict(tags or share.tags) or None,
    )
    return Change(
        operation="CreateQuotaShare", request=request, kind="quota share", name=share.quota_share_name
    )


def update_share(
    arn: str,
    *,
    capacity_limits: Sequence[CapacityLimit] | None = None,
    sharing: ResourceSharing | None = None,
    preemption: QuotaPreemption | None = None,
    state: str | None = None,
) -> Change:
    request = _given(
        quotaShareArn=arn,
        capacityLimits=capacity_limits,
        resourceSharingConfiguration=sharing,
        preemptionConfiguration=preemption,
        state=state,
    )
    return Change(operation="UpdateQuotaShare", request=request, kind="quota share", name=name_in(arn))


def delete_share(arn: str) -> Change:
    request = {"quotaShareArn": arn}
    return Change(operation="DeleteQuotaShare", request=request, kind="quota share", name=name_in(arn))


# ---- tags


def tag(kind: ResourceKind, arn: str, tags: Mapping[str, str]) -> Change:
    """Adds tags, or gives them new values; other tags stay."""
    request = {"resourceArn": arn, "tags": dict(tags)}
    return Change(operation="TagResource", request=request, kind=kind, name=name_in(arn))


def untag(kind: ResourceKind, arn: str, keys: Sequence[str]) -> Change:
    request = {"resourceArn": arn, "tagKeys": list(keys)}
    return Change(operation="UntagResource", request=request, kind=kind, name=name_in(arn))


def name_in(arn: str) -> str:
    """The name at the end of an ARN; a name stays as it is."""
    return arn.rpartition("/")[2]
