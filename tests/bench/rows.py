"""One line of the benchmark's table, and how a ratio is taken."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured against what; `ratio` is first to second (or a plain number, see `unit`)."""

    measured: str
    against: str
    ratio: float
    aim: float
    unit: str = "×"

    @property
    def held(self) -> bool:
        return self.ratio <= self.aim


def ratio_of(ours: Callable[[], float], theirs: Callable[[], float], runs: int) -> float:
    """The median of the ratios of paired runs, one after the other, after a warm-up of each."""
    ours()
    theirs()
    return statistics.median(ours() / theirs() for _ in range(runs))


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    lines = ["| measured | against | ratio | aim |", "|---|---|---:|---:|"]
    for row in rows:
        unit = "" if row.unit == "×" else f" {row.unit}"
        lines.append(f"| {row.measured} | {row.against} | {row.ratio:.3g}{unit} | ≤ {row.aim:g}{unit} |")
    return "\n".join(lines)
