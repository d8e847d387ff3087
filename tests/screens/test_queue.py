"""The queue screen: jobs, shares, groups, filter, order; and that the cursor stays on its job."""

import pytest

from tests.conftest import MakeSandbox, Running
from tests.screens.driving import open_queue, running_app, screen_text, shows, until
from tui.settings import Settings
from widgets.table import VirtualTable

PAYLOAD = '{"ResourceConfig": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1}}'


def submit(sandbox: Running, name: str, queue: str = "research", **more: object) -> str:
    answer = sandbox.client("batch").submit_service_job(
        jobName=name,
        jobQueue=queue,
        serviceJobType="SAGEMAKER_TRAINING",
        serviceRequestPayload=PAYLOAD,
        **more,
    )
    return answer["jobId"]


@pytest.mark.parametrize("size", [(80, 24), (120, 34), (160, 45), (250, 80)])
async def test_shares_groups_and_jobs(make_sandbox: MakeSandbox, size: tuple[int, int]) -> None:
    async with running_app(make_sandbox("demo", speed=0.001), size=size) as (app, pilot):
        await open_queue(app, pilot, "research")
        text = await shows(
            pilot, "research   fair · 6 · on", "1 all", "IN USE / TARGET", "RUNNING", "RUNNABLE"
        )
        figures = app.live.store.queues["research"].figures
        assert f"2 queued {figures.queued}" in text
        assert f"3 running {figures.running}" in text
        assert all(len(line) <= size[0] for line in text.splitlines())


async def test_quota_shares_show_strategy_and_what_is_borrowed(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=0.001), size=(140, 40)) as (app, pilot):
        await open_queue(app, pilot, "vision-prod")
        await shows(pilot, "IN USE / QUOTA", "lend and borrow", "reserve")


async def test_a_fifo_queue_has_no_shares_and_no_priorities(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=0.001)) as (app, pilot):
        table = await open_queue(app, pilot, "finetune")
        await shows(pilot, "1 all")
        assert "SHARE" not in screen_text(pilot)
        assert {"share", "priority"}.isdisjoint(column.key for column in table.columns)


async def test_groups_choose_the_jobs(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=0.001)) as (app, pilot):
        table = await open_queue(app, pilot, "research")
        jobs = app.live.store.queues["research"].jobs
        for key, statuses in (
            ("2", {"SUBMITTED", "PENDING", "RUNNABLE"}),
            ("3", {"SCHEDULED", "STARTING", "RUNNING"}),
            ("4", {"SUCCEEDED", "FAILED"}),
        ):
            await pilot.press(key)
            await until(pilot, lambda: len(table.keys) > 0)
            assert {jobs[job_id].status for job_id in table.keys} <= statuses
        await pilot.press("1")
        await until(pilot, lambda: len(table.keys) == len(jobs))


async def test_filter_narrows_says_how_many_and_comes_back_on_escape(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=0.001)) as (app, pilot):
        table = await open_queue(app, pilot, "research")
        await pilot.press("/")
        await pilot.press(*"share:llm")
        jobs = app.live.store.queues["research"].jobs
        await until(pilot, lambda: {jobs[key].share for key in table.keys} == {"llm"})
        await shows(pilot, f"{len(table.keys)} match")
        await pilot.press("enter", "/")
        await pilot.press(*" colour:red")
        await shows(pilot, "no field colour")
        await pilot.press("escape")
        await until(pilot, lambda: {jobs[key].share for key in table.keys} == {"llm"})
        assert "no field" not in screen_text(pilot)
        await pilot.press("/", "ctrl+u")
        await pilot.press(*"nothing-is-called-so", "enter")
        await shows(pilot, "No job matches the filter.")


async def test_sorting_by_a_column_and_turning_it_round(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=0.001)) as (app, pilot):
        table = await open_queue(app, pilot, "research")
        jobs = app.live.store.queues["research"].jobs

        def names() -> list[str]:
            return [jobs[key].job_name.casefold() for key in table.keys]

        await pilot.press("o", "j", "enter")
        await until(pilot, lambda: names() == sorted(names()))
        await shows(pilot, "JOB▲")
        await pilot.press("o", "enter")
        await until(pilot, lambda: names() == sorted(names(), reverse=True))
        await shows(pilot, "JOB▼")


async def test_priorities_are_asked_for_the_rows_on_screen_only(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox("demo", speed=0.001)
    async with running_app(sandbox, size=(120, 34)) as (app, pilot):
        table = await open_queue(app, pilot, "research")
        picture = app.live.store.queues["research"]
        await until(pilot, lambda: set(table.visible_keys) <= set(picture.priorities))
        assert len(picture.priorities) < len(picture.jobs)
        asked = sandbox.endpoint.calls["batch:DescribeServiceJob"]
        app.live.poller.refresh_now()
        await pilot.pause(1.5)
        assert sandbox.endpoint.calls["batch:DescribeServiceJob"] == asked


async def test_cursor_scroll_and_marks_stay_on_their_jobs(make_sandbox: MakeSandbox) -> None:
    """Rows come above, move and go, while the cursor and two marks sit in the middle of the table."""
    sandbox = make_sandbox("demo", speed=0.001)
    async with running_app(sandbox, size=(120, 34)) as (app, pilot):
        table = await open_queue(app, pilot, "research")
        await pilot.press("2", *["j"] * 26, "space", "space")
        await until(pilot, lambda: len(table.marks) == 2)
        key, marks, line = table.cursor_key, table.marks, table.cursor_index
        top = table.scroll_offset.y
        assert top > 1  # so that rows gone above can be made up for
        assert key is not None
        assert line is not None
        # Jobs that go ahead of it in dispatch order, of a share that has used less.
        for number in range(5):
            submit(sandbox, f"ahead-{number}", shareIdentifier="bio", schedulingPriority=9000 + number)
        gone = next(job_id for job_id in table.keys[:5] if job_id not in marks and job_id != key)
        sandbox.client("batch").terminate_service_job(jobId=gone, reason="makes room")
        sandbox.skip(5)
        app.live.poller.refresh_now()
        jobs = app.live.store.queues["research"].jobs
        await until(pilot, lambda: sum(job.job_name.startswith("ahead-") for job in jobs.values()) == 5)
        await until(pilot, lambda: gone not in table.keys)
        assert table.cursor_key == key
        assert table.marks == marks
        assert table.keys[table.cursor_index or 0] == key
        assert (table.cursor_index or 0) - table.scroll_offset.y == line - top


async def test_the_history_is_read_as_one_scrolls(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox("scale", speed=0.001, jobs=1200)
    settings = Settings(interval=1.0, queue="scale")
    async with running_app(sandbox, settings=settings) as (app, pilot):
        await until(pilot, lambda: bool(app.screen.query("#jobs")))
        table = app.screen.query_one("#jobs", VirtualTable)
        await pilot.press("4")
        await until(pilot, lambda: len(table.keys) >= 100)
        assert len(table.keys) < 1200
        for _ in range(40):
            await pilot.press("G")
            await pilot.pause(0.1)
            if len(table.keys) == 1200:
                break
        await until(pilot, lambda: len(table.keys) == 1200)
        text = await shows(pilot, "4 finished 1,200")
        assert "1,200+" not in text


async def test_an_unknown_queue_ends_with_code_2_and_names_those_there_are(make_sandbox: MakeSandbox) -> None:
    settings = Settings(queue="visoin-prod")
    async with running_app(make_sandbox("demo"), settings=settings) as (app, pilot):
        await until(pilot, lambda: app.return_code is not None)
    assert app.return_code == 2
    assert "visoin-prod" in app.last_words
    assert "vision-prod" in app.last_words


async def test_a_queue_with_no_jobs_says_so(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox("demo", speed=0.001)
    batch = sandbox.client("batch")
    batch.create_service_environment(
        serviceEnvironmentName="new",
        serviceEnvironmentType="SAGEMAKER_TRAINING",
        capacityLimits=[{"capacityUnit": "NUM_INSTANCES", "maxCapacity": 1}],
    )
    sandbox.skip(60)
    batch.create_job_queue(
        jobQueueName="new",
        priority=1,
        jobQueueType="SAGEMAKER_TRAINING",
        serviceEnvironmentOrder=[{"order": 1, "serviceEnvironment": "new"}],
    )
    async with running_app(sandbox) as (app, pilot):
        await open_queue(app, pilot, "new")
        await shows(pilot, "No jobs in this queue.")
        await pilot.press("2")
        await shows(pilot, "No job waits.")


async def test_hostile_names_are_shown_harmless(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox("demo", speed=0.001)
    job_id = submit(sandbox, "victim", shareIdentifier="llm", tags={"note": "\x1b[31m[bold]\u202eevil"})
    sandbox.client("batch").terminate_service_job(jobId=job_id, reason="[red]\x1b]52;c;ZXZpbA==\x07 \u202e")
    async with running_app(sandbox, size=(160, 40)) as (app, pilot):
        table = await open_queue(app, pilot, "research")
        await pilot.press("4")
        await until(pilot, lambda: job_id in table.keys)
        text = await shows(pilot, "[red]␛]52;c;ZXZpbA==␇ ‹202E›")
        assert not any(sign in text for sign in ("\x1b", "\x07", "\u202e"))
        table.cursor_key = job_id
        await pilot.press("enter")
        text = await shows(pilot, "␛[31m[bold]‹202E›evil")
        assert not any(sign in text for sign in ("\x1b", "\x07", "\u202e"))


async def test_beginning_with_a_queue_there_is_a_way_home(make_sandbox: MakeSandbox) -> None:
    settings = Settings(interval=1.0, rate=1000.0, queue="research", filter="share:llm")
    async with running_app(make_sandbox("demo", speed=0.001), settings=settings) as (app, pilot):
        await shows(pilot, "research   fair · 6", " match")
        await pilot.press("escape")
        await shows(pilot, "vision-prod", "nightly")
        await open_queue(app, pilot, "vision-prod")
        await pilot.press("escape")
        await shows(pilot, "nightly")
