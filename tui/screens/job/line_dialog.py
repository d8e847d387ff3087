"""One line of a log in full, wrapped."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from widgets.hints import KeyHints
from widgets.loglines import LogView
from widgets.plainlines import PlainLines


class LineDialog(ModalScreen[None]):
    """Shows a long line whole. `y` copies it."""

    DEFAULT_CSS = """
    LineDialog > Vertical {
        width: 90%; height: 80%; border: round $primary; background: $surface; padding: 0;
        & KeyHints { dock: none; background: $surface; padding: 0 1; }
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
        with Vertical() as box:
            box.border_title = Content(self._title)
            yield LogView()
            yield KeyHints(keep=("dismiss",))

    def on_mount(self) -> None:
        view = self.query_one(LogView)
        view.wrap = True
        view.show(PlainLines([self._text]))
        view.focus()

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self._text)
        self.notify(f"Copied {len(self._text):,} characters")
