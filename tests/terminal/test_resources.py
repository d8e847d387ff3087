"""From nothing to queues of every kind and back to nothing, by keys alone in a real terminal of 80×24."""

import os
import signal

import pytest

from tests.conftest import MakeSandbox, Running, wait_for
from tests.screens.clusters import UNIT, holding, submit
from tests.terminal.pty_terminal import KEYS, QUEUEDECK, Terminal

KINDS = {
    "fifo": (),
    "fair": ("a = 1", "b = 0.5"),
    "quota": ("prod = 2 borrow 50%", "dev = 2 lend"),
}
SHARE = {"fifo": {}, "fair": {"shareIdentifier": "a"}, "quota": {"quotaShareName": "prod"}}


def dashboard(sandbox: Running, size: tuple[int, int] = (80, 24)) -> Terminal:
    return Terminal([*QUEUEDECK, "--endpoint-url", sandbox.url, "--interval", "1"], size=size)


def resources(terminal: Terminal) -> None:
    terminal.wait_for("r resources")
    terminal.press("r")
    terminal.wait_for("set up a queue")


def walk(terminal: Terminal, *keys: str) -> None:
    """Keys that move the focus, and text: each once the screen has taken the one before."""
    for key in keys:
        seen = len(terminal.output)
        terminal.send(KEYS.get(key, key))
        wait_for(lambda seen=seen: len(terminal.output) > seen)
        terminal.wait_quiet(0.1)


def answer(terminal: Terminal, kind: str, name: str) -> None:
    """The wizard's questions, up to the plan."""
    terminal.press("n")
    terminal.wait_for("How jobs are ordered.")
    for _ in range(list(KINDS).index(kind)):
        walk(terminal, "down", "down", "enter")
    walk(terminal, "tab", name, "tab", UNIT, "tab", "backspace", "4")
    for line in KINDS[kind]:
        walk(terminal, "tab" if line == KINDS[kind][0] else "enter", line)
    terminal.wait_for(lambda text: "create   job queue" in text and f"{name}-env" in text)


def tear_down(terminal: Terminal, name: str) -> None:
    """The cursor is on the environment of the queue."""
    terminal.press("X")
    terminal.wait_for(f"Tear down {name}")
    terminal.wait_for("deleted for good")
    terminal.press(*name, "ctrl+s")
    terminal.wait_for(f"{name} is torn down")
    terminal.press("escape")


def nothing_left(sandbox: Running) -> bool:
    batch = sandbox.client("batch")
    return not (
        batch.describe_job_queues()["jobQueues"]
        or batch.describe_service_environments()["serviceEnvironments"]
        or batch.list_scheduling_policies()["schedulingPolicies"]
    )


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
def test_set_up_run_and_tear_down_of_every_kind(make_sandbox: MakeSandbox, size: tuple[int, int]) -> None:
    sandbox = make_sandbox(speed=20)
    with dashboard(sandbox, size) as terminal:
        resources(terminal)
        for kind in KINDS:
            name = f"q{kind}"
            answer(terminal, kind, name)
            terminal.press("ctrl+s")
            terminal.wait_for(f"{name} is set up: everything is there and VALID")
            terminal.press("escape")
            terminal.wait_for(lambda text, name=name: f"└ {name}" in text and "Set up a queue" not in text)
            job = submit(sandbox, name, "job", **SHARE[kind])
            wait_for(lambda name=name: holding(sandbox, name) == {"job"})
            # the tree shows it, and the job has to go before the queue may
            terminal.press("g", "j", "X")
            terminal.wait_for("1 job has not ended")
            batch = sandbox.client("batch")
            batch.terminate_service_job(jobId=job, reason="done")
            terminal.wait_for("deleted for good")
            terminal.press(*name, "ctrl+s")
            terminal.wait_for(f"{name} is torn down")
            terminal.press("escape")
            terminal.wait_for("No service environments and no training queues here.")
            assert nothing_left(sandbox)
        terminal.press("ctrl+c")
        assert terminal.wait_exit() == 0


@pytest.mark.parametrize("kind", list(KINDS))
def test_killed_in_the_middle_and_resumed(make_sandbox: MakeSandbox, kind: str) -> None:
    sandbox = make_sandbox(speed=1)
    batch = sandbox.client("batch")
    with dashboard(sandbox) as terminal:
        resources(terminal)
        answer(terminal, kind, "half")
        terminal.press("ctrl+s")
        wait_for(lambda: batch.describe_service_environments()["serviceEnvironments"])
        os.kill(terminal.process.pid, signal.SIGKILL)
        terminal.process.wait(10)
    assert not batch.describe_job_queues()["jobQueues"]

    with dashboard(sandbox) as terminal:
        resources(terminal)
        terminal.wait_for("half-env")
        terminal.press("n")
        terminal.wait_for("A set-up was begun")
        terminal.press("ctrl+s")
        terminal.wait_for("half is set up: everything is there and VALID", timeout=60)
        terminal.press("escape")
        terminal.wait_for("└ half")
        terminal.press("g", "j", "X")
        terminal.wait_for("deleted for good")
        terminal.press(*"half", "ctrl+s")
        wait_for(lambda: batch.describe_job_queues()["jobQueues"][0]["state"] == "DISABLED", timeout=20)
        os.kill(terminal.process.pid, signal.SIGKILL)
        terminal.process.wait(10)
    assert not nothing_left(sandbox)

    with dashboard(sandbox) as terminal:
        resources(terminal)
        terminal.wait_for("half-env")
        tear_down(terminal, "half")
        terminal.wait_for("No service environments and no training queues here.")
        assert nothing_left(sandbox)


def test_a_weight_is_edited_and_a_share_opened_by_keys(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox("demo", speed=0.001)
    with Terminal(
        [*QUEUEDECK, "--endpoint-url", sandbox.url, "--interval", "1", "--queue", "research"]
    ) as terminal:
        terminal.wait_for("fair · 6")
        terminal.press("S")
        terminal.wait_for("fair-share by research-fair")
        terminal.press("e")
        terminal.wait_for("Weight of audio")
        walk(terminal, "ctrl+u", "0.25")
        terminal.wait_for("0.5 → 0.25")
        terminal.press("ctrl+s")
        terminal.wait_for(lambda text: "31 %" in text and "Weight of audio" not in text)
        batch = sandbox.client("batch")
        (arn,) = (
            one["arn"]
            for one in batch.list_scheduling_policies()["schedulingPolicies"]
            if one["arn"].endswith("research-fair")
        )
        (policy,) = batch.describe_scheduling_policies(arns=[arn])["schedulingPolicies"]
        weights = {
            e["shareIdentifier"]: e["weightFactor"] for e in policy["fairsharePolicy"]["shareDistribution"]
        }
        assert weights["audio"] == 0.25
        terminal.press("enter")
        terminal.wait_for("share:=audio")
        terminal.press("ctrl+c")
        assert terminal.wait_exit() == 0
