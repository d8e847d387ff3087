"""What holds on every screen: ticks, keys that do something, help, palette, problems in words."""

import ast
from pathlib import Path

import pytest

import tui
import widgets
from tests.conftest import MakeSandbox, Running
from tests.screens.clusters import environment, queue, submit
from tests.screens.driving import open_queue, running_app, screen_text, shows, until
from tui.app import QueuedeckApp
from tui.model.jobs import ServiceJob
from tui.sandbox.faults import parse_faults
from tui.screens.events import EventsScreen
from tui.screens.help import HelpScreen
from tui.screens.job_facts import reason_line
from tui.screens.job_table import starts_cell
from tui.screens.keymap import classes
from tui.screens.policies.screen import PoliciesScreen
from tui.screens.queue import QueueScreen
from tui.screens.queues import QueuesScreen
from tui.screens.resources.screen import ResourcesScreen
from tui.settings import Settings
from widgets.hints import KeyHints

HANDLERS_OF_ONE_CLASS = {"on_event"}
"""Methods of Textual that are called once, for all classes."""


@pytest.mark.parametrize("package", [tui, widgets])
def test_no_handler_calls_that_of_its_base(package: object) -> None:
    """Textual calls the handler of each class: with super() the base's would run twice."""
    twice: list[str] = []
    for path in Path(package.__path__[0]).rglob("*.py"):  # pyright: ignore
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("on_"):
                called = f"super().{node.name}("
                if node.name not in HANDLERS_OF_ONE_CLASS and called in ast.unparse(node):
                    twice.append(f"{path.name}: {called})")
    assert not twice


def test_every_key_has_its_action() -> None:
    missing: list[str] = []
    for cls in classes():
        for binding in vars(cls).get("BINDINGS", ()):
            where, _, action = binding.action.partition("(")[0].rpartition(".")
            if not hasattr(QueuedeckApp if where == "app" else cls, f"action_{action}"):
                missing.append(f"{cls.__name__}: {binding.key} {binding.action}")
    assert not missing


@pytest.mark.parametrize(
    ("term", "chosen", "theme"),
    [
        ("xterm", "textual-dark", "ansi-dark"),
        ("linux", "textual-dark", "ansi-dark"),
        ("xterm", "textual-light", "textual-light"),
        ("xterm-256color", "textual-dark", "textual-dark"),
    ],
)
def test_a_terminal_of_sixteen_colours_has_a_theme_of_those(
    monkeypatch: pytest.MonkeyPatch, term: str, chosen: str, theme: str
) -> None:
    monkeypatch.setenv("TERM", term)
    for name in ("COLORTERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    assert QueuedeckApp(Settings(theme=chosen)).fitting_theme == theme


class Ticking(EventsScreen):
    """Counts its seconds."""

    ticks = 0

    def tick(self) -> None:
        self.ticks += 1


async def test_only_the_screen_on_top_ticks(sandbox: Running) -> None:
    async with running_app(sandbox) as (app, pilot):
        below, above = Ticking(app.live), Ticking(app.live)
        app.push_screen(below)
        await until(pilot, lambda: below.ticks)
        app.push_screen(above)
        await until(pilot, lambda: app.screen is above)
        ticks = below.ticks
        await until(pilot, lambda: above.ticks > 1)
        assert below.ticks == ticks
        app.pop_screen()
        await until(pilot, lambda: below.ticks > ticks)


async def test_keys_that_would_do_nothing_are_not_offered(sandbox: Running) -> None:
    async with running_app(sandbox, size=(200, 24)) as (app, pilot):
        await shows(pilot, "No training queues here.")
        home = app.screen.query_one(KeyHints)
        await until(pilot, lambda: "resources" in home.text)
        assert "open" not in home.text
        assert "submit" not in home.text
        environment(sandbox, "gpus", 4)
        queue(sandbox, "fifo", "gpus")
        app.live.poller.refresh_now()
        await until(pilot, lambda: "enter open" in home.text and "s submit" in home.text)
        await open_queue(app, pilot, "fifo")
        await shows(pilot, "No jobs in this queue.")
        hints = app.screen.query_one(KeyHints)
        await until(pilot, lambda: "submit" in hints.text)
        assert not {"open", "mark", "cancel", "priority", "why", "clone", "logs"} & set(hints.text.split())
        submit(sandbox, "fifo", "first")
        await until(pilot, lambda: {"cancel", "why", "clone", "logs"} <= set(hints.text.split()))


async def test_q_and_escape_go_back_and_q_quits_at_home(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=0.001)) as (app, pilot):
        await until(pilot, lambda: app.live.store.queues["research"].loaded)
        live = app.live
        for key in ("q", "escape"):
            for screen in (
                QueueScreen(live, "research"),
                PoliciesScreen(live, "research"),
                ResourcesScreen(live),
                EventsScreen(live),
            ):
                await app.push_screen(screen)
                await pilot.press(key)
                await until(pilot, lambda: isinstance(app.screen, QueuesScreen))
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)


async def test_a_queue_that_goes_while_a_dialog_lies_over_it(sandbox: Running) -> None:
    environment(sandbox, "gpus", 4)
    queue(sandbox, "stays", "gpus")
    queue(sandbox, "goes", "gpus")
    batch = sandbox.client("batch")
    async with running_app(sandbox) as (app, pilot):
        await shows(pilot, "stays", "goes")
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        batch.update_job_queue(jobQueue="goes", state="DISABLED")
        sandbox.skip(5)
        batch.delete_job_queue(jobQueue="goes")
        sandbox.skip(5)
        app.live.poller.refresh_now()
        await until(pilot, lambda: "goes" not in app.live.store.queues)
        await pilot.resize_terminal(100, 30)
        await pilot.press("escape")
        await until(pilot, lambda: "goes" not in screen_text(pilot))
        await app.push_screen(PoliciesScreen(app.live, "goes"))
        await shows(pilot, "There is no training queue named goes here")


async def test_help_is_about_the_screen_and_its_dialogs(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=0.001), size=(120, 60)) as (app, pilot):
        await shows(pilot, "vision-prod")
        await pilot.press("question_mark")
        text = await shows(pilot, "to the events and back", "● live")
        assert "a regular expression" not in text, "nothing is filtered here"
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, QueuesScreen))
        table = await open_queue(app, pilot, "research")
        await until(pilot, lambda: table.keys)
        await pilot.press("question_mark")
        await shows(pilot, "a regular expression", "stop and requeue", "STATUS!")
        await pilot.press("escape", "2")
        await until(pilot, lambda: table.keys)
        await pilot.press("x")
        await shows(pilot, "Yes, cancel it")
        await pilot.press("question_mark")
        text = await shows(pilot, "Help", "edit the reason")
        assert "stop and requeue" not in text
        await pilot.press("escape")
        await shows(pilot, "Yes, cancel it")


async def test_the_palette_has_what_the_keys_do(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=0.001)) as (app, pilot):
        table = await open_queue(app, pilot, "research")
        await pilot.press("2")
        await until(pilot, lambda: table.keys)
        await pilot.press(":", *"cancel")
        await shows(pilot, "key x")
        await pilot.press("enter")
        await shows(pilot, "Yes, cancel it")
        await pilot.press(":", *"reason")
        await shows(pilot, "Edit the reason")
        assert "Open queue" not in screen_text(pilot)


async def test_what_is_wrong_at_the_start_is_said_with_what_to_do(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox("demo", speed=0.001, faults="denied=batch:*")
    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        # AWS's sentence is long: what to do comes before it, and is in sight.
        text = await shows(pilot, "✖ Not allowed: batch:DescribeJobQueues. Ask for the IAM permission")
        await until(pilot, lambda: "Asking AWS" not in screen_text(pilot))
        sandbox.endpoint.faults = parse_faults("")
        app.live.poller.refresh_now()
        text = await shows(pilot, "vision-prod")
        assert "Not allowed" not in text


async def test_a_job_that_may_not_be_described_still_tells_what_the_listing_has(
    make_sandbox: MakeSandbox,
) -> None:
    sandbox = make_sandbox("demo", speed=0.001, faults="denied=batch:DescribeServiceJob")
    async with running_app(sandbox) as (app, pilot):
        table = await open_queue(app, pilot, "research")
        await pilot.press("2")
        await until(pilot, lambda: table.keys)
        job = app.live.store.queues["research"].jobs[table.keys[0]]
        await pilot.press("enter")
        text = await shows(pilot, job.job_name, "Not allowed: batch:DescribeServiceJob", job.job_id)
        assert job.status in text
        await pilot.press("3")
        await shows(pilot, "Asking AWS for the attempts")
        await pilot.press("x")
        await shows(pilot, f"Cancel {job.job_name}")


async def test_nothing_is_cancelled_of_what_has_ended(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=0.001)) as (app, pilot):
        table = await open_queue(app, pilot, "research")
        await pilot.press("4")
        await until(pilot, lambda: table.keys)
        await pilot.press("x")
        await until(pilot, lambda: "Nothing to do: the job is no longer active." in told(app))
        await pilot.press("space", "space", "X")
        await until(pilot, lambda: "Nothing to do: the jobs are not running." in told(app))
        assert isinstance(app.screen, QueueScreen)


def told(app: QueuedeckApp) -> set[str]:
    """The toasts."""
    return {each.message for each in app._notifications}


def test_a_reason_in_a_cell_begins_with_what_differs() -> None:
    assert reason_line("Received status from SageMaker: AlgorithmError: exit\n1") == "AlgorithmError: exit 1"
    assert reason_line("Preempted to free capacity") == "Preempted to free capacity"


def test_a_start_nobody_has_guessed_yet_is_not_one_that_nobody_can_tell() -> None:
    waiting, over = ServiceJob(status="RUNNABLE"), ServiceJob(status="FAILED")
    assert starts_cell(waiting, None, 0, guessed=False, utc=True) == ("…", "muted")
    assert starts_cell(waiting, None, 0, guessed=True, utc=True) == ("?", "muted")
    assert starts_cell(over, None, 0, guessed=False, utc=True) == ("-", "muted")
