"""`make screenshots`: redraws screenshots/ from the running app, on the simulated cluster."""

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

from tests import job_story
from tests.bench.serving import ENVIRONMENT, serving
from tui.app import QueuedeckApp
from tui.screens.job.screen import JobScreen, Tab
from tui.settings import Settings
from widgets.table import VirtualTable

FOLDER = Path(__file__).parents[1] / "screenshots"
Steps = Callable[[QueuedeckApp, Pilot[None]], Awaitable[None]]
SHOTS: dict[str, tuple[tuple[int, int], str, Steps]] = {}
"""Name of the picture → size of the terminal, theme, and what is done before it is taken."""


def shot(
    name: str, size: tuple[int, int] = (120, 34), theme: str = "textual-dark"
) -> Callable[[Steps], Steps]:
    def keep(steps: Steps) -> Steps:
        SHOTS[name] = (size, theme, steps)
        return steps

    return keep


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    for _ in range(1800):
        if condition():
            await pilot.pause(0.5)
            return
        await pilot.pause(0.05)
    raise TimeoutError("a picture could not be taken: what it waits for did not come")


async def open_queue(app: QueuedeckApp, pilot: Pilot[None], name: str) -> VirtualTable:
    home = app.screen.query_one("#queues", VirtualTable)
    home.cursor_key = name
    await pilot.press("enter")
    await until(pilot, lambda: app.screen.query("#jobs"))
    table = app.screen.query_one("#jobs", VirtualTable)
    picture = app.live.store.queues[name]
    await until(pilot, lambda: table.keys and set(table.visible_keys) <= set(picture.details))
    await until(pilot, lambda: app.live.starts.of(name))
    return table


@shot("queues")
async def queues(app: QueuedeckApp, pilot: Pilot[None]) -> None:
    await until(pilot, lambda: len(app.live.journal.events) > 7)


@shot("queues-80x24", size=(80, 24))
async def queues_small(app: QueuedeckApp, pilot: Pilot[None]) -> None:
    await until(pilot, lambda: len(app.live.journal.events) > 3)


@shot("queue-fair-share", size=(140, 40))
async def fair(app: QueuedeckApp, pilot: Pilot[None]) -> None:
    await open_queue(app, pilot, "research")


@shot("queue-quota-shares", size=(140, 40))
async def quota(app: QueuedeckApp, pilot: Pilot[None]) -> None:
    await open_queue(app, pilot, "vision-prod")


@shot("queue-light", theme="textual-light")
async def light(app: QueuedeckApp, pilot: Pilot[None]) -> None:
    await open_queue(app, pilot, "vision-prod")
    await pilot.press("/", *"!status:succeeded", "enter")
    await pilot.pause(1)


@shot("help")
async def help_keys(app: QueuedeckApp, pilot: Pilot[None]) -> None:
    await open_queue(app, pilot, "research")
    await pilot.press("?")


def job_shot(tab: Tab, *keys: str, wanted: str, size: tuple[int, int] = (120, 34)) -> None:
    """A picture of a tab of the job screen, about a job with a past."""

    async def steps(app: QueuedeckApp, pilot: Pilot[None]) -> None:
        jobs = app.live.store.queues[job_story.QUEUE].jobs
        await until(pilot, lambda: any(job.job_name == job_story.NAME for job in jobs.values()))
        job_id = next(job.job_id for job in jobs.values() if job.job_name == job_story.NAME)
        app.push_screen(JobScreen(app.live, job_story.QUEUE, job_id, tab))
        await until(pilot, lambda: wanted in app.export_screenshot().replace("&#160;", " "))
        for key in keys:
            await pilot.press(*key.split(" "))
            await pilot.pause(0.5)

    SHOTS[f"job-{tab}"] = (size, "textual-dark", steps)


job_shot("overview", wanted="instance-hours")
job_shot("timeline", wanted="Stopped", size=(120, 44))
job_shot("attempts", wanted="Downloading")
job_shot("logs", "/ c u d a enter", wanted="ended")
job_shot("metrics", *["left"] * 12, wanted="MemoryUtilization", size=(120, 36))
job_shot("request", "d", "enter", wanted="TrainingImage")
job_shot("model", "j", wanted="Console: Batch")


async def take(name: str, url: str) -> None:
    size, theme, steps = SHOTS[name]
    app = QueuedeckApp(Settings(endpoint_url=url, theme=theme, interval=1, rate=100))
    async with app.run_test(size=size) as pilot:
        store = app.live.store
        await until(
            pilot,
            lambda: store.identity and store.queues and all(q.loaded for q in store.queues.values()),
        )
        await steps(app, pilot)
        await pilot.pause(0.5)
        svg = app.export_screenshot(title="queuedeck")
    # The reader's own monospace font in place of one fetched from a network.
    svg = re.sub(r"@font-face\s*{.*?}", "", svg, flags=re.DOTALL)
    svg = svg.replace("font-family: Fira Code", "font-family: ui-monospace, monospace")
    svg = re.sub(r"[ \t]+\n", "\n", svg)
    (FOLDER / f"{name}.svg").write_text(svg, "utf-8")


def main(names: list[str]) -> int:
    os.environ.update(ENVIRONMENT)
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_STATE_HOME"] = home
        for name in names or SHOTS:
            with job_story.told() if name.startswith("job-") else serving("demo", speed=40) as url:
                asyncio.run(take(name, url))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
