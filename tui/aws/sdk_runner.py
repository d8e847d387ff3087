"""The child's side of `tui.aws.sdk`: runs in an interpreter that has the SageMaker SDK, v2 or v3.

It stands alone: the standard library and the SDK, nothing of queuedeck, as the interpreter may be another.
One order comes as JSON on standard input; JSON lines go back on standard output: `{"stage", "message"}`,
and last `{"result"}` or `{"failure"}`. Whatever else prints goes to standard error.

The job is never submitted here. The SDK's own `TrainingQueue.submit` builds the request; the Batch client it
asks for is ours, and only remembers what it is told.
"""

import importlib
import importlib.metadata
import json
import os
import runpy
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Callable  # noqa: UP035 - the SDK's v2 runs on Python 3.9

HERE = Path(__file__).resolve().parent
PREFERRED = ("trainer", "model_trainer", "estimator", "training_job")
INPUTS = ("inputs", "input_data_config")
REPORT_EVERY = 0.5
"""Seconds between two words about one upload."""


class Failure(Exception):
    """What the user has to be told, in a sentence."""


class Channel:
    """The line back to the dashboard."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def send(self, **message: Any) -> None:
        self._stream.write(json.dumps(message) + "\n")
        self._stream.flush()

    def tell(self, stage: str, message: str) -> None:
        self.send(stage=stage, message=message)


class Sdk:
    """The SDK that is installed: one place that knows how v2 and v3 differ."""

    def __init__(self) -> None:
        try:
            self.version = importlib.metadata.version("sagemaker")
        except importlib.metadata.PackageNotFoundError:
            raise Failure("this Python has no SageMaker SDK") from None
        self.v2 = self.version.startswith("2.")
        if self.v2:
            os.environ.setdefault("SAGEMAKER_SUPPRESS_V2_WARNING", "1")

    def module(self, *names: str) -> Any:
        """The first of these modules that there is."""
        for name in names[:-1]:
            try:
                return importlib.import_module(name)
            except ModuleNotFoundError:
                continue
        return importlib.import_module(names[-1])

    def load(self) -> None:
        """Import what queues; this takes seconds."""
        package = "sagemaker.aws_batch" if self.v2 else "sagemaker.train.aws_batch"
        self.queue: Any = self.module(f"{package}.training_queue").TrainingQueue
        self.helper: Any = self.module(f"{package}.batch_api_helper")
        trainer = "sagemaker.modules.train.model_trainer" if self.v2 else "sagemaker.train.model_trainer"
        self.trainer: Any = self.module(trainer).ModelTrainer
        self.estimator: Any = self.module("sagemaker.estimator").EstimatorBase if self.v2 else None

    @property
    def kinds(self) -> Any:
        return (self.trainer, self.estimator) if self.estimator else (self.trainer,)

    def image_uris(self) -> Any:
        return self.module("sagemaker.image_uris" if self.v2 else "sagemaker.core.image_uris")

    def session(self, bucket: str) -> Any:
        """A session with a bucket of its own, None for the SDK's default one."""
        if not bucket:
            return None
        name = "sagemaker.session" if self.v2 else "sagemaker.core.helper.session_helper"
        return self.module(name).Session(default_bucket=bucket)


class Caught:
    """In the Batch client's place: keeps the requests instead of sending them."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def client(self, *_: Any, **__: Any) -> "Caught":
        return self

    def submit_service_job(self, **request: Any) -> dict[str, str]:
        self.requests.append(request)
        return {"jobArn": "not-submitted", "jobName": request["jobName"], "jobId": "not-submitted"}


def run(order: dict[str, Any], channel: Channel) -> Any:
    sdk = Sdk()
    channel.tell("import", f"Importing the SageMaker SDK {sdk.version}")
    if order["do"] == "image":
        return _image(sdk, order)
    _ask_sts_where_told()
    _watch_uploads(channel)
    sdk.load()
    caught = Caught()
    sdk.helper.get_batch_boto_client = caught.client
    if order["do"] == "script":
        channel.tell("build", f"Running {order['script']}")
        job, inputs = _from_script(sdk, order["script"], caught)
    else:
        channel.tell("build", f"Packaging {order['source']['source_dir']}")
        job, inputs = _from_source(sdk, order["source"], order.get("job_name") or "train")
    if not caught.requests:
        name = order.get("job_name") or None
        sdk.queue(order.get("job_queue") or "queue").submit(job, inputs, job_name=name)
    channel.tell("built", "The request is ready")
    return {"request": caught.requests[0], "sdk": sdk.version}


def _image(sdk: Sdk, order: dict[str, Any]) -> str:
    """The table of images that comes with the SDK: no call to AWS."""
    return sdk.image_uris().retrieve(
        framework=order["framework"],
        region=order["region"],
        version=order["version"],
        py_version=order.get("py_version") or None,
        instance_type=order["instance_type"],
        image_scope="training",
    )


def _from_source(sdk: Sdk, source: dict[str, Any], name: str) -> Any:
    if not Path(source["source_dir"]).is_dir():
        raise Failure(f"{source['source_dir']} is no folder")
    if sdk.v2 and source["entry_point"]:
        return _estimator(sdk, source, name), source["inputs"] or None
    return _model_trainer(sdk, source, name)


def _estimator(sdk: Sdk, source: dict[str, Any], name: str) -> Any:
    if source["requirements"] not in ("", "requirements.txt"):
        raise Failure("an Estimator installs requirements.txt of the folder, and no file of another name")
    return sdk.module("sagemaker.estimator").Estimator(
        image_uri=source["image"],
        role=source["role"] or None,
        instance_type=source["instance_type"],
        instance_count=source["instance_count"],
        volume_size=source["volume_gb"],
        max_run=source["max_runtime_seconds"],
        hyperparameters={name: _plain(text) for name, text in source["hyperparameters"].items()},
        environment=source["environment"],
        output_path=source["output_path"] or None,
        source_dir=source["source_dir"],
        entry_point=source["entry_point"],
        base_job_name=name,
        sagemaker_session=sdk.session(source["bucket"]),
    )


def _plain(text: str) -> Any:
    """An Estimator writes text in quotes, so that `0.1` has to be the number for the script to get one."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, (bool, int, float)) else text


def _model_trainer(sdk: Sdk, source: dict[str, Any], name: str) -> Any:
    old = "sagemaker.modules.configs" if sdk.v2 else "sagemaker.train.configs"
    configs = sdk.module(old) if sdk.v2 else sdk.module("sagemaker.core.training.configs", old)
    inputs = [configs.InputData(channel_name=n, data_source=s) for n, s in source["inputs"].items()]
    output = source["output_path"]
    trainer = sdk.trainer(
        training_image=source["image"],
        source_code=configs.SourceCode(
            source_dir=source["source_dir"],
            command=source["command"] or None,
            entry_script=source["entry_point"] or None,
            requirements=source["requirements"] or None,
        ),
        compute=configs.Compute(
            instance_type=source["instance_type"],
            instance_count=source["instance_count"],
            volume_size_in_gb=source["volume_gb"],
        ),
        stopping_condition=configs.StoppingCondition(max_runtime_in_seconds=source["max_runtime_seconds"]),
        hyperparameters=source["hyperparameters"],
        environment=source["environment"],
        output_data_config=configs.OutputDataConfig(s3_output_path=output) if output else None,
        role=source["role"] or None,
        base_job_name=name,
        sagemaker_session=sdk.session(source["bucket"]),
    )
    return trainer, inputs or None


def _from_script(sdk: Sdk, script: str, caught: Caught) -> Any:
    """The job that a script defines, or wants to start: train() and fit() only name it, here."""
    path = Path(script)
    if not path.is_file():
        raise Failure(f"{script} is no file")
    started: list[Any] = []

    def note(job: Any, inputs: Any = None, *_: Any, **more: Any) -> None:
        started.append((job, more.get("input_data_config", inputs)))

    sdk.trainer.train = note
    if sdk.estimator:
        sdk.estimator.fit = note
    sys.argv = [script]
    sys.path.insert(0, str(path.resolve().parent))
    found = runpy.run_path(script, run_name="queuedeck_script")
    if caught.requests:
        return None, None
    if started:
        return started[0]
    jobs = {name: value for name, value in found.items() if isinstance(value, sdk.kinds)}
    inputs = next((found[name] for name in INPUTS if name in found), None)
    return _choose(jobs, script), inputs


def _choose(jobs: dict[str, Any], script: str) -> Any:
    for name in PREFERRED:
        if name in jobs:
            return jobs[name]
    distinct = {id(job): job for job in jobs.values()}
    if len(distinct) == 1:
        return next(iter(distinct.values()))
    if not distinct:
        raise Failure(f"{script} defines no ModelTrainer or Estimator at the top level")
    raise Failure(f"{script} defines {', '.join(jobs)}: call the one to submit {PREFERRED[0]}")


def _ask_sts_where_told() -> None:
    """The SDK asks STS for the account at a fixed address. With an endpoint set, it must be asked there."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_STS") or os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint:
        return
    session: Any = importlib.import_module("boto3.session").Session
    make: Callable[..., Any] = session.client

    def client(self: Any, service: str, *given: Any, **options: Any) -> Any:
        if service == "sts":
            options["endpoint_url"] = endpoint
        return make(self, service, *given, **options)

    session.client = client


def _watch_uploads(channel: Channel) -> None:
    """Tell of every file that goes to S3, and how far it is."""
    transfer: Any = importlib.import_module("boto3.s3.transfer").S3Transfer
    upload: Callable[..., Any] = transfer.upload_file

    def upload_file(
        self: Any,
        filename: str,
        bucket: str,
        key: str,
        callback: Callable[[int], None] | None = None,
        extra_args: Any = None,
    ) -> Any:
        size = Path(filename).stat().st_size
        place = f"s3://{bucket}/{key}"
        channel.tell("upload", f"{_size(size)} to {place}")
        sent, told = 0, time.monotonic()

        def progress(count: int) -> None:
            nonlocal sent, told
            sent += count
            if time.monotonic() - told > REPORT_EVERY:
                told = time.monotonic()
                channel.tell("upload", f"{100 * sent // max(size, 1)} % of {_size(size)} to {place}")
            if callback:
                callback(count)

        return upload(self, filename, bucket, key, progress, extra_args)

    transfer.upload_file = upload_file


def _size(count: int) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count} {unit}"
        count = round(count / 1000)
    return f"{count} GB"


def main() -> int:
    """Carry out the order on standard input. Returns the exit code."""
    sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() != HERE]
    channel = Channel(os.fdopen(os.dup(1), "w", encoding="utf-8"))
    os.dup2(2, 1)
    try:
        channel.send(result=run(json.load(sys.stdin), channel))
    except Failure as failure:
        channel.send(failure=str(failure))
    except SystemExit as failure:
        channel.send(failure=f"the script ended itself: exit({failure.code})")
    except BaseException as failure:  # whatever a script or the SDK raises has to be told
        traceback.print_exc()
        where = traceback.extract_tb(failure.__traceback__)[-1]
        text = f"{type(failure).__name__}: {failure}".strip()
        channel.send(failure=text, where=f"{where.filename}:{where.lineno}")
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
