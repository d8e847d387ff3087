"""Spans of time drawn as bars on one axis, as lines of text."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from textual.content import Content

from tui.model.timeline import Lane, Span, Timeline
from tui.model.units import DAY, HOUR, MINUTE, SECOND, duration

TITLES = 11
"""Cells for the titles of the lanes."""
_LENGTHS = 8

LOOKS = {
    "waiting": ("░", "dim"),
    "starting": ("▒", "$text-primary"),
    "running": ("█", "$text-success"),
    "uploading": ("▓", "$text-primary"),
    "good": ("✓", "$text-success bold"),
    "bad": ("✖", "$text-error bold"),
    "preempted": ("◀", "$text-warning bold"),
}
"""Kind of span → its sign and style. The colour never tells alone."""

_WORDS = {"good": "succeeded", "bad": "failed"}
_ENDS = ("good", "bad", "preempted")
_STEPS = (
    *(n * SECOND for n in (1, 5, 10, 30)),
    *(n * MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * HOUR for n in (1, 2, 3, 6, 12)),
    *(n * DAY for n in (1, 2, 7, 14, 30)),
)


def chart(told: Timeline, width: int, utc: bool) -> list[Content]:
    """A line for each lane, then the axis and its times, in `width` cells."""
    room = max(10, width - TITLES - _LENGTHS)
    lines = [_lane(lane, told, room) for lane in told.lanes]
    return [*lines, *_axis(told, room, utc), Content(""), legend(told)]


def _lane(lane: Lane, told: Timeline, room: int) -> Content:
    cells = bar(lane.spans, told.start, told.end, room)
    parts = [Content.styled(lane.title.ljust(TITLES)[:TITLES], "bold")]
    at = 0
    while at < room:
        kind, until = cells[at], at
        while until < room and cells[until] == kind:
            until += 1
        sign, style = LOOKS.get(kind, (" ", ""))
        parts.append(Content.styled(sign * (until - at), style))
        at = until
    first = min((span.start for span in lane.spans), default=told.start)
    last = max((told.end if span.end is None else span.end for span in lane.spans), default=told.start)
    parts.append(Content.styled(duration(max(0, last - first)).rjust(_LENGTHS), "dim"))
    return Content("").join(parts)


def bar(spans: Sequence[Span], start: int, end: int, room: int) -> list[str]:
    """The kind of span in each of `room` cells: the one that takes most of it; empty where there is none.

    A status that ends a job takes no time, so it has the cell in which it came.
    """
    scale = (end - start) / room
    cells = [""] * room
    cover = [0.0] * room
    for span in spans:
        stop = end if span.end is None else span.end
        if span.kind in _ENDS and stop - span.start < scale:
            continue
        low, high = (span.start - start) / scale, (stop - start) / scale
        for cell in range(max(0, int(low)), min(room, int(high) + 1)):
            share = min(high, cell + 1) - max(low, cell)
            if share > cover[cell]:
                cells[cell], cover[cell] = span.kind, share
    for span in spans:
        if span.kind in _ENDS:
            cells[max(0, min(room - 1, int((span.start - start) / scale)))] = span.kind
    return cells


def _axis(told: Timeline, room: int, utc: bool) -> Iterable[Content]:
    ticks = ticks_of(told.start, told.end, max(2, room // 12), utc)
    line, labels = ["─"] * room, [" "] * (room + _LENGTHS)
    free = 0
    for at, label in ticks:
        cell = min(room - 1, int((at - told.start) / (told.end - told.start) * room))
        line[cell] = "┴"
        begin = max(0, cell - len(label) // 2)
        if begin >= free and begin + len(label) <= len(labels):
            labels[begin : begin + len(label)] = label
            free = begin + len(label) + 1
    indent = " " * TITLES
    yield Content.styled(indent + "".join(line), "dim")
    yield Content.styled(indent + "".join(labels).rstrip(), "dim")


def ticks_of(start: int, end: int, most: int, utc: bool) -> list[tuple[int, str]]:
    """Round times of day between two (epoch ms), at most about `most`, with their labels."""
    step = next((step for step in _STEPS if (end - start) / step <= most), _STEPS[-1])
    zone = UTC if utc else None
    first = datetime.fromtimestamp(start / 1000, UTC).astimezone(zone)
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + timedelta(
        milliseconds=-(-((first - midnight) / timedelta(milliseconds=1)) // step) * step
    )
    form = "%b %d" if step >= DAY else "%H:%M" if step >= MINUTE else "%H:%M:%S"
    ticks: list[tuple[int, str]] = []
    while (ms := int(at.timestamp() * 1000)) <= end:
        if ms >= start:
            midnights = at.hour == at.minute == 0 and step < DAY and end - start > 12 * HOUR
            ticks.append((ms, at.strftime("%b %d" if midnights else form)))
        at += timedelta(milliseconds=step)
    return ticks


def legend(told: Timeline) -> Content:
    """What the signs in it mean."""
    used = {span.kind for lane in told.lanes for span in lane.spans}
    return Content("   ").join(
        Content.assemble(LOOKS[kind], f" {_WORDS.get(kind, kind)}") for kind in LOOKS if kind in used
    )
