"""The submit dialog driven by keys in a terminal, its preview, and what the AWS CLI tells of the jobs."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

from tests.conftest import REGION, Running
from tests.terminal.pty_terminal import Terminal
from tests.terminal.test_actions import aws

Request = dict[str, Any]

SHAPES: dict[str, Any] = Loader().load_service_model("batch", "service-2")["shapes"]
SUBMITTED = frozenset(SHAPES["SubmitServiceJobRequest"]["members"]) - {"clientToken"}
"""All that SubmitServiceJob takes, DescribeServiceJob tells; but for the client token."""
AWS_DEFAULTS: Request = {"tags": {}}
"""What DescribeServiceJob says of members that were not given."""
WIDE, NARROW = (300, 120), (80, 24)


def at(terminal: Terminal) -> str:
    """The label of the field that has the keyboard, by the bar before it, or of the button; else empty."""
    label = r" █(\w.*?)(?: \*)?(?:  |$)"
    found = re.search(f"│{label}", terminal.text) or re.search(f"^{label}", terminal.text, re.MULTILINE)
    return found[1] if found else "Submit" if "Submit" in terminal.reversed else ""


def go(terminal: Terminal, label: str) -> None:
    """Tab on until the field has the keyboard."""
    for _ in range(60):  # the fields go round
        before = at(terminal)
        if before == label:
            return
        terminal.press("tab")
        terminal.wait_for(lambda _, before=before: at(terminal) not in ("", before))
        terminal.wait_quiet(0.03)  # half a frame, as a form scrolls, shows the bar at another label
    raise AssertionError(f"no field {label}:\n{terminal.text}")


def fill(terminal: Terminal, texts: Mapping[str, str]) -> None:
    """Type into fields, by their labels, in place of what they hold; it is seen on the screen."""
    for label, text in texts.items():
        go(terminal, label)
        terminal.press("end", "ctrl+u")
        terminal.send(text.replace("\n", "\r"))
        terminal.wait_for(text.rpartition("\n")[2][-20:])


def turn(terminal: Terminal, wanted: str) -> None:
    """The next page; the field that has the keyboard there."""
    terminal.press("ctrl+n")
    terminal.wait_for(lambda _: at(terminal) == wanted)


def choose(terminal: Terminal, label: str, key: str, wanted: str) -> None:
    """Another option of a list, one step away."""
    go(terminal, label)
    terminal.press("enter", key, "enter")
    terminal.wait_for(wanted)


def previewed(terminal: Terminal, count: int = 1, state: str = "✓ ready") -> tuple[list[Request], list[str]]:
    """All that is about to be sent: the requests, and the copied AWS CLI commands that they were read from.

    The preview on the screen shows the first of them, to the letter. `state` stands beside the button.
    """
    while "Preview" in terminal.text and "SubmitServiceJob" not in terminal.text:
        terminal.press("ctrl+n")
        terminal.listen(0.1)
    copied = len(terminal.clipboards)
    terminal.press("ctrl+y")
    terminal.wait_for(lambda _: len(terminal.clipboards) > copied)
    commands = terminal.clipboards[-1].split("\n")
    requests = [json.loads(shlex.split(command)[-1]) for command in commands]
    assert len(requests) == count
    terminal.resize(*WIDE)  # all of the preview is in sight, beside the page
    terminal.wait_for(lambda text: shown(text) == readable(requests[0]))
    terminal.resize(*NARROW)
    terminal.wait_for(state)
    return requests, commands


def shown(screen: str) -> Request | None:
    """The JSON of the preview on a wide screen; None while there is none."""
    lines = [line.rpartition("│")[2].rstrip().removeprefix("  ") for line in screen.split("\n")]
    if "{" in lines and "}" in lines:
        return json.loads("\n".join(lines[lines.index("{") : lines.index("}") + 1]))
    return None


def readable(request: Request) -> Request:
    """A request, its payload as the object that it is the text of."""
    return request | {"serviceRequestPayload": json.loads(request["serviceRequestPayload"])}


def send(terminal: Terminal, sandbox: Running, count: int = 1) -> list[Request]:
    """Submit what is previewed. Every job is, by the AWS CLI, exactly that; returns the requests."""
    requests, commands = previewed(terminal, count)
    terminal.press("ctrl+s")
    name = requests[0]["jobName"]
    terminal.wait_for(f"Submitted {name}." if count == 1 else f"Submitted {count} jobs.")
    for request, command in zip(requests, commands, strict=True):
        assert_made(sandbox, request, command)
    return requests


def assert_made(sandbox: Running, request: Request, command: str) -> None:
    """There is one job of this name, and all that AWS tells of it is what was previewed."""
    named = [{"name": "JOB_NAME", "values": [request["jobName"]]}]
    (listed,) = sandbox.client("batch").list_service_jobs(jobQueue=request["jobQueue"], filters=named)[
        "jobSummaryList"
    ]
    job = aws(sandbox, "describe-service-job", "--job-id", listed["jobId"])
    job["jobQueue"] = job["jobQueue"].rpartition("/")[2]
    told = {member: value for member, value in job.items() if member in SUBMITTED}
    assert told == AWS_DEFAULTS | {member: request[member] for member in request if member in SUBMITTED}
    assert told["serviceRequestPayload"].encode() == request["serviceRequestPayload"].encode()
    # The same token with the same request is the same job; with another request AWS refuses it.
    assert json.loads(in_a_shell(command))["jobId"] == listed["jobId"]


def in_a_shell(command: str) -> str:
    """What a copied command prints, run as it is."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "AWS_REGION": REGION}
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout
