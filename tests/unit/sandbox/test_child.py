"""The sandbox as a child process of the dashboard."""

import os
import sys
from typing import Any

import pytest

from tests.conftest import wait_for
from tui.sandbox.child import Child, SandboxError


class Script(Child):
    """A child whose program is a line of Python."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self._command = [sys.executable, "-c", f"import sys; {code}"]

    def has_ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    environment: Any = os.environ.copy()
    monkeypatch.setattr(os, "environ", environment)


def test_a_child_that_complains_at_length_is_not_held_up() -> None:
    code = "print('export AWS_X=1', flush=True); sys.stderr.write('x' * 10**6)"
    with Script(code) as child:
        child.start_and_export()
        assert os.environ["AWS_X"] == "1"
        wait_for(child.has_ended)


def test_a_child_that_does_not_start_says_why() -> None:
    with Script("sys.exit('the port is taken')") as child, pytest.raises(SandboxError, match="port is taken"):
        child.start_and_export()
