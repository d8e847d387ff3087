"""Members of a request by their path, as `--set` names them: `ResourceConfig.InstanceCount`."""

import re
from copy import deepcopy
from typing import Any, cast

_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
MAPS = ("HyperParameters", "Environment")
"""Members whose own members are the user's words, dots and all."""


def with_member(payload: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of the request with one member changed; objects on the way are made.

    `InputDataConfig[0].ContentType` is a member of a list's entry, which must be there. Raises ValueError (a
    sentence) for a path that leads nowhere.
    """
    changed = deepcopy(payload)
    *around, last = _steps(path)
    place: Any = changed
    for step in around:
        if isinstance(step, str) and isinstance(place, dict):
            place = cast(dict[str, Any], place).setdefault(step, {})
        else:
            place = _entry(place, step, path)
    if isinstance(last, str) and isinstance(place, dict):
        place[last] = value
    else:
        _entry(place, last, path)
        place[last] = value
    return changed


def _steps(path: str) -> list[str | int]:
    first, dot, rest = path.partition(".")
    if dot and first in MAPS:
        return [first, rest]
    steps: list[str | int] = [int(i) if i else name for i, name in _STEP.findall(path)]
    if not steps or not isinstance(steps[0], str):
        raise ValueError(f"{path!r} is no path: write ResourceConfig.InstanceCount=4")
    return steps


def _entry(place: Any, step: str | int, path: str) -> Any:
    entries = cast(list[Any], place) if isinstance(place, list) else []
    if not isinstance(step, int) or step >= len(entries):
        raise ValueError(f"{path}: the request has no {step!r} there")
    return entries[step]
