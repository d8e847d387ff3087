"""Somebody else answers in place of AWS: it is told, and is never taken for an account without queues."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.wire.live import environment
from tui.aws import batch, training
from tui.aws.identity import caller_identity
from tui.aws.problems import CONNECTION_CODES, AwsProblem, Problem
from tui.aws.session import Aws, Connection

PAGE = b"<html><head><title>Hotel\x1b[2J  WiFi</title></head><body>Sign in</body></html>"


class Stranger(BaseHTTPRequestHandler):
    """Answers every request with what `said` holds."""

    said: tuple[int, dict[str, str], bytes] = (200, {}, b"")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        status, headers, body = self.said
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is told."""


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    environment(monkeypatch)
    with ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.05,))
        serving.start()
        yield Aws(Connection(endpoint_url=f"http://127.0.0.1:{server.server_port}"))
        server.shutdown()
        serving.join()


def problem_of(aws: Aws, status: int, kind: str, body: bytes) -> Problem:
    Stranger.said = (status, {"content-type": kind} if kind else {}, body)
    problems: list[Problem] = []
    for ask in (batch.list_queues, caller_identity, lambda aws: training.log_streams(aws, "t")):
        with pytest.raises(AwsProblem) as caught:
            ask(aws)
        problems.append(caught.value.problem)
    assert len(set(problems)) == 1
    return problems[0]


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (200, "text/html", PAGE),
        (200, "application/xhtml+xml", PAGE),
        (403, "text/html", PAGE),
        (404, "", PAGE),
        (302, "", b""),
        (200, "", b""),
    ],
)
def test_what_aws_did_not_write(aws: Aws, status: int, kind: str, body: bytes) -> None:
    problem = problem_of(aws, status, kind, body)
    assert (problem.code, problem.retryable) == ("NotAws", True)
    assert problem.code in CONNECTION_CODES
    assert str(status) in problem.cause
    assert ("Hotel␛[2J WiFi" in problem.cause) == bool(body)


def test_a_proxy_that_wants_a_sign_in(aws: Aws) -> None:
    problem = problem_of(aws, 407, "text/html", PAGE)
    assert problem.code == "ProxyError"
    assert "HTTPS_PROXY" in problem.next_step


def test_a_server_error_is_one_whoever_says_so(aws: Aws) -> None:
    Stranger.said = (502, {"content-type": "text/html"}, PAGE)
    with pytest.raises(AwsProblem) as caught:
        batch.list_queues(aws)
    assert caught.value.problem.code == "ServerError"


def test_an_endpoint_that_imitates_aws_needs_no_request_id(aws: Aws) -> None:
    Stranger.said = (200, {"content-type": "application/json"}, b'{"jobQueues": []}')
    assert batch.list_queues(aws) == ()
