"""The demo is believable from its first moment and stays lively; the large account is derived."""

from collections import Counter

import pytest

from tui.model.jobs import ACTIVE, FINISHED, QUEUED, RUNNING
from tui.model.units import HOUR, MINUTE
from tui.sandbox import scenarios
from tui.sandbox.batch import queues
from tui.sandbox.batch.state import Queue
from tui.sandbox.clock import Clock
from tui.sandbox.cluster import limits_of
from tui.sandbox.scenarios import building, demo
from tui.sandbox.world import World


def _demo(seed: int = 0) -> World:
    world = World(Clock(0), seed)
    scenarios.load(world, "demo")
    return world


def _statuses(world: World) -> dict[str, str]:
    return {job.id: job.status for job in world.batch.jobs.values()}


def _assert_within_limits(world: World) -> None:
    for environment in world.batch.environments.values():
        held: Counter[str] = Counter()
        for queue in world.batch.queues.values():
            if queue.environment == environment.service_environment_name:
                for task in queue.holding.values():
                    held[task.unit] += task.quantity
        for unit, limit in limits_of(environment).items():
            assert (sum(held.values()) if unit == "NUM_INSTANCES" else held[unit]) <= limit


@pytest.mark.parametrize("seed", range(4))
def test_the_demo_begins_busy(seed: int) -> None:
    world = _demo(seed)
    counts = Counter(_statuses(world).values())
    assert 250 <= sum(counts[status] for status in FINISHED) <= 450
    assert 20 <= sum(counts[status] for status in RUNNING) <= 40
    assert 45 <= sum(counts[status] for status in QUEUED) <= 85
    assert world.now() == world.started_at
    _assert_within_limits(world)
    reasons = {job.status_reason for job in world.batch.jobs.values() if job.status == "FAILED"}
    assert any("OutOfMemoryError" in reason for reason in reasons)
    assert any(job.preempted_count for job in world.batch.jobs.values())
    assert sum(queue.shape.state == "DISABLED" for queue in world.batch.queues.values()) == 1


def test_someone_borrows_when_the_demo_begins() -> None:
    world = _demo()
    queue = world.batch.queues["vision-prod"]
    assert {s.resource_sharing_configuration.strategy for s in queue.shares.values()} == {
        "RESERVE",
        "LEND",
        "LEND_AND_BORROW",
    }
    assert any(_held(queue, name, unit) > limit for name, unit, limit in _limits(queue))


def _limits(queue: Queue) -> list[tuple[str, str, int]]:
    return [
        (name, limit.capacity_unit, limit.max_capacity)
        for name, share in queue.shares.items()
        for limit in share.capacity_limits
    ]


def _held(queue: Queue, share: str, unit: str) -> int:
    return sum(t.quantity for t in queue.holding.values() if t.share == share and t.unit == unit)


@pytest.mark.parametrize("seed", range(3))
def test_in_every_minute_jobs_arrive_start_finish_and_fail(seed: int) -> None:
    world = _demo(seed)
    for _ in range(5):
        now = before = _statuses(world)
        started: set[str] = set()
        for _ in range(60):
            world.clock.advance(int(1000 * demo.SPEED))
            world.advance()
            _assert_within_limits(world)
            now = _statuses(world)
            started |= {job for job, status in now.items() if status in RUNNING}
        changed = {status for job, status in now.items() if before.get(job) != status}
        assert set(now) - set(before)
        assert started - {job for job, status in before.items() if status in RUNNING}
        assert {"SUCCEEDED", "FAILED"} <= changed


def test_the_same_seed_tells_the_same_story() -> None:
    def story(world: World) -> list[tuple[str, str, str, int]]:
        world.clock.advance(3_600_000)
        world.advance()
        jobs = world.batch.jobs.values()
        return [(job.id, job.name, job.status, job.created_at - world.started_at) for job in jobs]

    first = story(_demo(5))
    assert first == story(_demo(5))
    assert first != story(_demo(6))


def test_every_attempt_of_the_demo_has_its_training_job() -> None:
    world = _demo()
    for job in world.batch.jobs.values():
        for attempt in (*job.attempts, *job.preempted):
            assert world.training_job(attempt.training_job_arn.rpartition("/")[2]) is not None
        if job.status in RUNNING:
            training = world.training_job(job.latest_arn.rpartition("/")[2])
            assert training is not None
            assert training.status in ("InProgress", "Stopping")


def test_the_demo_stays_as_busy_for_a_week() -> None:
    world = _demo()
    world.run_until(world.now() + 7 * 86_400_000, limit=10_000_000)
    active = sum(status in ACTIVE for status in _statuses(world).values())
    assert 60 <= active <= 140
    _assert_within_limits(world)


def test_people_who_find_their_queue_made_anew_do_not_stop_the_story() -> None:
    world = _demo()
    queues.update(world, {"jobQueue": "finetune", "state": "DISABLED"})
    building.settle(world)
    queues.delete(world, {"jobQueue": "finetune"})
    world.run_until(world.now() + 10 * MINUTE)
    policy = building.fair_policy(world, "new", {"a": 1.0}, decay=600, reservation=0)
    building.queue(world, "finetune", "finetune-gpus", schedulingPolicyArn=policy)
    jobs = len(world.batch.queues["research"].index.all)
    world.run_until(world.now() + 12 * HOUR, limit=1_000_000)
    assert world.batch.queues["finetune"].index.all == []
    assert len(world.batch.queues["research"].index.all) > jobs


def test_the_details_of_a_large_account_are_made_when_asked_for() -> None:
    world = World(Clock(0))
    scenarios.load(world, "scale", jobs=20_000)
    counts = Counter(_statuses(world).values())
    assert counts["SUCCEEDED"] + counts["FAILED"] == 20_000
    assert (counts["RUNNING"], counts["RUNNABLE"]) == (100, 100)
    finished = world.batch.queues["scale"].index.of_status("FAILED")[0]
    assert (finished.payload, finished.attempts) == ("", ())
    training = world.training_job(finished.latest_arn.rpartition("/")[2])
    assert training is not None
    assert training.status == "Failed"
    assert finished.status_reason.endswith(training.failure_reason)
    assert finished.attempts[0].training_job_arn == finished.latest_arn


def test_an_unknown_scenario() -> None:
    with pytest.raises(KeyError):
        scenarios.load(World(Clock(0)), "nonsense")
