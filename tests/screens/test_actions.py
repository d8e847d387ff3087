"""The dialogs that act on jobs: by keys alone at 80×24, and what AWS then says."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.conftest import MakeSandbox, Running
from tests.screens.driving import open_queue, running_app, screen_text, shows, until
from tests.wire.batch import G5, Batch, payload
from tui.app import QueuedeckApp
from tui.sandbox.faults import parse_faults
from tui.screens.queue import QueueScreen
from tui.settings import Settings
from widgets.table import VirtualTable

SMALL = (80, 24)


def quota_cluster(
    sandbox: Running, *, running: int = 2, waiting: int = 4
) -> tuple[Batch, list[str], list[str]]:
    """A queue with one share that preempts within itself: jobs of priority 1 that run, others wait."""
    batch = Batch(sandbox)
    batch.environment(capacity=running, unit=G5)
    batch.quota_queue()
    batch.share("a", running, "RESERVE", preempts=True)
    held = [submit(batch, f"held-{n}", 1) for n in range(running)]
    batch.skip(900)
    queued = [submit(batch, f"wait-{n}", 1) for n in range(waiting)]
    batch.skip(3)
    return batch, held, queued


def submit(batch: Batch, name: str, priority: int) -> str:
    batch.skip(0.05)  # no two of the same millisecond
    return batch.submit(
        name, "quota", payload(seconds=90_000, unit=G5), quotaShareName="a", schedulingPriority=priority
    )


async def type_text(pilot: Pilot[None], text: str) -> None:
    names = {"+": "plus", "-": "minus", " ": "space"}
    await pilot.press(*(names.get(character, character) for character in text))


async def mark(app: QueuedeckApp, pilot: Pilot[None], table: VirtualTable, ids: Sequence[str]) -> None:
    for job_id in ids:
        table.cursor_key = job_id
        await pilot.press("space")


async def settled(pilot: Pilot[None], text: str = "Reading priorities") -> str:
    await until(pilot, lambda: text not in screen_text(pilot))
    await pilot.pause(0.3)
    return screen_text(pilot)


@asynccontextmanager
async def at_jobs(
    sandbox: Running, *job_ids: str, queue: str = "quota", settings: Settings | None = None
) -> AsyncIterator[tuple[QueuedeckApp, Pilot[None]]]:
    """The screen of a queue that lists these jobs, the cursor on the first."""
    async with running_app(sandbox, size=SMALL, settings=settings) as (app, pilot):
        table = await open_queue(app, pilot, queue)
        await until(pilot, lambda: set(job_ids) <= set(table.keys))
        table.cursor_key = job_ids[0]
        yield app, pilot


async def closed(app: QueuedeckApp, pilot: Pilot[None]) -> None:
    await until(pilot, lambda: isinstance(app.screen, QueueScreen))


def front(batch: Batch) -> list[str]:
    jobs = batch.client.get_job_queue_snapshot(jobQueue="quota")["frontOfQueue"]["jobs"]
    return [job["jobArn"].rpartition("/")[2] for job in jobs]


@pytest.mark.parametrize(
    ("typed", "priority", "place"), [("top", 1, 1), ("0", 0, 4), ("bottom", 0, 4), ("above 2", 1, 3)]
)
async def test_the_previewed_place_is_the_one_the_sandbox_then_gives(
    sandbox: Running, typed: str, priority: int, place: int
) -> None:
    batch, _, queued = quota_cluster(sandbox)
    job_id = queued[2]
    expected = {"top": 2, "above 2": 2}.get(typed, priority)  # older ones of equal priority go first
    async with at_jobs(sandbox, job_id) as (app, pilot):
        await pilot.press("p")
        await type_text(pilot, typed)
        await settled(pilot)
        text = await shows(pilot, f"1 → {expected}")
        if expected == 2:  # above all that run: it starts, by preempting the cheapest
            assert "by preempting" in text
            assert "⚠ Preempts 1 job:" in text
        else:
            assert f"3 → {place}" in text
            assert "Preempts no job." in text
        await pilot.press("enter")
        await closed(app, pilot)
        assert batch.job(job_id)["schedulingPriority"] == expected
        if expected != 2:
            assert front(batch).index(job_id) + 1 == place
        else:
            batch.skip(120)
            assert batch.status(job_id) in ("SCHEDULED", "STARTING", "RUNNING")


async def test_the_previewed_order_of_many_is_what_the_demo_then_has(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox("demo", speed=0.001)
    client = sandbox.client("batch")
    async with running_app(sandbox, size=(120, 34)) as (app, pilot):
        table = await open_queue(app, pilot, "research")
        await pilot.press("2")
        picture = app.live.store.queues["research"]
        await until(pilot, lambda: len(table.keys) > 20 and picture.positions)
        chosen = [key for key in table.keys if picture.jobs[key].status == "RUNNABLE"][5:60:6]
        table.marks = chosen
        await pilot.press("p")
        await type_text(pilot, "top")
        await settled(pilot)
        dialog = app.screen
        places = {key: places[1] for key, places in dialog._places.items()}  # pyright: ignore
        assert set(places) == set(chosen)
        await pilot.press("enter")
        await closed(app, pilot)
    jobs = client.get_job_queue_snapshot(jobQueue="research")["frontOfQueue"]["jobs"]
    order = {job["jobArn"].rpartition("/")[2]: place for place, job in enumerate(jobs, 1)}
    assert {key: order.get(key) for key in chosen} == {
        key: place if place and place <= 100 else None for key, place in places.items()
    }


async def test_who_is_previewed_to_be_preempted_is(sandbox: Running) -> None:
    batch, held, queued = quota_cluster(sandbox, running=3, waiting=2)
    async with at_jobs(sandbox, queued[0]) as (app, pilot):
        await pilot.press("p")
        await type_text(pilot, "+5")
        text = await shows(pilot, "⚠ Preempts 1 job:", "by preempting")
        victim = next(job_id for job_id in held if f"{batch.job(job_id)['jobName']}: a" in text)
        await pilot.press("enter")
        await closed(app, pilot)
        batch.skip(60)
        await until(pilot, lambda: batch.job(victim).get("preemptionSummary"))
        others = [job_id for job_id in held if job_id != victim]
        assert not any(batch.job(job_id).get("preemptionSummary") for job_id in others)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("10000", "a priority is 0 to 9999, not 10000"),
        ("1.5", "a priority is a whole number"),
        ("high", "'high' is none of 9"),
        ("above 9", "there is no place 9: 4 jobs wait"),
        ("", "a priority is missing"),
    ],
)
async def test_a_wrong_priority_is_caught_at_the_field(sandbox: Running, typed: str, said: str) -> None:
    batch, _, queued = quota_cluster(sandbox)
    async with at_jobs(sandbox, queued[0]) as (app, pilot):
        await pilot.press("p")
        await type_text(pilot, typed)
        await settled(pilot)
        await pilot.press("enter")
        await shows(pilot, f"✗ {said}")
        assert not isinstance(app.screen, QueueScreen)
        assert batch.job(queued[0])["schedulingPriority"] == 1


async def test_nothing_typed_is_lost_when_it_was_refused_or_left(sandbox: Running) -> None:
    _, _, queued = quota_cluster(sandbox)
    async with at_jobs(sandbox, queued[0]) as (app, pilot):
        await pilot.press("p")
        await type_text(pilot, "4321")
        await settled(pilot)
        sandbox.endpoint.faults = parse_faults("denied=batch:UpdateServiceJob")
        await pilot.press("enter")
        text = await shows(pilot, "Not done: wait-0. Not allowed: batch:UpdateServiceJob")
        assert "1 → 4321" in text
        await pilot.press("escape")
        await closed(app, pilot)
        await pilot.press("p")
        await shows(pilot, "1 → 4321")
        sandbox.endpoint.faults = parse_faults("")
        await pilot.press("enter")
        await closed(app, pilot)
        await pilot.press("p")
        await shows(pilot, "New priority")
        assert "4321 " not in (await settled(pilot)).split("New priority")[1].splitlines()[0]


async def test_a_fifo_queue_says_that_priority_has_no_effect(sandbox: Running) -> None:
    batch = Batch(sandbox)
    batch.environment(capacity=1)
    batch.queue("fifo")
    job_id = batch.submit("job", "fifo")
    async with at_jobs(sandbox, job_id, queue="fifo") as (app, pilot):
        await pilot.press("p")
        text = await shows(pilot, "FIFO queue", "no effect")
        assert "enter set" not in text
        await pilot.press("enter", "escape")
        await closed(app, pilot)


async def test_cancel_says_what_is_lost_and_does_it(sandbox: Running, tmp_path: Path) -> None:
    batch, held, queued = quota_cluster(sandbox)
    async with at_jobs(sandbox, queued[0], held[0]) as (app, pilot):
        table = app.screen.query_one("#jobs", VirtualTable)
        await mark(app, pilot, table, [held[0], queued[1]])
        await pilot.press("x")
        text = await shows(pilot, "Cancel 2 jobs")
        assert "1 job is cancelled while queued" in text
        assert "1 job is stopped while running: 0.2 instance-hours lost" in text
        assert "× 1" in text.split("held-0")[1].splitlines()[0]
        await pilot.press("enter")  # the default is No
        await closed(app, pilot)
        assert batch.status(queued[1]) == "RUNNABLE"
        await pilot.press("x", "r", "ctrl+u")
        await type_text(pilot, "moved to night")
        await pilot.press("enter", "right", "enter")
        await closed(app, pilot)
        assert not table.marks
        await until(pilot, lambda: batch.status(queued[1]) == "FAILED")
        batch.skip(120)
        assert [batch.job(i)["statusReason"] for i in (held[0], queued[1])] == ["moved to night"] * 2
        assert batch.status(held[1]) == "RUNNING"
    lines = (tmp_path / "state" / "queuedeck" / "audit.jsonl").read_text().splitlines()
    assert {json.loads(line)["why"] for line in lines} == {"moved to night"}


async def test_an_empty_reason_is_not_sent(sandbox: Running) -> None:
    batch, _, queued = quota_cluster(sandbox)
    async with at_jobs(sandbox, queued[0]) as (_, pilot):
        await pilot.press("x", "r", "ctrl+u", "enter", "y")
        await shows(pilot, "✗ AWS wants a reason")
        assert batch.status(queued[0]) == "RUNNABLE"


async def test_more_than_ten_running_jobs_are_stopped_only_after_their_number_was_typed(
    sandbox: Running,
) -> None:
    batch, held, _ = quota_cluster(sandbox, running=12, waiting=1)
    async with at_jobs(sandbox, *held) as (app, pilot):
        table = app.screen.query_one("#jobs", VirtualTable)
        table.marks = held
        await pilot.press("x", "y")
        await shows(pilot, "Are you sure?", "Type 12 and enter")
        await type_text(pilot, "1")
        await pilot.press("enter")
        assert "Are you sure?" in screen_text(pilot)
        await pilot.press("escape")
        assert {batch.status(job_id) for job_id in held} == {"RUNNING"}
        await pilot.press("y")
        await shows(pilot, "Are you sure?")
        await type_text(pilot, "12")
        await pilot.press("enter")
        await closed(app, pilot)
        await until(pilot, lambda: all(batch.job(job_id).get("isTerminated") for job_id in held))


async def test_failures_are_named_one_by_one(sandbox: Running) -> None:
    _, _, queued = quota_cluster(sandbox)
    async with at_jobs(sandbox, *queued) as (app, pilot):
        table = app.screen.query_one("#jobs", VirtualTable)
        table.marks = queued
        await pilot.press("x")
        sandbox.endpoint.faults = parse_faults("denied=batch:TerminateServiceJob")
        await pilot.press("y")
        text = await shows(pilot, "Not done: ")
        for number in range(len(queued)):
            assert f"wait-{number}" in text.split("Not done:")[1]
        assert table.marks == frozenset(queued)


async def test_stop_and_requeue_at_another_priority(sandbox: Running) -> None:
    batch, held, _ = quota_cluster(sandbox)
    async with at_jobs(sandbox, held[0]) as (app, pilot):
        await pilot.press("X")
        await shows(pilot, "Stop and requeue held-0", "requeued at 2")
        await pilot.press("r", "tab", "ctrl+u")
        await type_text(pilot, "8")
        await shows(pilot, "requeued at 8")
        await pilot.press("enter", "y")
        await closed(app, pilot)
        found = batch.client.list_service_jobs(
            jobQueue="quota", filters=[{"name": "JOB_NAME", "values": ["held-0"]}]
        )["jobSummaryList"]
        (new,) = [job["jobId"] for job in found if job["jobId"] != held[0]]
        assert batch.job(new)["schedulingPriority"] == 8
        await until(pilot, lambda: batch.job(held[0]).get("isTerminated"))


async def test_a_row_shows_what_is_under_way(sandbox: Running) -> None:
    _, _, queued = quota_cluster(sandbox)
    async with at_jobs(sandbox, queued[0]) as (app, pilot):
        sandbox.endpoint.faults = parse_faults("error=1")
        await pilot.press("x", "y")
        await until(pilot, lambda: app.live.actions.pending(queued[0]))
        await pilot.press("escape")
        await closed(app, pilot)
        await shows(pilot, "cancel…")
        sandbox.endpoint.faults = parse_faults("")
        await until(pilot, lambda: app.live.actions.pending(queued[0]) is None)
        await until(pilot, lambda: "cancel…" not in screen_text(pilot))


async def test_read_only_has_no_keys_for_it(sandbox: Running) -> None:
    _, _, queued = quota_cluster(sandbox)
    settings = Settings(interval=1.0, read_only=True)
    async with at_jobs(sandbox, queued[0], settings=settings) as (app, pilot):
        text = screen_text(pilot)
        assert "p priority" not in text
        assert "x cancel" not in text
        for key in ("p", "x", "X"):
            await pilot.press(key)
            assert isinstance(app.screen, QueueScreen)


async def test_an_action_copies_as_aws_cli_commands(sandbox: Running) -> None:
    _, _, queued = quota_cluster(sandbox)
    async with at_jobs(sandbox, queued[0]) as (app, pilot):
        await pilot.press("p")
        await type_text(pilot, "9")
        await settled(pilot)
        await pilot.press("ctrl+y")
        where = f"--region us-east-1 --endpoint-url {sandbox.url}"
        job = f"--job-id {queued[0]} --scheduling-priority 9"
        assert app.clipboard == f"aws {where} batch update-service-job {job}"
        await pilot.press("escape", "x", "ctrl+y")
        assert f"terminate-service-job --job-id {queued[0]} --reason 'Cancelled by " in app.clipboard
