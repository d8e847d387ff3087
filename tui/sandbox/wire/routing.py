"""Which service a request is for, and in which of AWS's protocols it speaks."""

import re
from functools import cache
from typing import NamedTuple

from tui.sandbox.wire.catalog import BY_NAME, BY_SCOPE, Traits
from tui.sandbox.wire.json_rpc import JsonRpc
from tui.sandbox.wire.message import Request
from tui.sandbox.wire.model import load
from tui.sandbox.wire.protocol import WireProtocol
from tui.sandbox.wire.rest_json import RestJson

_CREDENTIAL = re.compile(r"Credential=([^/,\s]*)/\d*/([^/,\s]*)/([^/,\s]*)/aws4_request")

_TARGETS = {
    "SageMaker": "sagemaker",
    "Logs_20140328": "logs",
    "GraniteServiceVersion20100801": "cloudwatch",
}
_VERSIONS = {"2011-06-15": "sts", "2010-05-08": "iam", "2010-08-01": "cloudwatch"}


class Signature(NamedTuple):
    """What a SigV4 signature says of itself. It is not verified: any credentials do."""

    access_key: str = ""
    region: str = ""
    scope: str = ""


def signature_of(request: Request) -> Signature:
    """The credential of the Authorization header or of a presigned URL; empty when unsigned."""
    text = request.headers.get("authorization", "")
    if not text and "X-Amz-Credential" in request.query:
        text = f"Credential={request.query['X-Amz-Credential'][0]}"
    found = _CREDENTIAL.search(text)
    return Signature(*found.groups()) if found else Signature()


def service_of(request: Request, signature: Signature) -> Traits | None:
    """The service a request is for; None if it is one the sandbox has not got.

    The signature says it. Without one, the target, path or form does, and at last it is S3's.
    """
    if signature.scope:
        return BY_SCOPE.get(signature.scope)
    target = request.headers.get("x-amz-target", "").rpartition(".")[0]
    if target:
        return BY_NAME.get(_TARGETS.get(target, ""))
    if request.path.startswith("/v1/"):
        return BY_NAME["batch"]
    if request.path.startswith("/service/"):
        return BY_NAME["cloudwatch"]
    if request.path == "/" and b"Action=" in request.body:
        for version, name in _VERSIONS.items():
            if f"Version={version}".encode() in request.body:
                return BY_NAME[name]
    return BY_NAME["s3"]


def protocol_of(traits: Traits, request: Request) -> WireProtocol:
    """The protocol of this request: the model's own, or another that AWS still answers in."""
    protocol = load(traits.name).protocol
    if protocol == "smithy-rpc-v2-cbor" and not request.path.startswith("/service/"):
        protocol = "json" if "x-amz-target" in request.headers else "query"
    return _protocol(traits.name, protocol)


@cache
def _protocol(service: str, protocol: str) -> WireProtocol:
    """What speaks XML or CBOR is imported when the first such request comes."""
    model = load(service)
    match protocol:
        case "rest-json":
            return RestJson(model)
        case "json":
            return JsonRpc(model)
        case "query":
            from tui.sandbox.wire.query import Query

            return Query(model)
        case "rest-xml":
            from tui.sandbox.wire.rest_xml import RestXml

            return RestXml(model)
        case _:  # smithy-rpc-v2-cbor: no service of the catalogue speaks another
            from tui.sandbox.wire.cbor import Cbor

            return Cbor(model)
