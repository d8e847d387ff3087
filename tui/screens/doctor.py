"""The doctor: is everything there that queuedeck needs? Looked at in a thread, line by line."""

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from tui.live.checkup import checkup
from tui.model.checkup import Check, summary
from tui.screens.base import LiveScreen
from tui.screens.fact_sheet import FactSheet
from tui.screens.job_facts import Fact, Section
from tui.screens.pane import Pane

if TYPE_CHECKING:
    from tui.live.changes import Changed
    from tui.screens.base import Live

WORDS = {"ok": "✓ ok", "missing": "✗ MISSING", "unknown": "? unknown"}
STYLES = {"ok": "", "missing": "bad", "unknown": "warn"}
FOLDED = ("View", "Operate", "Administer")
"""Sections whose good lines are counted, unless all lines are asked for."""


class DoctorScreen(LiveScreen):
    """What is missing in full; of permissions that are there, how many."""

    DEFAULT_CSS = """
    DoctorScreen #doctor-summary { padding: 0 1; height: 1; text-style: bold; }
    DoctorScreen #doctor { padding: 0 1; height: 1fr; }
    DoctorScreen FactSheet { height: auto; }
    """
    BINDINGS = [
        Binding("escape,q", "back", "back", key_display="esc", id="back"),
        Binding("r,R", "examine", "look again", key_display="R", id="doctor.again"),
        Binding("a", "all", "all lines", id="doctor.all"),
        Binding("y", "copy", "copy", id="doctor.copy"),
    ]

    def __init__(self, live: "Live") -> None:
        super().__init__(live)
        self._checks: list[Check] = []
        self._round = 0
        self._busy = False
        self._all = False

    def body(self) -> ComposeResult:
        yield Static("", id="doctor-summary", markup=False)
        with Pane(id="doctor"):
            yield FactSheet()

    def on_mount(self) -> None:
        self.query_one(Pane).focus()
        self.action_examine()

    def paint(self, change: "Changed | None") -> None:
        """It shows what was found when it looked, not the live picture."""

    def on_unmount(self) -> None:
        self._round += 1

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    # ---- looking

    def action_examine(self) -> None:
        """Look at everything, again."""
        self._round += 1
        self._checks, self._busy = [], True
        size = (self.app.size.width, self.app.size.height)
        found = checkup(self.live.settings, size, self.app.console.encoding)
        threading.Thread(target=self._examine, args=(self._round, found), name="doctor", daemon=True).start()
        self._show()

    def _examine(self, number: int, found: Iterator[Check]) -> None:
        """In the thread. A newer round, or the end of the screen, ends it."""
        for check in found:
            if number != self._round:
                return
            self.live.poller.deliver(lambda check=check: self._found(number, check))
        self.live.poller.deliver(lambda: self._found(number, None))

    def _found(self, number: int, check: Check | None) -> None:
        if number == self._round and self.is_attached:
            if check is None:
                self._busy = False
            else:
                self._checks.append(check)
            self._show()

    # ---- showing

    def _show(self) -> None:
        text = summary(self._checks) or "Looking…"
        if self._busy and self._checks:
            text += ", looking on…"
        elif not self._busy and all(check.state == "ok" for check in self._checks):
            text += ": nothing is missing"
        self.query_one("#doctor-summary", Static).update(Content(text))
        self.query_one(FactSheet).show(sections(self._checks, fold=not self._all))

    def action_all(self) -> None:
        self._all = not self._all
        self._show()

    def action_copy(self) -> None:
        lines = [
            f"{WORDS[check.state]}  {check.section}: {check.name}: {check.detail} {check.next_step}".rstrip()
            for check in self._checks
        ]
        self.app.copy_to_clipboard("\n".join(lines))
        self.notify(f"Copied {len(lines)} lines")

    def action_back(self) -> None:
        self.dismiss()


def sections(checks: Sequence[Check], *, fold: bool) -> list[Section]:
    """What is missing, then the checks by section, in the order they came. With `fold`, good permissions
    are a number, unknown ones one line, and missing ones stand at the top only."""
    missing = [check for check in checks if check.state == "missing"]
    found = [Section("Missing", tuple(_fact(check) for check in missing))] if missing else []
    for name in dict.fromkeys(check.section for check in checks):
        inside = [check for check in checks if check.section == name]
        facts = _folded(inside) if fold and name in FOLDED else map(_fact, inside)
        found.append(Section(name, tuple(facts)))
    return found


def _fact(check: Check) -> Fact:
    step = f"\n→ {check.next_step}" if check.next_step and check.state != "ok" else ""
    return check.name, f"{WORDS[check.state]}  {check.detail}{step}", STYLES[check.state]


def _folded(checks: Sequence[Check]) -> Iterator[Fact]:
    good = sum(check.state == "ok" for check in checks)
    if good:
        yield "Allowed", f"{WORDS['ok']}  {good} of {len(checks)}", ""
    alike: dict[tuple[str, str], list[Check]] = {}
    for check in checks:
        if check.state == "unknown":
            alike.setdefault((check.detail, check.next_step), []).append(check)
    for (detail, step), group in alike.items():
        names = ", ".join(check.name for check in group)
        yield "Unknown", f"{WORDS['unknown']}  {names}: {detail}\n→ {step}", STYLES["unknown"]
