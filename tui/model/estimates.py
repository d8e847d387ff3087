"""How long a job will hold its capacity, judged by what jobs like it took: same name, share or queue.

A run counts from SCHEDULED (its capacity is taken) until it stopped, whatever its end; a run that still lasts
counts as "at least so long" (the product-limit estimate of Kaplan and Meier). Jobs are alike if their names
differ only in trailing numbers and they are of one share; with too few of those, those of the share, then
those of the queue.
"""

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from tui.model.jobs import FINISHED, RUNNING, ServiceJob

LEAST = 5
"""Finished runs that make a basis; fewer say nothing of a 90th percentile."""

KEPT = 200
"""Of each kind only the latest runs count: what jobs took last month says little of today's."""

_NUMBERS = re.compile(r"(?:[-_](?:\d[\dT]*|[0-9a-f]{8,}))+$")

Kind = Literal["name", "share", "queue"]
_Key = tuple[Kind, str, str]


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What an estimate rests on: `runs` finished runs of jobs named `name-*`, of share `name`, or of the
    queue."""

    kind: Kind
    name: str
    runs: int

    def __str__(self) -> str:
        match self.kind:
            case "name":
                return f"{self.runs} finished runs of {self.name}-*"
            case "share":
                return f"{self.runs} finished runs of share {self.name}"
            case "queue":
                return f"{self.runs} finished runs of this queue"


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds that a run lasts, or that it still lasts: the median and the 90th percentile."""

    median_ms: int
    p90_ms: int
    basis: Basis


class Curve(msgspec.Struct, frozen=True):
    """How many runs are still under way after a time: `left[i]` of all last longer than `times[i]` ms."""

    times: tuple[int, ...]
    left: tuple[float, ...]
    basis: Basis

    def after(self, elapsed_ms: int, part: float) -> int | None:
        """Milliseconds still to go, for a run that has lasted `elapsed_ms`, by when `part` (0 to 1) of such
        runs have ended. None: it has outlasted all that ended. What nobody saw the end of counts as
        the longest known."""
        at = bisect_right(self.times, elapsed_ms)
        if at == len(self.times):
            return None
        still = self.left[at - 1] if at else 1.0
        wanted = still * (1 - part) + 1e-9  # fractions do not come out even
        # `left` falls: look for the first that is not above what is wanted.
        index = bisect_left(self.left, -wanted, lo=at, key=lambda value: -value)
        return self.times[min(index, len(self.times) - 1)] - elapsed_ms

    def estimate(self, elapsed_ms: int = 0) -> Estimate | None:
        """What is still to come of a run that has lasted so long."""
        median, p90 = self.after(elapsed_ms, 0.5), self.after(elapsed_ms, 0.9)
        if median is None or p90 is None:
            return None
        return Estimate(median_ms=median, p90_ms=p90, basis=self.basis)


class RunTimes:
    """The runs of one queue. Adding costs the same however many there are."""

    def __init__(self) -> None:
        self._ended: dict[_Key, list[tuple[int, int]]] = {}

    def add(self, jobs: Iterable[ServiceJob]) -> None:
        """Count these jobs, each once. Only those that have ended and had capacity matter."""
        for job in jobs:
            began = began_at(job)
            if job.status in FINISHED and began is not None and job.stopped_at is not None:
                for key in _keys(job):
                    ended = self._ended.setdefault(key, [])
                    insort(ended, (job.stopped_at, max(0, job.stopped_at - began)))
                    if len(ended) > KEPT:
                        del ended[0]

    def curves(self, active: Sequence[ServiceJob], now_ms: int) -> dict[str, Curve]:
        """The curve to judge each of these waiting or running jobs by; no entry without a basis."""
        lasting: dict[_Key, list[int]] = {}
        for job in active:
            if job.status in RUNNING:
                for key in _keys(job):
                    lasting.setdefault(key, []).append(elapsed_ms(job, now_ms))
        made: dict[_Key, Curve] = {}
        found: dict[str, Curve] = {}
        for job in active:
            elapsed = elapsed_ms(job, now_ms)
            for key in _keys(job):
                if len(self._ended.get(key, ())) < LEAST:
                    continue
                curve = made.get(key)
                if curve is None:
                    ended = [took for _, took in self._ended[key]]
                    curve = made[key] = _curve(ended, lasting.get(key, ()), _basis(key, len(ended)))
                if curve.after(elapsed, 0.5) is not None:
                    found[job.job_id] = curve
                    break
        return found


def began_at(job: ServiceJob) -> int | None:
    """When the run of a job took its capacity, as epoch ms."""
    return job.scheduled_at or job.started_at


def elapsed_ms(job: ServiceJob, now_ms: int) -> int:
    """How long a running job has held its capacity; 0 for one that waits."""
    began = began_at(job) if job.status in RUNNING else None
    return max(0, now_ms - began) if began is not None else 0


def stem(job_name: str) -> str:
    """The name without the numbers or hex digits that tell runs apart: `llama-sft-0412` is `llama-sft`."""
    return _NUMBERS.sub("", job_name) or job_name


def _keys(job: ServiceJob) -> tuple[_Key, ...]:
    """The groups a job belongs to, the most alike first."""
    name: _Key = ("name", stem(job.job_name), job.share)
    whole: _Key = ("queue", "", "")
    return (name, ("share", job.share, ""), whole) if job.share else (name, whole)


def _basis(key: _Key, runs: int) -> Basis:
    return Basis(kind=key[0], name=key[1], runs=runs)


def _curve(ended: Sequence[int], lasting: Sequence[int], basis: Basis) -> Curve:
    """The product-limit estimate: at each end, those that ended leave those that were still under way."""
    ends, stay = sorted(ended), sorted(lasting)
    times: list[int] = []
    left: list[float] = []
    share = 1.0
    for index, time in enumerate(ends):
        under_way = len(ends) - index + len(stay) - bisect_left(stay, time)
        share *= 1 - 1 / under_way
        if times and times[-1] == time:
            left[-1] = share
        else:
            times.append(time)
            left.append(share)
    return Curve(tuple(times), tuple(left), basis)
