"""Why a job waits, as a dialog; and the estimated starts in the table of jobs."""

import pytest

from tests.conftest import MakeSandbox
from tests.screens.driving import open_queue, running_app, screen_text, shows, until
from tui.screens.why import WhyDialog


@pytest.mark.parametrize("size", [(80, 24), (120, 34), (200, 60)])
async def test_w_tells_why_the_job_under_the_cursor_waits(
    make_sandbox: MakeSandbox, size: tuple[int, int]
) -> None:
    async with running_app(make_sandbox("demo", speed=0.001), size=size) as (app, pilot):
        table = await open_queue(app, pilot, "finetune")
        picture = app.live.store.queues["finetune"]
        await pilot.press("2")
        await until(pilot, lambda: len(table.keys) > 2)
        name = picture.jobs[table.keys[0]].job_name
        await pilot.press("w")
        text = await shows(pilot, f"Why {name} waits", "It needs 4 ×", "It is next", "between", "Most likely")
        assert all(len(line) <= size[0] for line in text.splitlines())
        await pilot.press("G")
        await shows(pilot, "No: in this queue what runs is left alone", "Ends first")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, WhyDialog))
        await pilot.press("j", "w")
        await shows(pilot, "1 job of the queue goes first; the first one needs", f"{name}")


async def test_in_a_quota_queue_the_priorities_are_read_first(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=0.001), size=(120, 50)) as (app, pilot):
        table = await open_queue(app, pilot, "vision-prod")
        picture = app.live.store.queues["vision-prod"]
        await pilot.press("2")
        await until(pilot, lambda: len(table.keys) > 2)
        key = next(key for key in table.keys if picture.jobs[key].share == "prod")
        table.cursor_key = key
        await pilot.press("w")
        await shows(pilot, "Stops others", "Held by shares", "lend is idle")
        mates = [job_id for job_id, job in picture.active.items() if job.share == "prod"]
        await until(pilot, lambda: all(job_id in picture.priorities for job_id in mates))
        await until(pilot, lambda: "Reading priorities" not in screen_text(pilot))
        assert "Unknown: the priorities" not in screen_text(pilot)


async def test_a_job_that_runs_and_one_that_is_over_do_not_wait(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=0.001), size=(120, 34)) as (app, pilot):
        table = await open_queue(app, pilot, "finetune")
        await pilot.press("3")
        await until(pilot, lambda: len(table.keys) > 0)
        await pilot.press("w")
        await shows(pilot, "It does not wait", "It has its capacity, and runs.")
        await pilot.press("escape", "4")
        await until(pilot, lambda: len(table.keys) > 5)
        await pilot.press("w")
        await shows(pilot, "It is over:")


async def test_w_on_the_screen_of_a_job(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=0.001), size=(100, 30)) as (app, pilot):
        table = await open_queue(app, pilot, "nightly")
        await pilot.press("2")
        await until(pilot, lambda: len(table.keys) > 0)
        await pilot.press("enter")
        await shows(pilot, "1 overview", "Status")
        await pilot.press("w")
        await shows(pilot, "It waits because the service environment is disabled.", "unknown: nothing starts")


async def test_the_table_shows_estimated_starts_where_there_is_room(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=0.001), size=(130, 34)) as (app, pilot):
        table = await open_queue(app, pilot, "finetune")
        await pilot.press("2")
        await shows(pilot, "STARTS ~")
        await until(pilot, lambda: app.live.starts.of("finetune") is not None)
        place = next(at for at, column in enumerate(table.columns) if column.key == "starts")

        def start(key: str) -> str:
            cell = app.screen._cells(key)[place]  # pyright: ignore[reportAttributeAccessIssue]
            return cell if isinstance(cell, str) else cell[0]

        first, *_, last = (start(key) for key in table.keys)
        assert first[2] == ":"
        assert first in screen_text(pilot)
        assert last[0] in "+012"
        await pilot.press("3")
        await until(pilot, lambda: len(table.keys) > 0)
        assert {start(key) for key in table.keys} == {"-"}


async def test_a_narrow_table_does_without_starts(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=0.001), size=(80, 24)) as (app, pilot):
        await open_queue(app, pilot, "research")
        assert "STARTS" not in await shows(pilot, "WAITED")


async def test_nothing_is_worked_out_while_nothing_changes(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=1e-6), size=(120, 34)) as (app, pilot):
        await open_queue(app, pilot, "finetune")
        starts = app.live.starts
        await until(pilot, lambda: starts.of("finetune") is not None)
        await until(pilot, lambda: not app.live.store.queues["finetune"].history_loading)
        await pilot.pause(3)
        made = starts.of("finetune")
        app.live.poller.refresh_now()
        await pilot.pause(3)
        assert starts.of("finetune") is made
