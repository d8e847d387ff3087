"""Bodies read off a connection."""

import gzip
import io
from collections.abc import Mapping

import pytest

from tui.sandbox.wire.body import BadBody, read_body
from tui.sandbox.wire.message import split_target

LIMIT = 1000


def read(raw: bytes, headers: Mapping[str, str]) -> bytes:
    return read_body(io.BytesIO(raw), headers, LIMIT)


def test_sized_chunked_and_compressed_bodies() -> None:
    assert read(b"abcdef", {"content-length": "3"}) == b"abc"
    assert read(b"", {}) == b""
    chunked = b"3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nTrailer: x\r\n\r\n"
    assert read(chunked, {"transfer-encoding": "chunked"}) == b"abcde"
    packed = gzip.compress(b"hello")
    assert read(packed, {"content-length": str(len(packed)), "content-encoding": "gzip"}) == b"hello"


def test_aws_chunked_content_is_unwrapped() -> None:
    body = b"5;chunk-signature=ab\r\nhello\r\n0;chunk-signature=cd\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"
    headers = {"content-length": str(len(body)), "content-encoding": "aws-chunked"}
    assert read(body, headers) == b"hello"
    streaming = {
        "content-length": str(len(body)),
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    }
    assert read(body, streaming) == b"hello"


def test_an_object_that_is_compressed_stays_compressed() -> None:
    packed = gzip.compress(b"tarball")
    headers = {
        "content-length": str(len(packed)),
        "content-encoding": "gzip",
        "authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request",
        "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
    }
    assert read(packed, headers) == packed


@pytest.mark.parametrize(
    ("raw", "headers", "status"),
    [
        (b"abc", {"content-length": "4"}, 400),
        (b"abc", {"content-length": "-1"}, 400),
        (b"abc", {"content-length": "3x"}, 400),
        (b"", {"content-length": "1001"}, 413),
        (b"", {"content-length": "9" * 30}, 413),
        (b"zz\r\nabc\r\n", {"transfer-encoding": "chunked"}, 400),
        (b"-3\r\nabc\r\n", {"transfer-encoding": "chunked"}, 400),
        (b"3\r\nabcdef\r\n", {"transfer-encoding": "chunked"}, 400),
        (b"3e9\r\n", {"transfer-encoding": "chunked"}, 413),
        (b"", {"transfer-encoding": "chunked"}, 400),
        (b"3\r\nabc\r\n0\r\n" + b"a: b\r\n" * 200, {"transfer-encoding": "chunked"}, 400),
        (b"0\r\n\r\n", {"transfer-encoding": "chunked", "content-length": "5"}, 400),
        (b"", {"transfer-encoding": "gzip"}, 400),
        (b"abc", {"content-length": "3", "content-encoding": "gzip"}, 400),
        (b"9\r\nabc", {"content-length": "6", "content-encoding": "aws-chunked"}, 400),
    ],
)
def test_bad_bodies_are_refused(raw: bytes, headers: Mapping[str, str], status: int) -> None:
    with pytest.raises(BadBody) as refused:
        read(raw, headers)
    assert refused.value.status == status


def test_a_bomb_is_not_unfolded() -> None:
    bomb = gzip.compress(b"\0" * 10_000_000)
    with pytest.raises(BadBody) as refused:
        read_body(io.BytesIO(bomb), {"content-length": str(len(bomb)), "content-encoding": "gzip"}, 20_000)
    assert refused.value.status == 413


def test_targets_are_split() -> None:
    assert split_target("/a%20b?x=1&y&x=%32") == ("/a%20b", {"x": ["1", "2"], "y": [""]})
    assert split_target("http://host:1/a?b=http://c") == ("/a", {"b": ["http://c"]})
    assert split_target("http://host") == ("/", {})
    assert split_target("/a?next=http://c") == ("/a", {"next": ["http://c"]})
