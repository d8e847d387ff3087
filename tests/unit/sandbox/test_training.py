"""Training jobs outside any queue, names of training jobs, and those derived from finished attempts."""

import json
import random
from typing import Any

import pytest

from tests.unit.sandbox.account import payload
from tui.sandbox.batch.names import job_id, job_id_of, training_job_name
from tui.sandbox.clock import Clock
from tui.sandbox.errors import AwsError
from tui.sandbox.training import create_training_job, stop_training_job
from tui.sandbox.world import World


def _request(name: str = "alone", **more: Any) -> dict[str, Any]:
    return {**json.loads(payload(**more)), "TrainingJobName": name}


def _pass(world: World, seconds: float) -> None:
    world.clock.advance(int(seconds * 1000))
    world.advance()


def test_a_training_job_runs_by_itself() -> None:
    world = World(Clock(0))
    job = create_training_job(world, _request())
    _pass(world, 1000)
    assert (job.status, job.secondary_status) == ("Completed", "Completed")
    assert all(a.end == b.start for a, b in zip(job.transitions, job.transitions[1:], strict=False))


def test_its_name_is_taken_then() -> None:
    world = World(Clock(0))
    create_training_job(world, _request())
    with pytest.raises(AwsError) as refused:
        create_training_job(world, _request())
    assert refused.value.code == "ResourceInUse"


def test_stopping() -> None:
    world = World(Clock(0))
    job = create_training_job(world, _request())
    _pass(world, 20)
    stop_training_job(world, "alone")
    assert job.status == "Stopping"
    _pass(world, 20)
    assert (job.status, job.failure_reason) == ("Stopped", "")
    for name in ("alone", "unknown"):
        with pytest.raises(AwsError) as refused:
            stop_training_job(world, name)
        assert refused.value.code == "ValidationException"


def test_a_failure_asked_for_in_hyperparameters() -> None:
    world = World(Clock(0))
    wishes = {"SANDBOX_SECONDS": "60", "SANDBOX_FAIL": "AlgorithmError: no"}
    job = create_training_job(world, _request(Environment={}, HyperParameters=wishes))
    _pass(world, 1000)
    assert (job.status, job.failure_reason) == ("Failed", "AlgorithmError: no")


@pytest.mark.parametrize("seconds", ["-5", "nan", "inf", "soon", "1e12"])
def test_nonsense_seconds_count_as_not_given(seconds: str) -> None:
    world = World(Clock(0))
    job = create_training_job(world, _request(Environment={"SANDBOX_SECONDS": seconds}))
    _pass(world, 7 * 3600)
    assert job.status in ("Completed", "Stopped")


@pytest.mark.parametrize("name", ["a", "my_job.v2", "x" * 128, "-", "ünï"])
def test_names_of_training_jobs_lead_back_to_their_service_job(name: str) -> None:
    identifier = job_id(random.Random(7))
    made = {training_job_name(name, identifier, turn) for turn in range(1, 6)}
    assert len(made) == 5
    for turn in range(1, 6):
        training = training_job_name(name, identifier, turn)
        assert len(training) <= 63
        assert training.startswith("AWSBatch")
        assert (turn, identifier) in list(job_id_of(training))


def test_the_story_does_not_depend_on_how_often_one_looks() -> None:
    def end(steps: int) -> tuple[list[int], str]:
        world = World(Clock(0), seed=3)
        job = create_training_job(world, _request(seconds=None))
        for _ in range(steps):
            _pass(world, 36_000 / steps)
        return [transition.start - job.created_at for transition in job.transitions], job.status

    assert end(1) == end(100)


def test_a_long_sleep_is_caught_up_in_bounded_steps() -> None:
    world = World(Clock(0))
    fired: list[int] = []
    for delay in range(10):
        world.after(delay * 1000, lambda: fired.append(world.now()))
    world.clock.advance(60_000)
    world.advance(limit=4)
    assert len(fired) == 4
    assert world.now() < world.clock.now()
    world.advance()
    assert len(fired) == 10
    assert world.now() == world.clock.now()
    assert fired == sorted(fired)
