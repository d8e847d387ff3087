"""What a simulated AWS service is to the wire: operations called with validated parameters."""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request, decoded and validated against botocore's model of the service.

    `params` are the members of the operation's input shape under their model names, with Python
    types (blobs are bytes, timestamps are aware datetimes). `body` is the raw HTTP body: S3 objects.
    """

    operation: str
    params: dict[str, Any]
    body: bytes = b""
    headers: Mapping[str, str] = {}
    region: str = "us-east-1"
    access_key: str = ""


class Encoded(msgspec.Struct, frozen=True):
    """An answer already encoded in the service's protocol, for the answers that must be fast."""

    body: bytes
    headers: dict[str, str] = {}


Answer = Mapping[str, Any] | Encoded
"""The members of the output shape under their model names, or the encoded body."""


class Service(Protocol):
    """A service of the endpoint. `name` is botocore's (`batch`, `sagemaker`, `logs`, …)."""

    name: str

    def call(self, call: Call) -> Answer:
        """Carry out one operation. Raises AwsError with the service's own code and message."""
        ...
