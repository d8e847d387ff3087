"""The SageMaker Python SDK, run in a child process: it takes seconds to import, and may live elsewhere.

Nothing here submits: the child builds the request and uploads the code, and the request comes back as a
`Submission`, to be previewed, checked and sent like any other. Every failure is an `AwsProblem`; without
the SDK its code is `NoSdk`, and it says how to install it.
"""

from collections.abc import Callable

import msgspec

from tui.aws.session import Connection
from tui.model.submission import Submission

Progress = Callable[[str, str], None]
"""Called in the calling thread with (stage, message): `start`, `import`, `build`, `upload`, `done`."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A local source folder and what to run in it (way 5). `entry_point` or `command`, not both."""

    source_dir: str
    entry_point: str = ""
    command: str = ""
    requirements: str = ""
    image: str = ""
    role: str = ""
    instance_type: str = "ml.m5.xlarge"
    instance_count: int = 1
    volume_gb: int = 30
    max_runtime_seconds: int = 86_400
    hyperparameters: dict[str, str] = {}
    environment: dict[str, str] = {}
    inputs: dict[str, str] = {}
    output_path: str = ""


def sdk_available(python: str | None = None) -> str | None:
    """The version of the SageMaker SDK in an interpreter (None: this one), None if it has none. Cheap."""
    raise NotImplementedError


def build_from_source(
    source: Source,
    base: Submission,
    connection: Connection,
    *,
    python: str | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Submission:
    """Package and upload a folder; `base` with the payload the SDK built. Blocks: call from a worker."""
    raise NotImplementedError


def build_from_script(
    script: str,
    base: Submission,
    connection: Connection,
    *,
    python: str | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Submission:
    """Run a Python file that defines a ModelTrainer or an Estimator (and `inputs`); as above."""
    raise NotImplementedError


def retrieve_image(
    framework: str,
    version: str,
    instance_type: str,
    *,
    region: str,
    py_version: str = "",
    python: str | None = None,
) -> str:
    """The image URI of a framework and version. Blocks for seconds: call from a worker."""
    raise NotImplementedError
