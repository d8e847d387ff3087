"""A plan as AWS CLI commands: pasted one after the other, they build what the plan says."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REGION, MakeSandbox
from tests.unit.provision.builders import quota
from tests.wire.live import environment
from tests.wire.provisioning import Account, Program
from tui import provision
from tui.model.plan_setup import setup_steps
from tui.provision.shell import shell_text


def test_the_commands_of_a_plan_build_it(
    make_sandbox: MakeSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment(monkeypatch)
    account = Account(make_sandbox(speed=0))
    blueprint = quota(tags={"who's": 'it "is"'})
    steps = setup_steps(blueprint, provision.read_for_setup(account.aws, blueprint))
    path = Path(sys.executable).parent
    program = Program(account.sandbox, tmp_path)
    for step in steps:
        text = shell_text(step.changes, region=REGION, endpoint_url=account.sandbox.url)
        assert text.startswith(f"aws --region {REGION} --endpoint-url {account.sandbox.url} batch create-")
        subprocess.run(
            ["sh", "-ec", f'PATH="{path}:$PATH"\n{text}'],
            env=program.environment,
            check=True,
            capture_output=True,
        )
        account.sandbox.skip(10)
    existing = provision.read_for_setup(account.aws, blueprint)
    assert {step.state for step in setup_steps(blueprint, existing)} == {"adopted"}
