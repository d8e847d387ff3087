"""The guided form of a training job."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Static

from tui.model.training_form import KNOWN_INSTANCE_TYPES
from tui.screens.submit.training_values import PLAIN
from widgets.combo import ComboField, Offer
from widgets.fields import ON, LinesField, SwitchField, TextField
from widgets.form import Form

INPUT_MODES: tuple[Offer, ...] = (
    ("File", "downloaded before the start"),
    ("FastFile", "streamed, seen as files"),
    ("Pipe", "streamed through a pipe"),
)
RUNTIMES: tuple[Offer, ...] = (
    ("3600", "1 hour"),
    ("21600", "6 hours"),
    ("86400", "1 day"),
    ("432000", "5 days"),
)


class TrainingPage(Form):
    """What to run, on what, with which data, for how long."""

    BINDINGS = [Binding("ctrl+r", "find_image", "find an image", id="submit.image")]

    class FindImage(Message):
        """The user wants an image by framework and version."""

    def content(self) -> ComposeResult:
        yield Static("What to run", classes="form--title", markup=False)
        yield TextField(
            "image",
            "Training image",
            placeholder="…dkr.ecr.us-east-1.amazonaws.com/name:tag",
            hint="URI in ECR; ctrl+r finds AWS's own by framework and version",
        )
        yield TextField(
            "algorithm_name",
            "or an algorithm",
            hint="name or ARN of an algorithm, in place of an image",
        )
        yield TextField(
            "role_arn",
            "Role",
            required=True,
            placeholder="arn:aws:iam::111122223333:role/SageMakerRole",
            hint="ARN of the role that SageMaker runs the job under",
        )
        yield TextField(
            "command",
            "Command",
            placeholder="python train.py",
            hint="the container's entry point; with ; && | $ or > it runs under /bin/sh -c",
        )
        yield TextField("arguments", "Arguments", hint="of the entry point, as in a shell")
        yield LinesField(
            "hyperparameters", "Hyperparameters", placeholder="lr=0.01", hint="key=value, one a line"
        )
        yield LinesField(
            "environment", "Environment", placeholder="NAME=value", hint="NAME=value, one a line"
        )
        yield Static("On what", classes="form--title", markup=False)
        yield ComboField(
            "instance_type",
            "Instance type",
            [(name, "") for name in KNOWN_INSTANCE_TYPES],
            required=True,
            hint="↓ shows them, typing narrows; any other may be typed",
        )
        yield TextField("instance_count", "Instances", required=True, hint="how many of that type")
        yield TextField("volume_gb", "Volume (GB)", required=True, hint="EBS storage of each instance")
        yield SwitchField(
            "spot", "Spot", "managed spot training", hint="space changes it; give a longest wait"
        )
        yield TextField("max_wait_seconds", "Longest wait (s)", hint="spot only: wait and run time together")
        yield ComboField(
            "max_runtime_seconds",
            "Longest run (s)",
            RUNTIMES,
            required=True,
            hint="after that SageMaker stops the job",
        )
        yield Static("Data", classes="form--title", markup=False)
        yield LinesField(
            "channels",
            "Input channels",
            placeholder="training=s3://bucket/prefix",
            hint="name=s3://bucket/prefix, one a line; a content type may follow after a blank",
        )
        yield ComboField("input_mode", "Input mode", INPUT_MODES, required=True, hint="how the data arrives")
        yield TextField(
            "output_path",
            "Output path",
            required=True,
            placeholder="s3://bucket/output",
            hint="where SageMaker puts model.tar.gz",
        )
        yield TextField(
            "checkpoint_s3_uri", "Checkpoints to", placeholder="s3://bucket/checkpoints", hint="kept in S3"
        )
        yield TextField(
            "checkpoint_local_path",
            "Checkpoints in",
            placeholder="/opt/ml/checkpoints",
            hint="the folder in the container",
        )
        yield Static("Network and metrics", classes="form--title", markup=False)
        yield TextField("subnets", "VPC subnets", placeholder="subnet-…", hint="ids, with blanks between")
        yield TextField(
            "security_groups", "Security groups", placeholder="sg-…", hint="ids, with blanks between"
        )
        yield LinesField(
            "metrics",
            "Metrics",
            placeholder="loss=loss: ([0-9.]+)",
            hint="name=regular expression with one group, one a line, read from the log",
        )

    def action_find_image(self) -> None:
        self.post_message(self.FindImage())

    def offer_instance_types(self, names: Sequence[str]) -> None:
        """All types there are, those of the queue first."""
        field = self.field("instance_type")
        assert isinstance(field, ComboField)
        field.offer([(name, "") for name in names])

    def adapt(self) -> None:
        self.show_fields(["max_wait_seconds"], self.field("spot").value == ON)


KEYS = (
    *PLAIN,
    "hyperparameters",
    "environment",
    "channels",
    "spot",
    "subnets",
    "security_groups",
    "metrics",
)
"""The keys of its fields."""
