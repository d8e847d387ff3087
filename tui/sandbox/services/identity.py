"""The account's roles and policies, and who is behind an access key."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from tui.sandbox.errors import AwsError
from tui.sandbox.services.policies import Statement, decide, managed_statements, parse_document
from tui.sandbox.world import World

USER = "sandbox"
"""The IAM user behind all credentials that no role's session was given: an administrator."""


@dataclass(slots=True)
class Role:
    """An IAM role. `trust` and `inline` are policy documents as text; `attached` are ARNs."""

    name: str
    arn: str
    id: str
    path: str
    trust: str
    created_at: int
    description: str = ""
    max_session: int = 3600
    tags: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    inline: dict[str, str] = field(default_factory=dict[str, str])
    attached: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Policy:
    """A customer-managed policy. Only its default version is kept."""

    name: str
    arn: str
    id: str
    path: str
    document: str
    created_at: int
    description: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """What AssumeRole gave out: the role, and the name of the session."""

    role: str
    name: str


class Identity:
    """Roles by name, policies by ARN, sessions by access key."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.roles: dict[str, Role] = {}
        self.policies: dict[str, Policy] = {}
        self.sessions: dict[str, Session] = {}

    @property
    def user_arn(self) -> str:
        return self.arn(f"user/{USER}")

    def arn(self, resource: str) -> str:
        return f"arn:aws:iam::{self._world.account}:{resource}"

    def new_id(self, prefix: str) -> str:
        """An id as IAM's are, the same in every run of a seed."""
        number = self._world.number(f"iam {prefix}")
        digest = hashlib.sha256(f"{self._world.seed} {prefix} {number}".encode()).hexdigest().upper()
        return f"{prefix}{digest[:17]}"

    def caller(self, access_key: str) -> str:
        """The ARN behind an access key."""
        session = self.sessions.get(access_key)
        if session is None:
            return self.user_arn
        return f"arn:aws:sts::{self._world.account}:assumed-role/{session.role}/{session.name}"

    def allows(self, access_key: str, action: str, resource: str) -> bool:
        """Whether the policies of the caller's role allow a call. The user may do everything.

        Who may call GetCallerIdentity is not a question: AWS always answers it.
        """
        session = self.sessions.get(access_key)
        if session is None or action == "sts:GetCallerIdentity":
            return True
        role = self.roles.get(session.role)
        return role is not None and decide(self.statements(role), action, resource) == "allowed"

    def statements(self, role: Role) -> list[Statement]:
        """All statements of a role's identity policies, inline and attached."""
        found: list[Statement] = []
        for document in role.inline.values():
            found += parse_document(document)
        for arn in role.attached:
            policy = self.policies.get(arn)
            found += parse_document(policy.document) if policy else managed_statements(arn)
        return found

    def role(self, name: str) -> Role:
        """Raises AwsError (NoSuchEntity)."""
        role = self.roles.get(name)
        if role is None:
            raise AwsError("NoSuchEntity", f"The role with name {name} cannot be found.", 404)
        return role

    def trusts(self, role: Role, access_key: str) -> bool:
        """Whether a role's trust policy lets the caller assume it."""
        return any(
            statement["Effect"] == "Allow" and self._names(statement.get("Principal"), access_key)
            for statement in parse_document(role.trust)
        )

    def _names(self, principal: Any, access_key: str) -> bool:
        """Whether a Principal element means the caller: everyone, the account, or its ARN."""
        aws = principal.get("AWS", ()) if isinstance(principal, dict) else principal
        names = [aws] if isinstance(aws, str) else list(aws or ())
        session = self.sessions.get(access_key)
        known = {"*", self._world.account, self.arn("root"), self.caller(access_key)}
        if session is not None and session.role in self.roles:
            known.add(self.roles[session.role].arn)
        return any(name in known for name in names)
