"""The log of a training job, kept up: every host's stream, interleaved by time, each line once.

The newest page of each stream is read first, so the end of a long log shows at once; older pages follow
while newer lines keep arriving. What is held is bounded: `LIMIT` bytes, the oldest lines go first.

Nothing is lost or doubled: a page is asked for again with the same token until it came, a token that has
expired is replaced by the time of the last line and the lines of that time that are already here, and
streams that come up later (a restart on new hosts) are found at the next poll.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable

import msgspec

from tui.aws import training
from tui.aws.problems import Problem
from tui.aws.session import Aws
from tui.aws.training import LogEvent, LogPage, LogStream
from tui.live.backoff import Backoff
from tui.live.budget import Budget
from tui.live.calls import Calls, Rank
from tui.live.engine import Deliver, Engine
from tui.live.store import Store
from tui.model.loglines import Entry, LogLines, Splice, entries_of
from tui.model.metrics import Reading, Scraper, Series
from tui.model.training import MetricDefinition

LIMIT = 96 * 1024 * 1024
"""Bytes of compressed lines held for one log: about two million ordinary lines."""

INTERVAL = 2.0
"""Seconds between two polls of a stream."""

SETTLE = 30.0
"""Seconds for which an ended job's log is still watched: CloudWatch takes lines in late."""

RATE = 10.0
"""Calls a second. CloudWatch Logs allows 25 to an account and region (GetLogEvents)."""

PAUSE = 0.5
"""Seconds between two looks whether a pause is over."""

BACKWARD_AT_ONCE = 3

_EXPIRED = "InvalidParameterException"


class TailStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far the reading is. `ended`: all is read, and nothing more will come.

    `reading_back`: older lines are still being read. `truncated`: older lines were left out, or let go.
    """

    streams: int = 0
    listed: bool = False
    reading_back: bool = False
    truncated: bool = False
    ended: bool = False
    problem: Problem | None = None


class _Stream:
    """Where the reading of one stream is, at both ends."""

    def __init__(self, name: str, source: int, host: str, from_head: bool) -> None:
        self.name = name
        self.source = source
        self.host = host
        self.from_head = from_head
        self.forward = ""
        self.backward = ""
        self.begun = False
        self.reading = self.reading_back = False
        self.back_done = from_head
        self.due = 0.0
        self.quiet_since: float | None = None
        self.newest = _Edge()
        self.oldest = _Edge()
        self.resume_forward = self.resume_back = False


class _Edge:
    """The time of the outermost line read, and the messages of that time: they may come once more."""

    def __init__(self) -> None:
        self.time: int | None = None
        self.messages: Counter[str] = Counter()

    def take(self, events: Iterable[LogEvent]) -> None:
        """Events from the inside outwards."""
        for event in events:
            if event.time != self.time:
                self.time, self.messages = event.time, Counter()
            self.messages[event.message] += 1

    def unseen(self, events: Iterable[LogEvent]) -> list[LogEvent]:
        """Those that were not taken already, when reading starts again at this time."""
        left, fresh = self.messages.copy(), list[LogEvent]()
        for event in events:
            if event.time == self.time and left[event.message] > 0:
                left[event.message] -= 1
            else:
                fresh.append(event)
        return fresh


class LogTail:
    """Follows the log of one training job. Everything public is for the UI thread.

    `lines`, `series` and `status` are as of the last step told to `on_step(splices)`.
    """

    def __init__(
        self,
        aws: Callable[[], Aws | None],
        deliver: Deliver,
        training_job: str,
        *,
        definitions: Iterable[MetricDefinition] = (),
        interval: float = INTERVAL,
        settle: float = SETTLE,
        limit: int = LIMIT,
        rate: float = RATE,
        paused: Callable[[], bool] = lambda: False,
    ) -> None:
        self.training_job = training_job
        self.lines = LogLines()
        self.series: dict[tuple[str, str], Series] = {}
        self.status = TailStatus()
        self.on_step: Callable[[tuple[Splice, ...]], None] = lambda splices: None
        self.scraper = Scraper(definitions)
        self._interval, self._settle, self._limit = interval, settle, limit
        self._aws = aws
        self._paused = paused
        self._engine = Engine(Store(), deliver, Calls(Budget(rate, 2 * rate), threads=4), self._turn)
        self._running = False
        # From here on: the engine's thread only.
        self._lines = LogLines()
        self._streams: dict[str, _Stream] = {}
        self._problems: dict[str, Problem] = {}
        self._list_backoff = Backoff()
        self._read_backoff = Backoff()
        self._listing = False
        self._listed_at: float | None = None
        self._list_due = 0.0
        self._over_at: float | None = None
        self._ended = self._full = False
        self._told = TailStatus()

    def start(self) -> None:
        if not self._running:
            self._running = True
            self._engine.start()

    def stop(self) -> None:
        """Read no more. Returns at once."""
        self._engine.stop()

    def finish(self, ago: float = 0.0) -> None:
        """The job is over, since `ago` seconds: read to the end, wait for late lines, then be quiet."""
        self._engine.post(lambda: self._finish(ago))

    def retry_now(self) -> None:
        """Do not wait any longer after a failure, and poll now."""
        self._engine.post(self._retry)

    # ---- the engine's thread

    def _finish(self, ago: float) -> None:
        if self._over_at is None:
            self._over_at = time.monotonic()
            self._settle = max(0.0, self._settle - ago)

    def _retry(self) -> None:
        self._list_backoff.clear()
        self._read_backoff.clear()
        self._list_due = 0.0
        for stream in self._streams.values():
            stream.due = 0.0

    def _turn(self) -> float | None:
        """Ask for what is due; returns the seconds until there is more."""
        if self._ended:
            return None
        if self._paused():
            return PAUSE
        if self._engine.aws is None:
            self._engine.aws = self._aws()
            if self._engine.aws is None:
                return 0.2
        now = time.monotonic()
        if now >= self._list_due and not self._listing and not self._list_backoff.waiting:
            self._list()
        if not self._read_backoff.waiting:
            for stream in self._streams.values():
                if now >= stream.due and not stream.reading:
                    self._read(stream)
            self._read_older()
        self._look_if_ended(now)
        self._tell(())
        return self._next_turn(now)

    def _next_turn(self, now: float) -> float | None:
        if self._ended:
            return None
        times = [self._list_backoff.retry_at or self._list_due] if not self._listing else []
        after = self._read_backoff.retry_at or 0.0
        times += [max(after, stream.due) for stream in self._streams.values() if not stream.reading]
        return max(0.01, min(times) - now) if times else None

    def _list(self) -> None:
        self._listing = True

        def good(found: tuple[LogStream, ...]) -> None:
            first = self._listed_at is None
            self._listing = False
            self._listed_at = time.monotonic()
            self._list_due = self._listed_at + self._interval
            self._succeeded("streams", self._list_backoff)
            for stream in sorted(found, key=_stream_order):
                if stream.name not in self._streams:
                    source = len(self._streams)
                    self._streams[stream.name] = _Stream(stream.name, source, stream.host, not first)
            hosts = tuple(stream.host for stream in self._streams.values())
            self._lines = self._lines.with_hosts(hosts)

        def bad(problem: Problem) -> None:
            self._listing = False
            self._failed("streams", self._list_backoff, problem)

        self._engine.ask(Rank.WATCHED, lambda aws: training.log_streams(aws, self.training_job), good, bad)

    def _read(self, stream: _Stream) -> None:
        """The next page of a stream, or its first."""
        stream.reading = True
        token = stream.forward if stream.begun and not stream.resume_forward else None
        from_head = stream.from_head or stream.resume_forward
        start = stream.newest.time if stream.resume_forward else None

        def good(page: LogPage) -> None:
            stream.reading = False
            self._succeeded("events", self._read_backoff)
            events = stream.newest.unseen(page.events) if stream.resume_forward else list(page.events)
            if not stream.begun:
                stream.begun = True
                stream.backward = page.backward
                stream.oldest.take(reversed(events))
            at_end = not page.forward or page.forward == token
            stream.resume_forward = False
            stream.forward = page.forward
            stream.newest.take(events)
            now = time.monotonic()
            # An empty page is not the end: the end is the same token again.
            stream.due = now + self._interval if at_end else now
            if events or not at_end:
                stream.quiet_since = None
            elif stream.quiet_since is None:
                stream.quiet_since = now
            self._add(stream, events, older=False)

        def bad(problem: Problem) -> None:
            stream.reading = False
            if problem.code == _EXPIRED and token is not None:
                stream.resume_forward = stream.newest.time is not None
                stream.begun = stream.begun and stream.resume_forward
            elif problem.code == "NotFound":
                stream.due, stream.back_done = float("inf"), True
                stream.quiet_since = 0.0
            else:
                self._failed("events", self._read_backoff, problem)

        self._engine.ask(
            Rank.WATCHED,
            lambda aws: training.log_events(aws, stream.name, token=token, from_head=from_head, start=start),
            good,
            bad,
        )

    def _read_older(self) -> None:
        """Pages further back, of the streams that reach back least: so the hosts stay side by side."""
        if self._lines.dropped or self._lines.size > self._limit * 0.9:
            self._full = True
            return
        waiting = [
            stream
            for stream in self._streams.values()
            if stream.begun and not stream.back_done and not stream.reading_back
        ]
        busy = sum(stream.reading_back for stream in self._streams.values())
        waiting.sort(key=lambda stream: -(stream.oldest.time or 0))
        for stream in waiting[: max(0, BACKWARD_AT_ONCE - busy)]:
            self._read_back(stream)

    def _read_back(self, stream: _Stream) -> None:
        stream.reading_back = True
        token = None if stream.resume_back else stream.backward
        end = (stream.oldest.time or 0) + 1 if stream.resume_back else None

        def good(page: LogPage) -> None:
            stream.reading_back = False
            self._succeeded("events", self._read_backoff)
            events = list(page.events)
            if stream.resume_back:
                events = stream.oldest.unseen(reversed(events))[::-1]
            stream.resume_back = False
            stream.back_done = not page.backward or page.backward == token
            stream.backward = page.backward
            stream.oldest.take(reversed(events))
            self._add(stream, events, older=True)

        def bad(problem: Problem) -> None:
            stream.reading_back = False
            if problem.code == _EXPIRED and token is not None:
                stream.resume_back = stream.oldest.time is not None
                stream.back_done = not stream.resume_back
            elif problem.code == "NotFound":
                stream.back_done = True
            else:
                self._failed("events", self._read_backoff, problem)

        self._engine.ask(
            Rank.WATCHED,
            lambda aws: training.log_events(aws, stream.name, token=token, end=end),
            good,
            bad,
        )

    def _add(self, stream: _Stream, events: list[LogEvent], *, older: bool) -> None:
        entries: list[Entry] = []
        for event in events:
            entries += entries_of(event.time, stream.source, event.message)
        if not entries:
            return
        read = self.scraper.read
        readings = (
            [reading for entry in entries for reading in read(entry.time, stream.host, entry.text)]
            if self.scraper.names
            else []
        )
        self._lines, splice = self._lines.merged(entries, older=older, limit=self._limit)
        self._tell((splice,), readings)

    def _succeeded(self, part: str, backoff: Backoff) -> None:
        self._problems.pop(part, None)
        backoff.clear()

    def _failed(self, part: str, backoff: Backoff, problem: Problem) -> None:
        self._problems[part] = problem
        backoff.failed(problem, self._interval)

    def _look_if_ended(self, now: float) -> None:
        """The job is over, every stream was read from end to end, and late lines have had their time."""
        if self._over_at is None or self._listed_at is None or self._listing or self._problems:
            return
        if now - self._over_at < self._settle or self._listed_at < self._over_at:
            return
        if all(
            (stream.back_done or self._full)
            and not stream.reading
            and not stream.reading_back
            and stream.quiet_since is not None
            for stream in self._streams.values()
        ):
            self._ended = True

    def _tell(self, splices: tuple[Splice, ...], readings: Iterable[Reading] = ()) -> None:
        lines = self._lines
        full = self._full or bool(lines.dropped)
        status = TailStatus(
            streams=len(self._streams),
            listed=self._listed_at is not None,
            reading_back=not full and any(not stream.back_done for stream in self._streams.values()),
            truncated=full,
            ended=self._ended,
            problem=next(iter(self._problems.values()), None),
        )
        if not splices and status == self._told:
            return
        self._told = status

        def take(_: Store) -> None:
            self.lines, self.status = lines, status
            for metric, host, at, value in readings:
                self.series.setdefault((metric, host), Series()).add(at, value)
            self.on_step(splices)

        self._engine.tell(take)


def _stream_order(stream: LogStream) -> tuple[int, str, str]:
    """Hosts by number, the streams of one host by age."""
    number = stream.host.rpartition("-")[2]
    return (int(number) if number.isdecimal() else 0, stream.host, stream.name)
