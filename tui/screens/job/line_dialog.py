"""One line of a log in full, wrapped."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen
from textual.widgets import Static

from widgets.loglines import LogView
from widgets.plainlines import PlainLines


class LineDialog(ModalScreen[None]):
    """Shows a long line whole. `y` copies it."""

    DEFAULT_CSS = """
    LineDialog > LogView {
        width: 90%; height: 80%; border: round $primary; background: $surface; padding: 0;
    }
    """
    BINDINGS = [
        Binding("escape,q,enter", "dismiss", "close", key_display="esc", id="dialog.close"),
        Binding("y", "copy", "copy", id="line.copy"),
    ]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        view = LogView()
        view.border_title = self._title.replace("[", "\\[")
        yield view
        yield Static("y copy   esc close", classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        view = self.query_one(LogView)
        view.wrap = True
        view.show(PlainLines([self._text]))
        view.focus()

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self._text)
        self.notify(f"Copied {len(self._text):,} characters")
