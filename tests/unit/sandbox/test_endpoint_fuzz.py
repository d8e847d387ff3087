"""Thousands of requests made up from the models: each is answered or refused, none is an internal error."""

import json
import random
from typing import Any

import pytest

from tui.sandbox import scenarios
from tui.sandbox.clock import Clock
from tui.sandbox.endpoint import Endpoint
from tui.sandbox.faults import Faults
from tui.sandbox.wire.message import Request
from tui.sandbox.wire.model import Shape, load
from tui.sandbox.world import World

ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1e9, 2**40, "", "x", [], ["a"], {}, {"a": 1}, [None], "\x00\x1b", "*", "a" * 300, "-5",
)  # fmt: skip
OPERATIONS = {
    "batch": tuple(load("batch").operation_names),
    "sagemaker": tuple(name for name in load("sagemaker").operation_names if "TrainingJob" in name),
    "logs": ("DescribeLogGroups", "DescribeLogStreams", "GetLogEvents", "FilterLogEvents"),
    "cloudwatch": ("ListMetrics", "GetMetricData", "GetMetricStatistics"),
}


class Fuzz:
    """Makes up values that fit a shape for the most part, with names that exist among them."""

    def __init__(self, seed: int, names: list[str]) -> None:
        self.chance = random.Random(seed)
        self._texts = [odd for odd in ODD if isinstance(odd, str)] + names

    def value(self, shape: Shape, depth: int = 0) -> Any:
        chance = self.chance
        if chance.random() < 0.1:
            return chance.choice(ODD)
        match shape.type:
            case "structure" if depth < 5:
                members = [member for member in shape.members.values() if chance.random() < 0.7]
                return {member.wire_name: self.value(member.shape, depth + 1) for member in members}
            case "list" if shape.element and depth < 6:
                return [self.value(shape.element.shape, depth + 1) for _ in range(chance.randint(0, 2))]
            case "map" if shape.element:
                return {chance.choice(("a", "k" * 200)): self.value(shape.element.shape, depth + 1)}
            case "string":
                return chance.choice(shape.enum or self._texts)
            case "boolean":
                return chance.random() < 0.5
            case _:
                return chance.choice((0, 1, -1, 10, 100, 1.8e9))


@pytest.mark.parametrize("service", OPERATIONS)
def test_whatever_comes_is_answered(service: str, capfd: pytest.CaptureFixture[str]) -> None:
    world = World(Clock(0), seed=1)
    scenarios.load(world, "demo")
    endpoint = Endpoint(world, Faults())
    model = load(service)
    names = [*world.batch.queues, *list(world.batch.jobs)[:5], *list(world.training_jobs)[:5]]
    fuzz = Fuzz(7, [*names, *world.batch.environments, *world.batch.policies, "/aws/sagemaker/TrainingJobs"])
    jobs_before = len(world.batch.jobs)
    for _ in range(600):
        operation = model.operation(fuzz.chance.choice(OPERATIONS[service]))
        assert operation is not None
        body = json.dumps(fuzz.value(operation.input)).encode() if operation.input else b""
        path = operation.uri.replace("{resourceArn}", fuzz.chance.choice(names))
        headers = {"x-amz-target": f"{model.target_prefix}.{operation.name}"} if service != "batch" else {}
        response = endpoint.answer(Request(operation.method, path, {}, headers, body))
        assert response is not None
        assert response.status in (200, 400, 404, 405, 413), (operation.name, body)
    assert capfd.readouterr().err == ""
    assert len(world.batch.jobs) >= jobs_before
