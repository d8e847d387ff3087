"""A blueprint as Terraform, for the provider `awscc` (AWS Cloud Control).

Its resources follow the CloudFormation types, in snake_case: awscc_batch_service_environment,
awscc_batch_scheduling_policy, awscc_batch_job_queue, awscc_batch_quota_share. The provider `aws` has no
resource for service environments and quota shares that we know of.
"""

import json
import re
from typing import Any, cast

from tui.model.blueprint import Blueprint
from tui.model.export_cloudformation import template_of

_HEAD = """\
# Made by queuedeck, for the provider awscc. `terraform import` takes over resources that exist.
terraform {
  required_providers {
    awscc = {
      source = "hashicorp/awscc"
    }
  }
}
"""


def terraform_text(blueprint: Blueprint) -> str:
    """The configuration, as HCL."""
    resources = cast(dict[str, dict[str, Any]], template_of(blueprint)["Resources"])
    blocks = [_block(name, resource) for name, resource in resources.items()]
    return "\n".join([_HEAD, *blocks])


def _block(name: str, resource: dict[str, Any]) -> str:
    kind = _kind(resource["Type"])
    lines = [f'resource "{kind}" "{_snake(name)}" {{']
    lines += _members(resource["Properties"], 1)
    return "\n".join([*lines, "}", ""])


def _members(members: dict[str, Any], depth: int, *, names: bool = True) -> list[str]:
    """`name = value` lines, the values aligned. Keys of tags are not names: they stay as they are."""
    keys = {key: _snake(key) if names else _quoted(key) for key in members}
    width = max((len(key) for key in keys.values()), default=0)
    return [
        f"{'  ' * depth}{keys[key]:<{width}} = {_value(value, depth, names=key != 'Tags')}"
        for key, value in members.items()
    ]


def _value(value: Any, depth: int, *, names: bool = True) -> str:
    if isinstance(value, dict):
        members = cast(dict[str, Any], value)
        if "Fn::GetAtt" in members:
            target, attribute = members["Fn::GetAtt"]
            return f"{_RESOURCE[target]}.{_snake(target)}.{_snake(attribute)}"
        inner = _members(members, depth + 1, names=names)
        return "\n".join(["{", *inner, f"{'  ' * depth}}}"])
    if isinstance(value, list):
        items = [_value(item, depth + 1) for item in cast(list[Any], value)]
        inner = [f"{'  ' * (depth + 1)}{item}," for item in items]
        return "\n".join(["[", *inner, f"{'  ' * depth}]"])
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


def _quoted(text: str) -> str:
    """HCL's string: JSON's, with its templates escaped."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def _kind(kind: str) -> str:
    return "awscc_batch_" + _snake(kind.rpartition("::")[2])


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


_RESOURCE = {
    "ServiceEnvironment": "awscc_batch_service_environment",
    "SchedulingPolicy": "awscc_batch_scheduling_policy",
    "JobQueue": "awscc_batch_job_queue",
}
