"""Hostile text on every tab of the job screen: no byte of it reaches the terminal as a command."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.conftest import MakeSandbox, Running
from tests.terminal.pty_terminal import QUEUEDECK, Terminal
from tests.wire.batch import Batch
from tests.wire.training import request

FIELDS = ("REASON", "TAG", "KEY", "METRIC", "IMAGE", "ROLE", "OUTPUT", "PARAM", "CHECK")
MARKUP = "[bold red]markup[/][@click=app.quit]quit[/]"
LOG_LINES = "LOG"


def hostile(field: str) -> str:
    """Escape codes, OSC 52, C1 codes, markup, a bidi override, zero width, in the name of a field."""
    return (
        f"\x1b]52;c;{field}\x07\x1b[2J\x9b31m\x9d0;{field}\x9c{MARKUP}\u202e{field}\u202c"
        f"zero\u200bwidth\x00\x08\r{field}-END"
    )


@pytest.fixture
def attacked(make_sandbox: MakeSandbox) -> Iterator[tuple[Running, str]]:
    """A sandbox with one job, all of whose text is hostile, that has been terminated while it ran."""
    sandbox = make_sandbox(speed=0)
    batch = Batch(sandbox)
    batch.environment(capacity=2)
    batch.queue()
    body = request(count=2, SANDBOX_SECONDS="3600", SANDBOX_LOG_HOSTILE="2")
    body["RoleArn"] = f"arn:aws:iam::123456789012:role/{hostile('ROLE')}"
    body["AlgorithmSpecification"] = {
        "TrainingImage": hostile("IMAGE"),
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": hostile("METRIC"), "Regex": r"step \d+ loss=([0-9.]+)"}],
    }
    body["OutputDataConfig"] = {"S3OutputPath": f"s3://bucket/{hostile('OUTPUT')}"}
    body["CheckpointConfig"] = {"S3Uri": f"s3://bucket/{hostile('CHECK')}"}
    body["HyperParameters"] = {hostile("PARAM"): hostile("PARAM")}
    job = batch.submit("attack", request=json.dumps(body))
    batch.skip(1200)
    sandbox.client("batch").terminate_service_job(jobId=job, reason=hostile("REASON"))
    batch.skip(60)
    with sandbox.world.lock:  # Batch refuses such tags; what if it once did not?
        sandbox.world.batch.jobs[job].tags = {hostile("KEY"): hostile("TAG")}
    yield sandbox, job


def assert_harmless(output: bytes) -> None:
    """Nothing that came from AWS acts on the terminal, or hides."""
    text = output.decode("utf-8", "replace")
    for field in (*FIELDS, "cHduZWQ=", "another title"):
        assert not re.search(rf"\x1b\][^\x07\x1b]*{re.escape(field)}", text), field
    for mark in "\x9b\x9d\x9c\u202e\u202c\u200b\u2066\ufeff\xad\x00\x7f\U000e0041":
        assert mark not in text, repr(mark)
    assert "\x1bc" not in text
    assert "\x1b]52" not in text
    # Cursor and screen commands are Textual's own: it never moves the cursor to 1;1 after a clear.
    assert "\x1b[2J\x1b[1;1Hcleared" not in text
    assert "\x08" not in text


@pytest.mark.parametrize("size", [(80, 24), (150, 50)])
def test_no_text_from_aws_acts_on_the_terminal(attacked: tuple[Running, str], size: tuple[int, int]) -> None:
    sandbox, _ = attacked
    command = [*QUEUEDECK, "--endpoint-url", sandbox.url, "--queue", "queue", "--interval", "1"]
    with Terminal(command, size=size) as terminal:
        terminal.wait_for("attack")
        terminal.press("4", "enter")
        terminal.wait_for("␛]52;c;REASON␇␛[2J")
        terminal.wait_for("Terminated")
        terminal.press("G")
        terminal.wait_for("KEY")
        terminal.press("2")
        terminal.wait_for("Attempt 1")
        terminal.press("3")
        terminal.wait_for("OUTCOME")
        terminal.press("4")
        terminal.wait_for("algo-2")
        terminal.wait_for("■ ended", 60)
        terminal.press("g")
        for _ in range(30):
            terminal.press("pagedown")
        terminal.wait_quiet(0.5)
        terminal.press("w")
        for _ in range(10):
            terminal.press("pageup")
        terminal.wait_quiet(0.5)
        terminal.press("/", *"clipboard", "enter")
        terminal.wait_for("the clipboard")
        assert "␛]52;c;cHduZWQ=␇" in terminal.text
        terminal.press("enter")
        terminal.wait_for("esc close")
        terminal.press("escape")
        terminal.wait_for(lambda text: "esc close" not in text)
        terminal.press("5")
        terminal.wait_for("METRIC")
        terminal.press("6")
        terminal.wait_for("TrainingImage")
        terminal.press("G", "g", "7")
        terminal.wait_for("OUTPUT")
        terminal.press("j", "j", "1")
        terminal.wait_for("instance-hours")
        terminal.press("g")
        terminal.wait_for("␛]52;c;REASON␇␛[2J")
        assert "red]markup[/]" in terminal.text
        terminal.press("ctrl+c")
        assert terminal.wait_exit() == 0
        assert_harmless(bytes(terminal.output))
        assert terminal.canonical
