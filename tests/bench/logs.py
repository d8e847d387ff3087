"""The log view at a million lines against a thousand, and what a line costs to hold."""

import asyncio
import time
import tracemalloc

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tests.bench.rows import Row
from tui.model.loglines import Entry, LogLines
from tui.sandbox.services.curves import noise
from widgets.loglines import LogView

MANY = 1_000_000
FEW = 1_000
PAGE = 10_000
ROUNDS = 6
KEYS = ("j", "j", "j", "pagedown", "ctrl+d", "pageup", "k", "k")


def rows() -> list[Row]:
    tracemalloc.start()
    sample = log(MANY // 10)  # tracing makes everything slow
    held = tracemalloc.get_traced_memory()[0] / len(sample)
    tracemalloc.stop()
    many = log(MANY)
    length = sum(len(text(number)) for number in range(FEW)) / FEW
    scroll = asyncio.run(_measure(log(FEW), many))
    return [
        Row("a key press in a log of 1,000,000 lines", "of 1,000 lines", scroll, 1.5),
        Row("memory to hold a line of a log", "its text alone", held / length, 0.6),
    ]


def text(number: int) -> str:
    """A line as a training loop writes it, no two alike."""
    return (
        f"{{rank 0}} INFO epoch {number // 240} step {number * 10} loss={0.4 + noise(1, number):.4f} "
        f"lr={3e-4 * noise(2, number):.3e} grad_norm={1.5 * noise(3, number):.3f} "
        f"samples/s={600 + 40 * noise(4, number):.1f}"
    )


def log(count: int) -> LogLines:
    """A log as it is read: page by page."""
    lines = LogLines(hosts=("algo-1",))
    for start in range(0, count, PAGE):
        page = range(start, min(start + PAGE, count))
        lines, _ = lines.merged([Entry(1_700_000_000_000 + n * 100, 0, text(n)) for n in page])
    return lines


class _Viewer(App[None]):
    def compose(self) -> ComposeResult:
        yield LogView()


async def _measure(few: LogLines, many: LogLines) -> float:
    """What a key press costs in many lines, against few: the median of paired runs."""
    app = _Viewer()
    async with app.run_test(size=(120, 40)) as pilot:
        view = app.query_one(LogView)
        view.stamps = "local"
        ratios: list[float] = []
        for _ in range(5):
            cost: list[float] = []
            for lines in (many, few):
                view.show(lines)
                view.go_to(len(lines) // 2)
                await _press(pilot, 1)
                cost.append(await _press(pilot, ROUNDS))
            ratios.append(cost[0] / cost[1])
        return sorted(ratios)[2]


async def _press(pilot: Pilot[None], rounds: int) -> float:
    """CPU seconds of a key press, painting included."""
    begun = time.process_time()
    for _ in range(rounds):
        await pilot.press(*KEYS)
    return (time.process_time() - begun) / (rounds * len(KEYS))
