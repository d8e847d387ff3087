"""botocore's models of AWS services: operations and shapes, read from its data files.

The files are the authority on names, types and limits. They are read without importing botocore, whose
own reader takes longer to import than a sandbox takes to start; shapes are built when first used.
"""

import gzip
import re
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

Raw = dict[str, Any]


class Member:
    """A member of a structure, or the element of a list or map: its shape, and where it is on the wire.

    `location` is `uri`, `querystring`, `header`, `headers` or `statusCode`; empty means the body.
    `wire_name` is the name there, `named` whether the model gives one that differs from the default.
    """

    __slots__ = (
        "_model",
        "_shape",
        "flattened",
        "location",
        "name",
        "named",
        "shape_name",
        "streaming",
        "timestamp_format",
        "wire_name",
    )

    def __init__(self, model: "Model", name: str, raw: Raw) -> None:
        self._model = model
        self._shape: Shape | None = None
        self.name = name
        self.shape_name: str = raw["shape"]
        self.location: str = raw.get("location", "")
        self.named = "locationName" in raw
        self.wire_name: str = raw.get("locationName", name)
        self.flattened: bool = raw.get("flattened", False)
        self.streaming: bool = raw.get("streaming", False)
        self.timestamp_format: str = raw.get("timestampFormat", "")

    @property
    def shape(self) -> "Shape":
        if self._shape is None:
            self._shape = self._model.shape(self.shape_name)
        return self._shape


class Shape:
    """A type of the model. `members` for structures, `element` for lists and maps, `key` for maps."""

    def __init__(self, model: "Model", name: str, raw: Raw) -> None:
        self.name = name
        self.type: str = raw["type"]
        self.document: bool = raw.get("document", False)
        self.required: tuple[str, ...] = tuple(raw.get("required", ()))
        self.payload: str = raw.get("payload", "")
        self.flattened: bool = raw.get("flattened", False)
        self.timestamp_format: str = raw.get("timestampFormat", "")
        self.enum: tuple[str, ...] = tuple(raw.get("enum", ()))
        self.pattern: str = raw.get("pattern", "")
        self.min: float | None = raw.get("min")
        self.max: float | None = raw.get("max")
        members: Raw = raw.get("members", {})
        self.members = {key: Member(model, key, value) for key, value in members.items()}
        element = raw.get("member") or raw.get("value")
        self.element = (
            Member(model, "member" if self.type == "list" else "value", element) if element else None
        )
        self.key = Member(model, "key", raw["key"]) if "key" in raw else None

    @cached_property
    def regex(self) -> "re.Pattern[str] | None":
        """The pattern compiled, or None: some of AWS's are Java's and mean nothing to Python."""
        try:
            return re.compile(self.pattern) if self.pattern else None
        except re.error:
            return None

    @cached_property
    def body(self) -> dict[str, Member]:
        """The members of the body, by their name there."""
        return {member.wire_name: member for member in self.members.values() if not member.location}


class Operation:
    """An operation: its HTTP method and URI template, its input and output, None where it has none."""

    def __init__(self, model: "Model", name: str, raw: Raw) -> None:
        self.name = name
        self.method: str = raw["http"]["method"]
        self.uri: str = raw["http"]["requestUri"]
        self.status: int = raw["http"].get("responseCode", 200)
        self.input = model.shape(raw["input"]["shape"]) if "input" in raw else None
        self.output = model.shape(raw["output"]["shape"]) if "output" in raw else None
        self.result_wrapper: str = raw.get("output", {}).get("resultWrapper", "")


class Model:
    """The model of one service. Immutable in effect: what is built on demand never changes."""

    def __init__(self, name: str, raw: Raw) -> None:
        metadata = raw["metadata"]
        self.name = name
        self.protocol: str = metadata["protocol"]
        self.json_version: str = metadata.get("jsonVersion", "1.0")
        self.target_prefix: str = metadata.get("targetPrefix", "")
        self.namespace: str = metadata.get("xmlNamespace", "")
        self.query_compatible = "awsQueryCompatible" in metadata
        self._raw = raw
        self._shapes: dict[str, Shape] = {}
        self._operations: dict[str, Operation] = {}

    def shape(self, name: str) -> Shape:
        found = self._shapes.get(name)
        if found is None:
            found = self._shapes[name] = Shape(self, name, self._raw["shapes"][name])
        return found

    @property
    def operation_names(self) -> tuple[str, ...]:
        return tuple(self._raw["operations"])

    def operation(self, name: str) -> Operation | None:
        """The operation of this name, or None."""
        found = self._operations.get(name)
        if found is None and name in self._raw["operations"]:
            found = self._operations[name] = Operation(self, name, self._raw["operations"][name])
        return found

    def uri_of(self, name: str) -> tuple[str, str]:
        """An operation's HTTP method and URI template, without building its shapes."""
        http = self._raw["operations"][name]["http"]
        return http["method"], http["requestUri"]


@cache
def _data() -> Path:
    spec = find_spec("botocore")
    if spec is None or not spec.origin:
        raise FileNotFoundError("botocore is not installed: the sandbox reads its service models")
    return Path(spec.origin).parent / "data"


@cache
def load(service: str) -> Model:
    """The newest model of a service, by botocore's name of it (`batch`, `cloudwatch`, …)."""
    newest = max(path for path in (_data() / service).iterdir() if path.is_dir())
    plain = newest / "service-2.json"
    data = plain.read_bytes() if plain.exists() else gzip.decompress(Path(f"{plain}.gz").read_bytes())
    return Model(service, msgspec.json.decode(data))
