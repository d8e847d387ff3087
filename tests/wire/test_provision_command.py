"""`queuedeck setup`, `teardown` and `export`, as programs: whole, killed at every call, and refused."""

import json
import os
import pty
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.conftest import MakeSandbox, wait_for
from tests.unit.provision.builders import G5, fair, fifo, quota
from tests.wire.batch import Batch, payload
from tests.wire.live import environment
from tests.wire.provisioning import Account, Program
from tui.model.blueprint import Blueprint, ShareAnswer
from tui.model.blueprint_file import file_text

SPEED = 120.0
KINDS: dict[str, Callable[..., Blueprint]] = {"fifo": fifo, "fair": fair, "quota": quota}
SHARE = {"fifo": {}, "fair": {"shareIdentifier": "llm"}, "quota": {"quotaShareName": "prod"}}


@pytest.fixture
def account(make_sandbox: MakeSandbox, monkeypatch: pytest.MonkeyPatch) -> Account:
    environment(monkeypatch)
    return Account(make_sandbox(speed=SPEED))


@pytest.fixture
def program(account: Account, tmp_path: Path) -> Program:
    return Program(account.sandbox, tmp_path)


def _file(folder: Path, blueprint: Blueprint) -> str:
    path = folder / "queue.yaml"
    path.write_text(file_text(blueprint))
    return str(path)


@pytest.mark.parametrize("kind", KINDS)
def test_from_nothing_to_nothing(account: Account, program: Program, tmp_path: Path, kind: str) -> None:
    blueprint = KINDS[kind]()
    name, file = blueprint.job_queue.job_queue_name, _file(tmp_path, blueprint)
    dry = program.run("setup", file, "--dry-run")
    assert dry.returncode == 0
    assert f"create   job queue {name}" in dry.stdout
    assert account.names == []

    made = program.run("setup", file, "--yes")
    assert made.returncode == 0, made.stderr
    assert f"created job queue {name}" in made.stdout
    batch = Batch(account.sandbox)
    job = batch.submit("train", name, payload(seconds=60), **SHARE[kind])
    wait_for(lambda: (batch.skip(60), batch.status(job) == "SUCCEEDED")[1])

    dry = program.run("teardown", name, "--dry-run")
    assert dry.returncode == 0
    assert f"delete   job queue {name}" in dry.stdout
    gone = program.run("teardown", name, "--yes")
    assert gone.returncode == 0, gone.stderr
    assert account.names == []
    log = (tmp_path / "state/queuedeck/audit.jsonl").read_text().splitlines()
    assert all(json.loads(line)["queue"] == name for line in log)
    assert json.loads(log[0])["action"].startswith("Create")


@pytest.mark.parametrize("kind", ["fair", "quota"])
def test_killed_at_every_call_it_goes_on(
    account: Account, program: Program, tmp_path: Path, kind: str
) -> None:
    blueprint = KINDS[kind](tags={"team": "vision"})
    name, file = blueprint.job_queue.job_queue_name, _file(tmp_path, blueprint)
    kills = 0
    while program.killed_at_next_change("setup", file, "--yes"):
        kills += 1
    assert kills >= 3  # on a busy machine some pass between two looks
    assert program.run("setup", file, "--dry-run").stdout.count("adopt ") == kills
    batch = Batch(account.sandbox)
    job = batch.submit("train", name, payload(seconds=60), **SHARE[kind])
    wait_for(lambda: (batch.skip(60), batch.status(job) == "SUCCEEDED")[1])

    kills = 0
    while account.names and program.killed_at_next_change("teardown", name, "--yes"):
        kills += 1
        wait_for(lambda: not account.names or _settled(account))
    assert kills >= 6
    assert account.names == []


def _settled(account: Account) -> bool:
    """Nothing is on its way, so that the next start finds the next call to make."""
    batch = account.client
    queues = batch.describe_job_queues()["jobQueues"]
    found = [*queues, *batch.describe_service_environments()["serviceEnvironments"]]
    for queue in queues:
        found += account.shares(queue["jobQueueName"])
    return all(item["status"] == "VALID" for item in found)


def test_an_interrupt_ends_it_between_two_calls(account: Account, program: Program, tmp_path: Path) -> None:
    file = _file(tmp_path, quota())
    with program.start("setup", file, "--yes") as process:
        wait_for(lambda: "vision-env" in account.names)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Stopped" in error
    assert "done so far: " in out
    assert program.run("setup", file, "--yes").returncode == 0


def test_export_is_what_setup_reads(account: Account, program: Program, tmp_path: Path) -> None:
    account.setup(quota(tags={"team": "vision"}))
    for form in ("file", "json"):
        text = program.run("export", "vision", "--format", form).stdout
        file = tmp_path / f"again.{'json' if form == 'json' else 'yaml'}"
        file.write_text(text)
        again = program.run("setup", str(file), "--dry-run")
        assert again.returncode == 0
        assert [line.partition(" ")[0] for line in again.stdout.splitlines()] == ["adopt"] * 5
    assert account.teardown("vision").complete
    assert program.run("setup", str(tmp_path / "again.json"), "--yes").returncode == 0


def test_export_as_templates(account: Account, program: Program) -> None:
    account.setup(fair())
    template = yaml.safe_load(program.run("export", "research", "--format", "cloudformation").stdout)
    assert template["Resources"]["JobQueue"]["Properties"]["JobQueueName"] == "research"
    terraform = program.run("export", "research", "--format", "terraform").stdout
    assert 'resource "awscc_batch_job_queue" "job_queue" {' in terraform
    assert program.run("export", "nobody").returncode == 1
    assert program.run("export", "research", "--read-only").returncode == 0


# ---- refused before anything is sent


@pytest.mark.parametrize(
    ("blueprint", "words"),
    [
        (fair(shares=(ShareAnswer(name="User*"), ShareAnswer(name="UserA"))), "overlaps with User*"),
        (
            quota(shares=tuple(ShareAnswer(name=f"s{n}", capacity=1) for n in range(21))),
            "a queue has at most 20",
        ),
        (fifo(queue="a b", environment="env"), "a name has up to 128"),
    ],
    ids=["overlap", "shares", "name"],
)
def test_mistakes_in_the_file(
    account: Account, program: Program, tmp_path: Path, blueprint: Blueprint, words: str
) -> None:
    done = program.run("setup", _file(tmp_path, blueprint), "--yes")
    assert done.returncode == 2
    assert words in done.stderr
    assert program.changes == 0


def test_what_is_in_the_way_here(account: Account, program: Program, tmp_path: Path) -> None:
    account.setup(fifo())
    before = program.changes
    done = program.run("setup", _file(tmp_path, fair(queue="nightly")), "--yes")
    assert done.returncode == 1
    assert "nightly is a FIFO queue, and stays one" in done.stderr
    assert program.changes == before


def test_jobs_are_in_the_way_of_a_tear_down(account: Account, program: Program) -> None:
    account.setup(fifo())
    Batch(account.sandbox).submit(queue="nightly", request=payload(seconds=36_000))
    before = program.changes
    done = program.run("teardown", "nightly", "--yes")
    assert done.returncode == 1
    assert "1 job has not ended" in done.stdout
    assert "nothing was done" in done.stderr
    assert program.changes == before


def test_it_asks_or_refuses_to_go_on(account: Account, program: Program, tmp_path: Path) -> None:
    file = _file(tmp_path, fifo())
    done = program.run("setup", file)
    assert done.returncode == 2
    assert "add --yes" in done.stderr
    account.setup(fifo())
    assert program.run("teardown", "nightly").returncode == 2
    assert program.run("teardown", "nobody", "--yes").returncode == 1
    assert program.run("teardown", "nightly", "--yes", "--read-only").returncode == 2
    assert program.run("setup", str(tmp_path / "none.yaml"), "--yes").returncode == 2
    assert "nightly" in account.names


@pytest.mark.parametrize(("typed", "gone"), [("nightly", True), ("nightl", False), ("y", False)])
def test_a_tear_down_wants_the_name_typed(account: Account, program: Program, typed: str, gone: bool) -> None:
    account.setup(fifo())
    code, shown = _in_terminal(program, ["teardown", "nightly"], "Type nightly", f"{typed}\n")
    assert (code == 0) is gone, shown
    assert (account.names == []) is gone


def _in_terminal(program: Program, arguments: list[str], until: str, typed: str) -> tuple[int, str]:
    """Run it in a terminal, type when it asks. Its exit code, and what it showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [sys.executable, "-m", "tui", *arguments], program.environment)
    shown = b""
    try:
        while (piece := os.read(terminal, 4096)) or True:
            shown += piece
            if typed and until.encode() in shown:
                os.write(terminal, typed.encode())
                typed = ""
    except OSError:  # the other side is closed: it has ended
        pass
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


def test_capacity_is_that_of_the_file(account: Account, program: Program, tmp_path: Path) -> None:
    file = tmp_path / "queue.toml"
    file.write_text(
        '[serviceEnvironment]\nserviceEnvironmentName = "e"\n'
        f'capacityLimits = [{{ maxCapacity = 3, capacityUnit = "{G5}" }}]\n'
        '[jobQueue]\njobQueueName = "q"\n'
    )
    assert program.run("setup", str(file), "--yes").returncode == 0
    found = account.client.describe_service_environments()["serviceEnvironments"][0]
    assert found["capacityLimits"] == [{"maxCapacity": 3, "capacityUnit": G5}]
