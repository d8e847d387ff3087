"""What CloudWatch measured on the hosts of one training job, read once, and again while it runs."""

from collections.abc import Callable, Sequence

from tui.aws import training
from tui.aws.problems import Problem
from tui.aws.session import Aws
from tui.aws.training import MetricPoints
from tui.live.store import our_now_ms

MOST_HOSTS = 20
"""Hosts that are asked for: CloudWatch bills by the metric, and a plot has no room for more."""

EVERY_MS = 30_000
"""CloudWatch has a value a minute."""

SETTLE_MS = 180_000
"""For so long after the end, values may still come in."""

_MOST_POINTS = 1_440
_BEFORE_MS = 60_000
_OVERLAP_MS = 180_000

Found = tuple[MetricPoints, ...]


class HostMetrics:
    """`points[metric][host]` are (epoch ms, per cent), oldest first. UI thread only."""

    def __init__(
        self,
        act: Callable[[Callable[[Aws], Found], Callable[[Found | Problem], None]], None],
        changed: Callable[[], None],
        training_job: str,
        hosts: int,
        started_at: int,
    ) -> None:
        self.points: dict[str, dict[str, list[tuple[int, float]]]] = {}
        self.problem: Problem | None = None
        self.loaded = False
        self.hosts = tuple(f"{training_job}/algo-{number}" for number in range(1, min(hosts, MOST_HOSTS) + 1))
        self.left_out = max(0, hosts - MOST_HOSTS)
        self._act = act
        self._changed = changed
        self._started_at = started_at
        self._seen: dict[tuple[str, str], dict[int, float]] = {}
        self._asking = False
        self._asked_at = 0
        self._read_to = 0
        self._done = False

    def tick(self, now_ms: int, ended_at: int | None, every_ms: int = EVERY_MS) -> None:
        """Ask if it is time. `now_ms` is AWS's time; `ended_at` None while the job runs."""
        ours = our_now_ms()
        if self._asking or self._done or ours - self._asked_at < every_ms:
            return
        self._asking, self._asked_at = True, ours
        start = max(self._started_at - _BEFORE_MS, self._read_to - _OVERLAP_MS)
        end = now_ms if ended_at is None else min(now_ms, ended_at + _BEFORE_MS)
        last = ended_at is not None and now_ms - ended_at > SETTLE_MS
        length = max(end, start + 60_000) - self._started_at
        period = 60 * max(1, -(-length // (_MOST_POINTS * 60_000)))

        def done(result: Found | Problem) -> None:
            self._asking = False
            if isinstance(result, Problem):
                self.problem = result
            else:
                self.problem, self.loaded, self._done = None, True, last
                self._read_to = end
                self._merge(result)
            self._changed()

        hosts: Sequence[str] = self.hosts
        self._act(lambda aws: training.metric_data(aws, hosts, start, max(end, start + 60_000), period), done)

    def retry_now(self) -> None:
        self._asked_at = 0

    def _merge(self, found: Found) -> None:
        for each in found:
            seen = self._seen.setdefault((each.metric, each.host), {})
            seen.update(each.points)
            host = each.host.rpartition("/")[2]
            self.points.setdefault(each.metric, {})[host] = sorted(seen.items())
