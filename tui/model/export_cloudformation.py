"""A blueprint as a CloudFormation template.

The types are documented in the CloudFormation template reference: AWS::Batch::ServiceEnvironment,
AWS::Batch::SchedulingPolicy (FairsharePolicy or QuotaSharePolicy), AWS::Batch::JobQueue (with JobQueueType
and ServiceEnvironmentOrder) and AWS::Batch::QuotaShare. Members have the API's names, with a capital first.
"""

import re
from typing import Any, cast

from tui.model.blueprint import Blueprint, Environment, Policy, Queue, Share
from tui.model.payload_text import yaml_text
from tui.model.resource_changes import QUEUE_TYPE, plain

_HEAD = """\
# Made by queuedeck. Stack order follows from the references; CloudFormation waits for VALID by itself.
# To take over resources that exist, import them into the stack (`resource import`) instead of creating them.
"""


def cloudformation_text(blueprint: Blueprint) -> str:
    """The template, as YAML."""
    return _HEAD + yaml_text(template_of(blueprint))


def template_of(blueprint: Blueprint) -> dict[str, Any]:
    """The template as a document."""
    environment, policy, queue = (
        blueprint.service_environment,
        blueprint.scheduling_policy,
        blueprint.job_queue,
    )
    resources: dict[str, Any] = {"ServiceEnvironment": _environment(blueprint, environment)}
    if policy is not None:
        resources["SchedulingPolicy"] = _policy(blueprint, policy)
    resources["JobQueue"] = _queue(blueprint, queue)
    for number, share in enumerate(blueprint.quota_shares, 1):
        name = f"QuotaShare{_alphanumeric(share.quota_share_name)}"
        resources[f"{name}{number}" if name in resources else name] = _share(blueprint, share)
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"Training queue {queue.job_queue_name}",
        "Resources": resources,
    }


def _environment(blueprint: Blueprint, environment: Environment) -> dict[str, Any]:
    return _resource(
        "AWS::Batch::ServiceEnvironment",
        {
            "ServiceEnvironmentName": environment.service_environment_name,
            "ServiceEnvironmentType": QUEUE_TYPE,
            "State": environment.state,
            "CapacityLimits": capitalised(environment.capacity_limits),
            "Tags": blueprint.tags_of(environment),
        },
    )


def _policy(blueprint: Blueprint, policy: Policy) -> dict[str, Any]:
    return _resource(
        "AWS::Batch::SchedulingPolicy",
        {
            "Name": policy.name,
            "FairsharePolicy": capitalised(policy.fairshare_policy),
            "QuotaSharePolicy": capitalised(policy.quota_share_policy),
            "Tags": blueprint.tags_of(policy),
        },
    )


def _queue(blueprint: Blueprint, queue: Queue) -> dict[str, Any]:
    environment = {"Fn::GetAtt": ["ServiceEnvironment", "ServiceEnvironmentArn"]}
    policy = {"Fn::GetAtt": ["SchedulingPolicy", "Arn"]} if blueprint.scheduling_policy else None
    return _resource(
        "AWS::Batch::JobQueue",
        {
            "JobQueueName": queue.job_queue_name,
            "JobQueueType": QUEUE_TYPE,
            "Priority": queue.priority,
            "State": queue.state,
            "ServiceEnvironmentOrder": [{"Order": 1, "ServiceEnvironment": environment}],
            "SchedulingPolicyArn": policy,
            "JobStateTimeLimitActions": capitalised(queue.job_state_time_limit_actions),
            "Tags": blueprint.tags_of(queue),
        },
    )


def _share(blueprint: Blueprint, share: Share) -> dict[str, Any]:
    return _resource(
        "AWS::Batch::QuotaShare",
        {
            "QuotaShareName": share.quota_share_name,
            "JobQueue": {"Fn::GetAtt": ["JobQueue", "JobQueueArn"]},
            "State": share.state,
            "CapacityLimits": capitalised(share.capacity_limits),
            "ResourceSharingConfiguration": capitalised(share.resource_sharing_configuration),
            "PreemptionConfiguration": capitalised(share.preemption_configuration),
            "Tags": blueprint.tags_of(share),
        },
    )


def _alphanumeric(name: str) -> str:
    """The name as part of a logical id, which has letters and digits only."""
    return "".join(word[:1].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", name))


def _resource(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in properties.items() if value is not None and value not in ({}, [])}
    return {"Type": kind, "Properties": given}


def capitalised(value: Any) -> Any:
    """A Shape with its members' names as CloudFormation spells them."""
    return _capitalised(plain(value))


def _capitalised(value: Any) -> Any:
    if isinstance(value, dict):
        members = cast(dict[str, Any], value)
        return {name[:1].upper() + name[1:]: _capitalised(member) for name, member in members.items()}
    if isinstance(value, list):
        return [_capitalised(item) for item in cast(list[Any], value)]
    return value
