"""AWS STS: who am I, and sessions of roles."""

import secrets
from typing import Any

from tui.sandbox.errors import AwsError
from tui.sandbox.service import Answer, Call
from tui.sandbox.services.access import refused
from tui.sandbox.services.base import Operations, moment
from tui.sandbox.services.identity import Identity, Session
from tui.sandbox.world import World


class StsService(Operations):
    """GetCallerIdentity and AssumeRole. Sessions do not expire."""

    name = "sts"
    missing = "InvalidAction"

    def __init__(self, world: World, identity: Identity) -> None:
        super().__init__({"GetCallerIdentity": self._caller, "AssumeRole": self._assume})
        self._world = world
        self._identity = identity

    def _caller(self, call: Call) -> Answer:
        session = self._identity.sessions.get(call.access_key)
        role = self._identity.roles.get(session.role) if session else None
        return {
            "UserId": f"{role.id}:{session.name}" if role and session else "AIDASANDBOXSANDBOX00",
            "Account": self._world.account,
            "Arn": self._identity.caller(call.access_key),
        }

    def _assume(self, call: Call) -> Answer:
        arn, name = call.params["RoleArn"], call.params["RoleSessionName"]
        role = next((role for role in self._identity.roles.values() if role.arn == arn), None)
        if role is None or not self._identity.trusts(role, call.access_key):
            caller = self._identity.caller(call.access_key)
            message = refused(caller, "sts:AssumeRole", arn).partition(" because ")[0]
            raise AwsError("AccessDenied", message, 403)
        seconds = call.params.get("DurationSeconds", 3600)
        if seconds > role.max_session:
            raise AwsError(
                "ValidationError",
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            )
        access_key = "ASIA" + secrets.token_hex(8).upper()
        self._identity.sessions[access_key] = Session(role.name, name)
        credentials: dict[str, Any] = {
            "AccessKeyId": access_key,
            "SecretAccessKey": secrets.token_urlsafe(30),
            "SessionToken": secrets.token_urlsafe(60),
            "Expiration": moment(self._world.now() + seconds * 1000),
        }
        user = {
            "AssumedRoleId": f"{role.id}:{name}",
            "Arn": f"arn:aws:sts::{self._world.account}:assumed-role/{role.name}/{name}",
        }
        return {"Credentials": credentials, "AssumedRoleUser": user}
