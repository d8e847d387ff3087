"""Shares as lines of the set-up form: `llm = 0.5` by weight, `prod = 8 borrow 50% preempt` by quota."""

import re

from tui.model.blueprint import ShareAnswer
from tui.model.queues import PolicyKind

FAIR_HINT = "identifier = weight, one a line; a lower weight gets more. One that ends in * is a prefix."
QUOTA_HINT = "name = instances, then reserve, lend or borrow (borrow 50% at most), then preempt for in-share."
_PERCENT = re.compile(r"(\d+)\s*%")


def shares_in(text: str, kind: PolicyKind) -> tuple[ShareAnswer, ...]:
    """The shares that the lines name. Raises ValueError (a sentence)."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = tuple(_quota(line) if kind == "quota" else _fair(line) for line in lines)
    names = [share.name for share in found]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name} is there twice")
    return found


def _fair(line: str) -> ShareAnswer:
    name, _, number = (part.strip() for part in line.partition("="))
    try:
        return ShareAnswer(name=name, weight=float(number or 1))
    except ValueError:
        raise ValueError(f"{line[:40]!r} is not identifier = weight, such as llm = 0.5") from None


def _quota(line: str) -> ShareAnswer:
    name, sign, rest = (part.strip() for part in line.partition("="))
    words = rest.replace(",", " ").replace("%", "% ").split()
    if not sign or not words or not words[0].isdecimal():
        raise ValueError(f"{line[:40]!r} is not name = instances, such as prod = 8 borrow")
    strategy, limit, preempt = "RESERVE", None, False
    for word in words[1:]:
        percent = _PERCENT.fullmatch(word)
        if word in ("reserve", "lend"):
            strategy = word.upper()
        elif word in ("borrow", "lend+borrow", "lend-and-borrow"):
            strategy = "LEND_AND_BORROW"
        elif word in ("preempt", "in-share"):
            preempt = True
        elif percent and strategy == "LEND_AND_BORROW":
            limit = int(percent.group(1))
        else:
            raise ValueError(f"{word!r} is none of reserve, lend, borrow, 50% (after borrow), preempt")
    return ShareAnswer(
        name=name,
        capacity=int(words[0]),
        strategy="LEND" if strategy == "LEND" else "RESERVE" if strategy == "RESERVE" else "LEND_AND_BORROW",
        borrow_limit=limit,
        in_share_preemption=preempt,
    )
