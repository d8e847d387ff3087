"""A question with No as its default; where much is at stake, the answer has to be typed."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static


class Answers(Horizontal):
    """`No` and `Yes` side by side; arrows walk between them. No comes first and has the focus first."""

    DEFAULT_CSS = """
    Answers { height: 1; margin-top: 1;
        & Button { margin-right: 2; min-width: 10; }
        & Button:focus { text-style: bold reverse; }
    }
    """
    BINDINGS = [
        Binding("left,h", "app.focus_previous", "previous", show=False, id="answers.left"),
        Binding("right,l", "app.focus_next", "next", show=False, id="answers.right"),
    ]

    def __init__(self, no: str, yes: str) -> None:
        super().__init__(
            Button(no, id="no", compact=True), Button(yes, id="yes", compact=True, variant="error")
        )


class ConfirmDialog(ModalScreen[bool]):
    """Answers True only if the user said yes, and typed `typed` if it is given."""

    DEFAULT_CSS = """
    ConfirmDialog > Vertical {
        width: 64; max-width: 95%; height: auto; border: round $error; background: $surface; padding: 0 1;
        & #question { margin-bottom: 1; height: auto; }
        & #typed-hint { color: $text-muted; height: auto; }
        & Input { background: $foreground 7%; }
    }
    """
    BINDINGS = [
        Binding("escape,n", "dismiss(False)", "no", key_display="esc", id="dialog.cancel"),
        Binding("y", "yes", "yes", id="dialog.yes"),
    ]

    def __init__(self, question: str, *, yes: str = "Yes", no: str = "No", typed: str = "") -> None:
        """All texts are literal. `typed` is what has to be typed before yes is taken."""
        super().__init__()
        self._question = question
        self._answers = (no, yes)
        self._typed = typed

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self._question, id="question", markup=False)
            if self._typed:
                yield Static(f"Type {self._typed} and enter to go on; esc goes back.", id="typed-hint")
                yield Input(compact=True)
            yield Answers(*self._answers)

    def on_mount(self) -> None:
        self.query_one(Vertical).border_title = "Are you sure?"
        self._refresh()
        (self.query_one(Input) if self._typed else self.query_one("#no", Button)).focus()

    def _refresh(self) -> None:
        self.query_one("#yes", Button).disabled = not self._agreed

    @property
    def _agreed(self) -> bool:
        return not self._typed or self.query_one(Input).value.strip() == self._typed

    @on(Input.Changed)
    def typed(self) -> None:
        self._refresh()

    @on(Input.Submitted)
    @on(Button.Pressed, "#yes")
    def action_yes(self) -> None:
        if self._agreed:
            self.dismiss(True)

    @on(Button.Pressed, "#no")
    def refused(self) -> None:
        self.dismiss(False)
