"""The submit dialog by keys alone at 80×24: each way of making a job, and what AWS then tells of it."""

import json
from pathlib import Path

import pytest

from tests.conftest import MakeSandbox, Running
from tests.screens.driving import open_queue, running_app, screen_text, shows, until
from tests.screens.submitting import (
    IMAGE,
    ROLE,
    assert_is,
    at,
    choose,
    dialog,
    fill,
    go,
    jobs,
    opened,
    previewed,
    type_text,
)
from tests.wire.batch import Batch, payload
from tui import templates
from tui.model.submission import request_of
from tui.screens.queue import QueueScreen
from tui.screens.submit.dialog import SubmitScreen
from tui.settings import Settings
from widgets.table import VirtualTable

SIZE = (80, 24)
FORM = {
    "image": IMAGE,
    "role_arn": ROLE,
    "command": "python train.py && echo done",
    "instance_type": "ml.g5.xlarge",
    "output_path": "s3://bucket/out",
}


@pytest.fixture
def sandbox(make_sandbox: MakeSandbox) -> Running:
    """Three queues, one of each policy, and nothing in them."""
    sandbox = make_sandbox()
    batch = Batch(sandbox)
    batch.environment("plain")
    batch.queue("plain", environment="plain")
    batch.environment("fair")
    batch.fair_queue(environment="fair", shareDistribution=[{"shareIdentifier": "llm", "weightFactor": 0.5}])
    batch.environment("quota", unit="ml.g5.xlarge")
    batch.quota_queue(environment="quota")
    batch.share("prod", 2, "RESERVE")
    return sandbox


async def test_guided_form_into_a_fair_share_queue(sandbox: Running) -> None:
    async with running_app(sandbox, size=SIZE) as (app, pilot):
        await open_queue(app, pilot, "fair")
        await until(pilot, lambda: app.live.store.queues["fair"].policy_kind == "fair")
        await pilot.press("s")
        await opened(app, pilot)
        assert at(app) == "name"
        await type_text(pilot, "sft-1")
        await go(app, pilot, "share")
        await pilot.press("down", "enter")  # the share that the policy names
        await fill(app, pilot, priority="7", **FORM)
        await fill(app, pilot, hyperparameters="lr=0.01\nepochs=3", environment="SANDBOX_SECONDS=60")
        await fill(
            app,
            pilot,
            channels="training=s3://bucket/data text/csv",
            subnets="subnet-1",
            security_groups="sg-1",
        )
        await go(app, pilot, "spot")
        await pilot.press("space")
        await fill(app, pilot, max_wait_seconds="90000", tags="team=vision")
        (submission,) = await previewed(app, pilot)
        sent = json.loads(request_of(submission)["serviceRequestPayload"])
        assert sent["AlgorithmSpecification"]["ContainerEntrypoint"] == ["/bin/sh", "-c", FORM["command"]]
        assert sent["EnableManagedSpotTraining"] is True
        assert sent["HyperParameters"] == {"lr": "0.01", "epochs": "3"}
        await pilot.press("ctrl+s", "ctrl+s")  # twice: one job all the same
        await until(pilot, lambda: isinstance(app.screen, QueueScreen))
        (job,) = jobs(sandbox, "fair")
        assert_is(job, submission)
        table = app.screen.query_one("#jobs", VirtualTable)
        await until(pilot, lambda: table.cursor_key == job["jobId"])


async def test_request_as_yaml_into_a_quota_queue(sandbox: Running) -> None:
    text = (
        f"RoleArn: {ROLE}\n"
        f"AlgorithmSpecification: {{TrainingImage: {IMAGE}, TrainingInputMode: File}}\n"
        "OutputDataConfig: {S3OutputPath: s3://bucket/out}\n"
        "ResourceConfig: {InstanceType: ml.g5.xlarge, InstanceCount: 1, VolumeSizeInGB: 10}\n"
        "StoppingCondition: {MaxRuntimeInSeconds: 3600}\n"
    )
    async with running_app(sandbox, size=SIZE) as (app, pilot):
        await open_queue(app, pilot, "quota")
        await until(pilot, lambda: app.live.store.queues["quota"].quota_shares)
        await pilot.press("s")
        await opened(app, pilot)
        await fill(app, pilot, name="yaml-1", quota_share="prod")
        await choose(app, pilot, "source", 1)
        screen = dialog(app)
        await until(pilot, lambda: screen.draft.source == "text")
        await pilot.press("tab", "f7", "delete")
        await type_text(pilot, text)
        await fill(app, pilot, preemptions="0")
        (submission,) = await previewed(app, pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, QueueScreen))
        (job,) = jobs(sandbox, "quota")
        assert_is(job, submission)
        assert job["preemptionConfiguration"] == {"preemptionRetriesBeforeTermination": 0}
        assert json.loads(job["serviceRequestPayload"])["ResourceConfig"]["VolumeSizeInGB"] == 10


async def test_clone_keeps_every_member_of_the_request(sandbox: Running) -> None:
    batch = Batch(sandbox)
    request = json.loads(payload())
    request["DebugHookConfig"] = {"S3OutputPath": "s3://bucket/debug"}
    request["HyperParameters"] = {"a=b": "1"}  # what lines of key=value cannot say stays all the same
    request["Environment"]["LINES"] = "x\ny\\n"
    batch.client.submit_service_job(
        jobName="old",
        jobQueue="plain",
        serviceJobType="SAGEMAKER_TRAINING",
        serviceRequestPayload=json.dumps(request),
        schedulingPriority=4,
        retryStrategy={"attempts": 3, "evaluateOnExit": [{"action": "EXIT", "onStatusReason": "*"}]},
        tags={"team": "vision"},
    )
    async with running_app(sandbox, size=SIZE) as (app, pilot):
        table = await open_queue(app, pilot, "plain")
        await until(pilot, lambda: table.cursor_key is not None)
        await pilot.press("c")
        await opened(app, pilot)
        (submission,) = await previewed(app, pilot)
        assert submission.job_name == "old-copy"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, QueueScreen))
        (job,) = jobs(sandbox, "plain", ["old-copy"])
        assert_is(job, submission)
        assert json.loads(job["serviceRequestPayload"]) == request
        assert job["schedulingPriority"] == 4
        assert job["retryStrategy"]["attempts"] == 3
        assert job["tags"] == {"team": "vision"}


async def test_template_saved_and_loaded_and_a_file(sandbox: Running, tmp_path: Path) -> None:
    async with running_app(sandbox, size=SIZE) as (app, pilot):
        await open_queue(app, pilot, "plain")
        await pilot.press("s")
        screen = await opened(app, pilot)
        await fill(app, pilot, name="nightly", priority="3", **FORM, tags="a=b")
        (first,) = await previewed(app, pilot)
        await pilot.press("ctrl+t", "enter")
        await until(pilot, lambda: templates.names() == ["nightly"])
        await pilot.press("escape", "down", "down", "enter")  # throw it away
        await until(pilot, lambda: isinstance(app.screen, QueueScreen))
        await pilot.press("s")
        screen = await opened(app, pilot)
        assert screen.draft.job["name"] == ""
        await pilot.press("ctrl+o")
        await shows(pilot, "Load a request", "nightly")
        await pilot.press("enter")
        await until(pilot, lambda: dialog(app).draft.job["name"] == "nightly")
        (second,) = await previewed(app, pilot)
        assert {**request_of(second), "clientToken": ""} == {**request_of(first), "clientToken": ""}
        assert second.client_token != first.client_token
        path = tmp_path / "request.yaml"
        path.write_text("RoleArn: arn:aws:iam::123456789012:role/other\n")
        await pilot.press("ctrl+o", "shift+tab")
        await type_text(pilot, str(path))
        await pilot.press("enter")
        await until(pilot, lambda: "role/other" in screen.draft.training["role_arn"])
        assert screen.draft.job["name"] == "nightly"


async def test_sweep_makes_one_job_for_each_value(sandbox: Running) -> None:
    async with running_app(sandbox, size=SIZE) as (app, pilot):
        await open_queue(app, pilot, "plain")
        await pilot.press("s")
        await opened(app, pilot)
        await fill(app, pilot, name="sweep", **FORM, hyperparameters="lr=1")
        await choose(app, pilot, "many", 2)
        await go(app, pilot, "hyperparameter")
        await pilot.press("down", "enter")
        await fill(app, pilot, sweep_values="0.1, 0.01")
        submissions = await previewed(app, pilot)
        assert [s.job_name for s in submissions] == ["sweep-0_1", "sweep-0_01"]
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, QueueScreen))
        made = {job["jobName"]: job for job in jobs(sandbox, "plain")}
        assert len(made) == 2
        for submission in submissions:
            assert_is(made[submission.job_name], submission)
        values = {json.loads(j["serviceRequestPayload"])["HyperParameters"]["lr"] for j in made.values()}
        assert values == {"0.1", "0.01"}


async def test_what_is_wrong_is_said_at_its_field_before_sending(sandbox: Running) -> None:
    async with running_app(sandbox, size=SIZE) as (app, pilot):
        await open_queue(app, pilot, "fair")
        await until(pilot, lambda: app.live.store.queues["fair"].policy_kind == "fair")
        await pilot.press("s")
        screen = await opened(app, pilot)
        await fill(app, pilot, name="n" * 129, priority="10000", role_arn="me", instance_count="0")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: at(app) == "name")

        def error(key: str) -> str:
            return next(field.error for field in screen.fields if field.key == key)

        assert "128" in error("name")
        assert "9999" in error("priority")
        assert error("share")
        assert error("role_arn")
        assert error("instance_count")
        assert error("output_path")
        assert "✗ to correct: Job name" in screen_text(pilot)
        await choose(app, pilot, "source", 1)
        await pilot.press("tab", "f7", "delete")
        await type_text(pilot, '{\n"RoleArn": 1,,\n}')
        await shows(pilot, "✗ line 2: not valid JSON")
        await pilot.press("f7", "delete")
        await type_text(pilot, '{"RoleArn": "me",\n"Colour": "red"}')
        await shows(pilot, "line 2: Colour")
        assert jobs(sandbox, "fair") == []


async def test_nothing_typed_is_lost_on_escape(sandbox: Running) -> None:
    async with running_app(sandbox, size=SIZE) as (app, pilot):
        await open_queue(app, pilot, "plain")
        await pilot.press("s")
        await opened(app, pilot)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, QueueScreen))  # nothing typed: nothing asked
        await pilot.press("s")
        screen = await opened(app, pilot)
        token = screen.draft.token
        await type_text(pilot, "precious")
        await pilot.press("escape")
        await shows(pilot, "The form has been changed", "Keep editing")
        await pilot.press("enter")
        assert dialog(app).draft.job["name"] == "precious"
        await pilot.press("escape", "escape")
        assert dialog(app).draft.job["name"] == "precious"
        await pilot.press("escape", "down", "enter")
        await until(pilot, lambda: isinstance(app.screen, QueueScreen))
        await pilot.press("s")
        screen = await opened(app, pilot)
        assert screen.draft.job["name"] == "precious"
        assert screen.draft.token == token


async def test_what_aws_refuses_is_shown_and_all_is_kept(sandbox: Running) -> None:
    batch = Batch(sandbox)
    async with running_app(sandbox, size=SIZE, settings=Settings(interval=60)) as (app, pilot):
        await open_queue(app, pilot, "plain")
        await pilot.press("s")
        screen = await opened(app, pilot)
        await fill(app, pilot, name="refused", **FORM)
        (submission,) = await previewed(app, pilot)
        batch.client.update_job_queue(jobQueue="plain", state="DISABLED")
        batch.skip(5)
        await pilot.press("ctrl+s")
        text = await shows(pilot, "Not done: refused.")
        assert "plain" in text
        assert screen.draft.token == submission.client_token
        batch.client.update_job_queue(jobQueue="plain", state="ENABLED")
        batch.skip(5)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, QueueScreen))
        (job,) = jobs(sandbox, "plain")
        assert_is(job, submission)
        await pilot.press("s")
        assert (await opened(app, pilot)).draft.token != submission.client_token


async def test_fields_follow_the_queue_and_form_and_text_are_one_request(sandbox: Running) -> None:
    async with running_app(sandbox, size=SIZE) as (app, pilot):
        await until(pilot, lambda: all(q.policy_kind for q in app.live.store.queues.values()))
        home = app.screen.query_one("#queues", VirtualTable)
        home.cursor_key = "fair"
        await pilot.press("s")
        screen = await opened(app, pilot)
        assert screen.job.field("share").display
        assert not screen.job.field("quota_share").display
        await fill(app, pilot, share="llm")
        await choose(app, pilot, "queue", 2)
        await until(
            pilot, lambda: screen.draft.job["queue"] == "quota" and screen.job.field("quota_share").display
        )
        assert not screen.job.field("share").display
        assert screen.examined.submissions[0].share_identifier in ("", "llm")
        await choose(app, pilot, "queue", -2)
        await until(pilot, lambda: screen.job.field("share").display)
        assert screen.draft.job["share"] == "llm"
        await fill(app, pilot, name="both", image=IMAGE, hyperparameters="a=1")
        await choose(app, pilot, "source", 1)
        await until(pilot, lambda: '"a": "1"' in screen.draft.text)
        await choose(app, pilot, "source", -1)
        await until(pilot, lambda: screen.draft.source == "form")
        assert screen.draft.training["hyperparameters"] == "a=1"


async def test_each_way_keeps_what_was_typed_into_it(sandbox: Running) -> None:
    async with running_app(sandbox, size=SIZE) as (app, pilot):
        await open_queue(app, pilot, "plain")
        await pilot.press("s")
        await opened(app, pilot)
        await choose(app, pilot, "source", 2)
        await fill(app, pilot, source_dir="/code", source_hyperparameters="lr=1")
        await choose(app, pilot, "source", 1)
        await fill(app, pilot, script_path="/job.py")
        await choose(app, pilot, "source", -1)
        await until(pilot, lambda: dialog(app).draft.source == "folder")
        await pilot.press("escape", "down", "enter")  # close; it is kept
        await until(pilot, lambda: isinstance(app.screen, QueueScreen))
        await pilot.press("s")
        screen = await opened(app, pilot)
        assert len(list(screen.walk_children())) < 60  # the other pages are there when they are wanted
        await go(app, pilot, "source_dir")
        await shows(pilot, "/code", "The SageMaker SDK is not installed here.")
        assert screen.draft.folder["source_hyperparameters"] == "lr=1"
        await choose(app, pilot, "source", 1)
        await shows(pilot, "/job.py")
        await choose(app, pilot, "source", -3)
        await shows(pilot, "What to run")


async def test_read_only_has_none_of_it(sandbox: Running) -> None:
    async with running_app(sandbox, size=SIZE, settings=Settings(read_only=True)) as (app, pilot):
        await pilot.press("s")
        await pilot.pause()
        assert not isinstance(app.screen, SubmitScreen)
        await open_queue(app, pilot, "plain")
        assert "submit" not in screen_text(pilot)
        await pilot.press("s", "c", "C")
        await pilot.pause()
        assert isinstance(app.screen, QueueScreen)


async def test_resubmit_failed_leaves_out_the_others(sandbox: Running) -> None:
    batch = Batch(sandbox)
    failed = batch.submit("bad", queue="plain", request=payload(seconds=1, fail="AlgorithmError: no"))
    batch.skip(600)
    assert batch.status(failed) == "FAILED"
    waiting = batch.submit("good", queue="plain", request=payload())
    async with running_app(sandbox, size=SIZE) as (app, pilot):
        table = await open_queue(app, pilot, "plain")
        await until(pilot, lambda: {failed, waiting} <= set(table.keys))
        await pilot.press("g", "space", "space", "C")
        text = await shows(pilot, "1 failed job, as before.", "bad-copy", "Resubmit 1")
        words = " ".join(text.replace("│", " ").split())
        assert "1 of those marked did not fail, and is left out." in words
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, QueueScreen))
        assert jobs(sandbox, "plain", ["bad-copy"]) == []
        await pilot.press("C")
        await shows(pilot, "Resubmit 1")
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, QueueScreen))
        (job,) = jobs(sandbox, "plain", ["bad-copy"])
        before = batch.job(failed)
        assert json.loads(job["serviceRequestPayload"]) == json.loads(before["serviceRequestPayload"])
        same = ("retryStrategy", "timeoutConfig", "tags", "schedulingPriority")
        assert {key: job.get(key) for key in same} == {key: before.get(key) for key in same}
