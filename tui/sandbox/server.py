"""The sandbox as a thing that runs: a socket, a world, and a clock that moves it."""

import threading
from email.utils import formatdate
from types import TracebackType

import msgspec

from tui.sandbox.control import PREFIX, Control
from tui.sandbox.endpoint import Endpoint
from tui.sandbox.faults import Faults
from tui.sandbox.wire.http import Listener
from tui.sandbox.wire.message import Request, Response
from tui.sandbox.world import World

TICK_SECONDS = 0.25
_POLL_SECONDS = 0.05


class Sandbox:
    """An AWS endpoint on loopback, in background threads.

        with Sandbox(World(Clock(speed=60))) as sandbox:
            boto3.client("batch", endpoint_url=sandbox.url, ...)

    Port 0 is any free one. Raises OSError when the port is taken.
    """

    def __init__(self, world: World, port: int = 0, faults: Faults | None = None) -> None:
        self.world = world
        self.endpoint = Endpoint(world, faults or Faults())
        self._control = Control(world, self.endpoint)
        self._listener = Listener(port, self._answer)
        self._ended = threading.Event()
        self._threads = (
            threading.Thread(target=self._listener.serve_forever, args=(_POLL_SECONDS,), daemon=True),
            threading.Thread(target=self._tick, daemon=True),
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.port}"

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Close the socket and every connection, and let the world rest. May be called twice."""
        if self._ended.is_set():
            return
        self._ended.set()
        if self._threads[0].is_alive():
            self._listener.shutdown()
        self._listener.server_close()
        self._listener.close_connections()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def __enter__(self) -> "Sandbox":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _answer(self, request: Request) -> Response | None:
        if request.path.startswith(PREFIX) and not request.query and "authorization" not in request.headers:
            return self._control.answer(request)
        response = self.endpoint.answer(request)
        if response is None:
            return None
        # The time of the answer, as every AWS endpoint says it: the simulated one, that of its timestamps.
        date = formatdate(self.world.clock.now() / 1000, usegmt=True)
        return msgspec.structs.replace(response, headers={"date": date, **response.headers})

    def _tick(self) -> None:
        while not self._ended.wait(TICK_SECONDS):
            self.endpoint.catch_up()
