"""The base of every value that mirrors a shape of an AWS API, and how such a value is read."""

import threading
from typing import Annotated, Any, TypeVar, cast

import msgspec

T = TypeVar("T")

LATEST_MS = 7_258_118_400_000
"""The year 2200. What says it is from later is not a time, and would be drawn as one."""

EpochMs = Annotated[int, msgspec.Meta(ge=0, le=LATEST_MS)]

_ONE_AT_A_TIME = threading.Lock()


class Shape(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A frozen value whose fields are the members of an AWS shape, in snake_case.

    The wire's camelCase names are msgspec's business: `converted(response, JobQueue)` reads a
    boto3 response, `msgspec.json.encode(queue)` writes the JSON that AWS would send. Every field has
    a default: AWS leaves out even members its own model calls required (`startedAt` of a queued job).
    Times are epoch milliseconds, as Batch sends them (`EpochMs`).
    """


def converted(value: Any, kind: type[T], *, strict: bool = True) -> T:
    """`msgspec.convert` for any thread. Raises `msgspec.ValidationError`.

    msgspec works a Struct out when it is first read, and leaves the half-made result where others find it:
    two threads that read the same one first end the process with a segmentation fault (msgspec 0.22).
    Whatever reads a Struct comes here.
    """
    with _ONE_AT_A_TIME:
        return msgspec.convert(value, kind, strict=strict)


def lenient(kind: type[T], tree: Any) -> T | None:
    """The value behind one item of a response; None if it makes no sense at all.

    Odd data costs as little as possible: unknown members are ignored, numbers in strings are read, a
    member of the wrong type is left out (it gets its default) and the rest kept.
    """
    if (value := _fitting(kind, tree)) is not None or not isinstance(tree, dict):
        return value
    members = cast("dict[str, Any]", tree).items()
    return _fitting(kind, {name: item for name, item in members if _fitting(kind, {name: item}) is not None})


def _fitting(kind: type[T], tree: Any) -> T | None:
    try:
        return converted(tree, kind, strict=False)
    except msgspec.ValidationError:
        return None
