"""What the doctor finds: one line a check, what to do, and the verdict. Pure; others look."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

State = Literal["ok", "missing", "unknown"]

SMALLEST = (60, 12)
"""Columns and lines that the dashboard needs."""

SKEW_MS = 60_000
"""A clock that is off by more makes ages wrong, and is on its way to what AWS refuses."""

REFUSED_MS = 300_000
"""A clock that is off by more makes AWS refuse every signature."""


class Check(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One finding. `fatal`: the configuration is wrong, and nothing can work until it is corrected."""

    section: str
    name: str
    state: State
    detail: str = ""
    next_step: str = ""
    fatal: bool = False


def verdict(checks: Iterable[Check]) -> int:
    """The exit code: 0 nothing is missing, 1 something is, 2 the configuration is wrong."""
    code = 0
    for check in checks:
        if check.fatal:
            return 2
        if check.state == "missing":
            code = 1
    return code


def summary(checks: Sequence[Check]) -> str:
    """`2 missing, 1 unknown, 30 ok`."""
    counts = {state: sum(check.state == state for check in checks) for state in ("missing", "unknown", "ok")}
    return ", ".join(f"{number} {state}" for state, number in counts.items() if number)


def terminal(environ: Mapping[str, str], size: tuple[int, int] | None, encoding: str) -> list[Check]:
    """What the terminal can do, by what it says of itself. `size` is (columns, lines), None without one."""
    return [_size(size), _colours(environ), _letters(encoding)]


def _size(size: tuple[int, int] | None) -> Check:
    name, least = "Terminal size", f"{SMALLEST[0]} × {SMALLEST[1]}"
    if size is None:
        return _terminal(name, "unknown", "no terminal", "Run it in a terminal to know.")
    detail = f"{size[0]} × {size[1]}"
    if size[0] < SMALLEST[0] or size[1] < SMALLEST[1]:
        return _terminal(name, "missing", detail, f"Make it {least} or larger; 80 × 24 shows everything.")
    return _terminal(name, "ok", detail)


def _colours(environ: Mapping[str, str]) -> Check:
    name, term = "Colours", environ.get("TERM", "")
    if term == "dumb":
        step = "Set TERM to what your terminal is, such as xterm-256color."
        return _terminal(name, "missing", "none: TERM=dumb", step)
    if environ.get("NO_COLOR"):
        return _terminal(name, "ok", "none: NO_COLOR is set. Nothing needs them.")
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return _terminal(name, "ok", f"16 million (TERM={term})")
    if "256" in term:
        return _terminal(name, "ok", f"256 (TERM={term})")
    if not term:
        return _terminal(name, "unknown", "TERM is not set", "Set TERM to what your terminal is.")
    return _terminal(name, "ok", f"16 (TERM={term}). Nothing needs more.")


def _letters(encoding: str) -> Check:
    name = "Encoding"
    if encoding.lower().replace("-", "") in ("utf8", "utf8mb4"):
        return _terminal(name, "ok", "UTF-8")
    step = "Set LANG or LC_ALL to a UTF-8 locale, such as C.UTF-8."
    return _terminal(name, "missing", encoding or "none", step)


def _terminal(name: str, state: State, detail: str, next_step: str = "") -> Check:
    return Check(section="Terminal", name=name, state=state, detail=detail, next_step=next_step)


def clock_check(skew_ms: int, *, practice: bool) -> Check:
    """How far this machine's clock is from AWS's. A `practice` endpoint may run a clock of its own."""
    ahead = "behind" if skew_ms > 0 else "ahead of"
    seconds = abs(skew_ms) / 1000
    detail = "right, to a second or two" if seconds <= 2 else f"{seconds:,.0f} s {ahead} AWS"
    state: State = "ok"
    step = ""
    if practice and seconds > 2:
        detail += ": a local endpoint, with a clock of its own"
    elif abs(skew_ms) > REFUSED_MS:
        state, step = "missing", "Set the clock (NTP): AWS refuses signatures that are five minutes off."
    elif abs(skew_ms) > SKEW_MS:
        state, step = "missing", "Set the clock (NTP): at five minutes AWS refuses every call."
    return Check(section="Connection", name="Clock", state=state, detail=detail, next_step=step)
