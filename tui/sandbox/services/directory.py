"""The services of one world, made when first called, and what they know of callers."""

import threading

from tui.sandbox.service import Service
from tui.sandbox.world import World

USER = "sandbox"
"""The IAM user whose credentials every caller has unless it assumed a role: an administrator."""


class Services:
    """`get` makes a service when it is first called: start-up pays for none."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._made: dict[str, Service] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> Service:
        service = self._made.get(name)
        if service is None:
            with self._lock:
                service = self._made.get(name) or self._make(name)
                self._made[name] = service
        return service

    def caller(self, access_key: str) -> str:
        return f"arn:aws:iam::{self._world.account}:user/{USER}"

    def allows(self, caller: str, action: str, resource: str) -> bool:
        return True

    def _make(self, name: str) -> Service:
        match name:
            case "batch":
                from tui.sandbox.batch.service import BatchService

                return BatchService(self._world)
            case _:
                raise NotImplementedError(name)
