"""The app, headless, on a sandbox: started, waited for, read as lines of text."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from tests.conftest import REGION, Running
from tui.app import QueuedeckApp
from tui.settings import Settings
from widgets.table import VirtualTable


@asynccontextmanager
async def running_app(
    sandbox: Running, *, size: tuple[int, int] = (120, 34), settings: Settings | None = None
) -> AsyncIterator[tuple[QueuedeckApp, Pilot[None]]]:
    """The dashboard on this sandbox, its home screen read."""
    chosen = settings or Settings(interval=1.0, rate=1000.0)
    from msgspec.structs import replace

    app = QueuedeckApp(replace(chosen, region=chosen.region or REGION, endpoint_url=sandbox.url))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.live.store.loaded or app.live.store.light().problem or app.return_code)
        yield app, pilot


async def until(pilot: Pilot[None], condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Let the app run until the condition holds. Fails with the screen as it is when it never does."""
    for _ in range(int(seconds / 0.05)):
        if condition():
            await pilot.pause()
            return
        await pilot.pause(0.05)
    raise AssertionError("it never happened; the screen is\n" + screen_text(pilot))


def screen_text(pilot: Pilot[None]) -> str:
    """What the terminal would show, line by line."""
    app = pilot.app
    if not app.is_running:
        return "(the app has ended)"
    lines = app.screen._compositor.render_strips()  # the one place where the whole screen is text
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in lines)


async def shows(pilot: Pilot[None], *wanted: str, seconds: float = 20.0) -> str:
    """Wait until the screen shows all of these; returns its text."""
    await until(pilot, lambda: all(text in screen_text(pilot) for text in wanted), seconds)
    return screen_text(pilot)


async def open_queue(app: QueuedeckApp, pilot: Pilot[None], name: str) -> VirtualTable:
    """From the home screen into a queue, its active jobs read; the table of jobs."""
    await until(pilot, lambda: name in app.live.store.queues and app.live.store.queues[name].loaded)
    home = app.screen.query_one("#queues", VirtualTable)
    home.cursor_key = name
    await pilot.press("enter")
    await until(pilot, lambda: bool(app.screen.query("#jobs")))
    return app.screen.query_one("#jobs", VirtualTable)
