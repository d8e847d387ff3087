"""Submitting in a real terminal at 80×24 by keys alone: AWS then has exactly the request that was previewed.

Each way of the dialog ends in `send`: it reads the preview, submits, and compares every member of it with
what the AWS CLI describes.
"""

import json
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Running
from tests.sdk_envs import python_of
from tests.terminal.pty_terminal import QUEUEDECK, Terminal
from tests.terminal.submitting import assert_made, at, choose, fill, go, previewed, send, turn
from tests.wire.batch import Batch

ROLE = "arn:aws:iam::123456789012:role/training"
IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.6.0-gpu-py312"
G5 = "ml.g5.xlarge"
REQUEST = {
    "TrainingJobName": "edited",
    "RoleArn": ROLE,
    "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
    "ResourceConfig": {"InstanceType": G5, "InstanceCount": 1, "VolumeSizeInGB": 10},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
}
YAML = f"""RoleArn: {ROLE}
AlgorithmSpecification: {{TrainingImage: {IMAGE}, TrainingInputMode: File}}
OutputDataConfig: {{S3OutputPath: s3://bucket/out}}
ResourceConfig: {{InstanceType: {G5}, InstanceCount: 1, VolumeSizeInGB: 10}}
StoppingCondition: {{MaxRuntimeInSeconds: 3600}}
Environment: {{SANDBOX_SECONDS: "60", GREETING: "grüß 'Gott' \\"$HOME\\" \\\\n"}}
Tags: [{{Key: of-the-payload, Value: moved to Batch}}]
"""
FILE = f"""jobName: from-file
jobQueue: a-queue-that-is-not-here
quotaShareName: prod
schedulingPriority: 7
retryStrategy: {{attempts: 3}}
timeoutConfig: {{attemptDurationSeconds: 600}}
preemptionConfiguration: {{preemptionRetriesBeforeTermination: 0}}
tags: {{a: b, team: vision}}
serviceRequestPayload:
  RoleArn: {ROLE}
  AlgorithmSpecification: {{TrainingImage: {IMAGE}, TrainingInputMode: File}}
  OutputDataConfig: {{S3OutputPath: s3://bucket/out}}
  ResourceConfig: {{InstanceType: {G5}, InstanceCount: 1, VolumeSizeInGB: 10}}
  StoppingCondition: {{MaxRuntimeInSeconds: 3600}}
  Tags: [{{Key: of-the-payload, Value: x}}]
"""

Open = Callable[[str], Terminal]


@pytest.fixture
def dashboard(sandbox: Running, tmp_path: Path) -> Iterator[Open]:
    """Opens it on one of two queues, fair-share and quota; its editor is a program that writes REQUEST."""
    batch = Batch(sandbox)
    batch.environment()
    batch.fair_queue("fair")
    batch.environment("gpus", unit=G5)
    batch.quota_queue("quota", "gpus")
    batch.share("prod", 2, "RESERVE")
    (tmp_path / "request.json").write_text(json.dumps(REQUEST))
    editor = tmp_path / "editor"
    editor.write_text(f'#!/bin/sh\ncp "{tmp_path}/request.json" "$1"\n')
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    with ExitStack() as stack:

        def open_on(queue: str) -> Terminal:
            command = [*QUEUEDECK, "--endpoint-url", sandbox.url, "--queue", queue, "--interval", "1"]
            terminal = stack.enter_context(Terminal(command, env={"VISUAL": str(editor)}))
            terminal.wait_for("No jobs in this queue.")
            return terminal

        yield open_on


def opened(terminal: Terminal) -> None:
    """The dialog for a new job, its first field ready."""
    terminal.press("s")
    terminal.wait_for(lambda _: at(terminal) == "Job name")


def cloned(terminal: Terminal, name: str) -> None:
    """The dialog for a job like the one at the cursor, its first field ready, which holds the next name."""
    terminal.press("c")
    terminal.wait_for(lambda text: at(terminal) == "Job name" and name in text)


def payload_of(request: dict[str, Any]) -> dict[str, Any]:
    return json.loads(request["serviceRequestPayload"])


def test_guided_form_clone_template_and_sweep(dashboard: Open, sandbox: Running) -> None:
    terminal = dashboard("fair")
    opened(terminal)
    fill(terminal, {"Job name": "typed", "Share identifier": "llm", "Priority": "3"})
    turn(terminal, "Training job from")
    fill(terminal, {"Training image": IMAGE, "Role": ROLE, "Command": "python train.py"})
    fill(terminal, {"Hyperparameters": "lr=0.1\nepochs=3", "Environment": "SANDBOX_SECONDS=60"})
    fill(terminal, {"Instance type": G5})
    go(terminal, "Spot")
    terminal.press("space")
    terminal.wait_for("Longest wait")
    fill(terminal, {"Longest wait (s)": "90000", "Input channels": "training=s3://bucket/data text/csv"})
    fill(terminal, {"Output path": "s3://bucket/out", "VPC subnets": "subnet-1", "Security groups": "sg-1"})
    fill(terminal, {"Metrics": "loss=loss: ([0-9.]+)"})
    turn(terminal, "Attempts")
    fill(terminal, {"Attempts": "2", "Rule 1": "RETRY Received status from SageMaker: Internal*"})
    fill(terminal, {"Attempt time-out": "7200", "Tags": "team=vision\nowner=me"})
    (typed,) = send(terminal, sandbox)
    assert {**typed, "clientToken": "", "serviceRequestPayload": ""} == {
        "jobName": "typed",
        "jobQueue": "fair",
        "serviceJobType": "SAGEMAKER_TRAINING",
        "serviceRequestPayload": "",
        "clientToken": "",
        "shareIdentifier": "llm",
        "schedulingPriority": 3,
        "retryStrategy": {
            "attempts": 2,
            "evaluateOnExit": [
                {"action": "RETRY", "onStatusReason": "Received status from SageMaker: Internal*"},
                {"action": "EXIT", "onStatusReason": "*"},
            ],
        },
        "timeoutConfig": {"attemptDurationSeconds": 7200},
        "tags": {"team": "vision", "owner": "me"},
    }
    payload = payload_of(typed)
    assert payload["AlgorithmSpecification"]["ContainerEntrypoint"] == ["python", "train.py"]
    assert payload["HyperParameters"] == {"lr": "0.1", "epochs": "3"}
    assert payload["StoppingCondition"]["MaxWaitTimeInSeconds"] == 90000
    assert payload["VpcConfig"] == {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}

    terminal.wait_for(lambda text: any("▸" in line and "typed" in line for line in text.split("\n")))
    cloned(terminal, "typed-copy")
    (copied,) = send(terminal, sandbox)
    own = ("jobName", "clientToken")
    assert {**copied, **dict.fromkeys(own)} == {**typed, **dict.fromkeys(own)}

    cloned(terminal, "typed-copy-2")  # of the copy
    terminal.press("ctrl+t")
    terminal.wait_for("Save as a template")
    terminal.press("ctrl+u", "mine", "enter")
    terminal.wait_for("Saved as")
    terminal.press("escape")
    terminal.wait_for(lambda text: "Preview" not in text)
    opened(terminal)
    terminal.press("ctrl+o")
    terminal.wait_for("Load a request")
    terminal.press("enter")
    terminal.wait_for("✓ ready: 1 job to fair")
    (loaded,) = send(terminal, sandbox)
    assert {**loaded, "clientToken": ""} == {**copied, "clientToken": "", "jobName": "typed-copy-2"}

    cloned(terminal, "typed-copy-3")
    choose(terminal, "How many", "up", "Its values")
    fill(terminal, {"Hyperparameter": "lr", "Its values": "0.1, 0.01, 0.001"})
    swept = send(terminal, sandbox, count=3)
    assert [payload_of(request)["HyperParameters"]["lr"] for request in swept] == ["0.1", "0.01", "0.001"]
    assert len({request["clientToken"] for request in swept}) == 3


def test_all_typed_in_one_write_lands_in_its_fields(dashboard: Open, sandbox: Running) -> None:
    terminal = dashboard("fair")
    job = "sburst\tllm\t3"  # `s` opens the dialog
    what = f"\x0e\t{IMAGE}\t\t{ROLE}\tpython train.py\t\tlr=0.1\repochs=3\x1b[B\rLATE=1\x1b[A\x1b[A\t"
    terminal.send(f"{job}{what}\t{G5}\t\t\t\t\t\t\ts3://bucket/out\x0e0")
    (request,) = send(terminal, sandbox)
    assert (request["jobName"], request["shareIdentifier"], request["schedulingPriority"]) == (
        "burst",
        "llm",
        3,
    )
    payload = payload_of(request)
    assert payload["AlgorithmSpecification"]["ContainerEntrypoint"] == ["python", "train.py"]
    assert payload["HyperParameters"] == {"lr": "0.1", "epochs": "3"}
    assert payload["Environment"] == {"LATE": "1"}
    assert payload["OutputDataConfig"] == {"S3OutputPath": "s3://bucket/out"}
    assert request["retryStrategy"]["attempts"] == 10


def test_request_as_text_in_place_in_the_editor_and_from_a_file(
    dashboard: Open, sandbox: Running, tmp_path: Path
) -> None:
    terminal = dashboard("quota")
    opened(terminal)
    fill(terminal, {"Job name": "as-yaml", "Quota share": "prod", "Priority": "0"})
    turn(terminal, "Training job from")
    choose(terminal, "Training job from", "down", " 1  {")
    terminal.press("tab", "f7", "delete")
    terminal.send(f"\x1b[200~{YAML}\x1b[201~")  # a paste
    turn(terminal, "Attempts")
    fill(terminal, {"Preemption retries": "2", "Tags": "team=vision"})
    (as_yaml,) = send(terminal, sandbox)
    assert as_yaml["preemptionConfiguration"] == {"preemptionRetriesBeforeTermination": 2}
    assert (as_yaml["quotaShareName"], as_yaml["schedulingPriority"]) == ("prod", 0)
    assert as_yaml["tags"] == {"of-the-payload": "moved to Batch", "team": "vision"}
    assert payload_of(as_yaml)["Environment"]["GREETING"] == "grüß 'Gott' \"$HOME\" \\n"

    sandbox.skip(600)
    terminal.press("4")
    terminal.wait_for("SUCCEEDED")
    terminal.press("enter")
    terminal.wait_for("1 overview")
    cloned(terminal, "as-yaml-copy")
    (copied,) = send(terminal, sandbox)  # of a finished job, from its own screen
    own = ("jobName", "clientToken")
    assert {**copied, **dict.fromkeys(own)} == {**as_yaml, **dict.fromkeys(own)}

    cloned(terminal, "as-yaml-copy")
    fill(terminal, {"Job name": "as-json"})
    turn(terminal, "Training job from")
    choose(terminal, "Training job from", "down", " 1  {")
    terminal.press("tab", "end")
    terminal.send('\r"EnableNetworkIsolation": true,')
    (as_json,) = send(terminal, sandbox)
    assert payload_of(as_json) == {"EnableNetworkIsolation": True} | payload_of(as_yaml)

    cloned(terminal, "as-yaml-copy")
    fill(terminal, {"Job name": "by-editor"})
    turn(terminal, "Training job from")
    choose(terminal, "Training job from", "down", " 1  {")
    terminal.press("tab", "ctrl+g")
    terminal.wait_for('"edited"')
    (edited,) = send(terminal, sandbox)
    assert payload_of(edited) == REQUEST

    file = tmp_path / "request.yaml"
    file.write_text(FILE)
    cloned(terminal, "as-yaml-copy")
    terminal.press("ctrl+o")
    terminal.wait_for("Load a request")
    terminal.press(str(file), "enter")
    terminal.wait_for(lambda text: "Load a request" not in text)
    (loaded,) = send(terminal, sandbox)
    assert {**loaded, "clientToken": "", "serviceRequestPayload": ""} == {
        "jobName": "from-file",
        "jobQueue": "quota",
        "serviceJobType": "SAGEMAKER_TRAINING",
        "serviceRequestPayload": "",
        "clientToken": "",
        "quotaShareName": "prod",
        "schedulingPriority": 7,
        "retryStrategy": {"attempts": 3},
        "timeoutConfig": {"attemptDurationSeconds": 600},
        "preemptionConfiguration": {"preemptionRetriesBeforeTermination": 0},
        "tags": {"of-the-payload": "x", "a": "b", "team": "vision"},
    }


def test_batch_refused_in_part_names_each_job_and_is_finished_later(
    dashboard: Open, sandbox: Running
) -> None:
    batch = Batch(sandbox)
    terminal = dashboard("fair")
    opened(terminal)
    fill(terminal, {"Job name": "part", "Share identifier": "llm"})
    choose(terminal, "How many", "down", "Number of jobs")
    fill(terminal, {"Number of jobs": "9"})
    terminal.send(f"\x0e\t{IMAGE}\t\t{ROLE}\t\t\t\t\t{G5}\t\t\t\t\t\t\ts3://bucket/out")
    terminal.wait_for("✓ ready: 9 jobs to fair")
    requests, commands = previewed(terminal, 9)
    refused = [requests[2], requests[6]]
    for request in refused:  # AWS has their tokens already, of other requests
        batch.client.submit_service_job(**request | {"jobName": "other"})
    terminal.press("ctrl+s")
    terminal.wait_for("7 done.")
    terminal.wait_for("Not done: part-3, part-7.")
    assert sorted(made(batch)) == [request["jobName"] for request in requests if request not in refused]

    terminal.press("escape")
    terminal.wait_for("The form has been changed")
    terminal.press("down", "enter")  # close it; it is kept
    terminal.wait_for(lambda text: "Preview" not in text)
    for request in refused:
        del sandbox.world.batch.submissions[request["clientToken"]]
    opened(terminal)
    terminal.wait_for("✓ ready: 2 jobs to fair, 7 are made already")
    rest, _ = previewed(terminal, 2)
    assert rest == refused  # with their tokens
    terminal.press("ctrl+s")
    terminal.wait_for("Submitted 2 jobs.")
    assert sorted(made(batch)) == [request["jobName"] for request in requests]
    for number in (0, 6):
        assert_made(sandbox, requests[number], commands[number])


def made(batch: Batch) -> list[str]:
    return batch.names("fair", filters=[{"name": "JOB_NAME", "values": ["part*"]}])


def test_nothing_typed_is_lost_by_a_refusal_or_escape(dashboard: Open, sandbox: Running) -> None:
    batch = Batch(sandbox)
    terminal = dashboard("quota")
    opened(terminal)
    fill(terminal, {"Job name": "precious", "Quota share": "prod"})
    turn(terminal, "Training job from")
    choose(terminal, "Training job from", "down", " 1  {")
    terminal.press("tab", "f7", "delete")
    terminal.send(f"\x1b[200~{YAML}\x1b[201~")
    requests, commands = previewed(terminal)
    batch.client.update_job_queue(jobQueue="quota", state="DISABLED")  # AWS knows, the screen not yet
    batch.skip(5)
    terminal.press("ctrl+s")
    terminal.wait_for("Not done: precious.")
    terminal.press("escape")
    terminal.wait_for("Keep editing")
    terminal.press("escape")  # by mistake: still there
    terminal.wait_for(lambda text: "Keep editing" not in text)
    assert previewed(terminal, state="Not done: precious.") == (requests, commands)
    terminal.press("escape")
    terminal.wait_for("Keep editing")
    terminal.press("down", "enter")
    terminal.wait_for(lambda text: "Preview" not in text)
    batch.client.update_job_queue(jobQueue="quota", state="ENABLED")
    batch.skip(5)
    opened(terminal)
    assert send(terminal, sandbox) == requests  # the same token: one job, however often it is sent


@pytest.mark.timeout(900)
def test_image_is_looked_up_by_the_sdk(
    dashboard: Open, sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUEUEDECK_SDK_PYTHON", str(python_of("v3")))
    terminal = dashboard("fair")
    opened(terminal)
    fill(terminal, {"Job name": "looked-up", "Share identifier": "llm"})
    terminal.send(f"\x0e\t\t\t{ROLE}\t\t\t\t\t{G5}\t\t\t\t\t\t\ts3://bucket/out")
    terminal.wait_for("to fill in: Training image")
    terminal.press("ctrl+r")
    terminal.wait_for(lambda _: at(terminal) == "Version")
    terminal.press("2.6.0", "ctrl+s")
    terminal.wait_for("✓ ready: 1 job to fair", timeout=120)
    (request,) = send(terminal, sandbox)
    assert payload_of(request)["AlgorithmSpecification"]["TrainingImage"] == IMAGE


@pytest.mark.timeout(900)
@pytest.mark.parametrize("version", ["v3", "v2"])
def test_python_file_by_the_sdk(version: str, dashboard: Open, sandbox: Running, tmp_path: Path) -> None:
    allow_training(sandbox)
    script = tmp_path / "job.py"
    script.write_text(SCRIPTS[version].format(image=IMAGE, role=ROLE))
    terminal = dashboard("fair")
    opened(terminal)
    fill(terminal, {"Job name": "from-script", "Share identifier": "llm", "Priority": "9"})
    turn(terminal, "Training job from")
    choose(terminal, "Training job from", "up", "The SageMaker SDK is not installed here.")
    fill(terminal, {"Python": str(python_of(version)), "Python file": str(script)})
    terminal.wait_for(f"SageMaker SDK {version[1]}.")
    terminal.press("ctrl+b")
    terminal.wait_for("✓ ready: 1 job to fair", timeout=120)
    (request,) = send(terminal, sandbox)
    payload = payload_of(request)
    assert payload["AlgorithmSpecification"]["TrainingImage"] == IMAGE
    assert payload["ResourceConfig"]["InstanceType"] == G5
    assert payload["InputDataConfig"][0]["ChannelName"] == "training"
    assert request["tags"]["of-the-script"] == version


@pytest.mark.timeout(900)
@pytest.mark.parametrize("version", ["v3", "v2"])
def test_source_folder_by_the_sdk(version: str, dashboard: Open, sandbox: Running, tmp_path: Path) -> None:
    allow_training(sandbox)
    sandbox.client("s3").create_bucket(Bucket="training-code")
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "train.py").write_text("print('training')\n")
    terminal = dashboard("fair")
    opened(terminal)
    fill(terminal, {"Job name": "from-folder", "Share identifier": "llm"})
    turn(terminal, "Training job from")
    choose(terminal, "Training job from", "up", "Python file *")
    choose(terminal, "Training job from", "up", "Source folder *")
    fill(terminal, {"Python": str(python_of(version)), "Source folder": str(folder), "Script": "train.py"})
    fill(terminal, {"Training image": IMAGE, "Role": ROLE, "Hyperparameters": "lr=0.1"})
    fill(terminal, {"Output path": "s3://training-code/out", "Bucket": "training-code"})
    turn(terminal, "Attempts")
    fill(terminal, {"Attempts": "2", "Tags": "team=vision"})
    terminal.press("ctrl+p", "ctrl+b")
    terminal.wait_for("✓ ready: 1 job to fair", timeout=120)
    (request,) = send(terminal, sandbox)
    payload = payload_of(request)
    assert payload["AlgorithmSpecification"]["TrainingImage"] == IMAGE
    assert json.loads(payload["HyperParameters"]["lr"]) == 0.1
    assert (request["retryStrategy"]["attempts"], request["tags"]["team"]) == (2, "vision")
    listed = sandbox.client("s3").list_objects_v2(Bucket="training-code")["Contents"]
    assert any("train.py" in item["Key"] or "sourcedir" in item["Key"] for item in listed)


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


SCRIPTS = {
    "v3": """
from sagemaker.core.shapes import Tag
from sagemaker.train.configs import Compute, InputData
from sagemaker.train.model_trainer import ModelTrainer
trainer = ModelTrainer(
    training_image={image!r}, role={role!r}, base_job_name="mine",
    compute=Compute(instance_type="ml.g5.xlarge", instance_count=1),
    tags=[Tag(key="of-the-script", value="v3")],
)
inputs = [InputData(channel_name="training", data_source="s3://bucket/data")]
""",
    "v2": """
from sagemaker.estimator import Estimator
estimator = Estimator(
    image_uri={image!r}, role={role!r}, instance_type="ml.g5.xlarge", instance_count=1,
    output_path="s3://bucket/out", tags=[{{"Key": "of-the-script", "Value": "v2"}}],
)
inputs = {{"training": "s3://bucket/data"}}
""",
}
