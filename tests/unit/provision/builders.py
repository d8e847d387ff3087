"""Blueprints, and what exists, as tests start from them."""

from typing import Any

from msgspec.structs import replace

from tui.model.blueprint import Answers, Blueprint, ShareAnswer, from_answers
from tui.model.existing import Existing
from tui.model.queues import (
    JobQueue,
    QuotaShare,
    SchedulingPolicy,
    ServiceEnvironment,
    ServiceEnvironmentOrder,
)

G5 = "ml.g5.xlarge"
PREFIX = "arn:aws:batch:us-east-1:123456789012:"
EMPTY = Existing(arn_prefix=PREFIX)


def fifo(**more: Any) -> Blueprint:
    return from_answers(Answers(**({"kind": "fifo", "queue": "nightly", "capacity": 2} | more)))


def fair(**more: Any) -> Blueprint:
    shares = (ShareAnswer(name="llm", weight=0.5), ShareAnswer(name="audio*", weight=2.0))
    given = {"kind": "fair", "queue": "research", "capacity": 4, "shares": shares}
    return from_answers(Answers(**(given | more)))


def quota(**more: Any) -> Blueprint:
    shares = (
        ShareAnswer(name="prod", capacity=3, strategy="LEND_AND_BORROW", in_share_preemption=True),
        ShareAnswer(name="dev", capacity=1, strategy="LEND"),
    )
    given = {"kind": "quota", "queue": "vision", "capacity": 4, "instance_type": G5, "shares": shares}
    return from_answers(Answers(**(given | more)))


def built(blueprint: Blueprint) -> Existing:
    """What exists once the blueprint is built, in an account with nothing else."""
    environment, policy, queue = (
        blueprint.service_environment,
        blueprint.scheduling_policy,
        blueprint.job_queue,
    )
    environment_arn = f"{PREFIX}service-environment/{environment.service_environment_name}"
    policy_arn = f"{PREFIX}scheduling-policy/{policy.name}" if policy else ""
    queue_arn = f"{PREFIX}job-queue/{queue.job_queue_name}"
    return Existing(
        arn_prefix=PREFIX,
        environments=(
            ServiceEnvironment(
                service_environment_name=environment.service_environment_name,
                service_environment_arn=environment_arn,
                service_environment_type="SAGEMAKER_TRAINING",
                capacity_limits=environment.capacity_limits,
                state=environment.state,
                status="VALID",
                tags=blueprint.tags_of(environment),
            ),
        ),
        policies=(
            SchedulingPolicy(
                name=policy.name,
                arn=policy_arn,
                fairshare_policy=policy.fairshare_policy,
                quota_share_policy=policy.quota_share_policy,
                tags=blueprint.tags_of(policy),
            ),
        )
        if policy
        else (),
        queues=(
            JobQueue(
                job_queue_name=queue.job_queue_name,
                job_queue_arn=queue_arn,
                state=queue.state,
                status="VALID",
                priority=queue.priority,
                scheduling_policy_arn=policy_arn,
                service_environment_order=(
                    ServiceEnvironmentOrder(order=1, service_environment=environment_arn),
                ),
                job_queue_type="SAGEMAKER_TRAINING",
                job_state_time_limit_actions=queue.job_state_time_limit_actions,
                tags=blueprint.tags_of(queue),
            ),
        ),
        quota_shares={
            queue.job_queue_name: tuple(
                QuotaShare(
                    quota_share_name=share.quota_share_name,
                    quota_share_arn=f"{queue_arn}/quota-share/{share.quota_share_name}",
                    job_queue_arn=queue_arn,
                    capacity_limits=share.capacity_limits,
                    resource_sharing_configuration=share.resource_sharing_configuration,
                    preemption_configuration=share.preemption_configuration,
                    state=share.state,
                    status="VALID",
                    tags=blueprint.tags_of(share),
                )
                for share in blueprint.quota_shares
            )
        }
        if blueprint.kind == "quota"
        else {},
    )


def another_queue(existing: Existing, name: str = "other", policy: str = "") -> Existing:
    """The same with a second queue on the first environment (and, if named, under a policy)."""
    first = existing.queues[0]
    queue = replace(
        first,
        job_queue_name=name,
        job_queue_arn=f"{PREFIX}job-queue/{name}",
        scheduling_policy_arn=f"{PREFIX}scheduling-policy/{policy}" if policy else "",
    )
    return replace(existing, queues=(*existing.queues, queue))


def with_environment(existing: Existing, **changes: Any) -> Existing:
    return replace(existing, environments=(replace(existing.environments[0], **changes),))


def with_queue(existing: Existing, **changes: Any) -> Existing:
    return replace(existing, queues=(replace(existing.queues[0], **changes), *existing.queues[1:]))


def with_policy(existing: Existing, **changes: Any) -> Existing:
    return replace(existing, policies=(replace(existing.policies[0], **changes),))


def with_share(existing: Existing, name: str, **changes: Any) -> Existing:
    queue = existing.queues[0].job_queue_name
    shares = tuple(
        replace(share, **changes) if share.quota_share_name == name else share
        for share in existing.quota_shares[queue]
    )
    return replace(existing, quota_shares={queue: shares})
