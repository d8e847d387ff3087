"""Following a training job's log: against what the sandbox wrote, line by line."""

import queue
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import MakeSandbox, Running
from tests.wire.live import environment
from tests.wire.training import request
from tui.aws.session import Aws, Connection
from tui.live.logs import LogTail
from tui.model.loglines import LogLines, Splice
from tui.model.text import clean
from tui.model.training import MetricDefinition
from tui.sandbox.faults import parse_faults
from tui.sandbox.services.journal import logs_of


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch)


def written(sandbox: Running, name: str) -> list[tuple[int, str, str]]:
    """Every line the sandbox has written: time, host, text; in order."""
    with sandbox.world.lock:
        job = sandbox.world.training_job(name)
        assert job is not None
        lines = [
            (log.time(index), log.host, index, text)
            for log in logs_of(job, sandbox.world.now())
            for index in range(log.count)
            for text in clean(log.text(index)).rstrip("\n").split("\n")
        ]
    lines.sort(key=lambda line: line[:3])
    return [(at, f"algo-{host}", text) for at, host, _, text in lines]


def held(lines: LogLines) -> list[tuple[int, str, str]]:
    return [(line.time, line.host, line.text) for line in lines]


class Tail(LogTail):
    """A tail whose UI thread is the test's. `followed` is what a view that follows the splices would hold."""

    def __init__(self, sandbox: Running, name: str, **options: Any) -> None:
        self.sandbox = sandbox
        self.aws = Aws(Connection(endpoint_url=sandbox.url))
        self.posts: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        quick: dict[str, Any] = {"interval": 0.05, "settle": 0.2}
        super().__init__(lambda: self.aws, self.posts.put, name, **(quick | options))
        self.followed: list[str] = []
        self.on_step = self.follow

    def follow(self, splices: tuple[Splice, ...]) -> None:
        for at, removed, inserted in splices:
            fresh = [self.lines.line(index).text for index in range(at, at + inserted)]
            self.followed[at : at + removed] = fresh

    def until(self, condition: Callable[[], object], timeout: float = 30.0) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, f"{self.status}, {len(self.lines)} lines"
            try:
                self.posts.get(timeout=0.02)()
            except queue.Empty:
                continue

    def caught_up(self) -> bool:
        return held(self.lines) == written(self.sandbox, self.training_job)


@pytest.fixture
def tails() -> Iterator[Callable[..., Tail]]:
    made: list[Tail] = []

    def make(sandbox: Running, name: str, **options: Any) -> Tail:
        made.append(Tail(sandbox, name, **options))
        made[-1].start()
        return made[-1]

    yield make
    for tail in made:
        tail.stop()


@pytest.fixture
def still(make_sandbox: MakeSandbox) -> Running:
    """A sandbox whose clock only moves when told."""
    return make_sandbox(speed=0)


def train(sandbox: Running, name: str = "train", count: int = 1, skip: float = 120, **wishes: str) -> str:
    body = request(name, count=count, **wishes)
    sandbox.client("sagemaker").create_training_job(**body)
    sandbox.skip(skip)
    return name


def test_all_hosts_interleaved_in_order_and_once(still: Running, tails: Callable[..., Tail]) -> None:
    name = train(still, count=3, skip=900, SANDBOX_SECONDS="600", SANDBOX_LOG_LINES="1500")
    tail = tails(still, name)
    tail.finish()
    tail.until(lambda: tail.status.ended)
    assert held(tail.lines) == written(still, name)
    assert len(tail.lines) == 4_500
    assert tail.followed == [line.text for line in tail.lines]


def test_a_long_log_shows_its_end_first_and_then_the_rest(still: Running, tails: Callable[..., Tail]) -> None:
    name = train(still, count=2, skip=900, SANDBOX_SECONDS="600", SANDBOX_LOG_LINES="30000")
    tail = tails(still, name)
    tail.until(lambda: len(tail.lines) > 0)
    first = len(tail.lines)
    assert first < 60_000
    assert tail.status.reading_back
    last = written(still, name)[-1]
    tail.until(lambda: held(tail.lines)[-1] == last)
    tail.finish(ago=60)
    tail.until(lambda: tail.status.ended)
    assert held(tail.lines) == written(still, name)
    assert tail.followed == [line.text for line in tail.lines]


def test_a_new_line_is_there_within_one_poll(still: Running, tails: Callable[..., Tail]) -> None:
    name = train(still, count=2, skip=200, SANDBOX_SECONDS="6000")
    tail = tails(still, name, interval=0.3)
    tail.until(tail.caught_up)
    tail.until(lambda: not tail.status.reading_back)
    for _ in range(3):
        before = len(tail.lines)
        still.skip(11)
        polled = time.monotonic()
        tail.until(lambda before=before: len(tail.lines) > before)
        assert time.monotonic() - polled < 2 * 0.3 + 0.5
    tail.until(tail.caught_up)


def test_nothing_is_lost_or_doubled_under_throttling_and_dropped_connections(
    still: Running, tails: Callable[..., Tail]
) -> None:
    name = train(still, count=3, skip=150, SANDBOX_SECONDS="6000", SANDBOX_LOG_ROTATE="120")
    still.endpoint.faults = parse_faults("throttle=0.3,error=0.1,drop=0.1")
    tail = tails(still, name, rate=200.0)
    for _ in range(15):
        still.skip(37)
        count = len(tail.lines)
        tail.until(lambda count=count: len(tail.lines) > count)
    still.endpoint.faults = parse_faults("")
    tail.retry_now()
    tail.until(tail.caught_up)
    assert tail.status.streams > 9
    assert tail.followed == [line.text for line in tail.lines]


def test_tokens_that_have_expired_are_replaced(still: Running, tails: Callable[..., Tail]) -> None:
    name = train(still, count=2, skip=200, SANDBOX_SECONDS="400000", SANDBOX_LOG_LINES="60000")
    tail = tails(still, name)
    tail.until(tail.caught_up)
    still.skip(25 * 3600)
    tail.until(tail.caught_up)
    assert tail.followed == [line.text for line in tail.lines]


def test_a_log_that_is_refused_says_which_permission_is_missing(
    still: Running, tails: Callable[..., Tail]
) -> None:
    name = train(still, skip=200, SANDBOX_SECONDS="6000")
    still.endpoint.faults = parse_faults("denied=logs:GetLogEvents")
    tail = tails(still, name)
    tail.until(lambda: tail.status.problem)
    assert tail.status.problem is not None
    assert tail.status.problem.action == "logs:GetLogEvents"
    still.endpoint.faults = parse_faults("")
    tail.retry_now()
    tail.until(tail.caught_up)
    assert tail.status.problem is None


def test_memory_is_bounded_and_the_newest_lines_stay(still: Running, tails: Callable[..., Tail]) -> None:
    name = train(still, skip=900, SANDBOX_SECONDS="600", SANDBOX_LOG_LINES="60000")
    tail = tails(still, name, limit=600_000)
    tail.finish(ago=60)
    tail.until(lambda: tail.status.ended)
    assert tail.status.truncated
    assert tail.lines.size <= 600_000
    lines = held(tail.lines)
    assert 10_000 <= len(lines) < 60_000
    assert lines == written(still, name)[-len(lines) :]


def test_hostile_lines_arrive_clean(still: Running, tails: Callable[..., Tail]) -> None:
    name = train(still, skip=1500, SANDBOX_SECONDS="1200", SANDBOX_LOG_HOSTILE="2")
    tail = tails(still, name)
    tail.finish(ago=60)
    tail.until(lambda: tail.status.ended)
    assert held(tail.lines) == written(still, name)
    text = "\n".join(line.text for line in tail.lines)
    assert "␛[31mred" in text
    assert max(len(line.text) for line in tail.lines) > 1_000_000
    assert all(ord(mark) >= 0x20 or mark in "\n\t" for mark in set(text))
    assert not {"\x1b", "\x9b", "\u202e", "\u200b", "\x7f"} & set(text)


def test_metric_definitions_are_read_as_the_log_streams(still: Running, tails: Callable[..., Tail]) -> None:
    name = train(still, count=2, skip=1500, SANDBOX_SECONDS="1200")
    definitions = (
        MetricDefinition(name="train:loss", regex=r"step \d+ loss=([0-9.]+)"),
        MetricDefinition(name="broken", regex="("),
        MetricDefinition(name="explodes", regex="(a+)+$ ([0-9])"),
    )
    tail = tails(still, name, definitions=definitions)
    tail.finish(ago=60)
    tail.until(lambda: tail.status.ended)
    assert set(tail.series) == {("train:loss", "algo-1"), ("train:loss", "algo-2")}
    expected = [
        float(text.partition("loss=")[2].split()[0])
        for _, host, text in written(still, name)
        if host == "algo-1" and " step " in text and " loss=" in text
    ]
    assert [point.value for point in tail.series["train:loss", "algo-1"].points] == expected
    assert set(tail.scraper.faults) == {"broken", "explodes"}


def test_a_job_without_a_log_is_told_so(still: Running, tails: Callable[..., Tail]) -> None:
    tail = tails(still, "nothing-here")
    tail.finish(ago=60)
    tail.until(lambda: tail.status.ended)
    assert tail.status.listed
    assert tail.status.streams == 0
