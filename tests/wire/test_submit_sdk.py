"""Jobs that the SageMaker SDKs build, in an interpreter of their own, and that we submit."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.conftest import Running
from tests.sdk_envs import python_of
from tests.wire.batch import G5, Batch
from tests.wire.live import environment
from tui.aws import batch
from tui.aws.problems import AwsProblem
from tui.aws.sdk import Source, build_from_script, build_from_source, retrieve_image, sdk_available
from tui.aws.session import Aws, Connection
from tui.aws.validation import check_request
from tui.model.submission import Submission, request_of

ROLE = "arn:aws:iam::123456789012:role/training"
IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.6.0-gpu-py312"
SAGEMAKER = {"Service": "sagemaker.amazonaws.com"}
BASE = Submission(job_name="from-sdk", job_queue="queue", scheduling_priority=0, tags={"team": "vision"})

V3 = """
from sagemaker.train.configs import Compute, SourceCode, InputData
from sagemaker.train.model_trainer import ModelTrainer
print("words of the script")
trainer = ModelTrainer(
    training_image={image!r}, role={role!r}, base_job_name="mine",
    source_code=SourceCode(source_dir={folder!r}, command="python train.py"),
    compute=Compute(instance_type="ml.g5.xlarge", instance_count=1),
)
inputs = [InputData(channel_name="training", data_source="s3://bucket/data")]
"""
V2 = """
from sagemaker.estimator import Estimator
estimator = Estimator(
    image_uri={image!r}, role={role!r}, instance_type="ml.g5.xlarge", instance_count=1,
    source_dir={folder!r}, entry_point="train.py", base_job_name="mine",
)
inputs = {{"training": "s3://bucket/data"}}
"""

pytestmark = pytest.mark.timeout(900)  # the environments are built the first time


@pytest.fixture(autouse=True)
def exported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment(monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "source"
    place.mkdir()
    (place / "train.py").write_text("print('training')\n")
    return place


@pytest.fixture
def queue(sandbox: Running) -> Batch:
    """A queue for the job, and the role that the SDK asks IAM about before it takes it."""
    iam = sandbox.client("iam")
    iam.create_role(
        RoleName="training", AssumeRolePolicyDocument=policy(Principal=SAGEMAKER, Action="sts:AssumeRole")
    )
    iam.put_role_policy(
        RoleName="training", PolicyName="all", PolicyDocument=policy(Action="*", Resource="*")
    )
    made = Batch(sandbox)
    made.environment()
    made.queue()
    return made


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def source(folder: Path, **more: Any) -> Source:
    return Source(
        source_dir=str(folder),
        image=IMAGE,
        role=ROLE,
        instance_type=G5,
        hyperparameters={"lr": "0.1"},
        environment={"SANDBOX_SECONDS": "60"},
        inputs={"training": "s3://bucket/data"},
        **more,
    )


def submitted_as_previewed(built: Submission, sandbox: Running, queue: Batch) -> dict[str, Any]:
    """Submit what was built; what Batch then says of the job must be what the preview showed."""
    preview = request_of(built)
    assert check_request(preview) == []
    job = batch.submit(Aws(Connection(endpoint_url=sandbox.url)), built)
    seen = queue.job(job.job_id)
    assert seen["jobQueue"].endswith(f"/{preview.pop('jobQueue')}")
    del preview["clientToken"]
    assert {member: seen.get(member) for member in preview} == preview
    return json.loads(seen["serviceRequestPayload"])


def uploads(sandbox: Running) -> list[str]:
    s3 = sandbox.client("s3")
    return [
        item["Key"]
        for bucket in s3.list_buckets()["Buckets"]
        for item in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", [])
    ]


@pytest.mark.parametrize("version", ["v3", "v2"])
@pytest.mark.parametrize("what", [{"entry_point": "train.py"}, {"command": "python train.py"}])
def test_folder_is_packaged_uploaded_and_queued(
    version: str, what: dict[str, str], sandbox: Running, queue: Batch, folder: Path
) -> None:
    told: list[tuple[str, str]] = []
    built = build_from_source(
        source(folder, **what),
        BASE,
        Connection(endpoint_url=sandbox.url),
        python=str(python_of(version)),
        progress=lambda stage, message: told.append((stage, message)),
    )
    assert (built.job_name, built.client_token) == ("from-sdk", BASE.client_token)
    assert (built.attempt_duration_seconds, built.scheduling_priority) == (86_400, 0)
    assert built.retry_strategy is not None
    assert built.retry_strategy.evaluate_on_exit[-1].action == "EXIT"
    stages = [stage for stage, _ in told if stage != "log"]
    assert stages[:2] == ["import", "build"]
    assert stages[-1] == "built"
    assert "upload" in stages
    payload = submitted_as_previewed(built, sandbox, queue)
    assert payload["ResourceConfig"]["InstanceType"] == G5
    assert payload["Environment"]["SANDBOX_SECONDS"] == "60"
    assert payload["HyperParameters"]["lr"] == "0.1"
    assert {"training"} <= {channel["ChannelName"] for channel in payload["InputDataConfig"]}
    assert any(key.endswith(("train.py", "sourcedir.tar.gz")) for key in uploads(sandbox))
    assert len(queue.names(jobStatus="RUNNABLE") + queue.names(jobStatus="SUBMITTED")) == 1


@pytest.mark.parametrize(("version", "text"), [("v3", V3), ("v2", V2)])
def test_script_defines_the_job(
    version: str, text: str, sandbox: Running, queue: Batch, folder: Path, tmp_path: Path
) -> None:
    script = tmp_path / "job.py"
    script.write_text(text.format(image=IMAGE, role=ROLE, folder=str(folder)))
    built = build_from_script(
        str(script),
        replace(BASE, job_name=""),
        Connection(endpoint_url=sandbox.url),
        python=str(python_of(version)),
    )
    assert built.job_name.startswith("mine-")
    payload = submitted_as_previewed(built, sandbox, queue)
    assert payload["AlgorithmSpecification"]["TrainingImage"] == IMAGE
    assert payload["InputDataConfig"][0]["ChannelName"] == "training"


ENDINGS = {
    "trainer.train(input_data_config=inputs, wait=False)": "train",
    "from sagemaker.train.aws_batch.training_queue import TrainingQueue\n"
    "TrainingQueue('other').submit(trainer, inputs, job_name='own-name', tags={'a': 'b'})": "submit",
}


@pytest.mark.parametrize("ending", ENDINGS, ids=ENDINGS.values())
def test_script_that_would_start_the_job_only_names_it(
    ending: str, sandbox: Running, queue: Batch, folder: Path, tmp_path: Path
) -> None:
    script = tmp_path / "job.py"
    text = V3.format(image=IMAGE, role=ROLE, folder=str(folder)).replace("inputs = [", "inputs = data = [")
    script.write_text(f"{text}\n{ending}\n")
    connection = Connection(endpoint_url=sandbox.url)
    built = build_from_script(
        str(script), replace(BASE, job_name=""), connection, python=str(python_of("v3"))
    )
    assert sandbox.client("sagemaker").list_training_jobs()["TrainingJobSummaries"] == []
    assert queue.names(jobStatus="SUBMITTED") == []
    assert built.job_queue == "queue"
    if "own-name" in ending:
        assert (built.job_name, built.tags) == ("own-name", {"a": "b", "team": "vision"})
    submitted_as_previewed(built, sandbox, queue)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1", "defines no ModelTrainer or Estimator"),
        ("import nowhere_at_all", "ModuleNotFoundError: No module named 'nowhere_at_all' (<script>:1)"),
        ("a =", "SyntaxError"),
        ("import sys\nsys.exit(3)", "exit(3)"),
        ("import os\nos._exit(3)", "ended with code 3"),
        ("import os, sys\nprint('last words', file=sys.stderr)\nos._exit(3)", "last words"),
        ("raise ValueError('\\x1b[2J')", "ValueError: ␛[2J"),
    ],
)
def test_script_that_fails_says_why(text: str, words: str, sandbox: Running, tmp_path: Path) -> None:
    script = tmp_path / "job.py"
    script.write_text(text)
    with pytest.raises(AwsProblem) as caught:
        build_from_script(
            str(script), BASE, Connection(endpoint_url=sandbox.url), python=str(python_of("v2"))
        )
    assert caught.value.problem.code == "SdkFailed"
    assert words.replace("<script>", str(script)) in caught.value.problem.cause


def test_folder_that_is_not_there_is_named(sandbox: Running, tmp_path: Path) -> None:
    connection = Connection(endpoint_url=sandbox.url)
    with pytest.raises(AwsProblem, match="is no folder"):
        build_from_source(
            source(tmp_path / "nowhere", command="x"), BASE, connection, python=str(python_of("v3"))
        )
    with pytest.raises(AwsProblem, match="one of them"):
        build_from_source(source(tmp_path), BASE, connection)


def test_building_can_be_ended(sandbox: Running, tmp_path: Path) -> None:
    script = tmp_path / "job.py"
    script.write_text("print('waits')\nimport threading\nthreading.Event().wait()")
    running = threading.Event()
    with pytest.raises(AwsProblem) as caught:
        build_from_script(
            str(script),
            BASE,
            Connection(endpoint_url=sandbox.url),
            python=str(python_of("v2")),
            progress=lambda stage, message: running.set() if message == "waits" else None,
            cancelled=running.is_set,
        )
    assert caught.value.problem.code == "Cancelled"


@pytest.mark.parametrize("version", ["v3", "v2"])
def test_image_is_found_by_framework_and_version(version: str) -> None:
    python = str(python_of(version))
    assert retrieve_image("pytorch", "2.6", G5, region="us-east-1", python=python).endswith(
        "pytorch-training:2.6-gpu-py312"
    )
    with pytest.raises(AwsProblem, match="Unsupported pytorch version"):
        retrieve_image("pytorch", "99", G5, region="us-east-1", python=python)


@pytest.mark.parametrize(("version", "first"), [("v3", "3."), ("v2", "2.")])
def test_version_of_another_interpreter_is_known(version: str, first: str) -> None:
    assert str(sdk_available(str(python_of(version)))).startswith(first)


def test_without_the_sdk_it_says_how_to_install_it(folder: Path, tmp_path: Path) -> None:
    assert sdk_available() is None
    assert sdk_available("/nonexistent/python") is None
    for python, code, words in (
        (None, "NoSdk", "pip install 'queuedeck[sagemaker]'"),
        ("/nonexistent/python", "NoPython", "no such program"),
    ):
        with pytest.raises(AwsProblem) as caught:
            build_from_source(source(folder, command="x"), BASE, Connection(), python=python)
        assert caught.value.problem.code == code
        assert words in str(caught.value.problem)
