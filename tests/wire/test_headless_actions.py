"""`queuedeck priority` and `queuedeck cancel` as programs: what they do, say, and answer."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Running, wait_for
from tests.wire.batch import Batch
from tests.wire.live import environment
from tui.sandbox.faults import parse_faults


@pytest.fixture(autouse=True)
def exported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment(monkeypatch)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


@pytest.fixture
def batch(sandbox: Running) -> Batch:
    made = Batch(sandbox)
    made.environment(capacity=1)
    made.fair_queue("fair")
    return made


def queuedeck(batch: Batch, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tui", words[0], "--endpoint-url", batch.sandbox.url, *words[1:]]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def submitted(batch: Batch, count: int) -> list[str]:
    """One that runs, the others wait, of priority 1, 2, 3, …"""
    ids: list[str] = []
    for number in range(count):
        ids.append(batch.submit(f"job-{number}", "fair", shareIdentifier="a", schedulingPriority=number + 1))
        batch.skip(120 if number == 0 else 3)
    return ids


def priorities(batch: Batch, ids: list[str]) -> list[int]:
    return [batch.job(job_id)["schedulingPriority"] for job_id in ids]


def test_priorities_absolute_relative_and_by_what_they_do(batch: Batch) -> None:
    ids = submitted(batch, 4)
    assert queuedeck(batch, "priority", "7", ids[1], ids[2]).returncode == 0
    assert priorities(batch, ids) == [1, 7, 7, 4]
    done = queuedeck(batch, "priority", "+2", batch.job(ids[1])["jobArn"])
    assert f"done: job-1 ({ids[1]}): priority 7 → 9" in done.stdout
    assert queuedeck(batch, "priority", "-1", ids[2]).returncode == 0
    assert priorities(batch, ids) == [1, 9, 6, 4]
    assert queuedeck(batch, "priority", "top", ids[3]).returncode == 0
    assert priorities(batch, ids) == [1, 9, 6, 10]
    assert queuedeck(batch, "priority", "bottom", ids[1]).returncode == 0
    assert priorities(batch, ids) == [1, 5, 6, 10]
    assert queuedeck(batch, "priority", "above 1", ids[1]).returncode == 0
    assert priorities(batch, ids) == [1, 10, 6, 10]


def test_cancel_by_filter_with_the_reason_given(batch: Batch) -> None:
    ids = submitted(batch, 4)
    dry = queuedeck(batch, "cancel", "--queue", "fair", "--filter", "status:runnable", "--dry-run")
    assert dry.returncode == 0
    assert dry.stdout.count("would be done: cancel job-") == 3
    assert batch.status(ids[1]) == "RUNNABLE"
    words = ["--queue", "fair", "--filter", "status:runnable !name:job-3", "--reason", "night's over"]
    done = queuedeck(batch, "cancel", *words)
    assert done.returncode == 0, done.stderr
    batch.skip(5)
    jobs = [batch.job(job_id) for job_id in ids]
    assert [job["status"] for job in jobs] == ["RUNNING", "FAILED", "FAILED", "RUNNABLE"]
    assert jobs[1]["statusReason"] == "night's over"


def test_under_faults_it_still_ends_as_asked_and_is_audited(batch: Batch, tmp_path: Path) -> None:
    ids = submitted(batch, 12)
    batch.sandbox.endpoint.faults = parse_faults("throttle=0.1,error=0.1,drop=0.1")
    assert queuedeck(batch, "priority", "50", *ids[1:]).returncode == 0
    done = queuedeck(batch, "cancel", *ids)
    batch.sandbox.endpoint.faults = parse_faults("")
    assert done.returncode == 0, done.stderr
    assert priorities(batch, ids[1:]) == [50] * 11
    batch.skip(600)
    assert {batch.status(job_id) for job_id in ids} == {"FAILED"}
    log = tmp_path / "queuedeck" / "audit.jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["action"] for line in lines] == ["set priority"] * 11 + ["terminate"] * 12
    assert lines[0]["before"] == "2"
    assert log.stat().st_mode & 0o777 == 0o600


def test_what_is_refused_is_named_and_the_exit_code_says_so(batch: Batch) -> None:
    ids = submitted(batch, 2)
    batch.sandbox.endpoint.faults = parse_faults("denied=batch:TerminateServiceJob")
    done = queuedeck(batch, "cancel", ids[0])
    assert done.returncode == 1
    assert f"not done: stop job-0 ({ids[0]})" in done.stderr
    assert "batch:TerminateServiceJob" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["priority", "10000", "x"], "a priority is 0 to 9999"),
        (["priority", "soon", "x"], "'soon' is none of 9"),
        (["priority", "5"], "name jobs, or a --queue"),
        (["cancel", "--queue", "fair"], "needs a --filter"),
        (["cancel", "--queue", "fair", "--filter", "  "], "needs a --filter"),
        (["cancel", "--queue", "fair", "--filter", "!pri:5"], "pri is not known"),
        (["cancel", "--queue", "gone", "--filter", "status:runnable"], "Unknown job queue"),
        (["cancel", "--queue", "fair", "--filter", "age>soon"], "filter"),
        (["cancel", "no-such-job"], "job no-such-job"),
        (["cancel", "x", "--reason", " "], "--reason must not be empty"),
        (["cancel", "x", "--read-only"], "Read-only"),
        (["cancel", "x", "--region", "mars-1"], "mars-1"),
    ],
)
def test_wrong_commands_change_nothing_and_say_what_is_right(
    batch: Batch, words: list[str], said: str
) -> None:
    job_id = batch.submit("job", "fair", shareIdentifier="a")
    done = queuedeck(batch, *words)
    assert not batch.job(job_id).get("isTerminated")
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("words", [["cancel"], ["priority", "5"]])
def test_a_job_that_has_ended_is_named_and_left_out(batch: Batch, words: list[str]) -> None:
    ended, waits = submitted(batch, 2)
    batch.client.terminate_service_job(jobId=ended, reason="x")
    batch.skip(600)
    done = queuedeck(batch, *words, ended, waits)
    assert done.returncode == 0, done.stderr
    assert f"left out: job-0 ({ended}) is FAILED" in done.stdout
    assert done.stdout.count("done: ") == 1


def test_an_interrupt_is_told_and_what_nobody_knows_is_in_the_audit_log(batch: Batch, tmp_path: Path) -> None:
    ids = submitted(batch, 2)
    batch.sandbox.endpoint.faults = parse_faults("latency=1500ms")
    command = [sys.executable, "-m", "tui", "cancel", "--endpoint-url", batch.sandbox.url, ids[1]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait_for(lambda: batch.sandbox.endpoint.calls["batch:TerminateServiceJob"] > 0)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "queuedeck was closed before AWS had answered" in error
    assert "Traceback" not in error
    (line,) = map(json.loads, (tmp_path / "queuedeck" / "audit.jsonl").read_text().splitlines())
    assert (line["action"], line["job_id"], line["outcome"]) == ("terminate", ids[1], "unknown")


def test_an_interrupt_before_anything_was_done_is_one_line(batch: Batch) -> None:
    batch.sandbox.endpoint.faults = parse_faults("latency=3000ms")
    command = [sys.executable, "-m", "tui", "cancel", "--endpoint-url", batch.sandbox.url, "job"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait_for(lambda: batch.sandbox.endpoint.calls["batch:DescribeServiceJob"] > 0)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=30)
    assert (process.returncode, error) == (1, "queuedeck: interrupted\n")


def test_a_fifo_queue_is_told_apart(batch: Batch) -> None:
    batch.queue("fifo")
    job_id = batch.submit("job", "fifo")
    done = queuedeck(batch, "priority", "5", job_id)
    assert done.returncode == 2
    assert "FIFO" in done.stderr
