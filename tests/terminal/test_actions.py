"""Acting on jobs in a real terminal at 80×24, and what the AWS CLI says of them then."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import REGION, Running, wait_for
from tests.terminal.pty_terminal import QUEUEDECK, Terminal
from tests.wire.batch import Batch


def aws(sandbox: Running, *words: str) -> dict[str, Any]:
    where = ["--endpoint-url", sandbox.url, "--region", REGION]
    command = [str(Path(sys.executable).parent / "aws"), *where, "batch", *words]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def fair_cluster(sandbox: Running) -> list[str]:
    """One job that runs, three that wait."""
    batch = Batch(sandbox)
    batch.environment(capacity=1)
    batch.fair_queue("fair")
    ids: list[str] = []
    for number in range(4):
        job = batch.submit(f"job-{number}", "fair", shareIdentifier="a", schedulingPriority=5)
        ids.append(job)
        batch.skip(120 if number == 0 else 3)
    return ids


def queue_screen(sandbox: Running, *options: str) -> Terminal:
    return Terminal([*QUEUEDECK, "--endpoint-url", sandbox.url, "--queue", "fair", *options])


def ended(sandbox: Running, job_id: str) -> bool:
    """Whether the job has ended as cancelled, by the AWS CLI: AWS takes a moment to end it."""
    job = aws(sandbox, "describe-service-job", "--job-id", job_id)
    return job["status"] == "FAILED" and job["statusReason"].startswith("Cancelled by ")


def test_reprioritise_cancel_and_requeue_by_keys(sandbox: Running) -> None:
    running, first, second, third = fair_cluster(sandbox)
    with queue_screen(sandbox, "--interval", "1") as terminal:
        terminal.wait_for(lambda text: all(f"job-{n}" in text for n in range(4)))
        terminal.press("2")
        terminal.wait_for(lambda text: "job-0" not in text)
        terminal.press("G", "p")
        terminal.wait_for("Priority of job-3")
        terminal.press(*"top")
        terminal.wait_for("5 → 6")
        terminal.wait_for("3 → 1")
        terminal.press("enter")
        terminal.wait_for("Reprioritised job-3 to 6.")
        assert aws(sandbox, "describe-service-job", "--job-id", third)["schedulingPriority"] == 6

        terminal.wait_for(lambda text: text.index("job-3") < text.index("job-1"))
        terminal.press("g", "j", "space", "space", "x")
        terminal.wait_for("Cancel 2 jobs")
        terminal.wait_for("2 jobs are cancelled while queued.")
        terminal.press("right", "enter")
        terminal.wait_for("Cancelled 2 jobs.")
        for job_id in (first, second):
            wait_for(lambda job_id=job_id: ended(sandbox, job_id))

        terminal.press("3")
        terminal.wait_for("job-0")
        terminal.press("X")
        terminal.wait_for("requeued at 6")
        terminal.press("y")
        terminal.wait_for("Requeued job-0.")
        assert aws(sandbox, "describe-service-job", "--job-id", running)["isTerminated"]
        terminal.press("ctrl+c")
        assert terminal.wait_exit() == 0


def test_keys_typed_ahead_reach_the_dialog(sandbox: Running) -> None:
    ids = fair_cluster(sandbox)
    with queue_screen(sandbox) as terminal:
        terminal.wait_for(lambda text: all(f"job-{n}" in text for n in range(4)))
        terminal.press("2")
        terminal.wait_for(lambda text: "job-0" not in text)
        terminal.send("gp42\r")
        terminal.wait_for("Reprioritised job-1 to 42.")
        described = wait_for(lambda: aws(sandbox, "describe-service-job", "--job-id", ids[1]))
        assert described["schedulingPriority"] == 42


def test_read_only_has_no_such_keys(sandbox: Running) -> None:
    fair_cluster(sandbox)
    with queue_screen(sandbox, "--read-only") as terminal:
        terminal.wait_for(lambda text: all(f"job-{n}" in text for n in range(4)))
        before = terminal.text.splitlines()[-1]
        assert "priority" not in before
        terminal.press("p", "x", "X", "?")
        terminal.wait_for("Help")
        assert "stop and requeue" not in terminal.text
