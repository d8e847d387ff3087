"""What the sandbox costs: a page of 100 jobs out of 100,000, and a scheduling pass over 10,000."""

import json
import time
from collections.abc import Callable
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import create_parser

from tests.bench.rows import Row
from tui.sandbox import scenarios
from tui.sandbox.batch import jobs
from tui.sandbox.batch.service import BatchService
from tui.sandbox.clock import Clock
from tui.sandbox.cluster import limits_of, state_of
from tui.sandbox.scenarios import building
from tui.sandbox.server import TICK_SECONDS
from tui.sandbox.service import Call, Encoded
from tui.sandbox.world import World
from tui.scheduling import scheduler

UNIT = "ml.g5.xlarge"
PAYLOAD = json.dumps({"ResourceConfig": {"InstanceType": UNIT, "InstanceCount": 1}})
MEMBERS = {"fifo": "", "fair": "shareIdentifier", "quota": "quotaShareName"}


def rows() -> list[Row]:
    passes = [
        Row(
            f"a {kind} scheduling pass over 10,000 queued jobs",
            f"the sandbox's tick of {TICK_SECONDS:g} s",
            _pass_ms(kind) / (TICK_SECONDS * 1000),
            0.25,
        )
        for kind in MEMBERS
    ]
    return [_page(), *passes]


def cpu_ms(action: Callable[[], object], times: int = 1) -> float:
    """Milliseconds of CPU that one call takes, the best of some."""
    best = float("inf")
    for _ in range(times):
        begun = time.process_time()
        action()
        best = min(best, time.process_time() - begun)
    return best * 1000


def _page() -> Row:
    """The service's work for a page, against botocore's for reading it."""
    world = World(Clock(0))
    scenarios.load(world, "scale", jobs=100_000)
    service = BatchService(world)
    call = Call(operation="ListServiceJobs", params={"jobQueue": "scale", "jobStatus": "SUCCEEDED"})
    answer = service.call(call)
    assert isinstance(answer, Encoded)
    model = ServiceModel(Loader().load_service_model("batch", "service-2"), "batch")
    shape = model.operation_model("ListServiceJobs").output_shape
    parser = create_parser("rest-json")
    response = {"body": answer.body, "headers": {}, "status_code": 200}
    assert len(parser.parse(response, shape)["jobSummaryList"]) == 100
    parsing = cpu_ms(lambda: parser.parse(response, shape), times=30)
    serving = cpu_ms(lambda: service.call(call), times=30)
    return Row(
        "the sandbox's CPU for a page of 100 out of 100,000 jobs",
        "botocore's to parse it",
        serving / parsing,
        1.0,
    )


def _pass_ms(kind: str) -> float:
    world = World(Clock(0))
    building.environment(world, "env", {UNIT: 100})
    policy: dict[str, Any] = {}
    if kind == "fair":
        policy["schedulingPolicyArn"] = building.fair_policy(world, "policy", {}, 600, 0)
    elif kind == "quota":
        policy["schedulingPolicyArn"] = building.quota_policy(world, "policy")
    building.queue(world, "queue", "env", **policy)
    shares = [f"s{number}" for number in range(10)]
    if kind == "quota":
        for share in shares:
            building.share(world, "queue", share, {UNIT: 10}, "LEND_AND_BORROW")
        building.settle(world)
    for number in range(10_000):
        request = {
            "jobName": "job",
            "jobQueue": "queue",
            "serviceJobType": "SAGEMAKER_TRAINING",
            "serviceRequestPayload": PAYLOAD,
        }
        if MEMBERS[kind]:
            request[MEMBERS[kind]] = shares[number % 10]
        jobs.submit(world, request)
    queue = world.batch.queues["queue"]
    environment = world.batch.environments["env"]
    world.batch.environments.clear()  # so that they wait, all of them
    world.run_until(world.now() + 5_000)
    assert len(queue.waiting) == 10_000

    def decide() -> int:
        decision = scheduler.schedule([state_of(world, queue)], limits_of(environment), world.now())
        return len(decision.start)

    assert decide() == 100
    return cpu_ms(decide, times=5)
