"""The part of a log view that shows: see `widgets.loglines`, which adds keys and mouse."""

import asyncio
import re
from collections.abc import Iterable

from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from widgets.logcanvas import LogCanvas, Row
from widgets.loglook import COMPONENTS, CSS, ERROR, Highlighter, Prefix, Stamps, level_spans
from widgets.logscan import Keep, Lines, LogLine, NoLines, Scan
from widgets.logwindow import Found, Shown, moved

_SLICE = 0.008
"""Seconds of searching before others may go on."""


class LogPane(Widget, can_focus=True):
    """Lines, a cursor, matches, a filter; shows them, and tells what it shows."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = COMPONENTS
    DEFAULT_CSS = CSS

    empty: reactive[str] = reactive("")
    """What is shown when there are no lines. Literal."""
    follow: reactive[bool] = reactive(False, repaint=False)
    """The cursor stays on the last line as lines come."""
    wrap: reactive[bool] = reactive(False, repaint=False)
    stamps: reactive[Stamps] = reactive("off", repaint=False)
    hosts: reactive[bool] = reactive(False, repaint=False)
    """Each line shows its host."""

    class Looked(Message, namespace="log_view"):
        """The cursor, the matches, `follow` or another state differs: what a status line tells is old."""

        def __init__(self, view: "LogPane") -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> "LogPane":
            return self.view

    class Opened(Looked, namespace="log_view"):
        """Enter on a line."""

    def __init__(
        self,
        *,
        highlight: Highlighter = level_spans,
        empty: str = "",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(LogPane.empty, empty)
        self._shown = Shown(NoLines())
        self._found: Found | None = None
        self._search: re.Pattern[str] | None = None
        self._filter: tuple[str, str] = ("", "")
        self._cursor = 0
        self._seek = False  # a search has not found its first match yet
        self._scanning = False
        self._canvas = LogCanvas(self, highlight)
        self._rows: list[Row] = []
        self._told: tuple[object, ...] = ()

    # ── What it shows ────────────────────────────────────────────────────────────────────────────

    @property
    def lines(self) -> Lines:
        return self._shown.lines

    @property
    def cursor_line(self) -> int | None:
        """The line the cursor is on, as the log counts them; None if no line is shown."""
        return self._cursor if len(self._shown) else None

    @property
    def line(self) -> LogLine | None:
        """The line under the cursor."""
        return self.lines.line(self._cursor) if len(self._shown) else None

    @property
    def shown(self) -> Shown:
        """The lines that the filter keeps."""
        return self._shown

    @property
    def matches(self) -> tuple[int, int, bool]:
        """Number of the match the view is at (0 at none), of all matches, and whether those are all."""
        found = self._found
        return (0, 0, True) if found is None else (found.number, len(found), found.scan.complete)

    @property
    def searching(self) -> bool:
        return self._found is not None

    def show(self, lines: Lines, splices: Iterable[tuple[int, int, int]] | None = None) -> None:
        """Show these lines. `splices` tell how they differ from those before; None is another log."""
        if splices is None:
            self._shown = Shown(lines, self._shown.scan)
            for scan in self._scans:
                scan.reset(len(lines))
            self._cursor = self._canvas.top = self._canvas.sub = 0
        else:
            self._shown.lines = lines
            for splice in splices:
                self._splice(*splice)
        self._canvas.dated = _several_days(lines)
        self._settle()
        self._scan_soon()

    def _splice(self, at: int, removed: int, inserted: int) -> None:
        if self._shown.scan is not None:
            self._shown.scan.splice(at, removed, inserted)
        if self._found is not None:
            self._found.splice(at, removed, inserted)
        self._cursor = moved(self._cursor, at, removed, inserted)
        self._canvas.top = moved(self._canvas.top, at, removed, inserted)

    def search(self, text: str) -> None:
        """Mark what matches, in any case if `text` is all lower case; text that is no regex is literal."""
        self._search = _pattern(text) if text else None
        self._found = None
        if self._search is not None:
            self._found = Found(self._keep(self._search), len(self.lines))
            self._seek = True
        self._settle()
        self._scan_soon()

    def search_errors(self) -> None:
        """Mark the lines that look like errors, and go to the first."""
        self._search = ERROR
        self._found = Found(self._keep(ERROR), len(self.lines))
        self._seek = True
        self._cursor = 0
        self.follow = False
        self._settle()
        self._scan_soon()

    def filter(self, text: str, host: str = "") -> None:
        """Show only the lines that match a regex, and are of a host. Raises ValueError for no regex."""
        if text:
            try:
                re.compile(text)
            except re.error as error:
                raise ValueError(f"not a regular expression: {error}") from None
        if (text, host) == self._filter:
            return
        self._filter = (text, host)
        scan = None
        if text or host:
            scan = Scan(self._keep(None))
            scan.reset(len(self.lines))
        self._shown = Shown(self.lines, scan)
        if self._search is not None:
            self._found = Found(self._keep(self._search), len(self.lines))
        self._settle()
        self._scan_soon()

    def _keep(self, search: re.Pattern[str] | None) -> Keep:
        """Whether a line passes the filter, and the search if there is one."""
        text, host = self._filter
        tests = [_pattern(text).search] if text else []
        tests += [search.search] if search else []
        if not host and len(tests) == 1:
            only = tests[0]
            return lambda _, line: only(line)
        return lambda of, line: (not host or of == host) and all(test(line) for test in tests)

    # ── Searching, a slice at a time ─────────────────────────────────────────────────────────────

    @property
    def _scans(self) -> list[Scan]:
        scans = [self._shown.scan, self._found.scan if self._found is not None else None]
        return [scan for scan in scans if scan is not None]

    def _scan_soon(self) -> None:
        if any(not scan.complete for scan in self._scans) and not self._scanning and self.is_attached:
            self._scanning = True
            # What is quickly done is done before the next frame: no flicker of a half-filtered view.
            if not self._scan_slice(_SLICE):
                self.run_worker(self._scan_on(), exclusive=False)
            else:
                self._scanning = False

    async def _scan_on(self) -> None:
        try:
            while self.is_attached and not self._scan_slice(_SLICE):
                await asyncio.sleep(0.001)
        finally:
            self._scanning = False

    def _scan_slice(self, seconds: float) -> bool:
        """Search for about so long; whether all is searched."""
        for scan in self._scans:
            if not scan.complete:
                scan.step(self.lines, seconds)
                break
        self._seek_match()
        self._settle()
        return all(scan.complete for scan in self._scans)

    def _seek_match(self) -> None:
        """Go to the first match from where the view is, as soon as it is known."""
        found = self._found
        if not self._seek or found is None:
            return
        ahead = found.next(self._cursor, 1, here=True)
        if ahead is not None and (ahead >= self._cursor or found.scan.complete):
            self._seek = False
            found.current = ahead
            self.follow = False
            self.go_to(ahead)
        elif found.scan.complete:
            self._seek = False

    # ── Moving ───────────────────────────────────────────────────────────────────────────────────

    def go_to(self, line: int) -> None:
        """Put the cursor on a line, in the middle of the view if it was out of sight."""
        if not len(self._shown):
            return
        self._cursor = self._shown.nearest(line)
        self._canvas.reveal(self._shown, self._cursor, centre=True)
        self._paint()

    def go_to_time(self, time: int) -> None:
        """Put the cursor on the first line of a time (epoch ms) or later."""
        self.follow = False
        self.go_to(min(self.lines.first_at(time), max(0, len(self.lines) - 1)))

    def watch_follow(self) -> None:
        self._settle()

    def watch_wrap(self) -> None:
        self._canvas.wrap = self.wrap
        self._canvas.sub = self._canvas.left = 0
        self._settle()

    def watch_stamps(self) -> None:
        self._canvas.stamps = self.stamps
        self._settle()

    def watch_hosts(self) -> None:
        self._canvas.hosts = self.hosts
        self._settle()

    def watch_empty(self) -> None:
        if not len(self._shown):
            self.refresh()

    # ── Painting ─────────────────────────────────────────────────────────────────────────────────

    def on_mount(self) -> None:
        self._scan_soon()

    def on_resize(self) -> None:
        self._settle()

    def notify_style_update(self) -> None:
        self._canvas.restyle()
        super().notify_style_update()

    def _settle(self) -> None:
        """The cursor on a line that is shown, the view over it."""
        shown = self._shown
        if len(shown):
            self._cursor = shown.nearest(len(self.lines) if self.follow else self._cursor)
            if self.follow:
                self._canvas.to_end(shown)
            else:
                self._canvas.top = shown.nearest(self._canvas.top)
                self._canvas.reveal(shown, self._cursor)
        self._paint()

    def _paint(self) -> None:
        """Look at the rows on screen, and mark those that read differently for painting."""
        if not self.is_attached or not self.size.height:
            return
        found = self._found
        current = None if found is None else found.current
        key = (self._search, self.wrap, self._canvas.left, self.size, self._canvas.prefix)
        rows = self._canvas.rows(self._shown, self._cursor, current)
        before, self._rows = self._rows, rows
        changed = [
            y
            for y in range(self.size.height)
            if (rows[y] if y < len(rows) else None) != (before[y] if y < len(before) else None)
        ]
        if key != self._canvas.key or bool(before) != bool(rows):
            self._canvas.key = key
            self._canvas.forget()
            self.refresh()
        elif len(changed) > self.size.height // 2:
            self.refresh()
        elif changed:
            self.refresh(*(Region(0, y, self.size.width - 1, 1) for y in changed))
        thumb = self._canvas.thumb(self._shown)
        if thumb != self._canvas.shown_thumb:
            self._canvas.shown_thumb = thumb
            self.refresh(Region(self.size.width - 1, 0, 1, self.size.height))
        self._tell()

    def _tell(self) -> None:
        state = (
            self._cursor,
            len(self._shown),
            len(self.lines),
            self.matches,
            self.follow,
            self.wrap,
            self.stamps,
            all(scan.complete for scan in self._scans),
        )
        if state != self._told:
            self._told = state
            self.post_message(self.Looked(self))

    @property
    def complete(self) -> bool:
        """Whether filter and search have looked at every line."""
        return all(scan.complete for scan in self._scans)

    @property
    def prefix(self) -> Prefix:
        return self._canvas.prefix

    def render_line(self, y: int) -> Strip:
        if not self._rows:
            return self._canvas.draw_empty(self.empty, y)
        row = self._rows[y] if y < len(self._rows) else None
        return self._canvas.draw(row, y, self._search)


def _pattern(text: str) -> re.Pattern[str]:
    flags = re.IGNORECASE if text == text.lower() else 0
    try:
        return re.compile(text, flags)
    except re.error:
        return re.compile(re.escape(text), flags)


def _several_days(lines: Lines) -> bool:
    if not len(lines):
        return False
    return lines.line(len(lines) - 1).time - lines.line(0).time > 20 * 3_600_000
