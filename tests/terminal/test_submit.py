"""Submitting in a real terminal at 80×24, typed key by key, and what the AWS CLI then says of the job."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Running, wait_for
from tests.sdk_envs import python_of
from tests.terminal.pty_terminal import QUEUEDECK, Terminal
from tests.terminal.test_actions import aws
from tests.wire.batch import Batch

ROLE = "arn:aws:iam::123456789012:role/training"
IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.6.0-gpu-py312"
REQUEST = {
    "TrainingJobName": "edited",
    "RoleArn": ROLE,
    "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
    "ResourceConfig": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
}


@pytest.fixture
def terminal(sandbox: Running, tmp_path: Path) -> Iterator[Terminal]:
    """The dashboard on a fair-share queue, its editor a program that writes `request.json`."""
    batch = Batch(sandbox)
    batch.environment()
    batch.fair_queue("fair")
    allow_training(sandbox)
    (tmp_path / "request.json").write_text(json.dumps(REQUEST))
    editor = tmp_path / "editor"
    editor.write_text(f'#!/bin/sh\ncp "{tmp_path}/request.json" "$1"\n')
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    env = {
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": "us-east-1",
        "VISUAL": str(editor),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    command = [*QUEUEDECK, "--endpoint-url", sandbox.url, "--queue", "fair", "--interval", "1"]
    with Terminal(command, env=env) as terminal:
        terminal.wait_for("No jobs in this queue.")
        yield terminal


def allow_training(sandbox: Running) -> None:
    """The role of the jobs, with all permissions: the SDK asks IAM what it may do."""

    def document(**statement: Any) -> str:
        return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})

    iam = sandbox.client("iam")
    trust = document(Principal={"Service": "sagemaker.amazonaws.com"}, Action="sts:AssumeRole")
    iam.create_role(RoleName="training", AssumeRolePolicyDocument=trust)
    iam.put_role_policy(
        RoleName="training", PolicyName="all", PolicyDocument=document(Action="*", Resource="*")
    )


def job(sandbox: Running, name: str) -> dict[str, Any]:
    """DescribeServiceJob by the AWS CLI, of the one job of this name."""
    listed = wait_for(
        lambda: aws(
            sandbox, "list-service-jobs", "--job-queue", "fair", "--filters", f"name=JOB_NAME,values={name}"
        )["jobSummaryList"]
    )
    assert len(listed) == 1
    return aws(sandbox, "describe-service-job", "--job-id", listed[0]["jobId"])


def fill(terminal: Terminal, label: str, text: str) -> None:
    """Tab on to a field, and type into it; both are seen on the screen."""
    go(terminal, label)
    terminal.send(text)
    terminal.wait_for(text[-20:])


def go(terminal: Terminal, label: str) -> None:
    """Tab on until the field has the keyboard: a bar stands before its label then."""
    for _ in range(60):  # the fields go round
        if f"█{label}" in terminal.text:
            return
        terminal.press("tab")
        terminal.listen(0.4)
    raise AssertionError(f"no field {label}:\n{terminal.text}")


def choose(terminal: Terminal, label: str, key: str, wanted: str) -> None:
    """Another option of a list, one step away."""
    go(terminal, label)
    terminal.press("enter")
    terminal.wait_for("▲")
    terminal.press(key)
    terminal.wait_quiet(0.2)
    terminal.press("enter")
    terminal.wait_for(wanted)


def test_guided_form_editor_template_and_clone(terminal: Terminal, sandbox: Running) -> None:
    terminal.press("s")
    terminal.wait_for("█Job name")
    fill(terminal, "Job name", "typed")
    fill(terminal, "Share identifier", "llm")
    fill(terminal, "Priority", "3")
    terminal.press("ctrl+n")
    terminal.wait_for("What to run")
    fill(terminal, "Training image", IMAGE)
    fill(terminal, "Role", ROLE)
    fill(terminal, "Command", "python train.py")
    fill(terminal, "Hyperparameters", "lr=0.1")
    fill(terminal, "Instance type", "ml.g5.xlarge")
    fill(terminal, "Output path", "s3://bucket/out")
    terminal.press("ctrl+n")
    terminal.wait_for("Rule 1")
    terminal.press("ctrl+n")
    terminal.wait_for("SubmitServiceJob")
    terminal.wait_for("✓ ready: 1 job to fair")
    terminal.press("ctrl+t")
    terminal.wait_for("Save as a template")
    terminal.press("enter")
    terminal.wait_for("Saved as")
    terminal.press("ctrl+s", "ctrl+s")
    terminal.wait_for("Submitted typed.")
    made = job(sandbox, "typed")
    payload = json.loads(made["serviceRequestPayload"])
    assert (made["shareIdentifier"], made["schedulingPriority"]) == ("llm", 3)
    assert payload["AlgorithmSpecification"] == {
        "TrainingImage": IMAGE,
        "TrainingInputMode": "File",
        "ContainerEntrypoint": ["python", "train.py"],
    }
    assert payload["HyperParameters"] == {"lr": "0.1"}
    assert payload["OutputDataConfig"] == {"S3OutputPath": "s3://bucket/out"}

    terminal.wait_for(lambda text: any("▸" in line and "typed" in line for line in text.split("\n")))
    terminal.press("c")
    terminal.wait_for("typed-copy")
    terminal.wait_for("✓ ready: 1 job to fair")
    terminal.press("ctrl+s")
    terminal.wait_for("Submitted typed-copy.")
    copied = job(sandbox, "typed-copy")
    assert json.loads(copied["serviceRequestPayload"]) == payload
    assert copied["schedulingPriority"] == 3

    terminal.press("s")
    terminal.wait_for("to fill in")
    terminal.press("ctrl+o")
    terminal.wait_for("Load a request")
    terminal.wait_quiet(0.2)
    terminal.press("enter")
    terminal.wait_for("✓ ready: 1 job to fair")
    fill(terminal, "Job name", "-again")
    terminal.press("ctrl+n")
    terminal.wait_for("What to run")
    choose(terminal, "Training job from", "down", '"RoleArn"')
    terminal.press("tab")
    terminal.wait_for("$EDITOR")
    terminal.press("ctrl+g")
    terminal.wait_for('"edited"')
    terminal.wait_for("✓ ready: 1 job to fair")
    terminal.press("ctrl+s")
    terminal.wait_for("Submitted typed-again.")
    assert json.loads(job(sandbox, "typed-again")["serviceRequestPayload"]) == REQUEST


@pytest.mark.timeout(900)
@pytest.mark.parametrize("version", ["v3", "v2"])
def test_python_file_by_the_sdk(version: str, terminal: Terminal, sandbox: Running, tmp_path: Path) -> None:
    script = tmp_path / "job.py"
    script.write_text(SCRIPTS[version].format(image=IMAGE, role=ROLE))
    terminal.press("s")
    terminal.wait_for("█Job name")
    fill(terminal, "Job name", "from-file")
    fill(terminal, "Share identifier", "llm")
    terminal.press("ctrl+n")
    terminal.wait_for("What to run")
    choose(terminal, "Training job from", "up", "Python file *")
    terminal.wait_for("The SageMaker SDK is not installed here.")
    fill(terminal, "Python ", str(python_of(version)))
    terminal.wait_for("SageMaker SDK 3." if version == "v3" else "SageMaker SDK 2.")
    fill(terminal, "Python file", str(script))
    terminal.press("ctrl+s")
    terminal.wait_for("Submitted from-file.", timeout=120)
    payload = json.loads(job(sandbox, "from-file")["serviceRequestPayload"])
    assert payload["AlgorithmSpecification"]["TrainingImage"] == IMAGE
    assert payload["ResourceConfig"]["InstanceType"] == "ml.g5.xlarge"


@pytest.mark.timeout(900)
def test_source_folder_by_the_sdk(terminal: Terminal, sandbox: Running, tmp_path: Path) -> None:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "train.py").write_text("print('training')\n")
    terminal.press("s")
    terminal.wait_for("█Job name")
    fill(terminal, "Job name", "from-folder")
    fill(terminal, "Share identifier", "llm")
    terminal.press("ctrl+n")
    terminal.wait_for("What to run")
    choose(terminal, "Training job from", "up", "Python file *")
    choose(terminal, "Training job from", "up", "Source folder *")
    fill(terminal, "Python ", str(python_of("v3")))
    fill(terminal, "Source folder", str(folder))
    fill(terminal, "Script", "train.py")
    fill(terminal, "Training image", IMAGE)
    fill(terminal, "Role", ROLE)
    fill(terminal, "Output path", "s3://training-code/out")
    fill(terminal, "Bucket", "training-code")
    terminal.press("ctrl+b")
    terminal.wait_for("✓ ready: 1 job to fair", timeout=120)
    terminal.press("ctrl+s")
    terminal.wait_for("Submitted from-folder.")
    payload = json.loads(job(sandbox, "from-folder")["serviceRequestPayload"])
    assert payload["AlgorithmSpecification"]["TrainingImage"] == IMAGE
    listed = sandbox.client("s3").list_objects_v2(Bucket="training-code")["Contents"]
    assert any("train.py" in item["Key"] or "sourcedir" in item["Key"] for item in listed)


SCRIPTS = {
    "v3": """
from sagemaker.train.configs import Compute
from sagemaker.train.model_trainer import ModelTrainer
trainer = ModelTrainer(
    training_image={image!r}, role={role!r}, base_job_name="mine",
    compute=Compute(instance_type="ml.g5.xlarge", instance_count=1),
)
""",
    "v2": """
from sagemaker.estimator import Estimator
estimator = Estimator(
    image_uri={image!r}, role={role!r}, instance_type="ml.g5.xlarge", instance_count=1,
    output_path="s3://bucket/out",
)
""",
}
