"""The home screen: what it shows, empty, small, wide, and when AWS does not answer."""

import pytest

from tests.conftest import MakeSandbox
from tests.screens.driving import open_queue, running_app, screen_text, shows, until
from tui.sandbox.faults import parse_faults
from tui.settings import Settings
from widgets.table import VirtualTable


@pytest.mark.parametrize("size", [(80, 24), (120, 34), (160, 45), (250, 80)])
async def test_every_queue_with_policy_state_and_counts(
    make_sandbox: MakeSandbox, size: tuple[int, int]
) -> None:
    async with running_app(make_sandbox("demo", speed=0.001), size=size) as (app, pilot):
        await until(pilot, lambda: all(q.loaded for q in app.live.store.queues.values()))
        text = await shows(pilot, "123456789012", "fair · 6", "quota · 5", "vision-prod")
        lines = {line.split()[0].strip("▸"): line for line in text.splitlines() if line.strip("▸ ")}
        figures = app.live.store.queues["research"].figures
        row = text.splitlines()[next(i for i, line in enumerate(text.splitlines()) if "research" in line)]
        assert f"{figures.used}/{figures.limit}" in row
        assert str(figures.queued) in row.split()
        assert str(figures.running) in row.split()
        assert "off" in next(line for line in text.splitlines() if "nightly " in line)
        assert all(len(line) <= size[0] for line in text.splitlines())
        assert "us-east-1" in lines["queuedeck"]
        assert "● live 1s" in lines["queuedeck"]


async def test_alerts_say_what_is_wrong_most_harmful_first(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=0.001)) as (_, pilot):
        text = await shows(pilot, "⚠ nightly: ", "⚠ finetune: ")
        assert text.index("⚠ nightly: service environment") < text.index(
            "⚠ finetune: the oldest job has waited"
        )


async def test_no_queues_is_said_with_a_next_step(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("empty")) as (_, pilot):
        await shows(pilot, "No training queues here.", "start with --region or --profile")


@pytest.mark.parametrize(("size", "small"), [((59, 24), True), ((80, 11), True), ((60, 12), False)])
async def test_a_terminal_too_small_says_so(
    make_sandbox: MakeSandbox, size: tuple[int, int], small: bool
) -> None:
    async with running_app(make_sandbox("empty"), size=size) as (_, pilot):
        await until(pilot, lambda: ("Too small" in screen_text(pilot)) is small)
        assert ("queuedeck  " in screen_text(pilot)) is not small


async def test_it_survives_being_made_small_and_large_again(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=0.001)) as (_, pilot):
        await shows(pilot, "vision-prod")
        await pilot.resize_terminal(30, 8)
        await shows(pilot, "Too small")
        await pilot.resize_terminal(120, 34)
        await shows(pilot, "vision-prod")


async def test_access_denied_names_the_action_and_the_picture_recovers_alone(
    make_sandbox: MakeSandbox,
) -> None:
    sandbox = make_sandbox("demo", speed=0.001, faults="denied=batch:DescribeJobQueues")
    async with running_app(sandbox) as (app, pilot):
        await shows(pilot, "batch:DescribeJobQueues", "✖ offline")
        sandbox.endpoint.faults = parse_faults("")
        app.live.poller.refresh_now()
        text = await shows(pilot, "vision-prod", "● live")
        assert "denied" not in text


async def test_a_part_that_fails_does_not_make_the_picture_old(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox("demo", speed=0.001)
    async with running_app(sandbox) as (app, pilot):
        await open_queue(app, pilot, "research")
        await shows(pilot, "● live")
        sandbox.endpoint.faults = parse_faults("denied=batch:GetJobQueueSnapshot")
        app.live.poller.refresh_now()
        await shows(pilot, "▲ partial", "batch:GetJobQueueSnapshot")
        sandbox.stop()
        await shows(pilot, "✖ offline")


async def test_the_last_good_picture_stays_when_the_endpoint_goes_away(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox("demo", speed=0.001)
    async with running_app(sandbox) as (_, pilot):
        await shows(pilot, "vision-prod", "● live")
        sandbox.stop()
        text = await shows(pilot, "✖ offline", "vision-prod", "fair · 6")
        assert "No training queues" not in text


async def test_hopeless_settings_end_with_code_2_and_one_line(make_sandbox: MakeSandbox) -> None:
    settings = Settings(profile="nobody-has-this-one")
    async with running_app(make_sandbox(), settings=settings) as (app, pilot):
        await until(pilot, lambda: app.return_code is not None)
    assert app.return_code == 2
    assert "nobody-has-this-one" in app.last_words
    assert "\n" not in app.last_words


async def test_pause_and_interval(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=0.001)) as (app, pilot):
        await shows(pilot, "● live 1s")
        await pilot.press("+")
        await shows(pilot, "● live 2s")
        await pilot.press("P")
        await shows(pilot, "‖ paused")
        calls = app.live.poller.calls_made
        await pilot.pause(0.5)
        settled = app.live.poller.calls_made
        await pilot.pause(2.5)
        assert app.live.poller.calls_made == settled >= calls
        await pilot.press("P", "-")
        await shows(pilot, "● live 1s")


async def test_help_lists_the_keys_and_the_palette_opens_a_queue(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=0.001)) as (app, pilot):
        await shows(pilot, "vision-prod")
        await pilot.press("?")
        await shows(pilot, "refresh now", "longer interval")
        await pilot.press("G")
        await shows(pilot, "the last good picture is old", "half a page down")
        await pilot.press("escape", ":")
        await pilot.press(*"research")
        await shows(pilot, "Open queue research")
        await pilot.press("enter")
        await until(pilot, lambda: bool(app.screen.query("#jobs")))


async def test_keys_can_be_rebound(make_sandbox: MakeSandbox) -> None:
    settings = Settings(keys={"app.help": "f1", "table.down": "n"}, interval=1.0, rate=1000.0)
    async with running_app(make_sandbox("demo", speed=0.001), settings=settings) as (app, pilot):
        await shows(pilot, "vision-prod")
        table = app.screen.query_one("#queues", VirtualTable)
        first = table.cursor_key
        await pilot.press("n")
        assert table.cursor_key != first
        await pilot.press("f1")
        await shows(pilot, "longer interval")


async def test_an_empty_account_is_not_called_stale_between_its_listings(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("empty")) as (app, pilot):
        await shows(pilot, "No training queues here.", "● live 15s")
        assert app.live.poller.interval == 1.0
