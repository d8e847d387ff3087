"""A scrolled part of a screen."""

from textual.binding import Binding
from textual.containers import VerticalScroll


class Pane(VerticalScroll):
    """A scrolled part of a screen that fingers trained on vi can move."""

    DEFAULT_CSS = "Pane { scrollbar-size-vertical: 1; }"

    BINDINGS = [
        Binding("j", "scroll_down", "down", show=False, id="pane.down"),
        Binding("k", "scroll_up", "up", show=False, id="pane.up"),
        Binding("g", "scroll_home", "top", show=False, id="pane.top"),
        Binding("G", "scroll_end", "end", show=False, id="pane.end"),
        Binding("ctrl+d", "page_down", "page down", show=False, id="pane.page_down"),
        Binding("ctrl+u", "page_up", "page up", show=False, id="pane.page_up"),
    ]
