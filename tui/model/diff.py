"""What differs between two requests: member by member, and as a unified difference of their JSON."""

import difflib
import json
from collections.abc import Iterator, Sequence
from typing import Any, cast

import msgspec

_NAMED_BY = ("Name", "ChannelName", "Key", "RuleConfigurationName", "InstanceGroupName")
"""Members that tell the items of a list apart: a channel that moved is still the same channel."""


class Difference(msgspec.Struct, frozen=True):
    """A member that differs: its path, and its values as JSON; None where it is missing."""

    path: str
    old: str | None
    new: str | None

    @property
    def sign(self) -> str:
        return "+" if self.old is None else "-" if self.new is None else "~"


def differences(old: str, new: str) -> list[Difference]:
    """How the JSON text `new` differs from `old`, member by member, in order of path.

    Text that is no JSON is compared as a whole.
    """
    return sorted(_compare("", _read(old), _read(new)), key=lambda each: each.path)


def unified(old: str, new: str, old_name: str, new_name: str, context: int = 3) -> list[str]:
    """A unified difference of the two as indented JSON with members in order; empty if they are equal."""
    lines = difflib.unified_diff(
        ordered(old).splitlines(), ordered(new).splitlines(), old_name, new_name, n=context, lineterm=""
    )
    return list(lines)


def ordered(text: str) -> str:
    """JSON with its members in order, indented by two; text that is not JSON as it is."""
    value = _read(text)
    return (
        text
        if isinstance(value, _NoJson)
        else json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
    )


class _NoJson(str):
    """Text that is no JSON."""


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _NoJson(text)


def _compare(path: str, old: object, new: object) -> Iterator[Difference]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _compare_items(path, cast("dict[str, Any]", old), cast("dict[str, Any]", new), ".")
    elif isinstance(old, list) and isinstance(new, list):
        before, after = cast("list[Any]", old), cast("list[Any]", new)
        yield from _compare_items(path, _keyed(before), _keyed(after), "")
    else:
        yield from _compare_values(path, cast("object", old), new)


def _compare_values(path: str, old: object, new: object) -> Iterator[Difference]:
    if old != new or type(old) is not type(new):  # 1 is not true
        yield Difference(path or "(request)", _shown(old), _shown(new))


def _compare_items(path: str, old: dict[str, Any], new: dict[str, Any], dot: str) -> Iterator[Difference]:
    for key in dict.fromkeys([*old, *new]):
        inner = f"{path}{dot if path else ''}{key}"
        if key not in new:
            yield Difference(inner, _shown(old[key]), None)
        elif key not in old:
            yield Difference(inner, None, _shown(new[key]))
        else:
            yield from _compare(inner, old[key], new[key])


def _keyed(items: Sequence[Any]) -> dict[str, Any]:
    """The items of a list by their name, if each has one of its own; else by place."""
    for member in _NAMED_BY:
        names = [_member(item, member) for item in items]
        if names and all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
            return {f"[{name}]": item for name, item in zip(names, items, strict=True)}
    return {f"[{place}]": item for place, item in enumerate(items)}


def _member(item: Any, name: str) -> Any:
    return cast("dict[str, Any]", item).get(name) if isinstance(item, dict) else None


def _shown(value: object) -> str:
    return str(value) if isinstance(value, _NoJson) else json.dumps(value, ensure_ascii=False, sort_keys=True)
