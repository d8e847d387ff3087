"""A queue and all behind it as text: the file of `queuedeck setup`, CloudFormation, Terraform."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from tui.aws import resources
from tui.aws.problems import Problem
from tui.model.blueprint_file import blueprint_of, file_text
from tui.model.existing import Existing
from tui.model.export_cloudformation import cloudformation_text
from tui.model.export_terraform import terraform_text
from widgets.cells import literal
from widgets.fields import ChoiceField, TextField
from widgets.form import Field, Form
from widgets.hints import KeyHints

if TYPE_CHECKING:
    from tui.screens.base import Live

FORMATS = (
    ("YAML, for queuedeck setup", "yaml"),
    ("JSON, for queuedeck setup", "json"),
    ("CloudFormation", "cloudformation.yaml"),
    ("Terraform (awscc)", "tf"),
)


class ExportScreen(ModalScreen[bool]):
    """Shows the text; `ctrl+s` writes it to a file, `ctrl+y` copies it."""

    DEFAULT_CSS = """
    ExportScreen > Vertical {
        width: 96%; max-width: 116; height: 96%; padding: 0 1; border: round $primary; background: $surface;
        & Form { height: auto; max-height: 6; }
        & TextArea { height: 1fr; margin-top: 1; border: none; padding: 0; }
        & #says { height: auto; max-height: 3; }
        & KeyHints { dock: none; background: $surface; padding: 0; }
    }
    """
    BINDINGS = [
        Binding("ctrl+s", "save", "write the file", id="export.save"),
        Binding("ctrl+y", "copy", "copy", id="export.copy"),
        Binding("escape", "dismiss(False)", "close", key_display="esc", id="dialog.cancel"),
    ]

    def __init__(self, live: "Live", queue: str) -> None:
        super().__init__()
        self.live = live
        self.queue = queue
        self._texts: dict[str, str] = {}
        self._overwrite = ""

    def compose(self) -> ComposeResult:
        with Vertical():
            with Form():
                yield ChoiceField("form", "Format", FORMATS)
                yield TextField("file", "File", value=f"{self.queue}.yaml", required=True)
            yield TextArea("", read_only=True, show_line_numbers=False, compact=True)
            yield Static("Asking AWS what there is…", id="says", markup=False)
            yield KeyHints(keep=("save", "dismiss"))

    def on_mount(self) -> None:
        self.query_one(Vertical).border_title = Content(literal(f"Export {self.queue}"))
        self.query_one(Form).field("form").focus_control()
        self.live.poller.act(partial(resources.read, queues={self.queue}, jobs=False), self._has_read)

    def _has_read(self, found: Existing | Problem) -> None:
        if not self.is_attached:
            return
        if isinstance(found, Problem):
            self._say(str(found), "$text-error")
            return
        blueprint = blueprint_of(found, self.queue)
        if blueprint is None:
            self._say(f"There is no job queue {self.queue} here any more.", "$text-error")
            return
        self._texts = {
            "yaml": file_text(blueprint),
            "json": file_text(blueprint, "json"),
            "cloudformation.yaml": cloudformation_text(blueprint),
            "tf": terraform_text(blueprint),
        }
        self._say("")
        self._show()

    @property
    def _form(self) -> Form:
        return self.query_one(Form)

    @property
    def _text(self) -> str:
        return self._texts.get(self._form.values["form"], "")

    def _show(self) -> None:
        area = self.query_one(TextArea)
        if area.text != self._text:
            area.load_text(self._text)

    @on(Field.Changed)
    def changed(self, event: Field.Changed) -> None:
        event.field.error = ""
        self._overwrite = ""
        if event.field.key == "form":
            self._form.fill({"file": f"{self.queue}.{event.field.value}"})
            self._show()

    def action_save(self) -> None:
        """Write it; a file that is there is replaced only if the key is pressed again."""
        name = self._form.values["file"].strip()
        if not name or not self._text:
            return
        path = Path(name).expanduser()
        if path.exists() and self._overwrite != name:
            self._overwrite = name
            self._say(f"{path} is there already: ctrl+s again replaces it.", "$text-warning")
            return
        try:
            path.write_text(self._text, "utf-8")
        except OSError as error:
            self._form.field("file").error = f"it cannot be written: {error.strerror or error}"
            return
        self.app.notify(f"Wrote {path.absolute()}", timeout=5, markup=False)
        self.dismiss(True)

    def action_copy(self) -> None:
        if self._text:
            self.app.copy_to_clipboard(self._text)
            self._say("Copied.", "$text-success")

    def _say(self, text: str, style: str = "") -> None:
        self.query_one("#says", Static).update(Content.styled(literal(text), style))
