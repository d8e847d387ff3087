"""The sandbox's own paths, beside AWS's: its state for tests, faults, and skipping simulated time."""

from typing import Any

import msgspec

from tui.sandbox.cluster import limits_of
from tui.sandbox.endpoint import Endpoint
from tui.sandbox.faults import FaultError, faults_from_body
from tui.sandbox.wire.message import Request, Response
from tui.sandbox.world import World

PREFIX = "/sandbox/"
_STATUSES = (
    "SUBMITTED",
    "PENDING",
    "RUNNABLE",
    "SCHEDULED",
    "STARTING",
    "RUNNING",
    "SUCCEEDED",
    "FAILED",
)
_LONGEST_SKIP_MS = 366 * 86_400_000


class Control:
    """Answers `/sandbox/state`, `/sandbox/faults` and `/sandbox/advance`."""

    def __init__(self, world: World, endpoint: Endpoint) -> None:
        self._world = world
        self._endpoint = endpoint

    def answer(self, request: Request) -> Response:
        match request.method, request.path.removeprefix(PREFIX):
            case "GET", "state":
                return _json(200, self._state())
            case "GET", "faults":
                return _json(200, self._endpoint.faults)
            case "POST" | "PUT", "faults":
                try:
                    self._endpoint.faults = faults_from_body(request.body)
                except FaultError as error:
                    return _json(400, {"message": str(error)})
                return _json(200, self._endpoint.faults)
            case "POST", "advance":
                return self._advance(request.body)
            case _:
                paths = "GET state, GET or POST faults, POST advance"
                return _json(404, {"message": f"Under {PREFIX} there are: {paths}"})

    def _advance(self, body: bytes) -> Response:
        """Skip simulated time, and carry out all that happens in it before answering."""
        try:
            ms = msgspec.json.decode(body, type=dict[str, int])["ms"]
        except (msgspec.DecodeError, KeyError):
            ms = -1
        if not 0 <= ms <= _LONGEST_SKIP_MS:
            return _json(400, {"message": 'Send the time to skip, up to a year: {"ms": 60000}'})
        with self._world.lock:
            self._world.clock.advance(ms)
            target = self._world.clock.now()
            while self._world.now() < target:
                self._world.advance()
            return _json(200, {"now": self._world.now()})

    def _state(self) -> dict[str, Any]:
        world = self._world
        with world.lock:
            queues = {
                name: {status: queue.index.count(status) for status in _STATUSES}
                for name, queue in world.batch.queues.items()
            }
            return {
                "now": world.now(),
                "speed": world.clock.speed,
                "started_at": world.started_at,
                "queues": queues,
                "capacity": self._capacity(),
                "jobs": len(world.batch.jobs),
                "training_jobs": len(world.training_jobs),
                "calls": dict(self._endpoint.calls),
                "faults": self._endpoint.faults,
            }

    def _capacity(self) -> dict[str, dict[str, dict[str, int]]]:
        """Instances in use and allowed, by service environment and capacity unit."""
        capacity: dict[str, dict[str, dict[str, int]]] = {}
        for name, environment in self._world.batch.environments.items():
            limits = limits_of(environment)
            used = dict.fromkeys(limits, 0)
            for queue in self._world.batch.queues.values():
                for task in queue.holding.values() if queue.environment == name else ():
                    unit = task.unit if task.unit in used else next(iter(used), "")
                    used[unit] = used.get(unit, 0) + task.quantity
            capacity[name] = {unit: {"used": used[unit], "limit": limit} for unit, limit in limits.items()}
        return capacity


def _json(status: int, value: Any) -> Response:
    return Response(status, {"content-type": "application/json"}, msgspec.json.encode(value))
