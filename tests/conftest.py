"""Fixtures shared by all tests: a sandbox that runs, clients for it, and waiting for a condition."""

import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

import pytest
from boto3.session import Session
from botocore.config import Config

from tui.sandbox import scenarios
from tui.sandbox.clock import Clock
from tui.sandbox.faults import parse_faults
from tui.sandbox.server import Sandbox
from tui.sandbox.world import World

REGION = "us-east-1"

_SESSION = Session()  # one for all clients: it reads each service model once

T = TypeVar("T")


def wait_for(condition: Callable[[], T], timeout: float = 10.0, every: float = 0.02) -> T:
    """The condition's first true value. Fails the test when there is none within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            pytest.fail(f"{getattr(condition, '__name__', 'the condition')} did not hold within {timeout} s")
        time.sleep(every)


class Running(Sandbox):
    """A running sandbox with clients for it."""

    def client(self, service: str, retries: int = 0, **options: Any) -> Any:
        """A boto3 client of this endpoint. It does not retry unless told to: tests want to see errors."""
        config = Config(
            retries={"total_max_attempts": retries + 1},
            connect_timeout=5,
            read_timeout=30,
            max_pool_connections=50,
        )
        given: dict[str, Any] = {
            "region_name": REGION,
            "aws_access_key_id": "sandbox",
            "aws_secret_access_key": "sandbox",
            "endpoint_url": self.url,
            "config": config,
        }
        return _SESSION.client(service, **(given | options))

    def skip(self, seconds: float) -> None:
        """Let simulated time pass at once, with all that happens in it."""
        with self.world.lock:
            self.world.clock.advance(int(seconds * 1000))
            target = self.world.clock.now()
            while self.world.now() < target:
                self.world.advance()


class MakeSandbox(Protocol):
    def __call__(
        self,
        scenario: str = "empty",
        *,
        speed: float = 1.0,
        jobs: int | None = None,
        faults: str = "",
        seed: int = 0,
    ) -> Running: ...


@pytest.fixture
def make_sandbox() -> Iterator[MakeSandbox]:
    """Starts sandboxes that end with the test: `make_sandbox("demo", speed=60, faults="throttle=0.2")`."""
    running: list[Running] = []

    def make(
        scenario: str = "empty",
        *,
        speed: float = 1.0,
        jobs: int | None = None,
        faults: str = "",
        seed: int = 0,
    ) -> Running:
        world = World(Clock(speed), seed)
        scenarios.load(world, scenario, jobs=jobs, seed=seed)
        sandbox = Running(world, faults=parse_faults(faults))
        sandbox.start()
        running.append(sandbox)
        return sandbox

    yield make
    for sandbox in running:
        sandbox.stop()


@pytest.fixture
def sandbox(make_sandbox: MakeSandbox) -> Running:
    """An empty account in real time."""
    return make_sandbox()
