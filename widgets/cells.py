"""Text for one cell of a line: made literal, measured in terminal cells, cut to fit.

    fit(literal("資料-job\\x1b[31m"), 8)  # '資料-jo…'
    fit("12", 5, "right")  # '   12'

Nothing here knows of markup: brackets are brackets.
"""

from typing import Literal

from rich.cells import cell_len, set_cell_size
from textual.content import Content

Align = Literal["left", "right", "center"]

Cut = Literal["end", "middle"]
"""Where a text that is too long is cut: names often differ at their ends only."""

Cell = str | tuple[str, str]
"""What a table shows in a column: text, or text and the name of a style (see `STYLES`)."""

STYLES = ("muted", "good", "warn", "bad", "accent", "strong")
"""Style names of cells. Each is a component class of the widget that draws it (`table--good`)."""


def literal(text: str) -> str:
    """The text on one line and without a character that a terminal would obey.

    White space becomes a space, a control character its picture (`␛`), any other character that has no
    printed form a `·`. Printable text, nearly all there is, costs one check.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _mark(character) for character in text)


def _mark(character: str) -> str:
    code = ord(character)
    if character.isspace():
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "·"


def wrapped(text: str, width: int) -> list[str]:
    """The text as literal lines of at most `width` cells; a newline begins a line."""
    return [
        part.plain
        for line in text.splitlines()
        for part in Content(literal(line)).wrap(max(1, width), overflow="fold")
    ]


def fit(text: str, width: int, align: Align = "left", cut: Cut = "end") -> str:
    """The text in exactly `width` terminal cells: padded, or cut with an ellipsis."""
    if width <= 0:
        return ""
    last = (width - 1) // 3 if cut == "middle" else 0
    if text.isascii():
        length = len(text)
        if length > width:
            return (text[: width - 1 - last].rstrip() + "…" + text[length - last :]).ljust(width)
    else:
        tail = text[-last * 8 :] if last else ""
        text = text[: width * 8]  # measuring costs by length; eight code points a cell is beyond any script
        length = cell_len(text)
        if length > width:
            while cell_len(tail) > last:
                tail = tail[1:]
            text = set_cell_size(text, width - 1 - last).rstrip() + "…" + tail
            return text + " " * (width - cell_len(text))
    space = width - length
    if align == "right":
        return " " * space + text
    if align == "center":
        return " " * (space // 2) + text + " " * (space - space // 2)
    return text + " " * space
