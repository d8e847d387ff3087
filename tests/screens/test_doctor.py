"""The doctor's screen: by key and by palette, with all in order, with something missing, and offline."""

import pytest

from tests.conftest import MakeSandbox
from tests.screens.driving import running_app, screen_text, shows, until
from tui.screens.doctor import DoctorScreen
from tui.settings import Settings


@pytest.mark.parametrize("size", [(80, 24), (120, 34), (200, 60)])
async def test_everything_is_there(make_sandbox: MakeSandbox, size: tuple[int, int]) -> None:
    async with running_app(make_sandbox(), size=size) as (app, pilot):
        await pilot.press("D")
        text = await shows(pilot, "Terminal size", f"{size[0]} × {size[1]}", "nothing is missing")
        assert isinstance(app.screen, DoctorScreen)
        assert all(len(line) <= size[0] for line in text.splitlines())
        await pilot.press("G")
        await shows(pilot, "Administer", "✓ ok  14 of 14")
        await pilot.press("a", "G")
        await shows(pilot, "batch:CreateQuotaShare")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, DoctorScreen))


async def test_what_is_missing_stands_there_with_what_to_do(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(faults="denied=batch:SubmitServiceJob")
    async with running_app(sandbox, size=(120, 60)) as (_, pilot):
        await pilot.press(":")
        await pilot.press(*"doctor", "enter")
        text = await shows(
            pilot, "1 missing", "✗ MISSING  no policy of yours allows it", "→ Ask for batch:SubmitServiceJob."
        )
        assert text.count("MISSING") == 1
        await shows(pilot, "4 of 5")
        from tui.sandbox.faults import parse_faults

        sandbox.endpoint.faults = parse_faults("")
        await pilot.press("R")
        await shows(pilot, "nothing is missing")


async def test_expired_credentials_are_named(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox(faults="expired"), size=(100, 50)) as (_, pilot):
        await pilot.press("D")
        await shows(pilot, "✗ MISSING  Credentials expired", "First the identity has to be known.")


async def test_read_only_asks_for_what_viewing_needs(make_sandbox: MakeSandbox) -> None:
    settings = Settings(interval=1.0, rate=1000.0, read_only=True)
    sandbox = make_sandbox(faults="denied=batch:SubmitServiceJob")
    async with running_app(sandbox, size=(100, 50), settings=settings) as (_, pilot):
        await pilot.press("D")
        text = await shows(pilot, "nothing is missing")
        assert "Operate" not in text


async def test_leaving_while_it_looks_leaves_nothing_behind(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox(faults="latency=300ms")) as (app, pilot):
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, DoctorScreen))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, DoctorScreen))
        await pilot.pause(1.5)
        assert "Looking" not in screen_text(pilot)
