"""The resources: the tree, its dialogs, set-up, tear-down, drain, export, roles."""

import json
import os
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.conftest import MakeSandbox, Running
from tests.screens.clusters import (
    UNIT,
    environment,
    fair_queue,
    holding,
    queue,
    quota_queue,
    statuses,
    submit,
)
from tests.screens.driving import running_app, screen_text, shows, until
from tui.app import QueuedeckApp
from tui.screens.resources.screen import ResourcesScreen
from tui.screens.resources.wizard import SetUpScreen
from tui.settings import Settings
from widgets.form import Form
from widgets.table import VirtualTable

FROZEN = 0.001


async def open_resources(app: QueuedeckApp, pilot: Pilot[None]) -> VirtualTable:
    await pilot.press("r")
    await until(pilot, lambda: isinstance(app.screen, ResourcesScreen) and app.screen.existing is not None)
    return app.screen.query_one("#resources", VirtualTable)


async def back(app: QueuedeckApp, pilot: Pilot[None]) -> None:
    await until(pilot, lambda: isinstance(app.screen, ResourcesScreen))


async def go(app: QueuedeckApp, pilot: Pilot[None], key: str) -> None:
    """The cursor to a line, once it is there."""
    table = app.screen.query_one("#resources", VirtualTable)
    await until(pilot, lambda: key in table.keys)
    table.cursor_key = key
    await pilot.pause()


def queues_of(sandbox: Running) -> dict[str, dict]:
    found = sandbox.client("batch").describe_job_queues()["jobQueues"]
    return {one["jobQueueName"]: one for one in found}


def environments_of(sandbox: Running) -> dict[str, dict]:
    found = sandbox.client("batch").describe_service_environments()["serviceEnvironments"]
    return {one["serviceEnvironmentName"]: one for one in found}


def nothing_left(sandbox: Running) -> bool:
    batch = sandbox.client("batch")
    left = (
        queues_of(sandbox),
        environments_of(sandbox),
        batch.list_scheduling_policies()["schedulingPolicies"],
    )
    return not any(left)


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_the_tree_shows_what_hangs_on_what(make_sandbox: MakeSandbox, size: tuple[int, int]) -> None:
    async with running_app(make_sandbox("demo", speed=FROZEN), size=size) as (app, pilot):
        await open_resources(app, pilot)
        text = await shows(
            pilot, "vision-gpus", "└ vision-prod", "└ vision-quotas", "├ ci", "disabled", "33/36"
        )
        assert all(len(line) <= size[0] for line in text.splitlines())
        await go(app, pilot, "environment vision-gpus")
        await shows(pilot, "30 in use over all its queues", "vision-prod (priority 10)")
        await go(app, pilot, "queue research")
        await shows(pilot, "research-gpus", "time limit", "ARN")
        await pilot.press("enter")
        await until(pilot, lambda: bool(app.screen.query("#jobs")))
        await pilot.press("escape")
        await back(app, pilot)
        await go(app, pilot, "share vision-prod prod")
        await pilot.press("enter")
        await shows(pilot, "quota management by vision-quotas", "▸ prod")


async def test_read_only_changes_nothing(make_sandbox: MakeSandbox) -> None:
    settings = Settings(interval=1.0, read_only=True)
    async with running_app(make_sandbox("demo", speed=FROZEN), settings=settings) as (app, pilot):
        await open_resources(app, pilot)
        for key in ("n", "e", "u", "a", "d", "t", "D", "X", "I"):
            await pilot.press(key)
            assert isinstance(app.screen, ResourcesScreen), key
        assert "set up a queue" not in screen_text(pilot)
        await go(app, pilot, "queue research")
        await pilot.press("x")
        await shows(pilot, "Export research", "serviceEnvironmentName: research-gpus")


async def test_limits_of_an_environment_change_the_dispatch_as_previewed(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=FROZEN)
    environment(sandbox, "env", 2)
    queue(sandbox, "one", "env", priority=5)
    queue(sandbox, "two", "env", priority=1)
    for name in ("one", "two"):
        for number in range(3):
            submit(sandbox, name, f"{name}-{number}")
    sandbox.skip(60)
    assert holding(sandbox, "one") == {"one-0", "one-1"}
    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        pictures = app.live.store.queues
        await until(
            pilot, lambda: len(pictures) == 2 and all(p.loaded and p.environments for p in pictures.values())
        )
        await open_resources(app, pilot)
        await go(app, pilot, "environment env")
        await pilot.press("e")
        await shows(pilot, "NUM_INSTANCES = 2")
        await pilot.press("end", "backspace", *"1")
        await shows(pilot, "2 instances → 1 instances", "1 is below the 2 in use")
        await pilot.press("backspace", *"4")
        await shows(pilot, "2 instances → 4 instances", "Starts one-2 (one), two-0 (two).")
        await pilot.press("ctrl+s")
        await back(app, pilot)
        sandbox.skip(60)
        assert holding(sandbox, "one") | holding(sandbox, "two") == {"one-0", "one-1", "one-2", "two-0"}


async def test_a_queue_is_edited_disabled_and_enabled(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=20)
    environment(sandbox, "env", 2)
    queue(sandbox, "one", "env")
    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        await open_resources(app, pilot)
        await go(app, pilot, "queue one")
        await pilot.press("e", "tab", "tab", "ctrl+u", *"7", "tab", *"5m", "ctrl+s")
        await shows(pilot, "it is 10m to 24h")
        await pilot.press("ctrl+u", *"20m")
        await shows(pilot, "priority 1 → 7", "time limit none → 20 min")
        await pilot.press("ctrl+s")
        await back(app, pilot)
        made = queues_of(sandbox)["one"]
        assert made["priority"] == 7
        assert made["jobStateTimeLimitActions"][0]["maxTimeSeconds"] == 1200
        await until(pilot, lambda: queues_of(sandbox)["one"]["status"] == "VALID")
        await pilot.press("u")
        await shows(pilot, "Disable job queue one", "It takes no new jobs.")
        await pilot.press("ctrl+s")
        await back(app, pilot)
        await shows(pilot, "disabled")
        assert queues_of(sandbox)["one"]["state"] == "DISABLED"
        await pilot.press("u", "ctrl+s")
        await until(pilot, lambda: queues_of(sandbox)["one"]["state"] == "ENABLED")
        await back(app, pilot)
    log = Path(os.environ["XDG_STATE_HOME"], "queuedeck", "audit.jsonl").read_text().splitlines()
    assert [json.loads(line)["action"] for line in log] == ["UpdateJobQueue one"] * 3
    assert json.loads(json.loads(log[0])["after"])["priority"] == 7
    assert json.loads(log[0])["who"]["arn"]


async def test_resources_are_added_tagged_and_deleted_one_by_one(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=20)
    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        await open_resources(app, pilot)
        await pilot.press("a", "enter", *"env", "tab", *"3", "ctrl+s")
        await back(app, pilot)
        await go(app, pilot, "environment env")
        await pilot.press("a", "enter", *"env", "ctrl+s")
        await shows(pilot, "there is a service environment env already")
        await pilot.press("escape", "y")
        await back(app, pilot)
        await pilot.press("a", "j", "enter", *"rules", "tab", "tab", "tab", "tab", *"llm = 0.5", "ctrl+s")
        await back(app, pilot)
        await until(pilot, lambda: environments_of(sandbox)["env"]["status"] == "VALID")
        await pilot.press("R", "a", "j", "j", "enter", *"first", "ctrl+s")
        await back(app, pilot)
        await until(pilot, lambda: queues_of(sandbox)["first"]["status"] == "VALID")
        await go(app, pilot, "queue first")
        await pilot.press("t", *"team = vision", "ctrl+s")
        await back(app, pilot)
        assert queues_of(sandbox)["first"]["tags"] == {"team": "vision"}
        await shows(pilot, "team = vision")
        await pilot.press("t", "ctrl+k", *"owner = me", "ctrl+s")
        await back(app, pilot)
        assert queues_of(sandbox)["first"]["tags"] == {"owner": "me"}

        await go(app, pilot, "environment env")
        await pilot.press("d", *"env", "ctrl+s")
        await shows(pilot, "In the way: the queues in it (first)")
        await pilot.press("escape", "y")
        await back(app, pilot)
        await go(app, pilot, "queue first")
        await pilot.press("d", *"first", "ctrl+s")
        await back(app, pilot)
        await until(pilot, lambda: "first" not in queues_of(sandbox))
        await pilot.press("R")
        await until(pilot, lambda: "queue first" not in app.screen.query_one("#resources", VirtualTable).keys)
        await go(app, pilot, "environment env")
        await pilot.press("d", *"env", "ctrl+s")
        await back(app, pilot)
        await until(pilot, lambda: not environments_of(sandbox))
        (arn,) = (p["arn"] for p in sandbox.client("batch").list_scheduling_policies()["schedulingPolicies"])
        await go(app, pilot, f"policy {arn}")
        await pilot.press("d", *"rules", "ctrl+s")
        await until(pilot, lambda: nothing_left(sandbox))


async def test_set_up_and_tear_down_of_a_quota_queue(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=20)
    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        await open_resources(app, pilot)
        await pilot.press("n")
        await shows(pilot, "Set up a queue", "Still to be given: Queue")
        app.screen.query_one(Form).fill({"kind": "quota"})
        await pilot.press("tab", *"vision", "tab", *UNIT, "tab", "ctrl+u", *"8", "tab")
        await pilot.press(*"prod = 9 borrow 50%", "enter", *"dev = 3 lend", "ctrl+s")
        await shows(pilot, "create   quota share", "prod")
        await until(pilot, lambda: _complete(app))
        await shows(pilot, "vision is set up: everything is there and VALID")
        shares = sandbox.client("batch").list_quota_shares(jobQueue="vision")["quotaShares"]
        assert {s["quotaShareName"]: s["resourceSharingConfiguration"] for s in shares} == {
            "prod": {"strategy": "LEND_AND_BORROW", "borrowLimit": 50},
            "dev": {"strategy": "LEND"},
        }
        await pilot.press("escape")
        await back(app, pilot)
        job = submit(sandbox, "vision", "job", quotaShareName="prod", seconds=4)
        await until(pilot, lambda: "vision" in app.live.store.queues)
        await go(app, pilot, "queue vision")
        await pilot.press("X")
        await shows(pilot, "1 job has not ended")
        batch = sandbox.client("batch")
        await until(pilot, lambda: batch.describe_service_job(jobId=job)["status"] == "SUCCEEDED")
        await shows(pilot, "5 resources are deleted for good")
        await pilot.press("ctrl+s")
        await shows(pilot, "type vision")
        await pilot.press(*"vision", "ctrl+s")
        await shows(pilot, "vision is torn down")
        assert nothing_left(sandbox)
        await pilot.press("escape")
        await back(app, pilot)
        await shows(pilot, "No service environments and no training queues here.")


def _complete(app: QueuedeckApp) -> bool:
    return isinstance(app.screen, SetUpScreen) and app.screen.complete


async def test_a_set_up_that_was_stopped_goes_on_and_adopts(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=FROZEN)
    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        await open_resources(app, pilot)
        await pilot.press("n", "tab", *"fifo", "ctrl+s")
        await shows(pilot, "Working")
        await until(pilot, lambda: "fifo-env" in environments_of(sandbox))
        await pilot.press("escape")
        await shows(pilot, "Still open: service environment fifo-env, job queue fifo")
    # another session: the answers are there again
    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        await open_resources(app, pilot)
        await pilot.press("n")
        await shows(pilot, "A set-up was begun", "fifo-env")
        await pilot.press("ctrl+s")
        await shows(pilot, "Working")
        for _ in range(8):
            sandbox.skip(5)
            await pilot.pause(0.3)
        await until(pilot, lambda: _complete(app))
        assert queues_of(sandbox)["fifo"]["status"] == "VALID"
        assert len(environments_of(sandbox)) == 1
        await pilot.press("escape", "n")
        await shows(pilot, "Still to be given: Queue")


async def test_what_is_wrong_with_the_answers_is_said_at_the_field(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=FROZEN)
    quota_queue(sandbox, "there", 4, {"prod": {"limit": 4}})
    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        await open_resources(app, pilot)
        await pilot.press("n")
        form = app.screen.query_one(Form)
        form.fill({"kind": "fair", "queue": "new", "shares": "team* = 1\nteam1 = 2"})
        await shows(pilot, "team1: it overlaps with team*")
        form.fill({"kind": "quota", "type": "", "shares": ""})
        await shows(pilot, "Still to be given: Instance type.")
        form.fill({"type": UNIT, "environment": "there-env"})
        await shows(pilot, "there")
        await until(pilot, lambda: bool(form.field("environment").error))
        form.fill({"queue": "in valid", "environment": ""})
        await shows(pilot, "a name has up to 128 letters")


async def test_drain(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=FROZEN)
    environment(sandbox, "env", 1)
    queue(sandbox, "one", "env")
    submit(sandbox, "one", "first", seconds=60)
    submit(sandbox, "one", "second", seconds=60)
    sandbox.skip(20)
    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        await open_resources(app, pilot)
        await go(app, pilot, "queue one")
        await until(pilot, lambda: app.live.store.queues["one"].loaded)
        await pilot.press("D")
        await shows(pilot, "Drain one", "1 queued and 1 running job")
        await pilot.press("ctrl+s")
        await shows(pilot, "Left, and going on to their end:", "queued and 1 running job.", "0/2  jobs gone")
        assert queues_of(sandbox)["one"]["state"] == "DISABLED"
        for _ in range(10):
            sandbox.skip(120)
        assert not statuses(sandbox, "one")
        await shows(pilot, "It is drained")
        await pilot.press("escape")
        await back(app, pilot)


async def test_export_writes_a_file(make_sandbox: MakeSandbox, tmp_path: Path) -> None:
    sandbox = make_sandbox(speed=FROZEN)
    fair_queue(sandbox, "fair", 4, shareDistribution=[{"shareIdentifier": "a", "weightFactor": 0.5}])
    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        await open_resources(app, pilot)
        await go(app, pilot, "queue fair")
        await pilot.press("x")
        await shows(pilot, "serviceEnvironmentName: fair-env")
        app.screen.query_one(Form).fill({"form": "json"})
        await shows(pilot, '"serviceEnvironmentName": "fair-env"')
        file = tmp_path / "fair.json"
        app.screen.query_one(Form).fill({"file": str(file)})
        await pilot.pause()
        await pilot.press("ctrl+s")
        await back(app, pilot)
        assert json.loads(file.read_text())["jobQueue"]["jobQueueName"] == "fair"
        await pilot.press("x")
        await shows(pilot, "serviceEnvironmentName: fair-env")
        app.screen.query_one(Form).fill({"file": str(file)})
        await pilot.pause()
        await pilot.press("ctrl+s")
        await shows(pilot, "ctrl+s again replaces it")
        await pilot.press("ctrl+s")
        await back(app, pilot)
        assert "serviceEnvironment:" in file.read_text()


async def test_roles_are_made_and_adopted(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=FROZEN)
    async with running_app(sandbox, size=(120, 40)) as (app, pilot):
        await open_resources(app, pilot)
        await until(pilot, lambda: app.live.store.identity)
        await pilot.press("I")
        await shows(pilot, "not there: ctrl+s makes it", "sagemaker.amazonaws.com", "least privilege")
        await pilot.press("ctrl+s")
        await shows(pilot, "✓ QueuedeckBatchCaller made", "✓ QueuedeckTrainingExecution made")
        await shows(pilot, "made by queuedeck, as wanted")
        iam = sandbox.client("iam")
        assert iam.get_role(RoleName="QueuedeckTrainingExecution")["Role"]["Arn"]
        await pilot.press("ctrl+s")
        await shows(pilot, "✓ QueuedeckBatchCaller adopted as it is")


async def test_a_refusal_is_told_and_the_dialog_stays(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=FROZEN, faults="denied=batch:UpdateJobQueue")
    environment(sandbox, "env", 1)
    queue(sandbox, "one", "env")
    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        await open_resources(app, pilot)
        await go(app, pilot, "queue one")
        await pilot.press("u", "ctrl+s")
        await shows(pilot, "Not done: UpdateJobQueue one.", "batch:UpdateJobQueue")
        assert queues_of(sandbox)["one"]["state"] == "ENABLED"
