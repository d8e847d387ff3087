"""The services of one world, made when first called."""

import threading
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from tui.sandbox.service import Service
from tui.sandbox.world import World

if TYPE_CHECKING:
    from tui.sandbox.services.identity import Identity

# Access keys that AssumeRole gives out begin so; all others are the sandbox's user.
_SESSION_KEY = "ASIA"


class Services:
    """`get` makes a service when it is first called: start-up pays for none.

    `denies` says which IAM actions the faults on order forbid.
    """

    def __init__(self, world: World, denies: Callable[[str], bool]) -> None:
        self._world = world
        self._denies = denies
        self._made: dict[str, Service] = {}
        self._lock = threading.RLock()

    def get(self, name: str) -> Service:
        """A service by botocore's name of it."""
        service = self._made.get(name)
        if service is None:
            with self._lock:
                service = self._made.get(name) or self._make(name)
                self._made[name] = service
        return service

    @cached_property
    def identity(self) -> "Identity":
        from tui.sandbox.services.identity import Identity

        return Identity(self._world)

    def allows(self, access_key: str, action: str, resource: str) -> bool:
        """Whether IAM lets the caller do this."""
        if self._denies(action):
            return False
        return not access_key.startswith(_SESSION_KEY) or self.identity.allows(access_key, action, resource)

    def _make(self, name: str) -> Service:
        match name:
            case "batch":
                from tui.sandbox.batch.service import BatchService

                return BatchService(self._world)
            case "sts":
                from tui.sandbox.services.sts import StsService

                return StsService(self._world, self.identity)
            case "iam":
                from tui.sandbox.services.iam import IamService

                return IamService(self._world, self.identity, self._denies)
            case "s3":
                from tui.sandbox.services.s3 import S3Service

                return S3Service(self._world)
            case "sagemaker":
                from tui.sandbox.services.sagemaker import SageMakerService

                return SageMakerService(self._world)
            case "logs":
                from tui.sandbox.services.logs import LogsService

                return LogsService(self._world)
            case _:  # cloudwatch: the catalogue has no other
                from tui.sandbox.services.cloudwatch import CloudWatchService

                return CloudWatchService(self._world)
