"""Finds the training image of a framework and version, by the SageMaker SDK's own table."""

import threading

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.aws.problems import AwsProblem, Problem, problem_from
from tui.aws.sdk import retrieve_image
from tui.screens.submit.source import PYTHON_HINT, first_python
from widgets.cells import literal
from widgets.combo import ComboField, Offer
from widgets.fields import TextField
from widgets.form import Form
from widgets.hints import KeyHints

FRAMEWORKS: tuple[Offer, ...] = (
    ("pytorch", "such as 2.6.0"),
    ("tensorflow", "such as 2.19.0"),
    ("huggingface", "such as 4.49.0"),
    ("xgboost", "such as 1.7-1"),
    ("sklearn", "such as 1.2-1"),
)


class ImageDialog(ModalScreen[str]):
    """Answers the URI of an image; nothing for esc. `region` and `instance_type` decide which one it is."""

    DEFAULT_CSS = """
    ImageDialog > Vertical {
        width: 90%; max-width: 84; height: auto; max-height: 95%; padding: 0 1;
        border: round $primary; background: $surface;
        & Form { height: auto; }
        & #found { height: auto; max-height: 6; margin-top: 1; color: $text-muted; }
        & #found.-wrong { color: $text-error; }
        & KeyHints { dock: none; background: $surface; padding: 0; margin-top: 1; }
    }
    """
    BINDINGS = [
        Binding("ctrl+s", "find", "find", id="image.find"),
        Binding("escape", "close", "cancel", key_display="esc", id="dialog.cancel"),
    ]

    def __init__(self, region: str, instance_type: str) -> None:
        super().__init__()
        self._region = region
        self._instance_type = instance_type
        self._finding = False

    def compose(self) -> ComposeResult:
        with Vertical():
            with Form():
                yield ComboField("framework", "Framework", FRAMEWORKS, value="pytorch", required=True)
                yield TextField("version", "Version", required=True, placeholder="2.6.0")
                yield TextField("py_version", "Python version", placeholder="py312, if there are several")
                yield TextField(
                    "image_instance_type", "Instance type", value=self._instance_type, required=True
                )
                yield TextField(
                    "image_python", "Python", value=first_python(), placeholder="this one", hint=PYTHON_HINT
                )
            yield Static("Asks the SageMaker SDK, which takes some seconds.", id="found", markup=False)
            yield KeyHints(keep=("close", "find"))

    def on_mount(self) -> None:
        self.query_one(Vertical).border_title = "Training image of a framework"
        self.query_one(Form).field("version").focus_control()

    def action_find(self) -> None:
        form = self.query_one(Form)
        values = {key: value.strip() for key, value in form.values.items()}
        missing = {
            field.key: "give one" for field in form.fields if field.required and not field.value.strip()
        }
        form.show_errors(missing)
        if self._finding or missing:
            return
        self._finding = True
        self._say("Asking the SageMaker SDK…")

        def work() -> None:
            found: str | Problem
            try:
                found = retrieve_image(
                    values["framework"],
                    values["version"],
                    values["image_instance_type"],
                    region=self._region,
                    py_version=values["py_version"],
                    python=values["image_python"] or None,
                )
            except AwsProblem as failure:
                found = failure.problem
            except Exception as exc:
                found = problem_from(exc)
            self.call_later(self._found, found)

        threading.Thread(target=work, name="sdk-image", daemon=True).start()

    def _found(self, found: str | Problem) -> None:
        self._finding = False
        if not self.is_attached:
            return
        if isinstance(found, Problem):
            self._say(f"✗ {found.title}: {found.cause} {found.next_step}", wrong=True)
        else:
            self.dismiss(found)

    def _say(self, text: str, wrong: bool = False) -> None:
        said = self.query_one("#found", Static)
        said.update(Content(literal(text)))
        said.set_class(wrong, "-wrong")

    def action_close(self) -> None:
        self.dismiss("")
