"""Settings: defaults, then the config file, then the environment, then flags, as one typed value."""

import math
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec


class SettingsError(ValueError):
    """A setting is wrong. The text is one line that says what, where, and what to do."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person can set. None leaves the choice to AWS's own resolution (profile, region, …).

    `interval` is the seconds between refreshes of what is on screen, `rate` the calls a second that all
    refreshes together may make (AWS Batch allows an account about 50). `queue` opens that queue at the
    start, `filter` its first filter. `clock` is how often the clock repaints, which a slow line notices.
    `keys` maps an action's id to the keys that trigger it.
    """

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    queue: str | None = None
    filter: str = ""
    interval: float = 5.0
    rate: float = 10.0
    read_only: bool = False
    utc: bool = False
    clock: Literal["seconds", "minutes", "off"] = "seconds"
    theme: str = "textual-dark"
    keys: dict[str, str] = {}


_FIELDS = tuple(field.name for field in msgspec.structs.fields(Settings))
_PREFIX = "QUEUEDECK_"
LONGEST_INTERVAL = 86_400.0
_SWITCHES = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}


def config_path() -> Path:
    """Where the config file is looked for: `QUEUEDECK_CONFIG`, or config.toml in the XDG folder."""
    if chosen := os.environ.get(f"{_PREFIX}CONFIG"):
        return Path(chosen)
    from platformdirs import user_config_path

    return user_config_path("queuedeck") / "config.toml"


def load(
    flags: Mapping[str, Any], environ: Mapping[str, str] | None = None, path: Path | None = None
) -> Settings:
    """The settings in force. Flags that are None were not given. Raises SettingsError."""
    environ = os.environ if environ is None else environ
    path = config_path() if path is None else path
    given = {name: value for name, value in flags.items() if value is not None}
    merged = _read_file(path) | _read_environment(environ) | given
    try:
        settings = msgspec.convert(merged, Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(f"a setting has a wrong value: {error}") from None
    if not 0 < settings.rate < math.inf:
        raise SettingsError(f"rate is {settings.rate:g} calls a second; give more than 0, such as 10")
    if not 1 <= settings.interval <= LONGEST_INTERVAL:
        raise SettingsError(f"interval is {settings.interval:g} s; the shortest is 1 s, the longest a day")
    return settings


def _read_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read the config file {path}: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from None
    try:
        msgspec.convert(values, Settings)
    except msgspec.ValidationError as error:
        unknown = [key for key in values if key not in _FIELDS]
        what = f"unknown key {', '.join(map(repr, unknown))}" if unknown else str(error)
        raise SettingsError(f"{path}: {what}; the keys are {', '.join(_FIELDS)}") from None
    return values


def _read_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in _FIELDS:
        text = environ.get(_PREFIX + name.upper())
        if text is None or name == "keys":
            continue
        if name in ("read_only", "utc"):
            if text.lower() not in _SWITCHES:
                raise SettingsError(f"{_PREFIX}{name.upper()} is {text!r}; say 1 or 0")
            values[name] = _SWITCHES[text.lower()]
        elif name in ("interval", "rate"):
            try:
                values[name] = float(text)
            except ValueError:
                raise SettingsError(f"{_PREFIX}{name.upper()} is {text!r}; give a number") from None
        else:
            values[name] = text
    return values
