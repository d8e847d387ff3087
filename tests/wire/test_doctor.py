"""The doctor over the wire: what it finds, what it says to do, and its exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeSandbox, Running
from tests.wire.batch import Batch
from tests.wire.live import environment
from tui.aws.doctor import examine
from tui.aws.session import Aws, Connection
from tui.cli import main
from tui.model.checkup import Check, clock_check, summary, terminal, verdict
from tui.sandbox.faults import parse_faults


@pytest.fixture(autouse=True)
def exported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment(monkeypatch)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("TERM", "xterm-256color")


def doctor(
    capsys: pytest.CaptureFixture[str], sandbox: Running, *options: str
) -> tuple[int, dict[str, dict[str, Any]]]:
    """Exit code and checks by name, as the command tells them in JSON."""
    code = main(["doctor", "--json", "--endpoint-url", sandbox.url, *options])
    answer = json.loads(capsys.readouterr().out)
    assert answer["exit_code"] == code
    return code, {check["name"]: check for check in answer["checks"]}


def test_all_is_there(sandbox: Running, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, checks = doctor(capsys, sandbox)
    assert code == 0
    assert checks["Identity"]["detail"] == "arn:aws:iam::123456789012:user/sandbox"
    assert checks["Region"]["detail"] == "us-east-1"
    assert checks["Endpoint"]["detail"] == sandbox.url
    assert checks["Audit log"]["detail"] == str(tmp_path / "queuedeck/audit.jsonl")
    assert checks["boto3"]["state"] == "ok"
    assert checks["Clock"]["detail"] == "right, to a second or two"
    levels = {check["section"] for check in checks.values() if ":" in check["name"]}
    assert levels == {"View", "Operate", "Administer"}
    assert sandbox.endpoint.calls["batch:SubmitServiceJob"] == 0


def test_what_is_missing_is_named_with_what_to_ask_for(
    sandbox: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.endpoint.faults = parse_faults("denied=batch:CreateQuotaShare")
    code, checks = doctor(capsys, sandbox)
    assert code == 1
    wrong = [check for check in checks.values() if check["state"] == "missing"]
    assert [check["name"] for check in wrong] == ["batch:CreateQuotaShare"]
    assert wrong[0]["next_step"] == "Ask for batch:CreateQuotaShare."
    code, _ = doctor(capsys, sandbox, "--level", "operate")
    assert code == 0, "nobody who only operates needs it"


def test_without_the_simulation_reading_is_tried_and_the_rest_is_unknown(
    make_sandbox: MakeSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox = make_sandbox("demo", faults="denied=iam:SimulatePrincipalPolicy,denied=logs:GetLogEvents")
    code, checks = doctor(capsys, sandbox)
    assert code == 1
    states = {name: check["state"] for name, check in checks.items()}
    view = [check for check in checks.values() if check["section"] == "View"]
    assert states["logs:GetLogEvents"] == "missing"
    assert [check["state"] for check in view].count("ok") == len(view) - 1
    assert {check["state"] for check in checks.values() if check["section"] == "Administer"} == {"unknown"}
    assert "SimulatePrincipalPolicy" in checks["IAM simulation"]["next_step"]
    changed = [name for name in sandbox.endpoint.calls if ":Create" in name or ":Submit" in name]
    assert changed == []


def test_reading_is_tried_in_an_account_without_queues(
    sandbox: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.endpoint.faults = parse_faults("denied=iam:SimulatePrincipalPolicy")
    code, checks = doctor(capsys, sandbox, "--level", "view")
    assert code == 0
    assert {check["state"] for check in checks.values() if check["section"] == "View"} == {"ok"}


def test_the_role_to_pass_is_that_of_a_job_else_a_named_one(sandbox: Running) -> None:
    def passing(**options: str) -> Check:
        found = examine(Aws(Connection(endpoint_url=sandbox.url)), **options)  # pyright: ignore[reportArgumentType]
        return next(check for check in found if check.name == "iam:PassRole")

    sandbox.endpoint.faults = parse_faults("denied=iam:PassRole")
    assert passing().state == "unknown"
    assert "--role" in passing().next_step
    named = passing(role_arn="arn:aws:iam::123456789012:role/Mine")
    assert (named.state, "role/Mine" in named.next_step) == ("missing", True)
    batch = Batch(sandbox)
    batch.environment()
    batch.queue()
    batch.submit()
    batch.skip(300)
    found = passing()
    assert found.state == "missing"
    assert "arn:aws:iam::123456789012:role/training" in found.next_step
    assert "iam:PassedToService = sagemaker.amazonaws.com" in found.next_step


def test_expired_credentials(sandbox: Running, capsys: pytest.CaptureFixture[str]) -> None:
    sandbox.endpoint.faults = parse_faults("expired")
    code, checks = doctor(capsys, sandbox)
    assert code == 1
    assert checks["Identity"]["state"] == "missing"
    assert "aws sso login" in checks["Identity"]["next_step"]


@pytest.mark.parametrize("options", [["--profile", "nobody"], ["--region", "mars-east-1"]])
def test_a_wrong_configuration_is_code_2(
    sandbox: Running, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    code, checks = doctor(capsys, sandbox, *options)
    assert code == 2
    assert checks["Configuration"]["next_step"]


def test_a_broken_config_file_is_code_2(
    sandbox: Running, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "queuedeck").mkdir()
    (tmp_path / "queuedeck/config.toml").write_text("intervall = 3\n")
    code, checks = doctor(capsys, sandbox)
    assert code == 2
    assert "unknown key 'intervall'" in checks["Settings"]["detail"]


def test_as_text(sandbox: Running, capsys: pytest.CaptureFixture[str]) -> None:
    sandbox.endpoint.faults = parse_faults("denied=batch:UpdateServiceJob")
    assert main(["doctor", "--endpoint-url", sandbox.url]) == 1
    text = capsys.readouterr().out
    assert "✗ MISSING  batch:UpdateServiceJob" in text
    assert "→ Ask for batch:UpdateServiceJob." in text
    assert text.rstrip().splitlines()[-1].startswith("1 missing")


@pytest.mark.parametrize(
    ("skew_ms", "practice", "state", "words"),
    [
        (0, False, "ok", "right"),
        (2_000, False, "ok", "right"),
        (90_000, False, "missing", "90 s behind AWS"),
        (-400_000, False, "missing", "400 s ahead of AWS"),
        (9_000_000, True, "ok", "a clock of its own"),
    ],
)
def test_clocks(skew_ms: int, practice: bool, state: str, words: str) -> None:
    check = clock_check(skew_ms, practice=practice)
    assert (check.state, words in check.detail) == (state, True)


def test_terminals() -> None:
    def states(environ: dict[str, str], size: tuple[int, int] | None, encoding: str) -> list[str]:
        return [check.state for check in terminal(environ, size, encoding)]

    assert states({"TERM": "xterm-256color"}, (80, 24), "utf-8") == ["ok", "ok", "ok"]
    assert states({"TERM": "dumb"}, (59, 24), "ANSI_X3.4-1968") == ["missing"] * 3
    assert states({}, None, "UTF-8") == ["unknown", "unknown", "ok"]
    assert "16 million" in terminal({"COLORTERM": "truecolor"}, (80, 24), "utf8")[1].detail


def test_the_verdict() -> None:
    ok, missing, unknown = (
        Check(section="s", name="n", state=state) for state in ("ok", "missing", "unknown")
    )
    fatal = Check(section="s", name="n", state="missing", fatal=True)
    assert [verdict(checks) for checks in ([ok, unknown], [ok, missing], [missing, fatal])] == [0, 1, 2]
    assert summary([ok, ok, missing]) == "1 missing, 2 ok"
