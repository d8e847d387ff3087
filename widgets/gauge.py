"""How much of a limit is in use: `███████░░░ 27/32`, with what is borrowed and lent.

    gauge_text(27, 32, 16)                        # '████████░░ 27/32': plain, for a cell of a table
    gauge(12, 8, 24, reach=16)                    # '█████████│▓▓▓▓▓···· 12/8', in colours: 4 over its limit
    gauge(3, 8, 24, lent=4)                       # '███████░░▒▒▒▒▒▒▒▒▒▒ 3/8': half of it is lent to others

    panel = CapacityGauge()
    panel.update(12, 8, reach=16, note="+4 borrowed")

Each part has a glyph of its own, so that it reads without colours: `█` used within the limit, `▓` used
beyond it, `▒` lent, `░` free, `│` the limit, `·` room beyond it.
"""

import math
from typing import Literal, TypedDict, Unpack

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from widgets.cells import literal

Part = Literal["used", "over", "lent", "free", "tick", "beyond", "label"]

GLYPHS: dict[Part, str] = {"used": "█", "over": "▓", "lent": "▒", "free": "░", "tick": "│", "beyond": "·"}
ASCII_GLYPHS: dict[Part, str] = {
    "used": "#",
    "over": "+",
    "lent": "~",
    "free": "-",
    "tick": "|",
    "beyond": ".",
}

_STYLES: dict[Part, str] = {
    "used": "$primary",
    "over": "$text-warning",
    "lent": "$text-secondary",
    "free": "dim",
    "tick": "bold",
    "beyond": "dim",
    "label": "",
}
LABEL_CELLS = 5
"""A `label_width` for columns of gauges: `22/14`. A longer number has a shorter bar."""
_LEAST_BAR = 3
"""A bar of fewer cells says nothing: the number alone stays."""


class Options(TypedDict, total=False):
    """What else a gauge can show, and how."""

    lent: float
    """The part of the limit that others use now."""
    reach: float
    """The value at the right end of the bar; by default the greater of limit and used."""
    label_width: int
    """Right-aligns the number in so many cells, so that the bars of a column have one length."""
    ascii_only: bool
    """Draws with ASCII characters."""


def gauge_parts(used: float, limit: float, width: int, **options: Unpack[Options]) -> list[tuple[str, Part]]:
    """The pieces of a gauge, `width` cells in all; only the number when there is no room for a bar."""
    lent, reach = _sound(options.get("lent", 0)), _sound(options.get("reach", 0))
    used, limit = _sound(used), _sound(limit)
    label = f"{_number(used)}/{_number(limit)}".rjust(options.get("label_width", 0))
    cells = width - len(label) - 1
    if cells < _LEAST_BAR:
        return [(label.rjust(width) if len(label) <= width else "…"[:width], "label")]
    glyphs = ASCII_GLYPHS if options.get("ascii_only") else GLYPHS
    bar = _bar(used, limit, lent, max(reach, limit, used), cells)
    return [*((glyphs[part] * count, part) for part, count in bar if count), (f" {label}", "label")]


def gauge_text(used: float, limit: float, width: int, **options: Unpack[Options]) -> str:
    """A gauge as plain text."""
    return "".join(text for text, _ in gauge_parts(used, limit, width, **options))


def gauge(used: float, limit: float, width: int, **options: Unpack[Options]) -> Content:
    """A gauge in the colours of the theme."""
    return Content.assemble(
        *((text, _STYLES[part]) for text, part in gauge_parts(used, limit, width, **options))
    )


def _bar(used: float, limit: float, lent: float, end: float, cells: int) -> list[tuple[Part, int]]:
    """The parts of the bar and their cells. What is not nothing shows; what is not full looks not full."""
    tick = limit < end  # something lies beyond the limit
    cells -= tick

    def at(value: float) -> int:
        if end <= 0 or value <= 0:
            return 0
        if value >= end:
            return cells
        return min(max(1, round(value / end * cells)), cells - 1)

    inside, filled = at(limit), at(used)
    within = min(filled, inside)
    if used < limit and within == inside:
        within = max(0, inside - 1)
    lent_cells = min(at(lent), inside - within)
    over = max(filled - inside, 1) if used > limit else 0
    return [
        ("used", within),
        ("free", inside - within - lent_cells),
        ("lent", lent_cells),
        ("tick", int(tick)),
        ("over", over),
        ("beyond", cells - inside - over),
    ]


def _sound(value: float) -> float:
    """The value, if it is one that a bar can show; else 0."""
    return value if math.isfinite(value) and value > 0 else 0


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


class CapacityGauge(Widget):
    """A gauge as wide as its place, with an optional note behind it. Repaints only when it reads anew."""

    DEFAULT_CSS = """
    CapacityGauge { height: 1; width: 1fr; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._shown: tuple[float, float, str, Options] = (0, 0, "", {})

    def update(self, used: float, limit: float, note: str = "", **options: Unpack[Options]) -> None:
        """Shows these values. `note` is literal text, such as `+4 lent`."""
        shown = (used, limit, note, options)
        if shown != self._shown:
            self._shown = shown
            self.refresh()

    def render(self) -> Content:
        used, limit, note, options = self._shown
        note = f"  {literal(note)}" if note else ""
        width = self.size.width - cell_len(note)
        if width < _LEAST_BAR:
            width, note = self.size.width, ""
        return Content.assemble(gauge(used, limit, width, **options), (note, "dim"))
