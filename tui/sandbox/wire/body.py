"""Request bodies read off a connection: sized, chunked, in AWS's signed chunks, compressed."""

import zlib
from collections.abc import Mapping
from io import BufferedIOBase

_LINE = 8192


class BadBody(Exception):
    """A body that cannot be read. `status` is the HTTP status that says so."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def read_body(stream: BufferedIOBase, headers: Mapping[str, str], limit: int) -> bytes:
    """The whole body, decoded. Raises BadBody, of status 413 when it is longer than `limit` bytes."""
    length = headers.get("content-length")
    coding = headers.get("transfer-encoding", "").lower()
    if coding:
        if coding != "chunked" or length is not None:
            raise BadBody("The Transfer-Encoding is not understood")
        body = _chunks(stream, limit)
    else:
        body = _sized(stream, length or "0", limit)
    encodings = [name.strip().lower() for name in headers.get("content-encoding", "").split(",")]
    if "aws-chunked" in encodings or headers.get("x-amz-content-sha256", "").startswith("STREAMING-"):
        body = _aws_chunks(body)
    if "gzip" in encodings and not _is_object(headers):
        body = _gunzip(body, limit)
    return body


def body_length(headers: Mapping[str, str]) -> int:
    """What the headers promise, in bytes; 0 if they do not say."""
    text = headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else 0


def _is_object(headers: Mapping[str, str]) -> bool:
    """S3 keeps what it is sent: the encoding is the object's own."""
    return "x-amz-content-sha256" in headers and "/s3/" in headers.get("authorization", "")


def _sized(stream: BufferedIOBase, length: str, limit: int) -> bytes:
    if not (length.isascii() and length.isdigit()):
        raise BadBody("The Content-Length is not a number")
    size = int(length)
    if size > limit:
        raise BadBody(f"Request size exceeded {limit} bytes", 413)
    return _exactly(stream, size)


def _exactly(stream: BufferedIOBase, size: int) -> bytes:
    body = stream.read(size)
    if len(body) < size:
        raise BadBody("The request ended before its body did")
    return body


def _chunks(stream: BufferedIOBase, limit: int) -> bytes:
    """HTTP/1.1 chunked coding; trailers are read and dropped."""
    parts: list[bytes] = []
    total = 0
    while True:
        size = _chunk_size(stream.readline(_LINE))
        if size == 0:
            break
        total += size
        if total > limit:
            raise BadBody(f"Request size exceeded {limit} bytes", 413)
        parts.append(_exactly(stream, size))
        if stream.readline(_LINE).strip():
            raise BadBody("A chunk is longer than it says")
    for _ in range(100):
        if not stream.readline(_LINE).strip():
            return b"".join(parts)
    raise BadBody("Too many trailers")


def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    try:
        size = int(digits, 16)
    except ValueError:
        size = -1
    if size < 0 or not digits.isalnum():
        raise BadBody("A chunk's size is not a number")
    return size


def _aws_chunks(body: bytes) -> bytes:
    """The data of `aws-chunked` content: `size;chunk-signature=…` lines, data, and trailers at the end."""
    parts: list[bytes] = []
    at = 0
    while True:
        end = body.find(b"\r\n", at)
        if end < 0:
            raise BadBody("The aws-chunked content is incomplete")
        size = _chunk_size(body[at:end])
        if size == 0:
            return b"".join(parts)
        data = body[end + 2 : end + 2 + size]
        if len(data) < size:
            raise BadBody("The aws-chunked content is incomplete")
        parts.append(data)
        at = end + 2 + size + 2


def _gunzip(body: bytes, limit: int) -> bytes:
    """Decompressed, never to more than the limit: a small body may unfold to a huge one."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        data = unpacker.decompress(body, limit + 1)
    except zlib.error:
        raise BadBody("The gzip content is damaged") from None
    if len(data) > limit:
        raise BadBody(f"Request size exceeded {limit} bytes", 413)
    if not unpacker.eof:
        raise BadBody("The gzip content is incomplete")
    return data
