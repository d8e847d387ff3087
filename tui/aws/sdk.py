"""The SageMaker Python SDK, run in a child process: it takes seconds to import, and may live elsewhere.

Nothing here submits: the child builds the request and uploads the code, and the request comes back as a
`Submission`, to be previewed, checked and sent like any other. Every failure is an `AwsProblem`: its code
is `NoSdk` if the SDK is missing (it says how to install it), `SdkFailed` with the SDK's or the script's own
words, `NoPython` if the interpreter cannot be run, `Cancelled`.
"""

import importlib.metadata
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import msgspec

from tui.aws.problems import AwsProblem, Problem
from tui.aws.session import Connection
from tui.model.jobs import RetryStrategy
from tui.model.payload_text import PAYLOAD
from tui.model.shape import converted
from tui.model.submission import Submission
from tui.model.text import clean, one_line

Progress = Callable[[str, str], None]
"""Called in the calling thread with (stage, message). Stages: `import`, `build`, `upload`, `log`, `built`."""

RUNNER = Path(__file__).with_name("sdk_runner.py")
INSTALL = "pip install 'queuedeck[sagemaker]'"
LAST_WORDS = 15
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_VERSION = "import importlib.metadata as m; print(m.version('sagemaker'))"


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A local source folder and what to run in it (way 5): `entry_point`, a script in it, or `command`.

    Becomes a `ModelTrainer`; with v2 of the SDK and an entry point an `Estimator`. `inputs` maps channel
    names to S3 URIs or local folders, which are uploaded. `role` and `bucket` may be left to the SDK.
    """

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
    bucket: str = ""


def sdk_available(python: str | None = None) -> str | None:
    """The version of the SageMaker SDK in an interpreter (None: this one), None if it has none.

    Cheap: it imports nothing of the SDK. Another interpreter takes some 50 ms.
    """
    if python is None:
        try:
            return importlib.metadata.version("sagemaker")
        except importlib.metadata.PackageNotFoundError:
            return None
    try:
        done = subprocess.run([python, "-c", _VERSION], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def build_from_source(
    source: Source,
    base: Submission,
    connection: Connection,
    *,
    python: str | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Submission:
    """Package and upload a folder; `base` with the payload that the SDK built. Blocks: call from a worker.

    `base` keeps its queue, share, priority and token. Where it says nothing of the name, retries and
    time-out, the SDK's own are taken; tags are joined.
    """
    if bool(source.entry_point) == bool(source.command):
        raise AwsProblem(_failed("Give an entry point or a command, one of them."))
    order = {"do": "source", "source": msgspec.to_builtins(source)}
    return _build(order, base, connection, python, progress, cancelled)


def build_from_script(
    script: str,
    base: Submission,
    connection: Connection,
    *,
    python: str | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Submission:
    """Run a Python file that defines a `ModelTrainer` or `Estimator` (and `inputs`); as `build_from_source`.

    The file runs as a module, not as `__main__`. If it calls `train()`, `fit()` or a `TrainingQueue`'s
    `submit()`, nothing is started: that job is what is built.
    """
    return _build({"do": "script", "script": script}, base, connection, python, progress, cancelled)


def retrieve_image(
    framework: str,
    version: str,
    instance_type: str,
    *,
    region: str,
    py_version: str = "",
    python: str | None = None,
) -> str:
    """The training image of a framework's version. Blocks for seconds: call from a worker."""
    order = {
        "do": "image",
        "framework": framework,
        "version": version,
        "instance_type": instance_type,
        "py_version": py_version,
        "region": region,
    }
    return clean(str(_run(order, Connection(region=region), python, None, lambda: False)))


def _build(
    order: dict[str, Any],
    base: Submission,
    connection: Connection,
    python: str | None,
    progress: Progress | None,
    cancelled: Callable[[], bool],
) -> Submission:
    order |= {"job_name": base.job_name, "job_queue": base.job_queue}
    result = _run(order, connection, python, progress, cancelled)
    request: dict[str, Any] = result["request"]
    timeout: dict[str, Any] = request.get("timeoutConfig") or {}
    retry = base.retry_strategy or converted(request["retryStrategy"], RetryStrategy)
    return msgspec.structs.replace(
        base,
        job_name=base.job_name or request["jobName"],
        payload=json.loads(request[PAYLOAD]),
        retry_strategy=retry,
        attempt_duration_seconds=base.attempt_duration_seconds or timeout.get("attemptDurationSeconds"),
        tags=request.get("tags", {}) | base.tags,
    )


def _run(
    order: dict[str, Any],
    connection: Connection,
    python: str | None,
    progress: Progress | None,
    cancelled: Callable[[], bool],
) -> Any:
    """What the child answers; its progress is told in this thread."""
    if python is not None and shutil.which(python) is None:
        raise AwsProblem(_no_python(python, "there is no such program"))
    if sdk_available(python) is None:
        raise AwsProblem(_no_sdk(python))
    try:
        child = subprocess.Popen(
            [python or sys.executable, str(RUNNER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=_environment(connection),
            start_new_session=True,  # ctrl-c at the terminal is ours to handle
        )
    except OSError as error:
        raise AwsProblem(_no_python(python or sys.executable, error.strerror or str(error))) from error
    with child:
        try:
            return _converse(child, order, progress or (lambda stage, message: None), cancelled)
        finally:
            child.kill()


def _converse(
    child: "subprocess.Popen[str]",
    order: dict[str, Any],
    progress: Progress,
    cancelled: Callable[[], bool],
) -> Any:
    assert child.stdin is not None and child.stdout is not None and child.stderr is not None
    said: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    log: deque[str] = deque(maxlen=LAST_WORDS)

    def listen(stream: IO[str]) -> None:
        for line in stream:
            said.put(json.loads(line))
        said.put(None)

    def overhear(stream: IO[str]) -> None:
        for line in stream:
            words = one_line(clean(line))
            if words:
                log.append(words)
                said.put({"stage": "log", "message": words})

    listeners = [
        threading.Thread(target=work, args=(stream,), daemon=True)
        for work, stream in ((listen, child.stdout), (overhear, child.stderr))
    ]
    for listener in listeners:
        listener.start()
    try:
        child.stdin.write(json.dumps(order))
        child.stdin.close()
    except BrokenPipeError:
        pass  # it has ended already: what it said tells why
    while True:
        if cancelled():
            raise AwsProblem(_cancelled())
        try:
            message = said.get(timeout=0.1)
        except queue.Empty:
            continue
        if message is None:
            listeners[1].join(timeout=1)
            words = f"; its last words: {log[-1]}" if log else ""
            raise AwsProblem(_failed(f"its process ended with code {child.wait()}{words}"))
        if "result" in message:
            return message["result"]
        if "failure" in message:
            raise AwsProblem(_failed(str(message["failure"]), str(message.get("where", ""))))
        progress(str(message["stage"]), one_line(clean(str(message["message"]))))


def _environment(connection: Connection) -> dict[str, str]:
    """The child resolves profile, region and endpoint as `Aws` does: what was chosen wins."""
    environment = dict(os.environ)
    region = connection.region or environment.get("AWS_REGION")
    if region:
        environment |= {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    if connection.endpoint_url:
        environment["AWS_ENDPOINT_URL"] = connection.endpoint_url
    if connection.profile:
        environment["AWS_PROFILE"] = connection.profile
        for key in _KEYS:  # they would win over the profile
            environment.pop(key, None)
    environment["PYTHONUNBUFFERED"] = "1"
    return environment


def _no_sdk(python: str | None) -> Problem:
    where = f"{clean(python)} has" if python else "queuedeck's own Python has"
    return Problem(
        code="NoSdk",
        title="No SageMaker SDK",
        cause=f"{where} no SageMaker Python SDK.",
        next_step=f"Install it with `{INSTALL}`, or name a Python that has it with --python.",
    )


def _no_python(python: str, why: str) -> Problem:
    return Problem(
        code="NoPython",
        title="Python does not start",
        cause=f"{clean(python)}: {why}.",
        next_step="Name another interpreter with --python.",
    )


def _failed(words: str, where: str = "") -> Problem:
    cause = one_line(clean(words))
    return Problem(
        code="SdkFailed",
        title="The SageMaker SDK built no job",
        cause=f"{cause} ({clean(where)})" if where else cause,
        next_step="Correct it and try again; nothing was submitted.",
    )


def _cancelled() -> Problem:
    return Problem(
        code="Cancelled",
        title="Cancelled",
        cause="You ended the building of the job.",
        next_step="Nothing was submitted; files uploaded by then are still in S3.",
    )
