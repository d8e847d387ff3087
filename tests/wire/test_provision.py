"""Blueprints built on the sandbox, adopted, changed, refused in AWS's words, and torn down to nothing."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from tests.conftest import MakeSandbox, wait_for
from tests.unit.provision.builders import G5, fair, fifo, quota
from tests.wire.batch import Batch, payload
from tests.wire.live import environment
from tests.wire.provisioning import Account
from tui import provision
from tui.aws import resources
from tui.model.blueprint import Blueprint, ShareAnswer
from tui.model.blueprint_file import TEARDOWN_MARK, blueprint_of
from tui.model.blueprint_warnings import warnings
from tui.model.plan_teardown import teardown_steps
from tui.model.resource_changes import create_policy
from tui.provision import Progress
from tui.provision.run import Run
from tui.sandbox.faults import parse_faults

SPEED = 120.0
KINDS: dict[str, tuple[Callable[..., Blueprint], dict[str, Any]]] = {
    "fifo": (fifo, {}),
    "fair": (fair, {"shareIdentifier": "llm"}),
    "quota": (quota, {"quotaShareName": "prod"}),
}


@pytest.fixture
def account(make_sandbox: MakeSandbox, monkeypatch: pytest.MonkeyPatch) -> Account:
    environment(monkeypatch)
    return Account(make_sandbox(speed=SPEED))


def _states(progress: Progress) -> dict[str, str]:
    return {f"{step.verb} {step.name}": step.state for step in progress.steps}


@pytest.mark.parametrize("kind", KINDS)
def test_a_queue_from_nothing_to_nothing(account: Account, kind: str) -> None:
    make, share = KINDS[kind]
    blueprint = make(tags={"team": "vision"})
    name = blueprint.job_queue.job_queue_name
    end = account.setup(blueprint)
    assert end.complete and end.over
    assert {step.state for step in end.steps} == {"done"}
    assert account.queue(name)["status"] == "VALID"
    assert account.queue(name)["tags"] == {"team": "vision"}
    # what exists is what was asked for
    assert replace(_existing(account, name), tags={"team": "vision"}).kind == kind

    batch = Batch(account.sandbox)
    job = batch.submit("train", name, payload(seconds=60), **share)
    wait_for(lambda: (batch.skip(60), batch.status(job) == "SUCCEEDED")[1])

    end = account.teardown(name)
    assert end.complete
    assert {step.verb for step in end.steps} == {"delete"}
    assert account.names == []
    assert {entry.outcome for entry in account.logged} == {"done"}
    assert account.logged[0].queue == name


def _existing(account: Account, queue: str) -> Blueprint:
    found = blueprint_of(resources.read(account.aws, {queue}), queue)
    assert found is not None
    return found


def test_the_second_time_all_is_adopted_and_nothing_is_sent(account: Account) -> None:
    account.setup(quota())
    made = len(account.logged)
    end = account.setup(quota())
    assert {step.state for step in end.steps} == {"adopted"}
    assert len(account.logged) == made
    assert _existing(account, "vision") == replace(
        quota(),
        quota_shares=tuple(
            sorted(map(_with_default, quota().quota_shares), key=lambda s: s.quota_share_name)
        ),
    )


def _with_default(share: Any) -> Any:
    """As AWS describes it: borrowing without a limit is -1."""
    sharing = share.resource_sharing_configuration
    if sharing.strategy == "LEND_AND_BORROW" and sharing.borrow_limit is None:
        return replace(share, resource_sharing_configuration=replace(sharing, borrow_limit=-1))
    return share


def test_what_others_made_is_adopted(account: Account) -> None:
    resources.apply(account.aws, create_policy(quota().scheduling_policy or pytest.fail()))
    account.client.create_service_environment(
        serviceEnvironmentName="vision-env",
        serviceEnvironmentType="SAGEMAKER_TRAINING",
        capacityLimits=[{"maxCapacity": 4, "capacityUnit": G5}],
        state="DISABLED",
    )
    end = account.setup(quota())
    assert end.complete
    assert _states(end) == {
        "update vision-env": "done",
        "keep vision-policy": "adopted",
        "create vision": "done",
        "create prod": "done",
        "create dev": "done",
    }


def test_an_edited_blueprint_changes_what_is_there(account: Account) -> None:
    account.setup(fair())
    shares = (ShareAnswer(name="llm", weight=0.25),)
    end = account.setup(
        fair(capacity=9, priority=4, shares=shares, compute_reservation=10, tags={"team": "a"})
    )
    assert end.complete
    found = _existing(account, "research")
    assert found.service_environment.capacity_limits[0].max_capacity == 9
    assert found.job_queue.priority == 4
    assert found.job_queue.tags == {"team": "a"}
    policy = found.scheduling_policy and found.scheduling_policy.fairshare_policy
    assert policy is not None
    assert [(e.share_identifier, e.weight_factor) for e in policy.share_distribution] == [("llm", 0.25)]


def test_progress_tells_what_is_waited_for(account: Account) -> None:
    account.setup(quota())
    told = [[step.state for step in progress.steps] for progress in account.seen if progress.steps]
    assert told[0] == ["todo"] * 5
    assert ["doing", "doing", "todo", "todo", "todo"] in told
    assert told[-1] == ["done"] * 5
    assert account.seen[-1].over


def test_calls_that_fail_are_made_again(account: Account) -> None:
    account.sandbox.endpoint.faults = parse_faults("throttle=0.15,error=0.05,drop=0.05")
    assert account.setup(quota()).complete
    assert account.teardown("vision").complete
    account.sandbox.endpoint.faults = parse_faults("")
    assert account.names == []


def test_a_refusal_ends_it_and_says_what_is_done(account: Account) -> None:
    account.sandbox.endpoint.faults = parse_faults("denied=batch:CreateJobQueue")
    end = account.setup(quota())
    assert end.over and end.problem is not None
    assert end.problem.code == "AccessDenied"
    assert "batch:CreateJobQueue" in str(end.problem)
    assert _states(end) == {
        "create vision-env": "done",
        "create vision-policy": "done",
        "create vision": "todo",
        "create prod": "todo",
        "create dev": "todo",
    }
    assert account.logged[-1].outcome == "not done"
    # with the permission it goes on from there
    account.sandbox.endpoint.faults = parse_faults("")
    assert account.setup(quota()).complete


def test_what_the_checks_do_not_know_comes_in_the_words_of_aws(account: Account) -> None:
    odd = fifo(queue="nightly")
    wrong = replace(odd, job_queue=replace(odd.job_queue, priority=2_000_000))
    end = account.setup(wrong)
    assert end.problem is not None
    assert "Job queue priority must be between 0 and" in end.problem.cause
    assert [step.state for step in end.steps] == ["done", "todo"]


def test_read_only_changes_nothing(account: Account) -> None:
    end = Account(account.sandbox, read_only=True).setup(fifo())
    assert end.problem is not None and end.problem.code == "ReadOnly"
    assert account.names == []


def test_what_is_in_the_way_stops_it_before_anything_is_done(account: Account) -> None:
    account.setup(fifo())
    end = account.setup(fair(queue="nightly"))
    assert end.problem is not None and end.problem.code == "Blocked"
    assert "stays one" in end.problem.cause
    assert "nightly-policy" not in account.names


def test_cancelled_it_stops_between_two_calls_and_goes_on_later(account: Account) -> None:
    account.sandbox.endpoint.faults = parse_faults("latency=20ms")
    end: list[Progress] = []
    worker = threading.Thread(target=lambda: end.append(account.setup(quota())))
    worker.start()
    wait_for(lambda: "vision" in account.names, every=0.005)
    account.cancelled.set()
    worker.join()
    assert end[0].problem is not None and end[0].problem.code == "Cancelled"
    assert not end[0].complete
    account.cancelled.clear()
    assert account.setup(quota()).complete


def test_patience_ends(account: Account, make_sandbox: MakeSandbox) -> None:
    stands_still = Account(make_sandbox(speed=0))
    end = stands_still.setup(fifo(), patience=1.0)
    assert end.problem is not None and end.problem.code == "Timeout"
    assert "service environment nightly-env" in end.problem.cause


# ---- tear-down


def test_jobs_in_the_queue_are_in_the_way(account: Account) -> None:
    account.setup(fifo())
    job = Batch(account.sandbox).submit(queue="nightly", request=payload(seconds=36_000))
    end = account.teardown("nightly")
    assert end.problem is not None and end.problem.code == "Blocked"
    assert "1 job has not ended" in end.problem.cause
    assert account.queue("nightly")["state"] == "ENABLED"
    account.client.terminate_service_job(jobId=job, reason="over")
    wait_for(lambda: (account.sandbox.skip(60), account.teardown("nightly").complete)[1])
    assert account.names == []


def test_draining_waits_for_the_jobs(account: Account) -> None:
    account.setup(quota())
    Batch(account.sandbox).submit(queue="vision", request=payload(seconds=600), quotaShareName="dev")
    end: list[Progress] = []
    worker = threading.Thread(target=lambda: end.append(account.teardown("vision", drain=True)))
    worker.start()
    wait_for(lambda: account.queue("vision")["state"] == "DISABLED")
    account.sandbox.skip(2_000)
    worker.join(30)
    assert end and end[0].complete
    assert account.names == []


def test_what_another_queue_uses_stays(account: Account) -> None:
    account.setup(fair())
    account.setup(fair(queue="audio", environment="research-env", policy="research-policy"))
    end = account.teardown("research")
    assert end.complete
    assert _states(end) == {
        "delete research": "done",
        "keep research-policy": "done",
        "keep research-env": "done",
    }
    assert account.names == ["research-env", "research-policy", "audio"]
    assert account.queue("audio")["status"] == "VALID"
    assert account.teardown("audio").complete
    assert account.names == []


def test_a_queue_half_set_up_is_torn_down(account: Account) -> None:
    account.sandbox.endpoint.faults = parse_faults("denied=batch:CreateQuotaShare")
    assert not account.setup(quota()).complete
    assert account.teardown("vision").complete
    assert account.names == []


def test_a_limit_below_what_is_in_use_is_said_before(account: Account) -> None:
    account.setup(quota())
    batch = Batch(account.sandbox)
    job = batch.submit(queue="vision", request=payload(3, seconds=36_000), quotaShareName="prod")
    wait_for(lambda: (batch.skip(60), batch.status(job) == "RUNNING")[1])
    smaller = quota(shares=(ShareAnswer(name="prod", capacity=1, strategy="LEND"),))
    told = [str(warning) for warning in warnings(smaller, provision.read_for_setup(account.aws, smaller))]
    assert any(f"{G5} 1 is below the 3 in use" in line for line in told)
    assert any("also has dev, which stay" in line for line in told)


def test_a_refusal_that_does_not_pass_is_told_in_the_words_of_aws(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody attaches a queue that we cannot see in time: the environment cannot go."""
    account.setup(fifo())
    monkeypatch.setattr("tui.provision.run.REFUSED_PATIENCE", 1.0)
    account.client.update_service_environment(serviceEnvironment="nightly-env", state="DISABLED")
    end = Run(
        account.aws,
        "nightly",
        lambda before: replace(provision.read_for_teardown(account.aws, "nightly"), queues=()),
        lambda existing: teardown_steps("nightly", existing),
        account.seen.append,
        account.cancelled,
    )
    account.client.tag_resource(
        resourceArn="arn:aws:batch:us-east-1:123456789012:service-environment/nightly-env",
        tags={TEARDOWN_MARK: "nightly"},
    )
    progress = end.carry_out()
    assert progress.problem is not None
    assert progress.problem.cause == "Cannot delete, found existing JobQueue relationship"
    assert any("again soon: Cannot delete" in step.detail for seen in account.seen for step in seen.steps)
