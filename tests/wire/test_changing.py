"""Changes to resources on a line that loses answers: what was made is not told as refused."""

from pathlib import Path

import pytest

from tests.conftest import Running
from tests.wire.live import environment
from tui.actions.changing import make
from tui.aws.session import Aws, Connection
from tui.model.blueprint import Policy
from tui.model.queues import FairsharePolicy
from tui.model.resource_changes import create_policy, delete_policy
from tui.sandbox.faults import parse_faults

NAMES = [f"policy-{number}" for number in range(8)]


@pytest.fixture
def aws(sandbox: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Aws:
    environment(monkeypatch)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return Aws(Connection(endpoint_url=sandbox.url))


def test_what_was_made_though_its_answer_was_lost_is_made(aws: Aws, sandbox: Running) -> None:
    batch = sandbox.client("batch")
    sandbox.endpoint.faults = parse_faults("drop=0.5")
    policies = [Policy(name=name, fairshare_policy=FairsharePolicy()) for name in NAMES]
    made = make(aws, [create_policy(policy) for policy in policies])
    sandbox.endpoint.faults = parse_faults("")
    assert [one.problem for one in made] == [None] * len(NAMES)
    arns = sorted(policy["arn"] for policy in batch.list_scheduling_policies()["schedulingPolicies"])
    assert [arn.rpartition("/")[2] for arn in arns] == NAMES

    sandbox.endpoint.faults = parse_faults("drop=0.5")
    gone = make(aws, [delete_policy(arn) for arn in arns])
    sandbox.endpoint.faults = parse_faults("")
    assert [one.problem for one in gone] == [None] * len(NAMES)
    assert batch.list_scheduling_policies()["schedulingPolicies"] == []


def test_what_was_there_before_is_told(aws: Aws) -> None:
    change = create_policy(Policy(name="twice", fairshare_policy=FairsharePolicy()))
    assert make(aws, [change])[0].done
    problem = make(aws, [change])[0].problem
    assert problem is not None
    assert "already exists" in problem.cause
