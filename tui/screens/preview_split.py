"""The job table, and beside it the job under the cursor, where the terminal is wide enough for both."""

from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.events import Resize

from widgets.table import VirtualTable

if TYPE_CHECKING:
    from tui.screens.base import Live
    from tui.screens.job.preview import JobPreview

PREVIEW_FROM = 160
"""Columns from which on there is a preview."""


class PreviewSplit(Horizontal):
    """Holds the table of one queue's jobs. `v` takes the preview away and brings it back."""

    BINDINGS = [Binding("v", "preview", "preview", show=False, id="queue.preview")]

    def __init__(self, live: "Live", queue: str) -> None:
        super().__init__()
        self._live = live
        self._queue = queue
        self._wanted = True
        self._preview: JobPreview | None = None

    def on_resize(self, event: Resize) -> None:
        self._fit(event.size.width)

    def action_preview(self) -> None:
        self._wanted = not self._wanted
        if self.size.width < PREVIEW_FROM:
            self._wanted = True
            self.notify(f"The preview needs a terminal {PREVIEW_FROM} columns wide.")
        self._fit(self.size.width)

    @on(VirtualTable.Highlighted)
    def highlighted(self, event: VirtualTable.Highlighted) -> None:
        if self._preview is not None:
            self._preview.look_at(event.key)

    def _fit(self, width: int) -> None:
        wanted = self._wanted and width >= PREVIEW_FROM
        if wanted and self._preview is None:
            from tui.screens.job.preview import JobPreview

            self._preview = JobPreview(self._live, self._queue)
            self.mount(self._preview)
            key = self.query_one(VirtualTable).cursor_key
            self._preview.call_after_refresh(self._preview.look_at, key)
        elif not wanted and self._preview is not None:
            self._preview.remove()
            self._preview = None

    def paint(self) -> None:
        """Show the job as it is known now: ages go on."""
        if self._preview is not None:
            self._preview.paint()
