"""A poller and its store on a sandbox. The test's thread is the UI thread."""

import queue
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

import pytest

from tests.conftest import REGION, Running
from tui.aws.session import Aws, Connection
from tui.live.changes import Changed
from tui.live.poller import Poller
from tui.live.store import Store
from tui.sandbox.faults import parse_faults

T = TypeVar("T")


def environment(patch: pytest.MonkeyPatch) -> None:
    """Credentials and region as the sandbox tells its users to export them; no config file of ours."""
    patch.setenv("AWS_ACCESS_KEY_ID", "sandbox")
    patch.setenv("AWS_SECRET_ACCESS_KEY", "sandbox")
    patch.setenv("AWS_REGION", REGION)
    patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    patch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    patch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL"):
        patch.delenv(name, raising=False)


class Live:
    """`changes` are all changes told so far; `asked` counts the sandbox's calls by operation."""

    def __init__(
        self, sandbox: Running, *, read_only: bool = False, url: str | None = None, **options: Any
    ) -> None:
        self.sandbox = sandbox
        self.store = Store()
        self.changes: list[Changed] = []
        self.store.subscribe(self.changes.append)
        self.posts: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        connection = Connection(endpoint_url=url or sandbox.url)
        given: dict[str, Any] = {"interval": 1.0, "rate": 200.0, "burst": 200.0}
        self.poller = Poller(
            lambda: Aws(connection, read_only=read_only), self.store, self.posts.put, **(given | options)
        )

    def __enter__(self) -> "Live":
        self.poller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.poller.stop()

    def until(self, condition: Callable[[], T | None], timeout: float = 15.0) -> T:
        """Run what is posted to the UI thread until the condition is true, and return its value."""
        deadline = time.monotonic() + timeout
        while not (value := condition()):
            if time.monotonic() > deadline:
                pytest.fail(
                    f"not within {timeout} s; problems: {self.store.problem} {[*self.store.problems()]}"
                )
            try:
                self.posts.get(timeout=0.02)()
            except queue.Empty:
                continue
        return value

    def quiet(self, seconds: float = 0.3) -> None:
        """Wait until no call has been asked for so long."""
        last, since = self.asked, time.monotonic()

        def still() -> bool:
            nonlocal last, since
            now = self.asked
            if now != last:
                last, since = now, time.monotonic()
            return time.monotonic() - since >= seconds

        self.until(still)

    def rounds(self, name: str, count: int = 1) -> None:
        """Wait for the ends of `count` more good rounds of a queue."""
        for _ in range(count):
            before = self.store.freshness("jobs", name).fetched_at
            self.until(lambda before=before: self.store.freshness("jobs", name).fetched_at != before)

    def settled(self) -> None:
        """Wait until every queue has its first picture and the history that the figures need."""
        self.until(lambda: self.store.loaded and all(q.loaded for q in self.store.queues.values()))
        self.until(
            lambda: all(
                self.store.freshness("history", name).fetched_at and not queue.history_loading
                for name, queue in self.store.queues.items()
            )
        )

    @property
    def asked(self) -> Counter[str]:
        return Counter({name.partition(":")[2]: count for name, count in self.sandbox.endpoint.calls.items()})

    def faults(self, text: str) -> None:
        self.sandbox.endpoint.faults = parse_faults(text)
