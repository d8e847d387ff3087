"""The job screen on the sandbox: what each tab tells of a job that was preempted twice and then failed."""

import json
import re
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.conftest import MakeSandbox, Running
from tests.job_story import NAME, QUEUE, WORKED, tell
from tests.screens.driving import open_queue, running_app, shows, until
from tests.wire.batch import Batch
from tests.wire.training import request
from tui.app import QueuedeckApp
from tui.sandbox.faults import parse_faults
from tui.screens.events import EventsScreen
from tui.screens.job.screen import JobScreen, Tab
from widgets.loglines import LogView
from widgets.plot import Plot

SIZES = [(80, 24), (140, 45)]


@pytest.fixture
def story(make_sandbox: MakeSandbox) -> tuple[Running, str]:
    """A sandbox whose clock stands still, and the id of the job."""
    sandbox = make_sandbox(speed=0)
    return sandbox, tell(sandbox)


async def open_job(app: QueuedeckApp, pilot: Pilot[None], job_id: str, tab: Tab = "overview") -> JobScreen:
    """The job screen, its attempts known (as far as they may be)."""
    await until(pilot, lambda: QUEUE in app.live.store.queues)
    screen = JobScreen(app.live, QUEUE, job_id, tab)
    app.push_screen(screen)
    desk = screen.desk
    await until(pilot, lambda: desk.detail is not None and screen.shown_tab is not None)
    await until(pilot, lambda: all(run.training or desk.training.problems for run in desk.runs))
    await pilot.pause()
    return screen


def copied(app: QueuedeckApp) -> str:
    return app.clipboard


@pytest.mark.parametrize("size", SIZES)
async def test_every_tab_tells_the_story(story: tuple[Running, str], size: tuple[int, int]) -> None:
    sandbox, job_id = story
    async with running_app(sandbox, size=size) as (app, pilot):
        screen = await open_job(app, pilot, job_id)
        text = await shows(pilot, NAME, "FAILED", "attempt 3 of 3: failed")
        # What broke and what to do comes first, on a small terminal too.
        await shows(pilot, "Out of memory (GPU)", "Next step", "torch.OutOfMemoryError")
        await pilot.press("ctrl+d")
        await shows(pilot, "Submitted by      wei", "2 × ml.g5.xlarge")
        await pilot.press("G")
        await shows(pilot, "instance-hours", "over 3 attempts", "1 preempted", "2 preempted", "3 failed")
        await pilot.press("2")
        text = await shows(pilot, "Batch", "Attempt 1", "Attempt 2", "Attempt 3", "RUNNABLE", "SCHEDULED")
        lane = next(line for line in text.splitlines() if line.startswith(" Attempt 1"))
        assert "◀" in lane and "█" in lane and "✖" not in lane
        assert "✖" in next(line for line in text.splitlines() if line.startswith(" Attempt 3"))
        await pilot.press("3")
        text = await shows(pilot, "OUTCOME", "preempted", "failed", "AlgorithmError")
        assert len(re.findall(r"AWSBatchllama", text)) >= 3
        await pilot.press("up")
        await shows(pilot, "Attempt 2: preempted", "make room")
        await pilot.press("end")
        await pilot.press("4")
        await shows(pilot, "all 2 hosts", "torch.OutOfMemoryError", "Reporting training FAILURE")
        await pilot.press("5")
        await shows(pilot, "Final: train:loss", "train:loss", "algo-2", "┤")
        await pilot.press("6")
        await shows(pilot, '"TrainingJobName": "llama-sft"')
        await pilot.press("7")
        await shows(pilot, "s3://llm-models/checkpoints/llama-sft/", "Console: training job")
        assert screen.desk.over
        await pilot.press("tab")
        await shows(pilot, "instance-hours")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, JobScreen))


async def test_what_is_over_is_quiet(story: tuple[Running, str]) -> None:
    sandbox, job_id = story
    async with running_app(sandbox) as (app, pilot):
        await open_job(app, pilot, job_id, "logs")
        await shows(pilot, "■ ended")
        await pilot.press("5")
        await shows(pilot, "GPUUtilization")
        calls = dict(sandbox.endpoint.calls)
        for _ in range(60):
            await pilot.pause(0.05)
        asked = {name for name, count in sandbox.endpoint.calls.items() if count != calls.get(name)}
        assert not {name for name in asked if name.startswith(("logs:", "sagemaker:", "cloudwatch:"))}


@asynccontextmanager
async def followed_log(sandbox: Running) -> AsyncIterator[tuple[QueuedeckApp, Pilot[None], Batch]]:
    """The log of a job that runs, opened from its queue."""
    batch = Batch(sandbox)
    batch.environment()
    batch.queue()
    batch.submit("train")
    batch.skip(400)
    async with running_app(sandbox) as (app, pilot):
        await open_queue(app, pilot, "queue")
        await pilot.press("l")
        await shows(pilot, "algo-1", "● following")
        yield app, pilot, batch


async def test_l_opens_the_log_and_a_running_job_is_followed(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=0)
    async with followed_log(sandbox) as (app, pilot, batch):
        screen = app.screen
        assert isinstance(screen, JobScreen)
        view = screen.query_one(LogView)
        before = len(view.lines)
        batch.skip(30)
        await until(pilot, lambda: len(view.lines) > before, 6)
        assert view.cursor_line == len(view.lines) - 1
        await pilot.press("k", "k")
        await shows(pilot, "‖ not following")
        await pilot.press("f")
        await shows(pilot, "● following")


async def test_no_log_is_read_while_another_screen_lies_over_it(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=0)
    async with followed_log(sandbox) as (app, pilot, batch):
        view = app.screen.query_one(LogView)
        await app.push_screen(EventsScreen(app.live))
        await pilot.pause(0.5)  # what was under way comes in
        before, calls = len(view.lines), sandbox.endpoint.calls["logs:GetLogEvents"]
        batch.skip(30)
        for _ in range(60):
            await pilot.pause(0.05)
        assert sandbox.endpoint.calls["logs:GetLogEvents"] == calls
        await pilot.press("escape")
        await until(pilot, lambda: len(view.lines) > before)


async def test_search_filter_hosts_times_and_errors(story: tuple[Running, str]) -> None:
    sandbox, job_id = story
    async with running_app(sandbox) as (app, pilot):
        screen = await open_job(app, pilot, job_id, "logs")
        await shows(pilot, "■ ended")
        view = screen.query_one(LogView)
        total = len(view.lines)
        await pilot.press("slash", *"cuda out", "enter")
        await shows(pilot, "1/2 lines")
        await pilot.press("n")
        await shows(pilot, "2/2 lines")
        await pilot.press("e")
        await until(pilot, lambda: view.line is not None and view.line.text.startswith("Traceback"))
        await shows(pilot, "errors 1/8")
        await pilot.press("ampersand", *"val_acc", "enter")
        await shows(pilot, f"of {total:,} lines")
        assert all("val_acc" in view.lines.line(line).text for line in view.shown.scan.matches)  # type: ignore
        await pilot.press("ampersand", "ctrl+u", "enter")
        await shows(pilot, f"{total:,} lines")
        await pilot.press("v")
        await shows(pilot, "algo-1", f"{total // 2:,} of {total:,}")
        await pilot.press("v", "v")
        await shows(pilot, "all 2 hosts")
        await pilot.press("G", "T", *"-20m", "enter")
        last = view.lines.line(total - 1).time
        await until(pilot, lambda: view.line is not None and 0 <= view.line.time - last + 1_200_000 < 60_000)
        await pilot.press("T", *"nonsense", "enter")
        await shows(pilot, "say 12:41")
        await pilot.press("escape", "t")
        await shows(pilot, "Z algo-")
        await pilot.press("t")
        assert view.stamps == "off"
        await pilot.press("w")
        await shows(pilot, " wrap ")


async def test_a_log_is_saved_for_its_owner_only(story: tuple[Running, str], tmp_path: Path) -> None:
    sandbox, job_id = story
    async with running_app(sandbox) as (app, pilot):
        screen = await open_job(app, pilot, job_id, "logs")
        await shows(pilot, "■ ended")
        total = len(screen.query_one(LogView).lines)
        await pilot.press("S")
        await until(pilot, lambda: any("Saved" in each.message for each in app._notifications))
        (path,) = (tmp_path / "data").rglob("*.log")
        said = [each.message for each in app._notifications]
        assert any(
            text.startswith(f"Saved {total:,} lines (") and text.endswith(f") to {path}") for text in said
        )
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        lines = path.read_text("utf-8").splitlines()
        assert len(lines) == total
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z algo-1 ", lines[0])
        await pilot.press("ampersand", *"val_acc", "enter", "S")
        await until(pilot, lambda: len(list((tmp_path / "data").rglob("*.log"))) == 2)


async def test_another_attempt_has_its_own_log(story: tuple[Running, str]) -> None:
    sandbox, job_id = story
    async with running_app(sandbox) as (app, pilot):
        await open_job(app, pilot, job_id, "logs")
        await shows(pilot, "Reporting training FAILURE")
        await pilot.press("left_square_bracket")
        await shows(pilot, "attempt 2 of 3: preempted", "received SIGTERM")
        await pilot.press("right_square_bracket")
        await shows(pilot, "attempt 3 of 3: failed", "Reporting training FAILURE")


async def test_the_request_against_the_run_that_worked(story: tuple[Running, str]) -> None:
    sandbox, job_id = story
    async with running_app(sandbox) as (app, pilot):
        await open_job(app, pilot, job_id, "request")
        await pilot.press("slash", *"learning_rate", "enter")
        await shows(pilot, "1/1 lines")
        await pilot.press("y")
        assert copied(app) == '"learning_rate": "3e-4",' or copied(app) == '"learning_rate": "3e-4"'
        await pilot.press("d")
        text = await shows(pilot, "Compare with", WORKED)
        assert text.index(WORKED) < text.index("prod-retrain")
        await pilot.press("enter")
        await shows(pilot, "~ HyperParameters.learning_rate", '- "1e-4"', '+ "3e-4"')
        await pilot.press("u")
        await shows(pilot, f"--- {WORKED}", f"+++ {NAME}", '"learning_rate": "3e-4"')
        await pilot.press("d")
        await shows(pilot, '"TrainingJobName"')
        await pilot.press("Y")
        assert copied(app).startswith('{\n  "TrainingJobName": "llama-sft"')


async def test_the_cursor_of_the_plots_reads_values_off(story: tuple[Running, str]) -> None:
    sandbox, job_id = story
    async with running_app(sandbox) as (app, pilot):
        screen = await open_job(app, pilot, job_id, "metrics")
        await shows(pilot, "GPUUtilization", "train:loss")
        await pilot.press("home")
        await shows(pilot, "train:loss", "algo-1 -")
        await pilot.press(*["L"] * 3)
        text = await shows(pilot, "▲")
        line = next(line for line in text.splitlines() if "train:loss" in line and "algo-1" in line)
        assert re.search(r"algo-1 [\d.]+", line)
        await pilot.press("j", "enter")
        await until(pilot, lambda: sum(plot.size.height > 0 for plot in screen.query(Plot)) == 1)
        await pilot.press("y")
        assert "algo-1\t" in copied(app)


async def test_what_may_not_be_read_costs_only_its_tab(story: tuple[Running, str]) -> None:
    sandbox, job_id = story
    sandbox.endpoint.faults = parse_faults(
        "denied=logs:DescribeLogStreams,denied=cloudwatch:GetMetricData,denied=sagemaker:DescribeTrainingJob"
    )
    async with running_app(sandbox) as (app, pilot):
        await open_job(app, pilot, job_id)
        await shows(pilot, "FAILED", "Out of memory (GPU)")
        await pilot.press("G")
        await shows(pilot, "sagemaker:DescribeTrainingJob")
        await pilot.press("2")
        await shows(pilot, "Attempt 3: failed", "preempted")
        await pilot.press("4")
        await shows(pilot, "Ask for the IAM permission logs:DescribeLogStreams")
        await pilot.press("5")
        await shows(pilot, "Ask for the IAM permission sagemaker:DescribeTrainingJob")
        sandbox.endpoint.faults = parse_faults("denied=cloudwatch:GetMetricData")
        await pilot.press("R")
        await shows(pilot, "Ask for the IAM permission cloudwatch:GetMetricData", "train:loss")
        await pilot.press("4")
        await shows(pilot, "torch.OutOfMemoryError")


async def test_a_job_that_waits_says_what_is_not_there_yet(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=0)
    batch = Batch(sandbox)
    batch.environment(capacity=1)
    batch.queue(QUEUE)
    batch.submit("first", QUEUE)
    batch.skip(200)
    waiting = batch.submit("second", QUEUE)
    batch.skip(30)
    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        await open_job(app, pilot, waiting)
        await shows(pilot, "RUNNABLE for 30s", "Position          1")
        for key, words in (
            ("2", "RUNNABLE"),
            ("3", "No attempt yet"),
            ("4", "No attempt yet"),
            ("5", "No attempt yet"),
            ("7", "not known: SageMaker has not told"),
        ):
            await pilot.press(key)
            await shows(pilot, words)
        await pilot.press("1", "y")
        assert copied(app) == waiting
        sandbox.skip(3600 * 3)
        await pilot.press("R", "4")
        await shows(pilot, "Reporting training SUCCESS")


async def test_a_long_line_opens_whole(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=0)
    batch = Batch(sandbox)
    batch.environment()
    batch.queue(QUEUE)

    wishes = {"SANDBOX_SECONDS": "1200", "SANDBOX_LOG_HOSTILE": "2"}
    job_id = batch.submit("long", QUEUE, json.dumps(request() | {"Environment": wishes}))
    batch.skip(1800)
    async with running_app(sandbox) as (app, pilot):
        screen = await open_job(app, pilot, job_id, "logs")
        view = screen.query_one(LogView)
        await until(pilot, lambda: len(view.lines) > 100)
        await pilot.press("slash", *"0123456789012345", "enter", "enter")
        await shows(pilot, "algo-1", "y copy")
        await pilot.press("G", "y", "escape")
        assert len(copied(app)) > 1_000_000
        assert isinstance(app.screen, JobScreen)


async def test_a_wide_terminal_shows_the_job_beside_the_table(story: tuple[Running, str]) -> None:
    sandbox, _ = story
    async with running_app(sandbox, size=(180, 40)) as (app, pilot):
        table = await open_queue(app, pilot, QUEUE)
        await until(pilot, lambda: len(table.keys) >= 4)
        name = app.live.store.queues[QUEUE].jobs[table.cursor_key or ""].job_name
        await shows(pilot, "Out of memory (GPU)", "Submitted by      wei")
        await pilot.press("G")
        await until(pilot, lambda: app.live.store.queues[QUEUE].jobs[table.cursor_key or ""].job_name != name)
        await shows(pilot, "Submitted by      wei", "1 succeeded")
        await pilot.press("v")
        await until(pilot, lambda: not app.screen.query("JobPreview"))
        await pilot.press("v")
        await shows(pilot, "Submitted by      wei")
        await pilot.resize_terminal(100, 30)
        await until(pilot, lambda: not app.screen.query("JobPreview"))
