"""The job table and the live picture, at 100,000 finished jobs against few."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tests.bench.rows import Row
from tests.bench.serving import serving
from tui.app import QueuedeckApp
from tui.settings import Settings
from widgets.table import Column, VirtualTable

MANY = 100_000
FEW = 100
KEYS = 150
ROUNDS = 20


def rows() -> list[Row]:
    press = asyncio.run(_key_press(MANY)) / asyncio.run(_key_press(FEW))
    fill = asyncio.run(_fill(MANY)) / asyncio.run(_fill(FEW))
    with serving("scale", speed=0.001, jobs=MANY) as many, serving("scale", speed=0.001, jobs=0) as none:
        refresh = asyncio.run(_refresh(many, MANY)) / asyncio.run(_refresh(none, 0))
    return [
        Row("a key press at 100,000 rows", "at 100 rows", press, 1.5),
        Row("filling the table with 100,000 rows", "with 100 rows", fill, 2.0),
        Row("CPU of a refresh at 100,000 finished + 200 active jobs", "at 0 + 200", refresh, 1.2),
    ]


class _Table(App[None]):
    def compose(self) -> ComposeResult:
        columns = [Column("name", "JOB", 20, weight=1), Column("number", "NO", 8, align="right")]
        yield VirtualTable(columns, lambda key: (f"job {key}", (key, "muted")))


async def _with_table(run: Callable[[Pilot[None], VirtualTable], Awaitable[float]]) -> float:
    app = _Table()
    async with app.run_test(size=(120, 40)) as pilot:
        return await run(pilot, app.query_one(VirtualTable))


async def _key_press(rows: int) -> float:
    """CPU seconds of one key press that moves the cursor; half of them scroll."""

    async def run(pilot: Pilot[None], table: VirtualTable) -> float:
        table.show([str(number) for number in range(rows)])
        await pilot.press(*["j"] * 40)
        begun = time.process_time()
        for _ in range(KEYS // 2):
            await pilot.press("k", "j")
        return (time.process_time() - begun) / KEYS

    return await _with_table(run)


async def _fill(rows: int) -> float:
    """CPU seconds from `show` until the rows are painted and nothing is left to do, the best of some."""

    async def run(pilot: Pilot[None], table: VirtualTable) -> float:
        best = float("inf")
        for number in range(15):
            keys = [f"{number}-{row}" for row in range(rows)]
            table.show([])
            await pilot.pause()
            begun = time.process_time()
            table.show(keys)
            await pilot.pause()
            best = min(best, time.process_time() - begun)
        return best

    return await _with_table(run)


async def _refresh(url: str, finished: int) -> float:
    """CPU seconds of this process for one refresh of the queue on screen, all its history read."""
    app = QueuedeckApp(Settings(endpoint_url=url, queue="scale", interval=3600.0, rate=10_000.0, clock="off"))
    async with app.run_test(size=(120, 40)) as pilot:
        store, poller = app.live.store, app.live.poller
        await _until(pilot, lambda: "scale" in store.queues and store.queues["scale"].loaded)
        picture = store.queues["scale"]
        while not picture.history_complete:
            poller.load_history("scale", pages=50)
            await pilot.pause(0.2)
        assert len(picture.jobs) == finished + 200, len(picture.jobs)
        await pilot.pause(2)
        costs: list[float] = []
        for _ in range(ROUNDS):
            calls, begun = poller.calls_made, time.process_time()
            poller.refresh_now()
            await _until(pilot, lambda: poller.calls_made >= calls + 9)  # noqa: B023
            await pilot.pause(0.3)
            costs.append(time.process_time() - begun)
        return sorted(costs)[len(costs) // 2]


async def _until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    while not condition():
        await pilot.pause(0.01)
