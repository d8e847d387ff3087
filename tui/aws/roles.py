"""IAM roles: looked at, made, completed; and what they allow.

Every function raises `AwsProblem` for any failure.
"""

import json
from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import unquote

import msgspec

from tui.aws.problems import AwsProblem
from tui.aws.session import Aws
from tui.model.roles import INLINE_NAME, OURS, Permission, RoleSpec
from tui.model.text import clean


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A role that exists, as far as we look at it. `inline` are the policy documents by name."""

    name: str
    arn: str
    trust: dict[str, Any] = {}
    inline: dict[str, dict[str, Any]] = {}
    attached: tuple[str, ...] = ()
    tags: dict[str, str] = {}

    @property
    def ours(self) -> bool:
        """Queuedeck made it."""
        return all(self.tags.get(key) == value for key, value in OURS.items())


class RoleResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a wish for a role. `made`: it is new; `completed`: policies were added to one of ours;
    `differences`: how a role that is not ours differs from the wish. It was left as it is."""

    role: Role
    made: bool = False
    completed: bool = False
    differences: tuple[str, ...] = ()


def role(aws: Aws, name: str) -> Role | None:
    """The role of this name; None if there is none."""
    found = _found(aws, "GetRole", RoleName=name)
    if found is None:
        return None
    shape = cast(dict[str, Any], found.get("Role") or {})
    names = _listed(aws, "ListRolePolicies", "PolicyNames", name)
    attached = _listed(aws, "ListAttachedRolePolicies", "AttachedPolicies", name)
    tags = _listed(aws, "ListRoleTags", "Tags", name)
    return Role(
        name=name,
        arn=clean(str(shape.get("Arn") or "")),
        trust=_document(shape.get("AssumeRolePolicyDocument")),
        inline={
            str(policy): _document(
                aws.call("iam", "GetRolePolicy", RoleName=name, PolicyName=policy).get("PolicyDocument")
            )
            for policy in names
        },
        attached=tuple(clean(str(policy.get("PolicyArn"))) for policy in attached),
        tags={clean(str(tag["Key"])): clean(str(tag["Value"])) for tag in tags},
    )


def differences(found: Role, spec: RoleSpec) -> tuple[str, ...]:
    """How a role differs from the wish, in words."""
    words: list[str] = []
    if found.trust != spec.trust:
        words.append("it trusts others")
    if spec.inline is not None and spec.inline not in found.inline.values():
        words.append(f"it lacks the inline policy {INLINE_NAME}")
    words += [
        f"{arn.rpartition('/')[2]} is not attached" for arn in spec.attached if arn not in found.attached
    ]
    return tuple(words)


def ensure(aws: Aws, spec: RoleSpec) -> RoleResult:
    """Make the role, complete one of ours, or adopt another's as it is.

    May be repeated: a role whose making was stopped in the middle is completed.
    """
    aws.forbid_if_read_only()
    found = role(aws, spec.name)
    made = found is None
    if found is None:
        aws.call(
            "iam",
            "CreateRole",
            RoleName=spec.name,
            Description=spec.description,
            AssumeRolePolicyDocument=json.dumps(spec.trust),
            Tags=[{"Key": key, "Value": value} for key, value in OURS.items()],
        )
    elif not found.ours:
        return RoleResult(role=found, differences=differences(found, spec))
    changed = _complete(aws, spec, found)
    after = role(aws, spec.name) if made or changed else found
    assert after is not None
    return RoleResult(
        role=after, made=made, completed=changed and not made, differences=differences(after, spec)
    )


def _complete(aws: Aws, spec: RoleSpec, found: Role | None) -> bool:
    """Add what one of our roles lacks. Who it trusts is not changed: somebody may have narrowed it."""
    changed = False
    if spec.inline is not None and (found is None or found.inline.get(INLINE_NAME) != spec.inline):
        document = json.dumps(spec.inline)
        aws.call("iam", "PutRolePolicy", RoleName=spec.name, PolicyName=INLINE_NAME, PolicyDocument=document)
        changed = True
    for arn in spec.attached:
        if found is None or arn not in found.attached:
            aws.call("iam", "AttachRolePolicy", RoleName=spec.name, PolicyArn=arn)
            changed = True
    return changed


def delete(aws: Aws, name: str) -> bool:
    """Delete a role that queuedeck made, with its policies. False, and nothing done, if it is not ours."""
    aws.forbid_if_read_only()
    found = role(aws, name)
    if found is None or not found.ours:
        return False
    for policy in found.inline:
        aws.call("iam", "DeleteRolePolicy", RoleName=name, PolicyName=policy)
    for arn in found.attached:
        aws.call("iam", "DetachRolePolicy", RoleName=name, PolicyArn=arn)
    aws.call("iam", "DeleteRole", RoleName=name)
    return True


# ---- what is allowed


def denied(aws: Aws, principal: str, asked: Sequence[Permission]) -> tuple[Permission, ...]:
    """The permissions that the policies of a user or role (ARN) do not give, as IAM's simulation decides.

    The simulation knows identity policies and boundaries; not what a bucket or an endpoint adds.
    """
    refused: list[Permission] = []
    for group in _alike(asked):
        first = group[0]
        context = [
            {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for key, value in first.context.items()
        ]
        answer = _simulated(
            aws,
            PolicySourceArn=principal_of(principal),
            ActionNames=[permission.action for permission in group],
            ResourceArns=[first.resource],
            ContextEntries=context,
        )
        refused += [permission for permission in group if answer.get(permission.action) != "allowed"]
    return tuple(refused)


def _alike(asked: Sequence[Permission]) -> list[list[Permission]]:
    """Permissions that one call can ask about: those with the same resource and context."""
    groups: list[list[Permission]] = []
    for permission in asked:
        for group in groups:
            if (group[0].resource, group[0].context) == (permission.resource, permission.context):
                group.append(permission)
                break
        else:
            groups.append([permission])
    return groups


def _simulated(aws: Aws, **arguments: Any) -> dict[str, str]:
    """IAM's decisions by action."""
    decisions: dict[str, str] = {}
    while True:
        page = aws.call("iam", "SimulatePrincipalPolicy", **arguments)
        for result in page.get("EvaluationResults") or ():
            decisions[str(result.get("EvalActionName"))] = str(result.get("EvalDecision"))
        if not page.get("IsTruncated") or not page.get("Marker"):
            return decisions
        arguments["Marker"] = page["Marker"]


def principal_of(arn: str) -> str:
    """The user or role behind a caller's ARN: the simulation takes no sessions.

    The path of a role is not in its sessions' ARNs; roles with a path are asked about by their own ARN.
    """
    parts = arn.split(":", 5)
    if len(parts) == 6 and parts[5].startswith("assumed-role/"):
        return f"arn:{parts[1]}:iam::{parts[4]}:role/{parts[5].split('/')[1]}"
    return arn


def _found(aws: Aws, operation: str, **arguments: Any) -> dict[str, Any] | None:
    try:
        return aws.call("iam", operation, **arguments)
    except AwsProblem as failure:
        if failure.problem.code in ("NotFound", "NoSuchEntity"):
            return None
        raise


def _listed(aws: Aws, operation: str, member: str, name: str) -> list[Any]:
    found: list[Any] = []
    more: dict[str, Any] = {}
    while True:
        page = aws.call("iam", operation, RoleName=name, **more)
        found += page.get(member) or []
        if not page.get("IsTruncated") or not page.get("Marker"):
            return found
        more = {"Marker": page["Marker"]}


def _document(value: Any) -> dict[str, Any]:
    """A policy document: botocore decodes those that it knows of, others are URL-encoded JSON."""
    if isinstance(value, str):
        try:
            value = json.loads(unquote(value))
        except ValueError:
            return {}
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}
