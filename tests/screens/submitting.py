"""Driving the submit dialog by keys alone, and reading what AWS then tells of the job."""

import json
from collections.abc import Sequence
from typing import Any

from textual import events
from textual.pilot import Pilot

from tests.conftest import Running
from tests.screens.driving import until
from tui.app import QueuedeckApp
from tui.model.submission import Submission, request_of
from tui.screens.submit.dialog import SubmitScreen
from tui.screens.submit.training import KEYS
from widgets.form import Field

ROLE = "arn:aws:iam::123456789012:role/training"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/train:1"
EXTRAS: tuple[str, ...] = ("attempts", "attempt_seconds", "preemptions", "tags", "rule1", "rule2", "rule3")
TRAINING: tuple[str, ...] = (*KEYS, "source")


def page_of(key: str) -> str:
    training = key in TRAINING or key.startswith(("source_", "script_", "folder_", "entry_"))
    return "training" if training else "extras" if key in EXTRAS else "job"


async def type_text(pilot: Pilot[None], text: str) -> None:
    """Text as a terminal sends it when it is pasted: one event, where keys would be hundreds."""
    pilot.app.post_message(events.Paste(text))
    await pilot.pause()


def dialog(app: QueuedeckApp) -> SubmitScreen:
    """The submit dialog, which must be on top."""
    assert isinstance(app.screen, SubmitScreen), app.screen
    return app.screen


async def opened(app: QueuedeckApp, pilot: Pilot[None]) -> SubmitScreen:
    await until(pilot, lambda: isinstance(app.screen, SubmitScreen) and app.screen.examined.submissions)
    return dialog(app)


def at(app: QueuedeckApp) -> str:
    """The key of the field that has the keyboard; empty if none has."""
    nodes = app.focused.ancestors_with_self if app.focused else ()
    return next((node.key for node in nodes if isinstance(node, Field)), "")


async def go(app: QueuedeckApp, pilot: Pilot[None], key: str) -> None:
    """Turn the pages to the field's, then tab on until it has the keyboard."""
    screen = dialog(app)
    for _ in range(4):
        if screen._page == page_of(key):
            break
        await pilot.press("ctrl+n")
    for _ in range(60):
        if at(app) == key:
            return
        await pilot.press("tab")
    raise AssertionError(f"no way to {key} by tab; the keyboard is at {at(app)!r}")


async def fill(app: QueuedeckApp, pilot: Pilot[None], **texts: str) -> None:
    """Type into fields, in place of what they hold."""
    for key, text in texts.items():
        await go(app, pilot, key)
        await pilot.press("end", "ctrl+u")
        await type_text(pilot, text)


async def choose(app: QueuedeckApp, pilot: Pilot[None], key: str, steps: int) -> None:
    """Take another option of a list: `steps` below the present one (above, if negative)."""
    await go(app, pilot, key)
    await pilot.press("enter", *["down" if steps > 0 else "up"] * abs(steps), "enter")


async def previewed(app: QueuedeckApp, pilot: Pilot[None]) -> tuple[Submission, ...]:
    """The jobs as the preview has them once all that was typed has been examined. Nothing may be wrong."""
    screen = dialog(app)
    await until(pilot, lambda: screen._pause is None)
    screen.examine()
    asked = screen._asked
    await until(pilot, lambda: screen._shown == asked)
    assert screen.examined.errors == {}, screen.examined.errors
    return screen.examined.submissions


def jobs(sandbox: Running, queue: str, names: Sequence[str] = ("*",)) -> list[dict[str, Any]]:
    """DescribeServiceJob of every job with one of these names (a trailing `*` is a prefix)."""
    client = sandbox.client("batch")
    found: list[dict[str, Any]] = []
    for name in names:
        listed = client.list_service_jobs(
            jobQueue=queue, filters=[{"name": "JOB_NAME", "values": [name]}], maxResults=100
        )
        found += [client.describe_service_job(jobId=job["jobId"]) for job in listed["jobSummaryList"]]
    return found


def assert_is(job: dict[str, Any], submission: Submission) -> None:
    """The job is exactly what the request said: every member of it, and the payload to the letter."""
    request = request_of(submission)
    assert job["jobQueue"].rpartition("/")[2] == request.pop("jobQueue")
    request.pop("clientToken")
    assert job["serviceRequestPayload"] == request.pop("serviceRequestPayload")
    assert {key: job.get(key) for key in request} == request
    optional = {
        "schedulingPriority", "shareIdentifier", "quotaShareName", "retryStrategy", "timeoutConfig",
        "preemptionConfiguration",
    }  # fmt: skip
    assert (optional & set(job)) <= set(request) | {"retryStrategy", "schedulingPriority"}
    assert json.loads(job["serviceRequestPayload"])
