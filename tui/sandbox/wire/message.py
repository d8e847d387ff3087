"""HTTP requests and answers as values."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote

import msgspec


class Request(msgspec.Struct, frozen=True):
    """A request whose body is complete and decoded. `headers` have lower-case names.

    `path` is as sent, still percent-encoded; `query` are its parameters decoded, `""` for a bare name.
    """

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes


class Response(msgspec.Struct, frozen=True):
    """An answer to write: status, headers and body; the content length is added when it is sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


def split_target(target: str) -> tuple[str, dict[str, list[str]]]:
    """The path and the query parameters of a request target. Absolute targets lose their host."""
    if "://" in target.partition("?")[0]:
        target = "/" + target.partition("://")[2].partition("/")[2]
    path, _, query = target.partition("?")
    values: dict[str, list[str]] = {}
    if query:
        for name, value in parse_qsl(query, keep_blank_values=True, max_num_fields=1000):
            values.setdefault(name, []).append(value)
    return path or "/", values


def decoded(text: str) -> str:
    """Percent-decoded."""
    return unquote(text)
