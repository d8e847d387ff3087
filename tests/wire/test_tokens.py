"""An endpoint that rejects a client token when it comes again, as AWS's documentation says of it."""

import json
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.conftest import Running
from tests.wire.batch import Batch, payload
from tests.wire.live import environment
from tui.aws import batch
from tui.aws.problems import AwsProblem
from tui.aws.session import Aws, Connection
from tui.model.submission import Submission

REJECTED = b'{"message": "The client token was used before"}'


@pytest.fixture
def aws(sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """A connection to the sandbox through somebody who knows the tokens."""
    environment(monkeypatch)
    seen: set[str] = set()

    class Strict(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            token = json.loads(body).get("clientToken")
            if token in seen:
                self._answer(400, {"x-amzn-errortype": "ClientException", "x-amzn-requestid": "1"}, REJECTED)
                return
            if token:
                seen.add(token)
            upstream = HTTPConnection(sandbox.url.removeprefix("http://"))
            upstream.request("POST", self.path, body, dict(self.headers.items()))
            response = upstream.getresponse()
            headers, answer = dict(response.getheaders()), response.read()
            upstream.close()
            if self.path.endswith("/describeservicejob"):  # what was left out is filled in
                answer = json.dumps({"schedulingPriority": 0} | json.loads(answer)).encode()
                headers["content-length"] = str(len(answer))
            self._answer(response.status, headers, answer)

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is told."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Strict) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.05,))
        serving.start()
        yield Aws(Connection(endpoint_url=f"http://127.0.0.1:{server.server_port}"))
        server.shutdown()
        serving.join()


@pytest.mark.parametrize("priority", [None, 5])
def test_a_submission_whose_token_is_rejected_is_the_job_it_made(
    aws: Aws, sandbox: Running, priority: int | None
) -> None:
    made = Batch(sandbox)
    made.environment(capacity=1)
    made.fair_queue("fair")
    one = Submission(
        job_name="once",
        job_queue="fair",
        payload=payload(),
        share_identifier="a",
        scheduling_priority=priority,
    )
    first, second = batch.submit(aws, one), batch.submit(aws, one)
    assert second == first
    other = Submission(
        job_name="other",
        job_queue="fair",
        payload=payload(),
        client_token=one.client_token,
        share_identifier="a",
    )
    with pytest.raises(AwsProblem, match="token was used before"):
        batch.submit(aws, other)
