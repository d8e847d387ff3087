"""queuedeck as a person runs it: in a terminal, from its first frame to the shell prompt after it."""

import re
import signal
from pathlib import Path

import pytest

from tests.conftest import MakeSandbox, wait_for
from tests.terminal.pty_terminal import QUEUEDECK, Terminal

EVENT = re.compile(r"\d\d:\d\d:\d\d +(arrived|started|succeeded|failed)")


def dashboard(url: str, *options: str, size: tuple[int, int] = (80, 24)) -> Terminal:
    return Terminal([*QUEUEDECK, "--endpoint-url", url, *options], size=size)


def test_the_demo_shows_a_living_cluster_within_a_minute() -> None:
    seen: set[str] = set()

    def all_kinds(text: str) -> bool:
        seen.update(EVENT.findall(text))
        return {"arrived", "started", "succeeded", "failed"} <= seen

    with Terminal([*QUEUEDECK, "--demo", "--interval", "2"], size=(120, 50)) as terminal:
        terminal.wait_for("vision-prod")
        terminal.wait_for("● live")
        terminal.wait_for(all_kinds, timeout=75)
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert terminal.canonical


def test_from_the_queues_to_a_job_and_out_by_keys_at_80_by_24(make_sandbox: MakeSandbox) -> None:
    with dashboard(make_sandbox("demo", speed=0.001).url) as terminal:
        terminal.wait_for("vision-prod")
        terminal.wait_for("● live")
        terminal.press("j", "j", "enter")
        terminal.wait_for("research   fair · 6")
        terminal.wait_for("RUNNABLE")
        terminal.press("/", *"share:llm", "enter")
        terminal.wait_for(" match")
        terminal.press("2")
        terminal.wait_for(lambda text: "RUNNING" not in text)
        terminal.press("enter")
        terminal.wait_for("Share identifier")
        terminal.press("escape", "escape")
        terminal.wait_for("vision-prod")
        terminal.press("ctrl+c")
        assert terminal.wait_exit() == 0
        assert terminal.canonical


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_as_it_was(make_sandbox: MakeSandbox, signum: signal.Signals) -> None:
    with dashboard(make_sandbox("demo", speed=0.001).url) as terminal:
        terminal.wait_for("vision-prod")
        terminal.process.send_signal(signum)
        terminal.wait_exit()
        assert terminal.canonical
        assert b"\x1b[?1049l" in terminal.output


@pytest.mark.parametrize("signalled", [True, False])
def test_a_lost_terminal_ends_it(make_sandbox: MakeSandbox, signalled: bool) -> None:
    command = [*QUEUEDECK, "--endpoint-url", make_sandbox("demo").url, "--interval", "1"]
    with Terminal(command, controlling=signalled) as terminal:
        terminal.wait_for("vision-prod")
        terminal.hang_up()
        assert terminal.wait_exit() == 128 + signal.SIGHUP


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--profile", "nobody-has-this"], "nobody-has-this"),
        (["--region", "us-east-99"], "us-east-99"),
        (["--queue", "visoin-prod"], "vision-prod"),
        (["--filter", "colour:red"], "no field colour"),
        (["--filter", "/[/"], "not a regular expression"),
        (["--theme", "mauve"], "textual-dark"),
        (["--interval", "0"], "the shortest is 1 s"),
        (["--speed", "3"], "--demo"),
    ],
)
def test_a_wrong_option_is_one_clear_line_and_exit_code_2(
    make_sandbox: MakeSandbox, options: list[str], says: str
) -> None:
    with dashboard(make_sandbox("demo", speed=0.001).url, *options, size=(200, 24)) as terminal:
        assert terminal.wait_exit() == 2
        assert terminal.farewell.startswith("queuedeck: ")
        assert "\n" not in terminal.farewell
        assert says in terminal.farewell
        assert terminal.canonical


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ('colour = "red"', "unknown key 'colour'"),
        ("interval = ", "not valid TOML"),
        ('[keys]\n"app.hlep" = "f1"', "no action app.hlep"),
    ],
)
def test_a_wrong_config_file_is_named(tmp_path: Path, config: str, says: str) -> None:
    path = tmp_path / "my.toml"
    path.write_text(config)
    with Terminal([*QUEUEDECK], size=(400, 24), env={"QUEUEDECK_CONFIG": str(path)}) as terminal:
        assert terminal.wait_exit() == 2
        assert terminal.farewell.startswith("queuedeck: ")
        assert "\n" not in terminal.farewell
        assert says in terminal.farewell


def test_without_a_region_it_says_how_to_give_one(make_sandbox: MakeSandbox) -> None:
    with Terminal(
        [*QUEUEDECK, "--endpoint-url", make_sandbox().url],
        size=(160, 24),
        env={"AWS_REGION": "", "AWS_DEFAULT_REGION": ""},
    ) as terminal:
        assert terminal.wait_exit() == 2
        assert "--region" in terminal.farewell
        assert "\n" not in terminal.farewell


def test_the_demo_s_sandbox_ends_with_the_dashboard() -> None:
    with Terminal([*QUEUEDECK, "--demo"]) as terminal:
        terminal.wait_for("● live")
        children = Path(f"/proc/{terminal.process.pid}/task/{terminal.process.pid}/children")
        tasks = Path(f"/proc/{terminal.process.pid}/task")
        pids = {pid for task in tasks.iterdir() for pid in (task / "children").read_text().split()}
        assert children.exists()
        assert pids
        terminal.process.kill()  # it has no chance to say goodbye
        terminal.wait_exit()
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def test_hostile_text_sends_no_escape_of_its_own(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox("demo", speed=0.001)
    batch = sandbox.client("batch")
    job = batch.submit_service_job(
        jobName="victim",
        jobQueue="research",
        shareIdentifier="llm",
        serviceJobType="SAGEMAKER_TRAINING",
        serviceRequestPayload="\x1b]0;owned\x07 {}",
        tags={"note": "\x1b]52;c;ZXZpbA==\x07\u202eevil"},
    )
    batch.terminate_service_job(jobId=job["jobId"], reason="\x1b]52;c;ZXZpbA==\x07[blink]\u202eevil\x9b2J")
    with dashboard(sandbox.url, "--queue", "research", "--filter", "name:victim", size=(160, 45)) as terminal:
        terminal.wait_for("␛]52")
        terminal.press("enter")
        terminal.wait_for("Share identifier")
        terminal.press("ctrl+c")
        terminal.wait_exit()
    sent = terminal.output.decode("utf-8", "replace")
    assert "]52;c;ZXZpbA==" in sent
    for sign in ("\x1b]52", "\x1b]0;owned", "\u202e", "\x9b", "==\x07"):
        assert sign not in sent
