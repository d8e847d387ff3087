"""What the dialogs that change resources share: fields, what would change, sending, what came of it."""

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.actions.changing import Made, audit_entries, made_text, make
from tui.aws.problems import READ_ONLY, Problem
from tui.model.resource_changes import Change
from widgets.cells import literal
from widgets.form import Field, Form
from widgets.hints import KeyHints
from widgets.table import Cell, Column, VirtualTable

if TYPE_CHECKING:
    from tui.aws.session import Aws
    from tui.live.store import Unsubscribe
    from tui.screens.base import Live

SETTLE = 0.08
"""Seconds that a change waits for the next one before the preview is made again."""

PART = 3.0
"""A preview that takes long, with thousands of jobs, is made that much more rarely: keys come first."""

MOST_ROWS = 6
"""Lines of the preview's table; more are scrolled."""


class Mistakes(Exception):
    """What is typed cannot be sent: a complaint for each field that is to blame, by its key."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = dict(errors)


class ChangeDialog(ModalScreen[bool]):
    """Answers True when all its changes were made.

    A subclass gives title, fields and changes, and says what they would do: rows of a table, and a text. It
    follows the live picture of `queue`, if it is about one. Nothing is sent before `ctrl+s`.
    """

    DEFAULT_CSS = """
    ChangeDialog Form { max-height: 20; }
    ChangeDialog.-short Form { max-height: 9; }
    ChangeDialog > Vertical {
        width: 94%; max-width: 110; height: auto; max-height: 96%; padding: 0 1;
        border: round $primary; background: $surface;
        & Form { height: auto; }
        & VirtualTable { margin-top: 1; background: $surface; display: none; }
        & #says { height: auto; max-height: 8; margin-top: 1; }
        & #hint { height: auto; max-height: 3; color: $text-muted; }
        & #outcome { height: auto; max-height: 6; margin-top: 1; color: $text-error; display: none; }
        & KeyHints { dock: none; background: $surface; padding: 0; margin-top: 1; }
    }
    """
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]
    BINDINGS = [
        Binding("ctrl+s", "send", "save", id="change.send"),
        Binding("ctrl+y", "copy_commands", "copy as AWS CLI", id="change.copy"),
        Binding("escape", "close", "close", key_display="esc", id="dialog.cancel"),
    ]
    COLUMNS: Sequence[Column] = ()
    heading = ""

    def __init__(self, live: "Live", queue: str = "") -> None:
        super().__init__()
        self.live = live
        self.queue = queue
        self._sending = False
        self._soon = False
        self._took = 0.0
        self._touched: set[str] = set()
        self._first: dict[str, str] = {}
        self._leave: Unsubscribe | None = None

    # ---- for subclasses

    def title_text(self) -> str:
        return self.heading

    def fields(self) -> ComposeResult:
        yield from ()

    def changes(self, values: Mapping[str, str]) -> list[Change]:
        """The calls to make, none if nothing differs. Raises `Mistakes`."""
        raise NotImplementedError

    def rows(self) -> list[str]:
        """The rows of the preview's table, by key."""
        return []

    def cells(self, key: str) -> tuple[Cell, ...]:
        return ()

    def says(self, changes: Sequence[Change]) -> Content:
        """What the changes would do, in words."""
        return Content("")

    def before(self, change: Change) -> str:
        """What a change is about to alter, for the audit log."""
        return ""

    def look(self, values: Mapping[str, str]) -> None:
        """Something was typed, or the picture changed: think again about what would happen."""

    # ---- layout

    def compose(self) -> ComposeResult:
        with Vertical():
            with Form():
                yield from self.fields()
            yield VirtualTable(self.COLUMNS, self.cells, markable=False)
            yield Static("", id="says", markup=False)
            yield Static("", id="hint", markup=False)
            yield Static("", id="outcome", markup=False)
            yield KeyHints(keep=("send", "close"))

    def on_mount(self) -> None:
        self.query_one(Vertical).border_title = Content(literal(self.title_text()))
        self._first = self.form.values
        self._leave = self.live.store.subscribe(
            lambda change: self.soon() if not self.queue or change.of(self.queue) else None
        )
        first = next((field for field in self.form.fields if field.display), None)
        if first is not None:
            first.focus_control()
        self.preview()

    def on_unmount(self) -> None:
        if self._leave:
            self._leave()

    @property
    def form(self) -> Form:
        return self.query_one(Form)

    @on(Field.Changed)
    def typed(self, event: Field.Changed) -> None:
        if event.field.value != self._first.get(event.field.key, ""):
            self._touched.add(event.field.key)
        self.soon()

    def on_descendant_focus(self) -> None:
        """What the field at the cursor is about."""
        node = self.focused
        field = next((each for each in node.ancestors if isinstance(each, Field)), None) if node else None
        hint = self.query_one("#hint", Static)
        text = literal(field.hint) if field is not None else ""
        hint.update(Content(text))
        hint.display = bool(text)

    def soon(self) -> None:
        """Make the preview anew once things have settled."""
        if not self._soon:
            self._soon = True
            self.set_timer(max(SETTLE, PART * self._took), self._preview)

    def _preview(self) -> None:
        began = time.perf_counter()
        self.preview()
        self._took = time.perf_counter() - began

    def preview(self) -> None:
        self._soon = False
        if not self.is_attached:
            return
        values = self.form.values
        changes: list[Change] = []
        errors: dict[str, str] = {}
        try:
            changes = self.changes(values)
        except Mistakes as wrong:
            errors = wrong.errors
        self.look(values)
        # A field nobody has been at yet is not complained about.
        self.form.show_errors({key: text for key, text in errors.items() if key in self._touched})
        self._show_table()
        missing = [self.form.field(key).label for key in errors if key not in self._touched]
        text = Content.styled(f"Still to be given: {', '.join(missing)}.", "dim") if missing else Content("")
        if not errors:
            text = self.says(changes) if changes else self.nothing()
        self.show_says(text)

    def nothing(self) -> Content:
        """What is said when no change is to be sent."""
        return Content.styled("Nothing differs from what is there: nothing to save.", "dim")

    def show_says(self, text: Content) -> None:
        says = self.query_one("#says", Static)
        if says.content != text:
            says.update(text)
        says.display = bool(text.plain)

    def _show_table(self) -> None:
        table = self.query_one(VirtualTable)
        rows = self.rows()
        table.display = bool(rows)
        table.can_focus = len(rows) > MOST_ROWS
        table.styles.height = min(MOST_ROWS, len(rows)) + 1
        table.show(rows)
        table.refresh_cells()

    # ---- what the user does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "send" and self.live.settings.read_only:
            return False
        return super().check_action(action, parameters)

    def action_send(self) -> None:
        if self._sending:
            return
        if self.live.settings.read_only:
            self.show_outcome(str(READ_ONLY))
            return
        try:
            changes = self.changes(self.form.values)
        except Mistakes as wrong:
            self._touched |= wrong.errors.keys()
            self.form.show_errors(wrong.errors)
            if (field := self.form.first_wrong) is not None:
                field.focus_control()
            else:
                self.show_outcome(str(wrong))
            return
        if changes:
            self.send(changes)

    def send(self, changes: Sequence[Change]) -> None:
        """Make the changes, in a worker."""
        self._sending = True
        self.query_one("#outcome").display = False
        self.query_one("#says", Static).update(Content.styled("Sending…", "dim"))
        befores = {change.name: self.before(change) for change in changes}

        def made(answer: "tuple[Made, ...] | Problem") -> None:
            self._sending = False
            if isinstance(answer, Problem):
                answer = tuple(Made(change, answer) for change in changes)
            self.live.actions.record(
                audit_entries(answer, self.queue, lambda change: befores.get(change.name, ""))
            )
            self.live.poller.refresh_now()
            self.made(answer)

        self.live.poller.act(lambda aws: self.carry_out(aws, changes), made, queue=self.queue or None)

    def carry_out(self, aws: "Aws", changes: Sequence[Change]) -> tuple[Made, ...]:
        """Make the changes. Runs in a worker: it may not touch the screen."""
        return make(aws, changes)

    def made(self, answer: Sequence[Made]) -> None:
        """What became of the changes: all made closes the dialog, else it says what was not, and why."""
        done = [one.change for one in answer if one.done]
        if len(done) == len(answer):
            names = " and ".join(dict.fromkeys(f"{change.kind} {change.name}" for change in done))
            self.app.notify(f"{self.done_word} {names}", timeout=4, markup=False)
            if self.is_attached:
                self.dismiss(True)
            return
        text = made_text(answer)
        if self.is_attached:
            self.show_outcome(text)
            self.preview()
        else:
            self.app.notify(text, severity="error", timeout=10, markup=False)

    done_word = "Updated"
    """What the toast says of changes that were made."""

    def show_outcome(self, text: str) -> None:
        outcome = self.query_one("#outcome", Static)
        outcome.update(Content(literal_lines(text)))
        outcome.display = True

    def action_copy_commands(self) -> None:
        from tui.provision.shell import shell_text

        try:
            changes = self.changes(self.form.values)
        except Mistakes as wrong:
            self.notify(f"Nothing to copy yet: {wrong}", severity="warning", markup=False)
            return
        settings = self.live.settings
        self.app.copy_to_clipboard(
            shell_text(
                changes,
                profile=settings.profile,
                region=settings.region,
                endpoint_url=settings.endpoint_url,
            )
        )
        self.notify("Copied as AWS CLI" if changes else "Nothing differs: nothing to copy")

    def action_close(self) -> None:
        """Leave; what was typed is not lost without asking."""
        if self._sending or self.form.values == self._first:
            self.dismiss(False)
            return
        from tui.screens.confirm import ConfirmDialog

        question = "Leave, and forget what was changed here? Nothing has been sent."
        self.app.push_screen(ConfirmDialog(question, yes="Leave"), self._left)

    def _left(self, leave: bool | None) -> None:
        if leave:
            self.dismiss(False)


def literal_lines(text: str) -> str:
    return "\n".join(literal(line) for line in text.splitlines())
