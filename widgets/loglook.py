"""What a line of a log looks like: time, host and text in one strip, with level colours and search hits.

Everything here costs by what is visible of a line, never by its length.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Literal, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from widgets.cells import literal

Stamps = Literal["local", "utc", "off"]
"""How a line's time is shown."""

Span = tuple[int, int, str]
"""Characters [start, end) of a text, and the name of their style."""

Highlighter = Callable[[str], Iterable[Span]]

_HOSTS = 6
_NAMES = (
    "time",
    "cursor",
    "match",
    "current",
    "warn",
    "bad",
    "muted",
    "empty",
    "bar",
    "thumb",
    "key",
    "string",
    "number",
    *(f"host-{number}" for number in range(_HOSTS)),
)
COMPONENTS = {f"log--{name}" for name in _NAMES}

CSS = """
LogPane {
    height: 1fr;
    background: $surface;
    color: $foreground;

    & > .log--time { color: $text-muted; }
    & > .log--cursor { background: $foreground 8%; }
    & > .log--match { background: $warning 45%; text-style: bold; }
    & > .log--current { background: $warning; color: black; text-style: bold underline; }
    & > .log--warn { color: $text-warning; }
    & > .log--bad { color: $text-error; text-style: bold; }
    & > .log--muted { color: $text-muted; }
    & > .log--empty { color: $text-muted; }
    & > .log--bar { color: $panel; }
    & > .log--thumb { color: $text-muted; }
    & > .log--key { color: $text-primary; }
    & > .log--string { color: $text-success; }
    & > .log--number { color: $text-warning; }
    & > .log--host-0 { color: $text-primary; }
    & > .log--host-1 { color: $text-accent; }
    & > .log--host-2 { color: $text-success; }
    & > .log--host-3 { color: $text-warning; }
    & > .log--host-4 { color: $text-secondary; }
    & > .log--host-5 { color: $foreground; }

    &:focus > .log--cursor { background: $primary 30%; }
    &:light:focus > .log--cursor { background: $primary 15%; }
    &:ansi {
        & > .log--time { color: ansi_default; text-style: dim; }
        & > .log--muted { color: ansi_default; text-style: dim; }
        & > .log--match { background: ansi_yellow; color: ansi_black; }
        & > .log--current { text-style: reverse bold; color: ansi_default; background: ansi_default; }
    }
    &:ansi:focus > .log--cursor { background: ansi_default; text-style: underline; }
    &:nocolor > .log--match { text-style: reverse; }
    &:nocolor > .log--current { text-style: reverse bold underline; }
    &:nocolor:focus > .log--cursor { text-style: underline; }
}
"""

_LOOKED_AT = 400
"""Characters of a line in which its level is looked for."""

_LEVEL = re.compile(
    r"\b(?:(?P<bad>CRITICAL|FATAL|ERROR|Traceback|[A-Z]\w*(?:Error|Exception)|FAILURE|OOM|Killed|SIGKILL)"
    r"|(?P<warn>WARN(?:ING)?|[Ww]arning|\w+Warning|SIGTERM)"
    r"|(?P<muted>DEBUG|TRACE|NCCL INFO))\b"
)
ERROR = re.compile(
    r"\b(?:CRITICAL|FATAL|ERROR|Traceback|[A-Z]\w*(?:Error|Exception)|FAILURE|OOM|Killed|SIGKILL)\b"
)
"""What makes a line an error."""


def level_spans(text: str) -> Iterable[Span]:
    """The whole line in the colour of the first level that it names."""
    found = _LEVEL.search(text, 0, _LOOKED_AT)
    if found and found.lastgroup:
        yield 0, len(text), found.lastgroup


_JSON = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.){0,200}"(?=\s*:))|(?P<string>"(?:[^"\\]|\\.)*"?)|(?P<number>-?\b\d[\d.eE+-]*\b|\b(?:true|false|null)\b)'
)


def json_spans(text: str) -> Iterable[Span]:
    """Keys, strings and other values of one line of indented JSON."""
    for found in _JSON.finditer(text, 0, 2_000):
        if found.lastgroup:
            yield found.start(), found.end(), found.lastgroup


_DIFFERENCE = {"+": "string", "-": "bad", "~": "number", "@": "key"}


def diff_spans(text: str) -> Iterable[Span]:
    """A line of a difference in the colour of its sign."""
    name = _DIFFERENCE.get(text.lstrip()[:1])
    if name:
        yield 0, len(text), name


class Palette(NamedTuple):
    """The styles of the component classes, resolved for the present theme and focus."""

    row: Style
    cursor: Style
    by_name: dict[str, Style]

    @classmethod
    def of(cls, view: Widget) -> "Palette":
        styles: dict[str, Style] = {}
        for name in _NAMES:
            style = view.get_component_rich_style(f"log--{name}")
            if name not in ("cursor", "match", "current"):
                style = Style(color=style.color, bold=style.bold or None, dim=style.dim or None)
            styles[name] = style
        return cls(view.rich_style, styles["cursor"], styles)


class Prefix(NamedTuple):
    """What stands before a line's text, and how wide it is."""

    stamps: Stamps
    dated: bool
    hosts: int
    """Cells for the host's name; 0 shows none."""

    @property
    def width(self) -> int:
        times = {"local": 8, "utc": 9, "off": 0}[self.stamps] + (
            6 if self.dated and self.stamps != "off" else 0
        )
        return times + bool(times) + self.hosts + bool(self.hosts)

    def segments(self, time: int, host: str, palette: Palette, row: Style) -> Iterable[Segment]:
        if self.stamps != "off":
            yield Segment(f"{stamp(time, self.stamps, dated=self.dated)} ", row + palette.by_name["time"])
        if self.hosts:
            number = host.rpartition("-")[2]
            style = palette.by_name[f"host-{(int(number[:6]) - 1 if number.isdecimal() else 0) % _HOSTS}"]
            yield Segment(f"{set_cell_size(literal(host), self.hosts)} ", row + style)


def stamp(time: int, stamps: Stamps, *, dated: bool = False) -> str:
    """An epoch time in milliseconds as `12:41:07`, with a Z if UTC, with month and day if `dated`."""
    moment = datetime.fromtimestamp(time / 1000, UTC)
    if stamps != "utc":
        moment = moment.astimezone()
    text = moment.strftime("%m-%d %H:%M:%S" if dated else "%H:%M:%S")
    return f"{text}Z" if stamps == "utc" else text


def draw(
    text: str,
    start: int,
    width: int,
    row: Style,
    palette: Palette,
    highlight: Highlighter,
    search: re.Pattern[str] | None,
    current: bool,
) -> list[Segment]:
    """`width` cells of a text from character `start` on. `current`: it is the match that was gone to."""
    end = start + width
    visible = text[start:end]
    if not visible:
        return [Segment(" " * width, row)]
    styles: list[tuple[int, int, Style]] = [
        (max(0, a - start), min(b, end) - start, palette.by_name[name])
        for a, b, name in highlight(text)
        if a < end and b > start
    ]
    if search is not None:
        # A match may begin before what is visible; how far before does not matter much.
        window = max(0, start - 200)
        around = text[window : end + 200]
        style = palette.by_name["current" if current else "match"]
        for found in search.finditer(around):
            a, b = found.start() + window - start, found.end() + window - start
            if a < width and b > 0 and b > a:
                styles.append((max(0, a), min(b, width), style))
    return fitted(_segments(visible, styles, row), width, row)


def _segments(text: str, styles: list[tuple[int, int, Style]], row: Style) -> list[Segment]:
    if not styles:
        return [Segment(_shown(text), row)]
    cuts = sorted({0, len(text), *(min(edge, len(text)) for a, b, _ in styles for edge in (a, b))})
    segments: list[Segment] = []
    for a, b in pairwise(cuts):
        style = row
        for low, high, each in styles:
            if low <= a and b <= high:
                style += each
        segments.append(Segment(_shown(text[a:b]), style))
    return segments


def _shown(text: str) -> str:
    """A tab is as wide as its place in the slice leaves; here it is simply four cells."""
    return literal(text.replace("\t", "    ") if "\t" in text else text)


def fitted(segments: list[Segment], width: int, row: Style) -> list[Segment]:
    """The segments in exactly `width` cells."""
    return list(Strip(segments).adjust_cell_length(width, row))


def row_starts(text: str, width: int) -> list[int]:
    """Where the rows of a wrapped text begin: as many characters as fit in `width` cells each."""
    width = max(1, width)
    if text.isascii() and "\t" not in text:
        return list(range(0, max(1, len(text)), width))
    if len(text) > 20_000:
        # Measuring each character costs; half as many always fit, whatever they are.
        return list(range(0, len(text), max(1, width // 4 if "\t" in text else width // 2)))
    starts, used = [0], 0
    for index, character in enumerate(text):
        cells = 4 if character == "\t" else cell_len(character)
        if used + cells > width and index > starts[-1]:
            starts.append(index)
            used = 0
        used += cells
    return starts
