"""CREATING, UPDATING and DELETING last a moment; meanwhile a resource refuses changes."""

from tui.sandbox.errors import client_error

SETTLE_MS = 2_000
"""Simulated time that Batch takes to create, update or delete a resource. Not documented."""


def refuse_to_delete(what: str, status: str, state: str) -> None:
    """Raises AwsError (ClientException) unless the resource is settled and DISABLED."""
    refuse_unless_settled(status, "delete")
    if state != "DISABLED":
        raise client_error(f"Cannot delete, {what} state must be DISABLED")


def refuse_unless_settled(status: str, verb: str) -> None:
    """Raises AwsError (ClientException) while the resource is being changed."""
    if status not in ("VALID", "INVALID"):
        raise client_error(f"Cannot {verb}, resource is being modified")
