"""The ways that need the SageMaker SDK: a folder of source code, and a Python file."""

import os
from collections.abc import Mapping
from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Static

from tui.aws.sdk import INSTALL, Source
from tui.model.training_form import KNOWN_INSTANCE_TYPES, pairs_of
from widgets.combo import ComboField
from widgets.fields import LinesField, TextField
from widgets.form import Form

NO_SDK = (
    f"✗ The SageMaker SDK is not installed here.  {INSTALL}  puts it beside queuedeck; "
    "or name, under Python, an interpreter that has it."
)
PYTHON_HINT = "an interpreter that has the SageMaker SDK (2 or 3); empty: the one that runs queuedeck"
PYTHON_VARIABLE = "QUEUEDECK_SDK_PYTHON"
_WHOLE = ("instance_count", "volume_gb", "max_runtime_seconds")
_PAIRS = ("hyperparameters", "environment", "inputs")


def first_python() -> str:
    """The interpreter to offer: that of the environment variable, if it is set."""
    return os.environ.get(PYTHON_VARIABLE, "")


class CodePage(Form):
    """A page whose request the SDK builds, in a child process."""

    DEFAULT_CSS = """
    CodePage > .sdk-note { height: auto; margin: 0 1 1 1; color: $text-muted; }
    CodePage > .sdk-note.-missing { color: $text-error; }
    """
    BINDINGS = [Binding("ctrl+b", "build", "build", id="submit.build")]

    class Ready(Message):
        """The page is there: what it needs of the SDK can be looked for."""

    class Build(Message):
        """Have the SDK build the request now."""

    def __init__(self, values: Mapping[str, str]) -> None:
        """`values` are what was typed before, if anything was."""
        super().__init__(classes="way")
        self.fill(values)

    def on_mount(self) -> None:
        self.post_message(self.Ready())

    def action_build(self) -> None:
        self.post_message(self.Build())

    def python_field(self, key: str) -> ComposeResult:
        yield TextField(key, "Python", value=first_python(), placeholder="this one", hint=PYTHON_HINT)

    def note(self, text: str, missing: bool = False) -> None:
        """What is known of the SDK, or how far it is."""
        note = self.query_one(".sdk-note", Static)
        note.update(text)
        note.set_class(missing, "-missing")


class FolderPage(CodePage):
    """A local folder, packaged and uploaded by the SDK, and the script of it to run."""

    def content(self) -> ComposeResult:
        yield Static("", classes="sdk-note", markup=False)
        yield from self.python_field("folder_python")
        yield TextField(
            "source_dir",
            "Source folder",
            required=True,
            placeholder="~/code",
            hint="packaged and uploaded to S3",
        )
        yield TextField(
            "entry_point", "Script", placeholder="train.py", hint="the file in the folder that is run"
        )
        yield TextField(
            "source_command", "or a command", placeholder="torchrun train.py", hint="in place of a script"
        )
        yield TextField(
            "requirements", "Requirements", placeholder="requirements.txt", hint="a file in the folder"
        )
        yield TextField("source_image", "Training image", required=True, hint="URI of an image in ECR")
        yield TextField("source_role", "Role", placeholder="the SDK's choice", hint="ARN of a SageMaker role")
        yield ComboField(
            "source_instance_type",
            "Instance type",
            [(name, "") for name in KNOWN_INSTANCE_TYPES],
            value="ml.m5.xlarge",
            required=True,
            hint="↓ shows them, typing narrows",
        )
        yield TextField("source_instance_count", "Instances", value="1", required=True)
        yield TextField("source_volume_gb", "Volume (GB)", value="30", required=True)
        yield TextField("source_max_runtime_seconds", "Longest run (s)", value="86400", required=True)
        yield LinesField(
            "source_hyperparameters", "Hyperparameters", placeholder="lr=0.01", hint="key=value, one a line"
        )
        yield LinesField(
            "source_environment", "Environment", placeholder="NAME=value", hint="NAME=value, one a line"
        )
        yield LinesField(
            "source_inputs",
            "Input channels",
            placeholder="training=s3://bucket/prefix",
            hint="name=s3://bucket/prefix, one a line",
        )
        yield TextField("source_output_path", "Output path", placeholder="the SDK's default bucket")
        yield TextField(
            "source_bucket", "Bucket", placeholder="the SDK's default", hint="where the code is uploaded to"
        )


class ScriptPage(CodePage):
    """A Python file that defines a ModelTrainer or an Estimator."""

    def content(self) -> ComposeResult:
        yield Static("", classes="sdk-note", markup=False)
        yield from self.python_field("script_python")
        yield TextField(
            "script_path",
            "Python file",
            required=True,
            placeholder="~/train_job.py",
            hint="it defines a ModelTrainer or an Estimator, and `inputs` if there are any; it is run",
        )


def source_of(values: Mapping[str, str]) -> tuple[Source | None, dict[str, str]]:
    """What the folder page asks for, or what is wrong with it, by field."""
    errors: dict[str, str] = {}
    numbers: dict[str, int] = {}
    pairs: dict[str, dict[str, str]] = {}
    for name in _WHOLE:
        text = values[f"source_{name}"].strip()
        if text.isascii() and text.isdigit() and int(text):
            numbers[name] = int(text)
        else:
            errors[f"source_{name}"] = "a whole number of 1 or more"
    for name in _PAIRS:
        found = pairs_of(values[f"source_{name}"])
        if isinstance(found, str):
            errors[f"source_{name}"] = found
        else:
            pairs[name] = found
    folder = _path(values["source_dir"])
    entry, command = values["entry_point"].strip(), values["source_command"].strip()
    if not values["source_dir"].strip() or not folder.is_dir():
        errors["source_dir"] = "no such folder" if values["source_dir"].strip() else "give a folder"
    elif entry and not (folder / entry).is_file():
        errors["entry_point"] = f"the folder has no file {entry}"
    if bool(entry) == bool(command):
        errors.setdefault("entry_point", "give a script or a command, not both" if entry else "give one")
    if not values["source_image"].strip():
        errors["source_image"] = "give the URI of an image"
    if errors:
        return None, errors
    source = Source(
        source_dir=str(folder),
        entry_point=entry,
        command=command,
        requirements=values["requirements"].strip(),
        image=values["source_image"].strip(),
        role=values["source_role"].strip(),
        instance_type=values["source_instance_type"].strip(),
        output_path=values["source_output_path"].strip(),
        bucket=values["source_bucket"].strip(),
        instance_count=numbers["instance_count"],
        volume_gb=numbers["volume_gb"],
        max_runtime_seconds=numbers["max_runtime_seconds"],
        hyperparameters=pairs["hyperparameters"],
        environment=pairs["environment"],
        inputs=pairs["inputs"],
    )
    return source, {}


def script_of(values: Mapping[str, str]) -> tuple[str | None, dict[str, str]]:
    """The Python file, or what is wrong with it."""
    text = values["script_path"].strip()
    path = _path(text)
    if not text or not path.is_file():
        return None, {"script_path": "no such file" if text else "give a file"}
    return str(path), {}


def _path(text: str) -> Path:
    return Path(text.strip()).expanduser().absolute()
