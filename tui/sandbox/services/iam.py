"""AWS IAM: roles and policies as far as training queues need them, and what they allow."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from tui.sandbox.errors import AwsError
from tui.sandbox.service import Answer, Call
from tui.sandbox.services.base import Operations, T, moment, page, without_none
from tui.sandbox.services.identity import USER, Identity, Policy, Role
from tui.sandbox.services.policies import Decision, Statement, decide, missing_context, parse_document
from tui.sandbox.world import World

_LINKED = {"sagemaker-queuing.batch.amazonaws.com": "AWSServiceRoleForAWSBatchWithSagemaker"}
_ADMINISTRATOR: list[Statement] = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]

Denies = Callable[[str], bool]


class IamService(Operations):
    """`denies` says which actions the faults on order forbid to everyone."""

    name = "iam"
    missing = "InvalidAction"

    def __init__(self, world: World, identity: Identity, denies: Denies) -> None:
        super().__init__(
            {
                "GetUser": self._get_user,
                "CreateRole": self._create_role,
                "CreateServiceLinkedRole": self._create_linked_role,
                "GetRole": lambda call: {"Role": _role_shape(self._role(call))},
                "DeleteRole": self._delete_role,
                "ListRoles": self._list_roles,
                "UpdateAssumeRolePolicy": self._update_trust,
                "TagRole": self._tag_role,
                "UntagRole": self._untag_role,
                "ListRoleTags": self._list_role_tags,
                "PutRolePolicy": self._put_inline,
                "GetRolePolicy": self._get_inline,
                "DeleteRolePolicy": self._delete_inline,
                "ListRolePolicies": self._list_inline,
                "AttachRolePolicy": self._attach,
                "DetachRolePolicy": self._detach,
                "ListAttachedRolePolicies": self._list_attached,
                "CreatePolicy": self._create_policy,
                "GetPolicy": lambda call: {"Policy": self._policy_shape(self._policy(call))},
                "GetPolicyVersion": self._get_policy_version,
                "ListPolicyVersions": self._list_policy_versions,
                "DeletePolicy": self._delete_policy,
                "ListPolicies": self._list_policies,
                "SimulatePrincipalPolicy": self._simulate,
            }
        )
        self._world = world
        self._identity = identity
        self._denies = denies

    def _get_user(self, call: Call) -> Answer:
        name = call.params.get("UserName", USER)
        if name != USER:
            raise AwsError("NoSuchEntity", f"The user with name {name} cannot be found.", 404)
        user = {
            "Path": "/",
            "UserName": USER,
            "UserId": "AIDASANDBOXSANDBOX00",
            "Arn": self._identity.user_arn,
            "CreateDate": moment(self._world.started_at),
        }
        return {"User": user}

    # Roles

    def _role(self, call: Call) -> Role:
        return self._identity.role(call.params["RoleName"])

    def _create_role(self, call: Call) -> Answer:
        params = call.params
        name, path = params["RoleName"], params.get("Path", "/")
        if name in self._identity.roles:
            raise AwsError("EntityAlreadyExists", f"Role with name {name} already exists.", 409)
        parse_document(params["AssumeRolePolicyDocument"])
        role = self._add_role(name, path, params["AssumeRolePolicyDocument"], params.get("Description", ""))
        role.max_session = params.get("MaxSessionDuration", 3600)
        role.tags = params.get("Tags", [])
        return {"Role": _role_shape(role)}

    def _create_linked_role(self, call: Call) -> Answer:
        service = call.params["AWSServiceName"]
        name = _LINKED.get(service, f"AWSServiceRoleFor{service.partition('.')[0].title().replace('-', '')}")
        if suffix := call.params.get("CustomSuffix"):
            name = f"{name}_{suffix}"
        if name in self._identity.roles:
            raise AwsError(
                "InvalidInput",
                f"Service role name {name} has been taken in this account, please try a different suffix.",
            )
        trust = (
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
            f'"Principal":{{"Service":"{service}"}}}}]}}'
        )
        role = self._add_role(
            name, f"/aws-service-role/{service}/", trust, call.params.get("Description", "")
        )
        return {"Role": _role_shape(role)}

    def _add_role(self, name: str, path: str, trust: str, description: str) -> Role:
        arn = self._identity.arn(f"role{path}{name}")
        identifier = self._identity.new_id("AROA")
        role = Role(name, arn, identifier, path, trust, self._world.now(), description)
        self._identity.roles[name] = role
        return role

    def _delete_role(self, call: Call) -> Answer:
        role = self._role(call)
        if role.attached:
            raise AwsError("DeleteConflict", "Cannot delete entity, must detach all policies first.", 409)
        if role.inline:
            raise AwsError("DeleteConflict", "Cannot delete entity, must delete policies first.", 409)
        del self._identity.roles[role.name]
        return {}

    def _list_roles(self, call: Call) -> Answer:
        prefix = call.params.get("PathPrefix", "/")
        roles = [role for _, role in sorted(self._identity.roles.items()) if role.path.startswith(prefix)]
        shown, marker = self._page(call, roles)
        return without_none(
            Roles=[_role_shape(role) for role in shown], IsTruncated=marker is not None, Marker=marker
        )

    def _update_trust(self, call: Call) -> Answer:
        parse_document(call.params["PolicyDocument"])
        self._role(call).trust = call.params["PolicyDocument"]
        return {}

    def _tag_role(self, call: Call) -> Answer:
        role = self._role(call)
        kept = {tag["Key"]: tag for tag in [*role.tags, *call.params["Tags"]]}
        role.tags = list(kept.values())
        return {}

    def _untag_role(self, call: Call) -> Answer:
        role = self._role(call)
        role.tags = [tag for tag in role.tags if tag["Key"] not in call.params["TagKeys"]]
        return {}

    def _list_role_tags(self, call: Call) -> Answer:
        shown, marker = self._page(call, self._role(call).tags)
        return without_none(Tags=shown, IsTruncated=marker is not None, Marker=marker)

    # Policies of a role

    def _put_inline(self, call: Call) -> Answer:
        parse_document(call.params["PolicyDocument"])
        self._role(call).inline[call.params["PolicyName"]] = call.params["PolicyDocument"]
        return {}

    def _get_inline(self, call: Call) -> Answer:
        role, name = self._role(call), call.params["PolicyName"]
        return {"RoleName": role.name, "PolicyName": name, "PolicyDocument": quote(_inline(role, name))}

    def _delete_inline(self, call: Call) -> Answer:
        role, name = self._role(call), call.params["PolicyName"]
        _inline(role, name)
        del role.inline[name]
        return {}

    def _list_inline(self, call: Call) -> Answer:
        shown, marker = self._page(call, sorted(self._role(call).inline))
        return without_none(PolicyNames=list(shown), IsTruncated=marker is not None, Marker=marker)

    def _attach(self, call: Call) -> Answer:
        role, arn = self._role(call), call.params["PolicyArn"]
        if arn not in self._identity.policies and not arn.startswith("arn:aws:iam::aws:policy/"):
            raise _no_policy(arn)
        if arn not in role.attached:
            role.attached.append(arn)
        return {}

    def _detach(self, call: Call) -> Answer:
        role, arn = self._role(call), call.params["PolicyArn"]
        if arn not in role.attached:
            raise AwsError("NoSuchEntity", f"Policy {arn} was not found.", 404)
        role.attached.remove(arn)
        return {}

    def _list_attached(self, call: Call) -> Answer:
        shown, marker = self._page(call, self._role(call).attached)
        policies = [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in shown]
        return without_none(AttachedPolicies=policies, IsTruncated=marker is not None, Marker=marker)

    # Managed policies

    def _policy(self, call: Call) -> Policy:
        arn = call.params["PolicyArn"]
        if arn not in self._identity.policies:
            raise _no_policy(arn)
        return self._identity.policies[arn]

    def _create_policy(self, call: Call) -> Answer:
        params = call.params
        name, path = params["PolicyName"], params.get("Path", "/")
        arn = self._identity.arn(f"policy{path}{name}")
        if arn in self._identity.policies:
            raise AwsError("EntityAlreadyExists", f"A policy called {name} already exists.", 409)
        document = params["PolicyDocument"]
        parse_document(document)
        identifier = self._identity.new_id("ANPA")
        policy = Policy(
            name, arn, identifier, path, document, self._world.now(), params.get("Description", "")
        )
        self._identity.policies[arn] = policy
        return {"Policy": self._policy_shape(policy)}

    def _get_policy_version(self, call: Call) -> Answer:
        policy, version = self._policy(call), call.params["VersionId"]
        if version != "v1":
            raise AwsError("NoSuchEntity", f"Policy {policy.arn} version {version} does not exist.", 404)
        return {"PolicyVersion": {"Document": quote(policy.document), **_only_version(policy)}}

    def _list_policy_versions(self, call: Call) -> Answer:
        return {"Versions": [_only_version(self._policy(call))], "IsTruncated": False}

    def _delete_policy(self, call: Call) -> Answer:
        policy = self._policy(call)
        if self._attachments(policy.arn):
            raise AwsError("DeleteConflict", "Cannot delete a policy attached to entities.", 409)
        del self._identity.policies[policy.arn]
        return {}

    def _list_policies(self, call: Call) -> Answer:
        policies = sorted(self._identity.policies.values(), key=lambda policy: policy.name)
        shown, marker = self._page(call, policies)
        return without_none(
            Policies=[self._policy_shape(policy) for policy in shown],
            IsTruncated=marker is not None,
            Marker=marker,
        )

    def _attachments(self, arn: str) -> int:
        return sum(arn in role.attached for role in self._identity.roles.values())

    def _policy_shape(self, policy: Policy) -> dict[str, Any]:
        return {
            "PolicyName": policy.name,
            "PolicyId": policy.id,
            "Arn": policy.arn,
            "Path": policy.path,
            "DefaultVersionId": "v1",
            "AttachmentCount": self._attachments(policy.arn),
            "IsAttachable": True,
            "Description": policy.description,
            "CreateDate": moment(policy.created_at),
            "UpdateDate": moment(policy.created_at),
        }

    def _page(self, call: Call, items: list[T]) -> tuple[list[T], str | None]:
        invalid = AwsError("InvalidInput", "Invalid Marker.")
        shown, marker = page(items, call.params.get("Marker"), call.params.get("MaxItems", 100), invalid)
        return list(shown), marker

    # What may whom

    def _simulate(self, call: Call) -> Answer:
        params = call.params
        statements = self._statements_of(params["PolicySourceArn"])
        for document in params.get("PolicyInputList", ()):
            statements = statements + parse_document(document)
        context = {
            entry["ContextKeyName"]: (entry.get("ContextKeyValues") or [""])[0]
            for entry in params.get("ContextEntries", ())
            if "ContextKeyName" in entry
        }
        results = [
            {
                "EvalActionName": action,
                "EvalResourceName": resource,
                "EvalDecision": self._decide(statements, action, resource, context),
                "MatchedStatements": [],
                "MissingContextValues": missing_context(statements, action, context),
            }
            for action in params["ActionNames"]
            for resource in params.get("ResourceArns") or ["*"]
        ]
        invalid = AwsError("InvalidInput", "Invalid Marker.")
        shown, marker = page(results, params.get("Marker"), params.get("MaxItems", 1000), invalid)
        return without_none(EvaluationResults=list(shown), IsTruncated=marker is not None, Marker=marker)

    def _decide(
        self, statements: list[Statement], action: str, resource: str, context: dict[str, str]
    ) -> Decision:
        return "implicitDeny" if self._denies(action) else decide(statements, action, resource, context)

    def _statements_of(self, arn: str) -> list[Statement]:
        if arn == self._identity.user_arn:
            return _ADMINISTRATOR
        for role in self._identity.roles.values():
            if role.arn == arn:
                return self._identity.statements(role)
        if ":assumed-role/" in arn:
            raise AwsError(
                "InvalidInput", f"Invalid Entity Arn: {arn} does not clearly define entity type and name."
            )
        raise AwsError("NoSuchEntity", f"The principal with ARN {arn} cannot be found.", 404)


def _inline(role: Role, name: str) -> str:
    if name not in role.inline:
        raise AwsError("NoSuchEntity", f"The role policy with name {name} cannot be found.", 404)
    return role.inline[name]


def _only_version(policy: Policy) -> dict[str, Any]:
    return {"VersionId": "v1", "IsDefaultVersion": True, "CreateDate": moment(policy.created_at)}


def _no_policy(arn: str) -> AwsError:
    return AwsError("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", 404)


def _role_shape(role: Role) -> dict[str, Any]:
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn,
        "CreateDate": moment(role.created_at),
        "AssumeRolePolicyDocument": quote(role.trust),
        "Description": role.description,
        "MaxSessionDuration": role.max_session,
        "Tags": role.tags,
    }
