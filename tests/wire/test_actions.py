"""Actions over the wire: what AWS then says is what the user was told, whatever went wrong in between."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.conftest import Running
from tests.wire.batch import Batch, payload
from tests.wire.live import Live, environment
from tui.actions import Actions, NotDone, Result, SetPriority, Submit, Terminate
from tui.actions.run import carry_out
from tui.actions.shell import shell_text
from tui.aws.problems import AwsProblem
from tui.aws.session import Aws, Connection
from tui.live.audit import AuditLog
from tui.model.jobs import FINISHED
from tui.model.submission import Submission, submission_of

FAULTS = "throttle=0.1,error=0.1,drop=0.1"


@pytest.fixture(autouse=True)
def exported(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch)


@pytest.fixture
def batch(sandbox: Running) -> Batch:
    made = Batch(sandbox)
    made.environment(capacity=1)
    made.fair_queue("fair")
    return made


class Desk:
    """Actions on a sandbox, its toasts and its audit log."""

    def __init__(self, live: Live, audit: Path, read_only: bool = False) -> None:
        self.live = live
        self.toasts: list[tuple[str, bool]] = []
        self.log = AuditLog(audit, lambda text: self.toasts.append((text, True)))
        self.path = audit
        self.actions = Actions(
            live.store,
            live.poller,
            live.posts.put,
            lambda text, bad: self.toasts.append((text, bad)),
            read_only=read_only,
            audit=self.log,
        )
        self.results: list[Result] = []

    def result(self, timeout: float = 60.0) -> Result:
        """The result of what was asked for, once it is there."""
        self.live.until(lambda: bool(self.results), timeout)
        return self.results.pop()

    def lines(self) -> list[dict[str, Any]]:
        """The audit log, all that was written so far."""
        self.log.close()
        return [json.loads(line) for line in self.path.read_text().splitlines()]


@pytest.fixture
def desk(batch: Batch, tmp_path: Path) -> Iterator[Desk]:
    with Live(batch.sandbox) as live:
        live.until(lambda: live.store.loaded and live.store.identity)
        yield Desk(live, tmp_path / "state" / "audit.jsonl")


def submitted(batch: Batch, count: int) -> list[str]:
    ids = [
        batch.submit(f"job-{number}", "fair", shareIdentifier="a", schedulingPriority=1)
        for number in range(count)
    ]
    batch.skip(3)
    return ids


def test_two_hundred_reprioritisations_under_faults_end_as_asked_or_are_named(
    batch: Batch, desk: Desk
) -> None:
    ids = submitted(batch, 200)
    desk.live.until(lambda: len(desk.live.store.queues["fair"].jobs) == 200)
    desk.live.faults(FAULTS)
    wanted = {job_id: 100 + number for number, job_id in enumerate(ids)}
    desk.actions.set_priority(wanted, desk.results.append)
    assert desk.actions.under_way == 200
    assert all(desk.actions.pending(job_id) == f"pri {wanted[job_id]}…" for job_id in ids)
    result = desk.result()
    desk.live.faults("")
    not_done = {outcome.key for outcome in result.not_done}
    assert {outcome.key for outcome in result.outcomes} == set(ids)
    assert [i for i in ids if batch.job(i)["schedulingPriority"] != wanted[i] and i not in not_done] == []
    assert not not_done  # a minute's patience outlasts three faults in ten
    assert desk.actions.under_way == 0
    assert not any(desk.actions.pending(job_id) for job_id in ids)
    assert desk.toasts[-1] == ("Reprioritised 200 jobs.", False)


def test_two_hundred_cancels_under_faults_end_as_asked_or_are_named(batch: Batch, desk: Desk) -> None:
    ids = submitted(batch, 200)
    desk.live.until(lambda: len(desk.live.store.queues["fair"].jobs) == 200)
    desk.live.faults(FAULTS)
    before = desk.live.asked["TerminateServiceJobs"]
    desk.actions.terminate(ids, "not needed", desk.results.append)
    result = desk.result()
    desk.live.faults("")
    assert result.all_done
    assert {outcome.key for outcome in result.done} == set(ids)
    assert desk.live.asked["TerminateServiceJobs"] - before < 40  # by fifty, and again what failed
    batch.skip(600)
    jobs = [batch.job(job_id) for job_id in ids]
    assert {job["status"] for job in jobs} <= FINISHED
    assert all(job["isTerminated"] and job["statusReason"] == "not needed" for job in jobs)


def test_two_hundred_submits_under_faults_are_two_hundred_jobs(batch: Batch, desk: Desk) -> None:
    desk.live.faults(FAULTS)
    made = [
        Submission(job_name=f"job-{n}", job_queue="fair", payload=payload(), share_identifier="a")
        for n in range(200)
    ]
    desk.actions.submit(made, desk.results.append)
    result = desk.result()
    desk.live.faults("")
    assert result.all_done
    assert len({outcome.job_id for outcome in result.done}) == 200
    listed = batch.names("fair", filters=[{"name": "JOB_NAME", "values": ["job-*"]}])
    assert sorted(listed) == sorted(f"job-{n}" for n in range(200))


def test_jobs_that_aws_refuses_are_named_with_its_words(batch: Batch, desk: Desk) -> None:
    good, ended = submitted(batch, 2)
    batch.client.terminate_service_job(jobId=ended, reason="x")
    batch.skip(600)
    desk.live.rounds("fair", 2)
    desk.actions.set_priority({good: 7, ended: 7}, desk.results.append)
    result = desk.result()
    assert [outcome.key for outcome in result.done] == [good]
    (refused,) = result.not_done
    assert refused.name == "job-1"
    assert "terminal status FAILED" in refused.problem.cause
    text, bad = desk.toasts[-1]
    assert bad
    assert text.startswith("Reprioritised job-0 to 7. Not reprioritised: job-1. ")


def test_a_job_shows_its_new_state_at_once(batch: Batch, desk: Desk) -> None:
    job_id, other = submitted(batch, 2)
    picture = desk.live.store.queues["fair"]
    desk.live.until(lambda: job_id in picture.jobs and other in picture.jobs)
    desk.live.poller.paused = True
    seen: list[frozenset[str]] = []
    desk.actions.subscribe(seen.append)
    desk.actions.set_priority({other: 42}, desk.results.append)
    desk.result()
    desk.live.until(lambda: picture.priorities.get(other) == 42)
    desk.actions.terminate([other], "enough", desk.results.append)
    assert desk.actions.pending(other) == "cancel…"
    desk.result()
    desk.live.until(lambda: picture.jobs[other].status == "FAILED")
    assert picture.jobs[other].status_reason == "enough"
    assert seen == [frozenset({other})] * 4


def test_the_audit_log_says_who_what_why_and_the_outcome(batch: Batch, desk: Desk) -> None:
    first, second = submitted(batch, 2)
    desk.live.until(lambda: len(desk.live.store.queues["fair"].jobs) == 2)
    desk.live.poller.describe(first)
    desk.live.until(lambda: desk.live.store.queues["fair"].priorities.get(first) == 1)
    desk.actions.set_priority({first: 9}, desk.results.append)
    desk.result()
    desk.actions.terminate([second], "Fehlstart — ”zurück“", desk.results.append)
    desk.result()
    desk.live.faults("denied=batch:UpdateServiceJob")
    desk.actions.set_priority({first: 3}, desk.results.append)
    desk.result()
    changed, ended, denied = desk.lines()
    assert changed["who"]["arn"].startswith("arn:aws:")
    assert changed["who"]["user"]
    assert changed["when"].endswith("Z")
    assert (changed["action"], changed["job_id"], changed["job_name"]) == ("set priority", first, "job-0")
    assert (changed["before"], changed["after"], changed["outcome"]) == ("1", "9", "done")
    assert (changed["queue"], changed["region"]) == ("fair", "us-east-1")
    assert (ended["action"], ended["why"], ended["outcome"]) == (
        "terminate",
        "Fehlstart — ”zurück“",
        "done",
    )
    assert denied["outcome"] == "not done"
    assert denied["problem"].startswith("AccessDenied: ")
    assert stat.S_IMODE(desk.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(desk.path.parent.stat().st_mode) == 0o700


def test_what_is_under_way_when_the_program_ends_is_written_down_as_unknown(batch: Batch, desk: Desk) -> None:
    ids = submitted(batch, 3)
    desk.live.faults("error=1")
    desk.actions.terminate(ids, "leaving", desk.results.append)
    desk.live.until(lambda: desk.live.asked["TerminateServiceJobs"])
    desk.actions.close()
    assert [line["outcome"] for line in desk.lines()] == ["unknown"] * 3


def test_a_log_that_cannot_be_written_is_told_and_hinders_nothing(
    batch: Batch, desk: Desk, tmp_path: Path
) -> None:
    (job_id,) = submitted(batch, 1)
    (tmp_path / "state").write_text("a file where a folder should be")
    desk.actions.set_priority({job_id: 5}, desk.results.append)
    assert desk.result().all_done
    desk.log.close()
    desk.live.until(lambda: any("audit log cannot be written" in text for text, _ in desk.toasts))
    assert batch.job(job_id)["schedulingPriority"] == 5


def test_requeue_submits_a_job_like_it_and_stops_the_old_one(batch: Batch, desk: Desk) -> None:
    (job_id,) = submitted(batch, 1)
    batch.skip(600)
    assert batch.status(job_id) == "RUNNING"
    desk.live.poller.describe(job_id, "fair")
    picture = desk.live.store.queues["fair"]
    detail = desk.live.until(lambda: picture.details.get(job_id))
    submission = msgspec.structs.replace(submission_of(detail, "job-0"), scheduling_priority=77)
    desk.live.faults(FAULTS)
    desk.actions.requeue({job_id: submission}, "more important now", desk.results.append)
    (done,) = desk.result().done
    desk.live.faults("")
    batch.skip(60)
    old, new = batch.job(job_id), batch.job(done.job_id)
    assert (old["status"], old["statusReason"]) == ("FAILED", "more important now")
    assert (new["jobName"], new["schedulingPriority"], new["shareIdentifier"]) == ("job-0", 77, "a")
    assert json.loads(new["serviceRequestPayload"]) == json.loads(old["serviceRequestPayload"])
    assert len(batch.names("fair", filters=[{"name": "JOB_NAME", "values": ["job-0"]}])) == 2


def test_a_requeue_whose_old_job_could_not_be_stopped_says_both(batch: Batch, desk: Desk) -> None:
    (job_id,) = submitted(batch, 1)
    submission = Submission(job_name="again", job_queue="fair", payload=payload(), share_identifier="a")
    desk.live.faults("denied=batch:TerminateServiceJob")
    desk.actions.requeue({job_id: submission}, "x", desk.results.append)
    (failed,) = desk.result().not_done
    desk.live.faults("")
    assert batch.job(failed.job_id)["jobName"] == "again"
    assert failed.job_id in desk.toasts[-1][0]


def test_nothing_to_do_is_done_at_once(desk: Desk) -> None:
    desk.actions.terminate([], "not needed", desk.results.append)
    assert desk.results.pop() == Result()
    assert not desk.toasts


def test_read_only_is_refused_by_the_actions(batch: Batch, tmp_path: Path) -> None:
    (job_id,) = submitted(batch, 1)
    with Live(batch.sandbox) as live:
        live.until(lambda: live.store.loaded)
        desk = Desk(live, tmp_path / "audit.jsonl", read_only=True)
        desk.actions.terminate([job_id], "no", desk.results.append)
        desk.actions.set_priority({job_id: 3}, desk.results.append)
        desk.actions.submit([Submission(job_name="n", job_queue="fair", payload={})], desk.results.append)
        assert [result.not_done[0].problem.code for result in desk.results] == ["ReadOnly"] * 3
        assert not {name for name in live.asked if name.endswith(("ServiceJob", "ServiceJobs"))} & {
            "TerminateServiceJob",
            "UpdateServiceJob",
        }
        assert [line["outcome"] for line in desk.lines()] == ["not done"] * 3


def test_read_only_is_refused_by_the_aws_layer_too(batch: Batch) -> None:
    (job_id,) = submitted(batch, 1)
    aws = Aws(Connection(endpoint_url=batch.sandbox.url), read_only=True)
    commands = (
        SetPriority(job_id=job_id, priority=3),
        Terminate(job_id=job_id + "0", reason="x"),
        Submit(submission=Submission(job_name="n", job_queue="fair", payload={})),
    )
    result = carry_out(aws, commands)
    assert [outcome.problem.code for outcome in result.not_done] == ["ReadOnly"] * 3
    with pytest.raises(AwsProblem):
        aws.forbid_if_read_only()
    assert batch.status(job_id) != "FAILED"


def test_a_dead_network_ends_with_every_job_named(batch: Batch) -> None:
    ids = submitted(batch, 3)
    aws = Aws(Connection(endpoint_url="http://127.0.0.1:9"))
    commands = tuple(Terminate(job_id=job_id, reason="x", name=f"n{job_id}") for job_id in ids)
    result = carry_out(aws, commands, patience=1.0)
    assert [outcome.name for outcome in result.outcomes] == [f"n{job_id}" for job_id in ids]
    assert all(isinstance(outcome, NotDone) and outcome.problem.code for outcome in result.outcomes)


def test_the_copied_aws_cli_commands_do_the_same(batch: Batch) -> None:
    import subprocess
    import sys

    first, second, third = submitted(batch, 3)
    commands = [
        SetPriority(job_id=first, priority=9),
        Terminate(job_id=second, reason='it\'s $HOME; "done"'),
        Terminate(job_id=third, reason='it\'s $HOME; "done"'),
    ]
    text = shell_text(commands, region="us-east-1", endpoint_url=batch.sandbox.url)
    path = str(Path(sys.executable).parent)
    subprocess.run(["sh", "-ec", f'PATH="{path}:$PATH"\n{text}'], check=True, capture_output=True)
    assert batch.job(first)["schedulingPriority"] == 9
    batch.skip(600)
    assert {batch.job(job_id)["statusReason"] for job_id in (second, third)} == {'it\'s $HOME; "done"'}
