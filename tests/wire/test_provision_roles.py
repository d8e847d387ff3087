"""The two roles on the sandbox: made, completed, adopted, and asked what they allow."""

import json
from pathlib import Path

import pytest

from tests.conftest import MakeSandbox
from tests.unit.provision.builders import quota
from tests.wire.live import environment
from tests.wire.provisioning import Account, Program
from tui.aws import roles
from tui.aws.problems import AwsProblem
from tui.model.roles import Level, caller_role, execution_role, permissions

ACCOUNT = "123456789012"
PASSED = f"arn:aws:iam::{ACCOUNT}:role/QueuedeckTrainingExecution"


@pytest.fixture
def account(make_sandbox: MakeSandbox, monkeypatch: pytest.MonkeyPatch) -> Account:
    environment(monkeypatch)
    return Account(make_sandbox(speed=120))


def _denied(account: Account, arn: str, level: Level) -> set[str]:
    asked = permissions(level, account=ACCOUNT, passed_role=PASSED)
    return {permission.action for permission in roles.denied(account.aws, arn, asked)}


def test_both_are_made_and_then_adopted(account: Account) -> None:
    for spec in (caller_role(ACCOUNT), execution_role(), execution_role(name="broad", breadth="broad")):
        first = roles.ensure(account.aws, spec)
        assert first.made and first.differences == ()
        assert first.role.ours
        second = roles.ensure(account.aws, spec)
        assert not second.made and not second.completed and second.differences == ()


def test_one_whose_making_was_stopped_is_completed(account: Account) -> None:
    spec = execution_role(breadth="broad")
    account.sandbox.client("iam").create_role(
        RoleName=spec.name,
        AssumeRolePolicyDocument=json.dumps(spec.trust),
        Tags=[{"Key": "queuedeck", "Value": "role"}],
    )
    result = roles.ensure(account.aws, spec)
    assert result.completed and not result.made and result.differences == ()


def test_anothers_role_is_left_as_it_is(account: Account) -> None:
    spec = execution_role(breadth="broad")
    trust = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"},
    }
    iam = account.sandbox.client("iam")
    iam.create_role(RoleName=spec.name, AssumeRolePolicyDocument=json.dumps(trust))
    result = roles.ensure(account.aws, spec)
    assert result.differences == ("it trusts others", "AmazonSageMakerFullAccess is not attached")
    assert iam.list_attached_role_policies(RoleName=spec.name)["AttachedPolicies"] == []
    assert not roles.delete(account.aws, spec.name)


def test_least_privilege_is_enough_for_its_level_and_no_more(account: Account) -> None:
    levels: tuple[Level, ...] = ("view", "operate", "administer")
    for at, level in enumerate(levels):
        arn = roles.ensure(account.aws, caller_role(ACCOUNT, name=level, level=level)).role.arn
        for other in levels[: at + 1]:
            assert _denied(account, arn, other) == set()
        for other in levels[at + 1 :]:
            assert _denied(account, arn, other)
    broad = roles.ensure(account.aws, caller_role(ACCOUNT, name="broad", breadth="broad")).role.arn
    assert _denied(account, broad, "administer") == {"sts:GetCallerIdentity"}


def test_the_passed_role_is_the_only_one_that_may_be_passed(account: Account) -> None:
    arn = roles.ensure(account.aws, caller_role(ACCOUNT)).role.arn
    asked = permissions("operate", account=ACCOUNT, passed_role=f"arn:aws:iam::{ACCOUNT}:role/Other")
    assert [p.action for p in roles.denied(account.aws, arn, asked)] == ["iam:PassRole"]


def test_with_the_least_role_a_queue_can_be_set_up_and_torn_down(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = roles.ensure(account.aws, caller_role(ACCOUNT)).role.arn
    session = account.sandbox.client("sts").assume_role(RoleArn=arn, RoleSessionName="me")["Credentials"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", session["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", session["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", session["SessionToken"])
    assumed = Account(account.sandbox)
    assert assumed.setup(quota(tags={"team": "v"})).complete
    assert assumed.teardown("vision").complete


def test_sessions_stand_for_their_roles() -> None:
    assert roles.principal_of(f"arn:aws:sts::{ACCOUNT}:assumed-role/r/me") == f"arn:aws:iam::{ACCOUNT}:role/r"
    assert roles.principal_of(f"arn:aws:iam::{ACCOUNT}:user/u") == f"arn:aws:iam::{ACCOUNT}:user/u"


def test_read_only(account: Account) -> None:
    with pytest.raises(AwsProblem, match="Read-only"):
        roles.ensure(Account(account.sandbox, read_only=True).aws, execution_role())


def test_the_command(account: Account, tmp_path: Path) -> None:
    program = Program(account.sandbox, tmp_path)
    dry = program.run("roles", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "create   role QueuedeckBatchCaller" in dry.stdout
    assert account.sandbox.client("iam").list_roles()["Roles"] == []
    made = program.run("roles", "--yes", "--bucket", "data")
    assert made.returncode == 0, made.stderr
    assert "created role QueuedeckTrainingExecution" in made.stdout
    assert made.stderr == ""
    again = program.run("roles", "--yes", "--bucket", "data")
    assert "adopted role QueuedeckBatchCaller" in again.stdout
    narrower = program.run("roles", "--yes", "--bucket", "data", "--level", "view")
    assert "may not call" not in narrower.stderr
    log = (tmp_path / "state" / "queuedeck" / "audit.jsonl").read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line["action"] for line in lines[:2]] == [
        "ensure role QueuedeckBatchCaller",
        "ensure role QueuedeckTrainingExecution",
    ]
    assert [line.get("after") for line in lines[:4]] == ["made", "made", "adopted", "adopted"]
    assert ACCOUNT in lines[0]["who"]["arn"]
