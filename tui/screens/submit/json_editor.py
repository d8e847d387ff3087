"""A CreateTrainingJob request as text: edited in place, or in the user's own editor."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static, TextArea

from widgets.cells import literal
from widgets.code import CodeArea

HINT = "CreateTrainingJob as JSON or YAML; ctrl+g opens it in $EDITOR, tab leaves it"


class JsonPage(Vertical):
    """The text, its line numbers, and what is wrong with it below."""

    DEFAULT_CSS = """
    JsonPage {
        border-left: blank;
        &:focus-within { border-left: thick $primary; }
        & > TextArea { height: 1fr; padding: 0; background: $foreground 5%; }
        & > #text-error { height: auto; max-height: 6; display: none; color: $text-error; padding: 0 1; }
        & > #text-error.-shown { display: block; }
    }
    """
    BINDINGS = [Binding("ctrl+g", "editor", "$EDITOR", id="submit.editor")]

    class Changed(Message):
        """The text is another one."""

    def __init__(self, text: str = "") -> None:
        super().__init__(classes="way")
        self.area = CodeArea(text)
        self._complaint = Static("", id="text-error", markup=False)

    def compose(self) -> ComposeResult:
        yield self.area
        yield self._complaint

    @property
    def text(self) -> str:
        return self.area.text

    @text.setter
    def text(self, text: str) -> None:
        if text != self.area.text:
            self.area.load_text(text)

    def show_error(self, text: str) -> None:
        lines = [literal(f"✗ {line}") for line in text.split("\n")] if text else []
        self._complaint.update(Content("\n".join(lines)))
        self._complaint.set_class(bool(text), "-shown")

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())

    def action_editor(self) -> None:
        """Hand the terminal to $VISUAL or $EDITOR until it ends."""
        command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
        suffix = ".json" if self.area.is_json else ".yaml"
        with tempfile.TemporaryDirectory(prefix="queuedeck-") as folder:  # 0700: nobody else reads it
            path = Path(folder) / f"request{suffix}"
            path.write_text(self.text, "utf-8")
            try:
                with self.app.suspend():
                    subprocess.run([*shlex.split(command), str(path)], check=True)
                edited = path.read_text("utf-8")
            except (OSError, ValueError, subprocess.CalledProcessError) as error:
                self.notify(
                    f"{command} did not work: {error}. The text is as it was.",
                    severity="error",
                    markup=False,
                )
                return
        self.text = edited
        self.area.focus()
