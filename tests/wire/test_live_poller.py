"""What the poller asks, and what the picture becomes, against a sandbox over HTTP."""

import time
from collections.abc import Iterator

import pytest

from tests.conftest import MakeSandbox, Running
from tests.wire.batch import Batch, payload
from tests.wire.live import Live, environment
from tui.model.jobs import ACTIVE, FINISHED


@pytest.fixture(autouse=True)
def exported(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch)


@pytest.fixture
def batch(sandbox: Running) -> Iterator[Batch]:
    made = Batch(sandbox)
    made.environment(capacity=2)
    made.queue()
    yield made


def submit(batch: Batch, name: str, queue: str = "queue", **more: str | int) -> str:
    answer = batch.client.submit_service_job(
        jobName=name,
        jobQueue=queue,
        serviceJobType="SAGEMAKER_TRAINING",
        serviceRequestPayload=payload(seconds=int(more.pop("seconds", 3600)), fail=str(more.pop("fail", ""))),
        clientToken=name,
        **more,
    )
    return str(answer["jobId"])


def test_the_picture_of_a_busy_account(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox("demo", seed=3)
    with Live(sandbox) as live:
        live.settled()
        live.until(lambda: live.store.identity)
        live.until(
            lambda: any(q.policy_kind == "quota" and q.quota_shares for q in live.store.queues.values())
        )
        store = live.store
        assert {q.policy_kind for q in store.queues.values()} == {"fifo", "fair", "quota"}
        assert "DISABLED" in {q.queue.state for q in store.queues.values()}
        assert store.identity is not None
        assert store.identity.account == "123456789012"
        assert store.region == "us-east-1"
        for name, picture in store.queues.items():
            told = {s: sandbox.world.batch.queues[name].index.count(s) for s in ("RUNNABLE", "RUNNING")}
            seen = {s: sum(j.status == s for j in picture.jobs.values()) for s in told}
            assert all(abs(seen[s] - told[s]) <= 2 for s in told), (name, seen, told)
            assert picture.figures.limit > 0
            assert picture.environments
        assert sum(q.figures.failed_24h for q in store.queues.values()) > 20
        assert any(q.figures.wait_p50_ms for q in store.queues.values())
        assert any(q.positions for q in store.queues.values())


def test_the_queue_to_begin_with_does_not_wait_for_the_list_of_queues(batch: Batch) -> None:
    submit(batch, "early")
    live = Live(batch.sandbox)
    live.faults("denied=batch:DescribeJobQueues")
    live.poller.watch("queue")
    with live:
        live.until(lambda: live.asked["GetJobQueueSnapshot"] and live.store.light("queue").fetched_at)
        assert not live.store.queues
        assert not live.changes[-1].queues
        live.quiet()
        assert live.asked["ListServiceJobs"] <= len(ACTIVE) + 2  # once, with a page of each finished status
        live.faults("")
        live.poller.refresh_now()
        live.until(lambda: live.store.loaded)
        arrived = live.changes[-1].of("queue")
        assert [live.store.queues["queue"].jobs[i].job_name for i in arrived.jobs.added] == ["early"]
        assert live.store.queues["queue"].loaded


def test_a_round_is_seven_listings_and_a_snapshot(batch: Batch) -> None:
    submit(batch, "waits")
    with Live(batch.sandbox) as live:
        live.settled()
        live.rounds("queue")
        before = live.asked
        live.rounds("queue", 3)
        asked = live.asked - before
        live.poller.stop()
        assert asked["ListServiceJobs"] == 21
        assert asked["GetJobQueueSnapshot"] == 3
        assert set(asked) <= {"ListServiceJobs", "GetJobQueueSnapshot"}


def test_jobs_come_start_end_and_fail_before_our_eyes(batch: Batch) -> None:
    with Live(batch.sandbox) as live:
        live.settled()
        picture = live.store.queues["queue"]
        first = submit(batch, "first", seconds=600)
        second = submit(batch, "second", seconds=600, fail="AlgorithmError: no")
        live.until(lambda: {first, second} <= picture.active.keys())
        batch.skip(300)
        live.until(lambda: picture.jobs[first].status == "RUNNING")
        assert picture.figures.running == 2
        batch.skip(1200)
        live.until(
            lambda: picture.jobs[first].status == "SUCCEEDED" and picture.jobs[second].status == "FAILED"
        )
        assert picture.active == {}
        assert picture.figures.failed_24h == 1
        assert live.asked["DescribeServiceJob"] == 2, "each job that left is described once"
        live.rounds("queue", 2)
        assert live.asked["DescribeServiceJob"] == 2


def test_a_job_that_came_and_went_between_two_rounds_is_seen(batch: Batch) -> None:
    with Live(batch.sandbox) as live:
        live.settled()
        live.poller.paused = True
        quick = submit(batch, "quick", seconds=1)
        batch.skip(900)
        live.poller.paused = False
        picture = live.store.queues["queue"]
        live.until(lambda: quick in picture.jobs)
        assert picture.jobs[quick].status == "SUCCEEDED"
        assert any(quick in change.of("queue").jobs.arrived for change in live.changes)


def test_finished_jobs_are_read_once_and_only_on_demand(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox("scale", jobs=3_000, seed=1)
    with Live(sandbox) as live:
        live.settled()
        name = max(live.store.queues, key=lambda n: sandbox.world.batch.queues[n].index.count("SUCCEEDED"))
        live.poller.watch(name, history=True)
        picture = live.store.queues[name]
        done = [job for job in picture.jobs.values() if job.status == "SUCCEEDED"]
        assert 0 < len(done) <= 110, "one page, and what has ended since"
        assert not picture.history_complete
        live.poller.load_history(name, pages=1_000)
        live.until(lambda: picture.history_complete)
        finished = sum(job.status in FINISHED for job in picture.jobs.values())
        index = sandbox.world.batch.queues[name].index
        assert abs(finished - index.count("SUCCEEDED") - index.count("FAILED")) <= 3
        live.rounds(name)
        costs: list[int] = []
        for _ in range(3):
            before = live.asked
            live.poller.load_history(name)
            live.rounds(name)
            costs.append((live.asked - before)["ListServiceJobs"])
        pages = sum(-(-max(1, index.count(status)) // 100) for status in ACTIVE)
        assert max(costs) <= pages + 1, "the active statuses and what was created since, nothing else"


def test_priorities_are_described_for_visible_rows_once(make_sandbox: MakeSandbox) -> None:
    batch = Batch(make_sandbox())
    batch.environment(capacity=1)
    batch.fair_queue("fair")
    ids = [submit(batch, f"job-{n}", "fair", shareIdentifier="a", schedulingPriority=n) for n in range(8)]
    batch.skip(60)
    with Live(batch.sandbox) as live:
        live.settled()
        picture = live.store.queues["fair"]
        assert picture.priorities == {}
        seen = [job_id for job_id in ids if picture.jobs[job_id].status == "RUNNABLE"][:4]
        live.poller.visible(seen)
        live.until(lambda: picture.priorities.keys() >= set(seen))
        assert picture.priorities[seen[0]] == ids.index(seen[0])
        live.poller.visible(seen)
        live.rounds("fair", 2)
        assert live.asked["DescribeServiceJob"] == 4
        live.poller.describe(seen[0])
        live.until(lambda: live.asked["DescribeServiceJob"] == 5)


def test_a_new_attempt_of_a_visible_row_is_described_again(batch: Batch) -> None:
    job_id = submit(batch, "again")
    with Live(batch.sandbox) as live:
        live.settled()
        picture = live.store.queues["queue"]
        live.poller.visible([job_id])
        live.until(lambda: job_id in picture.details)
        batch.skip(600)
        live.until(lambda: picture.details[job_id].training_job_arn != "")
        assert picture.details[job_id].training_job_arn == picture.jobs[job_id].training_job_arn


def test_pause_stops_the_rounds_and_refresh_now_does_not_wait(batch: Batch) -> None:
    with Live(batch.sandbox, interval=300.0) as live:
        live.settled()
        picture = live.store.queues["queue"]
        job_id = submit(batch, "new")
        began = time.monotonic()
        live.poller.refresh_now()
        live.until(lambda: job_id in picture.jobs)
        assert time.monotonic() - began < 5
        live.poller.interval = 0.1
        assert live.poller.interval == 1.0
        live.rounds("queue", 2)
        live.poller.paused = True
        live.quiet()
        before = live.asked
        live.quiet(1.5)
        assert live.asked == before
        late = submit(batch, "while-paused")
        live.poller.refresh_now()
        live.until(lambda: late in picture.jobs)
        live.quiet(1.5)
        assert (live.asked - before)["GetJobQueueSnapshot"] == 1, "one round, and paused again"


def test_ages_are_measured_by_the_clock_of_the_other_side(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox("demo", speed=600)
    with Live(sandbox) as live:
        live.settled()
        live.rounds(next(iter(live.store.queues)), 3)
        assert abs(live.store.now_ms() - sandbox.world.clock.now()) < 3_000 * 600 / 60
        sandbox.world.clock.advance(86_400_000)


def test_nothing_changes_and_nobody_is_called(batch: Batch) -> None:
    submit(batch, "runs", seconds=90_000)
    batch.skip(600)
    with Live(batch.sandbox) as live:
        live.settled()
        live.until(lambda: live.store.identity)
        live.rounds("queue", 2)
        count = len(live.changes)
        live.rounds("queue", 3)
        assert live.changes[count:] == []


def test_many_queues_stay_within_the_rate(make_sandbox: MakeSandbox) -> None:
    batch = Batch(make_sandbox())
    batch.environment()
    for number in range(12):
        batch.queue(f"q-{number:02}")
    with Live(batch.sandbox, rate=20.0, burst=20.0) as live:
        live.settled()
        before, began = live.poller.calls_made, time.monotonic()
        live.until(lambda: time.monotonic() - began > 4, timeout=6)
        calls = live.poller.calls_made - before
        assert calls / 4 < 20
        live.poller.watch("q-07")
        live.rounds("q-07", 2)


def test_leaving_does_not_wait_for_a_slow_answer(batch: Batch) -> None:
    live = Live(batch.sandbox)
    live.faults("latency=5000ms")
    with live:
        began = time.monotonic()
    assert time.monotonic() - began < 0.5
