"""The endpoint and the clock that moves its world."""

from typing import Any

import msgspec
import pytest

from tests.conftest import wait_for
from tui.sandbox.clock import Clock
from tui.sandbox.endpoint import Endpoint
from tui.sandbox.faults import Faults
from tui.sandbox.server import Sandbox
from tui.sandbox.wire.message import Request
from tui.sandbox.world import World


def _call(endpoint: Endpoint, operation: str, **params: Any) -> dict[str, Any]:
    answer = endpoint.answer(Request("POST", f"/v1/{operation}", {}, {}, msgspec.json.encode(params)))
    assert answer is not None
    return msgspec.json.decode(answer.body)


def test_a_call_sees_what_has_happened_up_to_its_moment() -> None:
    world = World(Clock(0))
    endpoint = Endpoint(world, Faults())
    _call(
        endpoint,
        "createserviceenvironment",
        serviceEnvironmentName="env",
        serviceEnvironmentType="SAGEMAKER_TRAINING",
        capacityLimits=[{"maxCapacity": 1, "capacityUnit": "NUM_INSTANCES"}],
    )
    for skipped, status in ((0, "CREATING"), (5_000, "VALID")):
        world.clock.advance(skipped)
        found = _call(endpoint, "describeserviceenvironments")["serviceEnvironments"]
        assert [environment["status"] for environment in found] == [status]


def test_an_event_that_fails_stops_neither_the_clock_nor_a_call(capfd: pytest.CaptureFixture[str]) -> None:
    world = World(Clock(0))
    endpoint = Endpoint(world, Faults())
    seen: list[str] = []
    world.after(0, lambda: 1 // 0)
    world.after(0, seen.append, "later")
    assert _call(endpoint, "describejobqueues") == {"jobQueues": []}
    with Sandbox(world):
        wait_for(lambda: seen)
    assert capfd.readouterr().err.count("ZeroDivisionError") == 1
