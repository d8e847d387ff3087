"""HTTP/1.1 on loopback: one thread a connection, kept alive; the answer is somebody else's business."""

import contextlib
import socket
import socketserver
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

import msgspec

from tui.sandbox.wire.body import BadBody, body_length, read_body
from tui.sandbox.wire.message import Request, Response, split_target

Answerer = Callable[[Request], Response | None]
"""Answers a request; None drops the connection without an answer."""

IDLE_SECONDS = 60
"""A connection on which nothing comes for so long is closed, in the middle of a request or between two."""

API_LIMIT = 10 * 1024 * 1024
OBJECT_LIMIT = 512 * 1024 * 1024
_LINGER_BYTES = 64 * 1024 * 1024

_REASONS = {int(status): status.phrase for status in HTTPStatus}


class Listener(socketserver.ThreadingTCPServer):
    """Accepts connections on 127.0.0.1. Raises OSError if the port is taken."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, port: int, answer: Answerer) -> None:
        self.answer = answer
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Connection)

    @property
    def port(self) -> int:
        return self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news."""

    def close_connections(self) -> None:
        """End the connections that clients keep open."""
        for connection in tuple(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Connection(BaseHTTPRequestHandler):
    """One client's connection: reads requests, writes answers, until either side has had enough."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    server: Listener  # pyright: ignore[reportIncompatibleVariableOverride]

    def handle_one_request(self) -> None:
        try:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline:
                self.close_connection = True
                return
            if len(self.raw_requestline) > 65536:
                self.requestline, self.request_version, self.command = "", "", ""
                self.send_error(414)
            elif self.parse_request():
                self._answer()
        except (OSError, TimeoutError):
            self.close_connection = True

    def handle_expect_100(self) -> bool:
        return True  # said in `_answer`, once it is known that the body is welcome

    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        is_object = self.command == "PUT" or "/s3/" in headers.get("authorization", "")
        limit = OBJECT_LIMIT if is_object else API_LIMIT
        try:
            path, query = split_target(self.path)
            if headers.get("expect", "").lower() == "100-continue" and body_length(headers) <= limit:
                self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = read_body(self.rfile, headers, limit)
        except BadBody as problem:
            self._refuse(problem.status, str(problem))
            return
        except ValueError:
            self._refuse(400, "The query string is not understood")
            return
        response = self.server.answer(Request(self.command, path, query, headers, body))
        if response is None:
            self._drop()
        else:
            self._send(response)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What http.server cannot parse, refused in AWS's words instead of HTML."""
        self._refuse(code, message or "The request could not be understood")

    def _refuse(self, status: int, message: str) -> None:
        code = "RequestEntityTooLargeException" if status == 413 else "BadRequestException"
        headers = {"content-type": "application/json", "x-amzn-errortype": code, "connection": "close"}
        body = msgspec.json.encode({"__type": code, "message": message})
        self._send(Response(status, headers, body))
        self.close_connection = True
        self._linger()

    def _send(self, response: Response) -> None:
        """Head and body in one write."""
        head = [f"HTTP/1.1 {response.status} {_REASONS[response.status]}\r\n"]
        head += [f"{name}: {_one_line(value)}\r\n" for name, value in response.headers.items()]
        bodiless = response.status == 204
        if not bodiless and "content-length" not in response.headers:
            head.append(f"content-length: {len(response.body)}\r\n")
        if self.close_connection and "connection" not in response.headers:
            head.append("connection: close\r\n")
        head.append("\r\n")
        body = b"" if bodiless or getattr(self, "command", "") == "HEAD" else response.body
        self.connection.sendall("".join(head).encode("latin-1", "replace") + body)

    def _linger(self) -> None:
        """Let the client finish sending, or the closing would destroy the answer it has not read yet."""
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(1)
            left = _LINGER_BYTES
            while left > 0 and (data := self.connection.recv(65536)):
                left -= len(data)

    def _drop(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged: standard output belongs to the caller."""


def _one_line(value: str) -> str:
    """A header value must not contain a line break, wherever it came from."""
    return value if value.isprintable() else "".join(c if c.isprintable() else " " for c in value)
