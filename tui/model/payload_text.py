"""A CreateTrainingJob request as text: JSON or YAML in, JSON out, and the lines where members stand.

YAML is read by the core schema of YAML 1.2: `yes`, `on`, dates and `1:30` stay text.
"""

# pyright: reportUnknownMemberType=false

import json
import math
import re
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from tui.model.text import clean

PAYLOAD = "serviceRequestPayload"
MAX_VALUES = 20_000
"""More values than any request has: a guard against YAML aliases that multiply."""


class FieldProblem(msgspec.Struct, frozen=True):
    """What is wrong with one field of a submission.

    `field` is the dotted path in the SubmitServiceJob request: `jobName`, `tags`,
    `serviceRequestPayload.ResourceConfig.InstanceCount`, `retryStrategy.evaluateOnExit[0].onStatusReason`.
    `line` counts from 1 in the text that was given, None where there is no text.
    """

    field: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        at = f"line {self.line}, " if self.line else ""
        return f"{at}{self.field}: {self.message}"


class _Twice(ValueError):
    """A member that an object has twice: Python keeps the last, and the first is lost unseen."""


def parse_payload(text: str) -> dict[str, Any] | FieldProblem:
    """The object in a JSON or YAML text. Text that begins with `{` is JSON."""
    if not text.strip():
        return FieldProblem(PAYLOAD, "it is empty: give a CreateTrainingJob request as JSON or YAML")
    found = _json(text) if text.lstrip("\ufeff \t\r\n").startswith("{") else _yaml(text)
    if isinstance(found, FieldProblem):
        return found
    if not isinstance(found, dict):
        return FieldProblem(PAYLOAD, f"it must be an object with members, not {_kind(found)}", 1)
    return cast(dict[str, Any], found)


def payload_text(payload: Mapping[str, Any] | str) -> str:
    """The request as indented JSON, to be read and edited; text is returned as it is.

    Characters that could act on a terminal are escaped, as JSON allows: it is the same request.
    """
    if isinstance(payload, str):
        return payload
    return escape_json(json.dumps(payload, indent=2, ensure_ascii=False))


def compact(payload: Mapping[str, Any]) -> str:
    """The request as it is sent: JSON with no blanks between its members."""
    text = json.dumps(payload, separators=(",", ":"), ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate: only its escape can be sent
        return json.dumps(payload, separators=(",", ":"))
    return text


def escape_json(text: str) -> str:
    """JSON text with every character that could act on a terminal, or hide, as its `\\u` escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) for char in text.replace("\r\n", "\n").replace("\r", "\n"))


def _escaped(char: str) -> str:
    return char if clean(char) == char else json.dumps(char)[1:-1]


def lines_of(text: str) -> dict[str, int]:
    """The line (from 1) of each member of a JSON or YAML text, by dotted path (`Tags[0].Key`).

    Empty if the text cannot be read.
    """
    import yaml

    lines: dict[str, int] = {}

    def walk(node: Any, path: str) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                at = f"{path}.{key.value}" if path else str(key.value)
                lines[at] = key.start_mark.line + 1
                walk(value, at)
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                lines[f"{path}[{index}]"] = value.start_mark.line + 1
                walk(value, f"{path}[{index}]")

    try:
        # A tab is white space to JSON, and an error to YAML.
        walk(yaml.compose(text.replace("\t", " "), Loader=yaml.SafeLoader), "")
    except (yaml.YAMLError, RecursionError):
        return {}
    return lines


def line_at(lines: Mapping[str, int], path: str) -> int | None:
    """The line of a member, or of the nearest member around it."""
    while path:
        if path in lines:
            return lines[path]
        path = re.sub(r"(\.?[^.\[\]]+|\[\d+\])$", "", path)
    return None


def yaml_text(document: Mapping[str, Any]) -> str:
    """The document as YAML that `parse_payload` reads back as the same."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Quotes what either version of YAML would take for more than text."""

        yaml_implicit_resolvers = _merged(yaml.SafeDumper.yaml_implicit_resolvers, _core_resolvers())

        def ignore_aliases(self, data: Any) -> bool:
            return True

        def represent_text(self, text: str) -> Any:
            # PyYAML loses some white space, such as U+0085, between single quotes.
            plain = text.replace("\n", "").isprintable()
            return self.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')

    Dumper.add_representer(str, Dumper.represent_text)
    return yaml.dump(dict(document), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100)


def _json(text: str) -> Any:
    try:
        found = json.loads(text.lstrip("\ufeff"), object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        return FieldProblem(PAYLOAD, f"not valid JSON: {error.msg} (column {error.colno})", error.lineno)
    except _Twice as error:
        line = next((n for n, row in enumerate(text.splitlines(), 1) if row.count(f'"{error}"')), None)
        return FieldProblem(PAYLOAD, f"the member {str(error)!r} is there twice", line)
    except ValueError as error:
        return FieldProblem(PAYLOAD, f"not valid JSON: {error}")
    except RecursionError:
        return FieldProblem(PAYLOAD, "its objects are nested too deeply")
    return _checked(found)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Twice(name)
        found[name] = value
    return found


def _yaml(text: str) -> Any:
    import yaml

    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers = _core_resolvers()

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            names: set[str] = set()
            for key, _ in node.value:
                if key.value in names and key.value != "<<":
                    mark = key.start_mark
                    raise yaml.MarkedYAMLError(problem=f"{key.value!r} is there twice", problem_mark=mark)
                names.add(key.value)
            return super().construct_mapping(node, deep)

    try:
        found = yaml.load(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = ", ".join(filter(None, (error.context, error.problem)))
        return FieldProblem(PAYLOAD, f"not valid YAML: {what}", mark.line + 1 if mark else None)
    except (yaml.YAMLError, ValueError, TypeError) as error:
        return FieldProblem(PAYLOAD, f"not valid YAML: {str(error).splitlines()[0]}")
    except RecursionError:
        return FieldProblem(PAYLOAD, "its objects are nested too deeply")
    return _checked(found)


def _checked(found: Any) -> Any:
    try:
        return _plain(found, [MAX_VALUES])
    except ValueError as error:
        return FieldProblem(PAYLOAD, str(error))
    except RecursionError:
        return FieldProblem(PAYLOAD, "its objects are nested too deeply")


def _plain(value: Any, budget: list[int]) -> Any:
    """The value as JSON has it. Raises ValueError for what JSON cannot say."""
    budget[0] -= 1
    if budget[0] < 0:
        raise ValueError(f"it has more than {MAX_VALUES:,} values")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is not a number that JSON has")
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, list):
        return [_plain(item, budget) for item in cast(list[Any], value)]
    if isinstance(value, dict):
        return {str(key): _plain(item, budget) for key, item in cast(dict[Any, Any], value).items()}
    raise ValueError(f"{_kind(value)} has no place in a request")


_PLAIN_SCALARS = (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL)$", "~nN"),
    ("null", r"^$", ("",)),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?$", "-0123456789"),
    ("merge", r"^(?:<<)$", "<"),
)


Resolvers = dict[str, list[tuple[str, re.Pattern[str]]]]


def _core_resolvers() -> Resolvers:
    """What PyYAML takes unquoted scalars for, by their first character: the core schema of YAML 1.2."""
    resolvers: Resolvers = {}
    for kind, pattern, first in _PLAIN_SCALARS:
        for char in first:
            resolvers.setdefault(char, []).append((f"tag:yaml.org,2002:{kind}", re.compile(pattern)))
    return resolvers


def _merged(one: Resolvers, other: Resolvers) -> Resolvers:
    return {char: one.get(char, []) + other.get(char, []) for char in {*one, *other}}


def _kind(value: Any) -> str:
    names = {"list": "a list", "str": "text", "int": "a number", "float": "a number", "NoneType": "nothing"}
    name = type(value).__name__
    return names.get(name, f"a {name}")
