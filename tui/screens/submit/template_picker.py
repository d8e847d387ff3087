"""Small dialogs of the submit dialog: load from a template or file, save as a template, leave."""

from collections.abc import Callable
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui import templates
from tui.model.payload_text import FieldProblem
from tui.model.submission import Submission
from widgets.cells import literal
from widgets.hints import KeyHints

BOX = """
{name} > Vertical {{
    width: 90%; max-width: 76; height: auto; max-height: 90%; border: round $primary; background: $surface;
    padding: 0 1;
    & Input {{ background: $foreground 7%; }}
    & Input:focus {{ background: $primary 30%; }}
    & OptionList {{ height: auto; max-height: 12; margin-top: 1; }}
    & .says {{ height: auto; color: $text-muted; }}
    & .wrong {{ height: auto; max-height: 8; color: $text-error; display: none; }}
    & KeyHints {{ dock: none; background: $surface; padding: 0; margin-top: 1; }}
}}
"""


class _Dialog(ModalScreen[object]):
    BINDINGS = [Binding("escape", "dismiss(None)", "cancel", key_display="esc", id="dialog.cancel")]

    def complain(self, text: str) -> None:
        wrong = self.query_one(".wrong", Static)
        wrong.update(Content("\n".join(f"✗ {literal(line)}" for line in text.split("\n"))))
        wrong.display = True


class LoadDialog(_Dialog):
    """Answers a `Submission`, or None. A saved template by its name, or any file by its path."""

    DEFAULT_CSS = BOX.format(name="LoadDialog")
    BINDINGS = [
        Binding("down", "app.focus_next", "templates", show=False, id="load.list"),
        Binding("ctrl+d", "delete", "delete template", id="load.delete"),
    ]

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(
                "A CreateTrainingJob or SubmitServiceJob request, JSON or YAML:", classes="says", markup=False
            )
            yield Input(placeholder="path of a file, or choose a template below", compact=True)
            yield Static("", classes="wrong", markup=False)
            yield OptionList(markup=False, compact=True)
            yield KeyHints()

    def on_mount(self) -> None:
        self.query_one(Vertical).border_title = "Load a request"
        self._list()
        self.query_one(OptionList if self.query_one(OptionList).option_count else Input).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "delete":
            return self.is_mounted and self.query_one(OptionList).has_focus
        return True

    def _list(self) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(Option(Content(literal(name)), id=name) for name in templates.names())
        options.display = bool(options.option_count)
        if options.option_count:
            options.highlighted = 0

    @on(Input.Submitted)
    def _file(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if text:
            self._read(lambda: templates.read_file(Path(text).expanduser()))

    @on(OptionList.OptionSelected)
    def _template(self, event: OptionList.OptionSelected) -> None:
        name = event.option_id or ""
        self._read(lambda: templates.load(name))

    def _read(self, read: Callable[[], Submission | list[FieldProblem]]) -> None:
        try:
            found = read()
        except UnicodeDecodeError:
            self.complain("this is not a text file")
        except (OSError, ValueError) as error:
            self.complain(getattr(error, "strerror", None) or str(error))
        else:
            if isinstance(found, Submission):
                self.dismiss(found)
            else:
                self.complain("\n".join(str(problem) for problem in found[:6]))

    def action_delete(self) -> None:
        from tui.screens.confirm import ConfirmDialog

        options = self.query_one(OptionList)
        if options.highlighted is None:
            return
        name = options.get_option_at_index(options.highlighted).id or ""

        def answered(yes: bool | None) -> None:
            if yes:
                try:
                    templates.delete(name)
                except (OSError, ValueError) as error:
                    self.complain(str(error))
                self._list()

        self.app.push_screen(ConfirmDialog(f"Delete the template {name}?"), answered)


class SaveDialog(_Dialog):
    """Saves a submission as a template; answers its name, or None."""

    DEFAULT_CSS = BOX.format(name="SaveDialog")

    def __init__(self, submission: Submission) -> None:
        super().__init__()
        self._submission = submission
        self._replace = ""

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(
                "All of the form, but the client token. A name that ends in .yaml is saved as YAML.",
                classes="says",
                markup=False,
            )
            yield Input(self._submission.job_name, placeholder="name of the template", compact=True)
            yield Static("", classes="wrong", markup=False)
            yield Static("enter save   esc cancel", classes="says", markup=False)

    def on_mount(self) -> None:
        self.query_one(Vertical).border_title = "Save as a template"

    @on(Input.Submitted)
    def _save(self, event: Input.Submitted) -> None:
        name = event.value.strip()
        try:
            path = templates.save(name, self._submission, overwrite=name == self._replace)
        except FileExistsError:
            self._replace = name
            self.complain(f"{name} is there already: enter again replaces it")
        except (OSError, ValueError) as error:
            self.complain(getattr(error, "strerror", None) or str(error))
        else:
            self.dismiss(str(path))


KEEP_EDITING, KEEP, DROP = "edit", "keep", "drop"


class LeaveDialog(_Dialog):
    """What becomes of a form that was changed. Answers KEEP_EDITING, KEEP, DROP, or None for esc."""

    DEFAULT_CSS = BOX.format(name="LeaveDialog")
    BINDINGS = [
        Binding("escape", "dismiss(None)", "keep editing", key_display="esc", id="dialog.cancel"),
        Binding("j", "cursor(1)", show=False),
        Binding("k", "cursor(-1)", show=False),
    ]

    def compose(self) -> ComposeResult:
        with Vertical():
            yield OptionList(
                Option("Keep editing", id=KEEP_EDITING),
                Option("Close; it is here again when the dialog is opened again", id=KEEP),
                Option("Close and throw it away", id=DROP),
                compact=True,
                markup=False,
            )
            yield KeyHints()

    def on_mount(self) -> None:
        self.query_one(Vertical).border_title = "The form has been changed"
        options = self.query_one(OptionList)
        options.highlighted = 0
        options.focus()

    def action_cursor(self, step: int) -> None:
        options = self.query_one(OptionList)
        (options.action_cursor_down if step > 0 else options.action_cursor_up)()

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)
