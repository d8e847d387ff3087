"""How a training job will go: how long each phase takes and how it ends, decided when it starts."""

import random
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

CAPACITY_ERROR = (
    "CapacityError: Unable to provision requested ML compute capacity. "
    "Please retry using a different ML instance type."
)

_DEFAULT_MAX_RUNTIME = 86_400


@dataclass(frozen=True, slots=True)
class Course:
    """Milliseconds of each phase, and the end.

    `failure` is the FailureReason, or empty; a CapacityError strikes while the job is Pending, any other
    failure at the end of the training phase. `too_long` ends it there by MaxRuntimeInSeconds.
    """

    pending_ms: int
    starting_ms: int
    downloading_ms: int
    training_ms: int
    uploading_ms: int
    failure: str = ""
    too_long: bool = False

    @property
    def durations(self) -> tuple[int, ...]:
        return (
            self.pending_ms,
            self.starting_ms,
            self.downloading_ms,
            self.training_ms,
            self.uploading_ms,
        )

    @property
    def fails_before(self) -> int:
        """The number of the phase that a failure keeps the job from."""
        return 1 if self.failure.startswith("CapacityError") else 4


def course_of(
    request: dict[str, Any], seed: int, seconds: float | None = None, failure: str | None = None
) -> Course:
    """The course of a CreateTrainingJob request. The same seed gives the same course.

    The request's `SANDBOX_SECONDS` and `SANDBOX_FAIL` (in Environment, then HyperParameters) win; then
    what a scenario says by `seconds` and `failure`; else a plausible time and success. Training
    never lasts longer than the StoppingCondition's MaxRuntimeInSeconds.
    """
    chance = random.Random(seed)
    asked = _asked(request, "SANDBOX_SECONDS")
    with suppress(ValueError):  # not a number: as if it had not been given
        seconds = float(asked) if asked else seconds
    if seconds is None or not 0 <= seconds < 1e9:
        seconds = min(6 * 3600.0, max(180.0, chance.lognormvariate(7.4, 0.7)))
    failure = _asked(request, "SANDBOX_FAIL") or failure or ""
    limit = _max_runtime(request)
    too_long = seconds > limit
    starved = failure.startswith("CapacityError")
    return Course(
        pending_ms=chance.randint(240_000, 600_000) if starved else chance.randint(3_000, 15_000),
        starting_ms=chance.randint(15_000, 60_000),
        downloading_ms=chance.randint(15_000, 60_000),
        training_ms=int(min(seconds, limit) * 1000),
        uploading_ms=chance.randint(5_000, 30_000),
        failure="" if too_long and not starved else failure,
        too_long=too_long,
    )


def _asked(request: dict[str, Any], name: str) -> str:
    for member in ("Environment", "HyperParameters"):
        values = request.get(member)
        if isinstance(values, dict) and values.get(name):
            return str(values[name])  # pyright: ignore[reportUnknownArgumentType]
    return ""


def _max_runtime(request: dict[str, Any]) -> float:
    condition = request.get("StoppingCondition")
    limit = condition.get("MaxRuntimeInSeconds") if isinstance(condition, dict) else None
    return limit if isinstance(limit, int | float) and limit > 0 else _DEFAULT_MAX_RUNTIME
