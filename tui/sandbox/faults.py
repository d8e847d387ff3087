"""Faults on order: throttling, errors, latency, dropped connections, refusals, expired credentials."""

import random
import threading
from fnmatch import fnmatchcase
from typing import Any

import msgspec


class FaultError(ValueError):
    """A fault specification that means nothing; the text says what would."""


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong: rates are shares of all calls (0-1), `latency_ms` is added to each.

    `denied` are IAM actions (`batch:UpdateServiceJob`, `s3:*`) that nobody may call.
    """

    throttle: float = 0.0
    error: float = 0.0
    drop: float = 0.0
    latency_ms: float = 0.0
    denied: tuple[str, ...] = ()
    expired: bool = False

    def denies(self, action: str) -> bool:
        return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in self.denied)


def parse_faults(text: str) -> Faults:
    """`throttle=0.2,error=0.05,latency=40ms,drop=0.01,denied=batch:UpdateServiceJob,expired` as Faults.

    Empty text is no faults. `denied` may be given more than once. Raises FaultError.
    """
    given: dict[str, Any] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = item.partition("=")
        if name == "denied":
            given.setdefault("denied", []).append(value)
        elif not equals:
            given[name] = True
        else:
            given[name] = value
    return faults_of(given)


def faults_of(given: Any) -> Faults:
    """The same from names and values, as `POST /sandbox/faults` takes them in JSON. Raises FaultError."""
    if not isinstance(given, dict):
        raise FaultError("faults are given as name=value pairs or as a JSON object")
    found: dict[str, Any] = {}
    for name, value in given.items():
        match name:
            case "throttle" | "error" | "drop":
                found[name] = _rate(name, value)
            case "latency":
                found["latency_ms"] = _milliseconds(value)
            case "latency_ms":
                found["latency_ms"] = _milliseconds(value)
            case "denied":
                found["denied"] = _actions(value)
            case "expired" if isinstance(value, bool):
                found["expired"] = value
            case "expired":
                raise FaultError("expired takes no value")
            case _:
                raise FaultError(
                    f"unknown fault '{name}': there are throttle, error, drop, latency, denied and expired"
                )
    return Faults(**found)


def faults_from_body(body: bytes) -> Faults:
    """Faults from a request's body, JSON or the command line's syntax. Raises FaultError."""
    text = body.decode("utf-8", "replace").strip()
    if not text.startswith("{"):
        return parse_faults(text)
    try:
        return faults_of(msgspec.json.decode(text))
    except msgspec.DecodeError:
        raise FaultError("the JSON is not valid") from None


def _rate(name: str, value: Any) -> float:
    try:
        rate = float(value)
    except (TypeError, ValueError):
        rate = -1.0
    if isinstance(value, bool) or not 0 <= rate <= 1:
        raise FaultError(f"{name} is a share of all calls between 0 and 1, for example {name}=0.2")
    return rate


def _milliseconds(value: Any) -> float:
    text = str(value).strip()
    factor = 1.0
    if text.endswith("ms"):
        text = text[:-2]
    elif text.endswith("s"):
        text, factor = text[:-1], 1000.0
    try:
        latency = float(text) * factor
    except ValueError:
        latency = -1.0
    if isinstance(value, bool) or not 0 <= latency <= 600_000:
        raise FaultError("latency is a time, for example latency=40ms or latency=2s")
    return latency


def _actions(value: Any) -> tuple[str, ...]:
    actions = [value] if isinstance(value, str) else value
    if not isinstance(actions, list | tuple) or not all(
        isinstance(action, str) and action.count(":") == 1 for action in actions
    ):
        raise FaultError("denied is an IAM action, for example denied=batch:UpdateServiceJob or denied=s3:*")
    return tuple(actions)


class Dice:
    """Decides by chance, from a seed, which calls the faults strike."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    def strikes(self, rate: float) -> bool:
        if rate <= 0:
            return False
        with self._lock:
            return self._random.random() < rate
