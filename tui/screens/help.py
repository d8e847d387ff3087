"""Every key that does something now, and what the signs mean."""

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen

from tui.screens.fact_sheet import FactSheet
from tui.screens.job_facts import Section
from tui.screens.pane import Pane

LIGHT = Section(
    "Freshness",
    (
        ("● live", "the picture is as fresh as the interval says", ""),
        ("▲ stale", "the last good picture is old; queuedeck keeps asking", ""),
        ("▲ partial", "fresh, but for the part that the line below the header names", ""),
        ("✖ offline", "nothing new comes; the line below the header says why", ""),
    ),
)
SIGNS = Section(
    "Signs",
    (
        ("# column", "place in dispatch order, among the first 100 that AWS tells", ""),
        ("STARTS ~", "when a waiting job probably gets its capacity; ? where nothing tells. w says more", ""),
        ("WAITED", "from submission to the start (or to now)", ""),
        ("STATUS!", "its termination has been requested", ""),
        ("cancel… pri 9…", "in STATUS: what you asked for is on its way", ""),
        ("· in PRI", "not asked yet: AWS tells priorities one job at a time", ""),
    ),
)
FILTERS = Section(
    "Filter",
    (
        ("llama sft", "both words, in name, status, share, type or reason", ""),
        ("/sft-0[0-9]+$/", "a regular expression", ""),
        ("!status:failed", "not", ""),
        ("share:prod", "a field contains it; name:llama* a prefix; status:=running the whole", ""),
        ("age>1h pri>=5", "age, waited, ran (90s 15m 1h30m 2d); pri, instances", ""),
    ),
)


MOVING = ("table.", "pane.", "log.", "form.", "answers.", "choices.")
"""How the ids of keys begin that only move about."""


class HelpScreen(ModalScreen[None]):
    """Lists the active bindings of the screen below. `?` closes it, too."""

    DEFAULT_CSS = """
    HelpScreen > #help {
        width: 90%; max-width: 100; height: auto; max-height: 85%; padding: 0 1;
        border: round $primary; background: $surface;
    }
    """

    BINDINGS = [Binding("escape,q", "dismiss", "close", key_display="esc", id="dialog.close")]

    def __init__(self, about: Screen[object]) -> None:
        super().__init__()
        self._sections = sections_about(about)

    def compose(self) -> ComposeResult:
        with Pane(id="help"):
            yield FactSheet()

    def on_mount(self) -> None:
        self.query_one("#help").border_title = "Help"
        self.query_one("#help").border_subtitle = "esc close"
        self.call_after_refresh(self.query_one(FactSheet).show, self._sections)


def sections_about(screen: Screen[object]) -> list[Section]:
    """What the keys of a screen do, one line for each action, and what its signs mean."""
    doing: dict[str, tuple[list[str], str]] = {}
    moving: dict[str, tuple[list[str], str]] = {}
    everywhere: dict[str, tuple[list[str], str]] = {}
    for _, binding in known_bindings(screen):
        name = binding.id or "app."  # the palette's has none
        place = moving if name.startswith(MOVING) else everywhere if name.startswith("app.") else doing
        keys, _ = place.setdefault(binding.action, ([], binding.description))
        key = screen.app.get_key_display(binding)
        if key not in keys:
            keys.append(key)
    found = [_section("Keys", doing), _section("Everywhere", everywhere)]
    if screen.query("VirtualTable#jobs"):
        found += [FILTERS, SIGNS]
    if not screen.is_modal:
        found.append(LIGHT)
    return [section for section in (*found, _section("Moving", moving)) if section.facts]


def known_bindings(screen: Screen[object]) -> Iterator[tuple[DOMNode, Binding]]:
    """The keys that do something now, and where. Textual's own have no id: nobody asks for those, but for
    the palette's."""
    for node, binding, enabled, _ in screen.active_bindings.values():
        known = binding.id or binding.action.endswith("command_palette")
        if enabled and binding.description and known:
            yield node, binding


def _section(title: str, found: dict[str, tuple[list[str], str]]) -> Section:
    return Section(title, tuple((" ".join(keys), does, "") for keys, does in found.values()))
