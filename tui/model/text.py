"""Untrusted text made harmless, once, where it enters.

A terminal obeys what it is sent: an escape sequence in a job name could move the cursor, set the
clipboard (OSC 52) or retitle the window; a bidi override could make `x` read as its reverse. Textual
sends such characters on. So every string from AWS passes `clean` before it becomes a Struct.
"""

import math
import re
from typing import Any

# C0 but tab and newline, DEL, C1; soft hyphen; bidi marks, embeddings, overrides and isolates; zero
# width characters and invisible operators; line and paragraph separators; interlinear annotation;
# lone surrogates; tag characters.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)


def _mark(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)  # ␛ for escape: the control pictures of Unicode
    if code == 0x7F:
        return "␡"
    return f"‹{code:04X}›"


def clean(text: str) -> str:
    """The text with every character that could act on a terminal, or hide, as a visible mark.

    Newlines and tabs stay: they are layout, which the place that shows the text decides on.
    """
    if text.isascii() and text.isprintable():
        return text
    return _HARMFUL.sub(_mark, text)


def clean_tree(value: Any) -> Any:
    """A copy of nested dicts and lists, as a client returns them, with every string cleaned.

    A number that is none (NaN, Infinity) becomes None.
    """
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): clean_tree(item) for key, item in value.items()}  # pyright: ignore
    if isinstance(value, list):
        return [clean_tree(item) for item in value]  # pyright: ignore
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def one_line(text: str) -> str:
    """The text for a single line of the screen: runs of white space become one space."""
    return " ".join(text.split())
