"""Bad input over the wire gets AWS's errors. Nothing crashes, hangs or is lost."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import urllib3

from tests.conftest import Running, wait_for
from tests.wire.batch import Batch, payload
from tui.sandbox.wire import http as wire

SIGNED = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"


def send(
    sandbox: Running, path: str, body: Any = b"", method: str = "POST", **headers: str
) -> urllib3.BaseHTTPResponse:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return urllib3.PoolManager().request(method, sandbox.url + path, body=body, headers=given, retries=False)


def error_of(answer: urllib3.BaseHTTPResponse) -> tuple[int, str]:
    return answer.status, answer.headers["x-amzn-errortype"]


@contextmanager
def raw(sandbox: Running) -> Iterator[socket.socket]:
    port = int(sandbox.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        yield connection


def talk(sandbox: Running, data: bytes) -> bytes:
    """Send bytes, say no more, and read all that comes back."""
    with raw(sandbox) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65536):
            answer += part
        return answer


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b"\xff\xfe\x00",
        b"[]",
        b"3",
        b'"text"',
        b"null",
        b"[" * 100_000,
        b'{"jobName": "\\ud800"}',
        b'{"jobName": 3}',
        b'{"jobName": {"a": 1}}',
        b'{"tags": [1]}',
        b'{"retryStrategy": {"attempts": "many"}}',
        b'{"retryStrategy": {"attempts": 1e400}}',
        b'{"schedulingPriority": 99999999999999999999}',
    ],
)
def test_bodies_that_are_no_request(sandbox: Running, body: bytes) -> None:
    answer = send(sandbox, "/v1/submitservicejob", body)
    assert error_of(answer) == (400, "SerializationException")
    assert answer.json()["message"]


def test_members_that_are_missing_or_out_of_range(sandbox: Running) -> None:
    answer = send(sandbox, "/v1/submitservicejob", b"{}")
    assert error_of(answer) == (400, "ClientException")
    assert answer.json()["message"].startswith("4 validation errors detected: Value null at 'jobName'")
    long = json.dumps({"jobQueue": "q", "maxResults": "x"})
    assert error_of(send(sandbox, "/v1/listservicejobs", long)) == (400, "SerializationException")


def test_operations_and_services_that_do_not_exist(sandbox: Running) -> None:
    assert error_of(send(sandbox, "/v1/nonsense", b"{}")) == (404, "UnknownOperationException")
    assert error_of(send(sandbox, "/v1/submitservicejob", method="GET")) == (404, "UnknownOperationException")
    target = {"x_amz_target": "SageMaker.Nonsense"}
    assert error_of(send(sandbox, "/", b"{}", **target)) == (400, "UnknownOperationException")
    assert error_of(send(sandbox, "/", b"{}", x_amz_target="Ec2.X")) == (404, "UnknownOperationException")
    unknown = send(sandbox, "/", b"{}", authorization=SIGNED.format("ec2"))
    assert error_of(unknown) == (404, "UnknownOperationException")
    assert "ec2" in unknown.json()["message"]
    form = send(sandbox, "/", b"Action=DescribeInstances", authorization=SIGNED.format("ec2"))
    assert (form.status, b"<Code>UnknownOperationException</Code>" in form.data) == (404, True)
    form = send(sandbox, "/", b"Action=Nonsense&Version=2010-05-08")
    assert (form.status, b"<Code>InvalidAction</Code>" in form.data) == (400, True)
    assert send(sandbox, "/bucket/key", method="PATCH").status == 405


def test_a_body_beyond_the_limit_is_refused_and_the_answer_arrives(sandbox: Running) -> None:
    huge = b"x" * (wire.API_LIMIT + 1)
    assert error_of(send(sandbox, "/v1/submitservicejob", huge)) == (413, "RequestEntityTooLargeException")
    chunks = (b"y" * 1_000_000 for _ in range(20))
    assert error_of(send(sandbox, "/v1/submitservicejob", chunks)) == (413, "RequestEntityTooLargeException")
    head = f"POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: {10**12}\r\nExpect: 100-continue\r\n\r\n"
    assert talk(sandbox, head.encode()).startswith(b"HTTP/1.1 413 ")


def test_a_client_is_told_to_go_on(sandbox: Running) -> None:
    with raw(sandbox) as connection:
        connection.sendall(
            b"POST /v1/describejobqueues HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
            b"Expect: 100-continue\r\n\r\n"
        )
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"400"),
        (b"GET / HTTP/9.9\r\n\r\n", b"505"),
        (b"GET / SPDY/1\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nA: " + b"b" * 70_000 + b"\r\n\r\n", b"431"),
        (b"POST /v1/x HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"400"),
        (b"POST /v1/x HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
        (b"POST /v1/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (b"POST /v1/x HTTP/1.1\r\nContent-Length: 50\r\n\r\n{}", b"400"),
        (b"GET /?" + b"a=b&" * 2000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", b"400"),
    ],
)
def test_what_is_hardly_http_is_refused(sandbox: Running, data: bytes, status: bytes) -> None:
    answer = talk(sandbox, data)
    assert answer.split(b" ", 2)[1] == status
    assert b"x-amzn-errortype: BadRequestException" in answer


def test_header_values_cannot_smuggle_lines(sandbox: Running) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="code")
    body = b"<CompleteMultipartUpload><Part><ETag>&#13;&#10;Evil: 1</ETag></Part></CompleteMultipartUpload>"
    answer = send(sandbox, "/code/key?uploadId=none", body)
    assert answer.status == 404
    assert "evil" not in {name.lower() for name in answer.headers}


def test_half_open_connections_hold_nothing_up(sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire.Connection, "timeout", 0.3)
    with raw(sandbox) as silent, raw(sandbox) as half, raw(sandbox) as headless:
        half.sendall(b"POST /v1/submitservicejob HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
        headless.sendall(b"POST /v1/submitservicejob HTTP/1.1\r\nConte")
        assert sandbox.client("batch").describe_job_queues()["jobQueues"] == []
        for connection in (silent, half, headless):
            assert connection.recv(65536) == b""


def test_two_hundred_clients_at_once(sandbox: Running) -> None:
    """Each submits and reads on a connection of its own; nothing is lost, and no thread stays behind."""
    batch = Batch(sandbox)
    batch.environment()
    batch.queue()
    threads_before = threading.active_count()
    start = threading.Barrier(200)
    failures: list[str] = []

    def client(number: int) -> None:
        start.wait()
        with urllib3.PoolManager() as http:
            body = json.dumps(
                {
                    "jobName": f"job-{number}",
                    "jobQueue": "queue",
                    "serviceJobType": "SAGEMAKER_TRAINING",
                    "serviceRequestPayload": payload(),
                }
            )
            submitted = http.request("POST", f"{sandbox.url}/v1/submitservicejob", body=body, timeout=60)
            if submitted.status != 200:
                failures.append(f"submit: {submitted.status} {submitted.data!r}")
                return
            job = json.dumps({"jobId": submitted.json()["jobId"]})
            described = http.request("POST", f"{sandbox.url}/v1/describeservicejob", body=job, timeout=60)
            if described.json().get("jobName") != f"job-{number}":
                failures.append(f"describe: {described.status} {described.data!r}")

    clients = [threading.Thread(target=client, args=(number,)) for number in range(200)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    assert failures == []
    assert len(sandbox.world.batch.jobs) == 200
    wait_for(lambda: threading.active_count() <= threads_before + 2)


def test_clients_that_leave_early_are_no_news(sandbox: Running, capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(20):
        with raw(sandbox) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.sendall(b"POST /v1/describejobqueues HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
    assert sandbox.client("batch").describe_job_queues()["jobQueues"] == []
    assert capfd.readouterr() == ("", "")
