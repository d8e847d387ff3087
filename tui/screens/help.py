"""Every key that does something now, and what the signs mean."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen, Screen

from tui.screens.fact_sheet import FactSheet
from tui.screens.job_facts import Section
from tui.screens.pane import Pane

SIGNS = Section(
    "Signs",
    (
        ("● live", "the picture is as fresh as the interval says", ""),
        ("▲ stale", "the last good picture is old; queuedeck keeps asking", ""),
        ("✖ offline", "the last question failed; the line below the header says why", ""),
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


class HelpScreen(ModalScreen[None]):
    """Lists the active bindings of the screen below."""

    DEFAULT_CSS = """
    HelpScreen > #help {
        width: 90%; max-width: 100; height: auto; max-height: 85%; padding: 0 1;
        border: round $primary; background: $surface;
    }
    """

    BINDINGS = [Binding("escape,q,question_mark", "dismiss", "close", key_display="esc", id="dialog.close")]

    def __init__(self, about: Screen[object]) -> None:
        super().__init__()
        self._doing, self._moving = keys_of(about)

    def compose(self) -> ComposeResult:
        with Pane(id="help"):
            yield FactSheet()

    def on_mount(self) -> None:
        self.query_one("#help").border_title = "Help"
        self.query_one("#help").border_subtitle = "esc close"
        self.call_after_refresh(self.query_one(FactSheet).show, [self._doing, FILTERS, SIGNS, self._moving])


def keys_of(screen: Screen[object]) -> tuple[Section, Section]:
    """What the keys of a screen do, one line for each action; those that only move apart from the others."""
    doing: dict[str, tuple[list[str], str]] = {}
    moving: dict[str, tuple[list[str], str]] = {}
    for _, binding, enabled, _ in screen.active_bindings.values():
        # Textual's own bindings have no id; nobody asks for those, but for the palette's.
        known = binding.id or binding.action.endswith("command_palette")
        if enabled and binding.description and known:
            place = moving if (binding.id or "").startswith(("table.", "pane.")) else doing
            keys, _ = place.setdefault(binding.action, ([], binding.description))
            key = screen.app.get_key_display(binding)
            if key not in keys:
                keys.append(key)
    return _section("Keys", doing), _section("Moving", moving)


def _section(title: str, found: dict[str, tuple[list[str], str]]) -> Section:
    return Section(title, tuple((" ".join(keys), does, "") for keys, does in found.values()))
