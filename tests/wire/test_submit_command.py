"""`queuedeck submit`: what it sends, prints and refuses, and with which exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Running
from tests.sdk_envs import python_of
from tests.unit.submission.requests import good
from tests.wire.batch import Batch
from tests.wire.live import environment
from tui.cli import main
from tui.model.payload_text import yaml_text
from tui.sandbox.faults import parse_faults

IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.6.0-gpu-py312"


@pytest.fixture(autouse=True)
def exported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sandbox: Running) -> None:
    environment(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.url)
    monkeypatch.setenv("QUEUEDECK_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def account(sandbox: Running) -> Batch:
    made = Batch(sandbox)
    made.environment()
    made.queue()
    made.fair_queue("fair", "env")
    made.environment("gpus", unit="ml.g5.xlarge")
    made.quota_queue("quota", "gpus")
    made.share("prod", 1, "RESERVE")
    return made


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "train.json").write_text(json.dumps(good(), indent=2))
    return "train.json"


def jobs(account: Batch, queue: str = "queue") -> list[str]:
    return sorted(account.names(queue, filters=[{"name": "AFTER_CREATED_AT", "values": ["0"]}]))


def previewed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["submit", *arguments, "--dry-run"]) == 0
    request = json.loads(capsys.readouterr().out)
    assert isinstance(request, dict)
    return request


def test_cli_of_aws_describes_what_was_previewed(
    account: Batch, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = (file, "--queue", "quota", "--name", "sft", "--quota-share", "prod", "--priority", "0")
    given += ("--attempts", "3", "--timeout", "3600", "--preemption-retries", "2", "--tag", "team=vision")
    given += ("--set", "ResourceConfig.InstanceCount=1", "--set", "HyperParameters.a.b=1e-4")
    given += ("--set", "InputDataConfig[0].ContentType=text/plain", "--set", "Environment.NEW=1")
    preview = previewed(capsys, *given)
    payload = json.loads(preview["serviceRequestPayload"])
    assert payload["ResourceConfig"]["InstanceCount"] == 1
    assert payload["HyperParameters"]["a.b"] == "1e-4"
    assert payload["InputDataConfig"][0]["ContentType"] == "text/plain"
    assert payload["Environment"] == {"MODE": "test", "NEW": "1"}
    assert jobs(account, "quota") == []

    assert main(["submit", *given]) == 0
    out, err = capsys.readouterr()
    job_id, name, queue = out.split()
    assert (name, queue, err) == ("sft", "quota", "")
    aws = Path(sys.executable).with_name("aws")
    command = [str(aws), "--region", "us-east-1", "batch", "describe-service-job", "--job-id", job_id]
    told = subprocess.run(command, capture_output=True, check=True)
    seen = json.loads(told.stdout)
    assert seen["jobQueue"].endswith(f"/{preview.pop('jobQueue')}")
    del preview["clientToken"]
    assert {member: seen.get(member) for member in preview} == preview


def test_file_may_say_all_of_it(account: Batch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = {
        "jobName": "nightly",
        "jobQueue": "fair",
        "shareIdentifier": "vision",
        "schedulingPriority": 5,
        "tags": {"team": "vision"},
        "serviceRequestPayload": good(),
    }
    (tmp_path / "job.yaml").write_text(yaml_text(document))
    assert main(["submit", "job.yaml", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    seen = account.job(told["jobId"])
    assert (seen["jobName"], seen["shareIdentifier"], seen["schedulingPriority"]) == ("nightly", "vision", 5)
    assert json.loads(seen["serviceRequestPayload"]) == good()


def test_request_comes_from_standard_input_or_a_template(account: Batch, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tui", "submit", "-", "--queue", "queue", "--save-template", "kept"]
    done = subprocess.run(
        command, input=json.dumps(good()), capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert done.returncode == 0, done.stderr
    assert "saved as the template" in done.stderr
    assert main(["submit", "--template", "kept", "--name", "again"]) == 0
    assert jobs(account) == ["again", "train"]
    audit = tmp_path / "state" / "queuedeck" / "audit.jsonl"
    lines = [json.loads(line) for line in audit.read_text().splitlines()]
    assert [(line["action"], line["job_name"], line["outcome"]) for line in lines] == [
        ("submit", "train", "done"),
        ("submit", "again", "done"),
    ]
    assert audit.stat().st_mode & 0o777 == 0o600


def test_several_jobs_and_faults(
    account: Batch, file: str, sandbox: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.endpoint.faults = parse_faults("throttle=0.1,error=0.1,drop=0.1")
    assert main(["submit", file, "--queue", "queue", "--sweep", "lr=0.1,0.01", "--yes"]) == 0
    assert main(["submit", file, "--queue", "queue", "--name", "many", "--count", "8", "-y"]) == 0
    sandbox.endpoint.faults = parse_faults("")
    lines = capsys.readouterr().out.splitlines()
    assert len({line.split()[0] for line in lines}) == 10
    assert jobs(account) == sorted(["train-0_1", "train-0_01", *(f"many-{n}" for n in range(1, 9))])


BAD_JSON = '{\n  "RoleArn": "x"\n  "Environment": {}\n}'
WRONG: list[tuple[dict[str, Any] | str, list[str], str]] = [
    (BAD_JSON, [], "train.json:3: serviceRequestPayload: not valid JSON"),
    (good(Foo=1), [], "serviceRequestPayload.Foo: CreateTrainingJob has no such member"),
    (
        good(),
        ["--priority", "10000"],
        "schedulingPriority: 10000 is out of range: it must be between",
    ),
    (good(ResourceConfig__InstanceCount=0), [], "InstanceCount: 0 instances train nothing"),
    (good(), ["--name", "a" * 129], "jobName: it has 129 characters; the most is 128 (--name)"),
    (good(), ["--queue", "fair"], "shareIdentifier: a fair-share queue needs a share identifier (--share)"),
    (good(), ["--queue", "quota"], "quotaShareName: a quota queue needs a quota share: prod (--quota-share)"),
    (good(), ["--queue", "quota", "--quota-share", "dev"], "the queue has no quota share 'dev': prod"),
    (good(), ["--share", "a"], "a FIFO queue takes no share identifier"),
    (good(RoleArn="training"), [], "RoleArn: 'training' is not allowed: a role's ARN looks like"),
    (good(), ["--tag", "aws:x=1"], "reserved"),
    (good(), ["--tag", f"k={'v' * 257}"], "257 characters"),
    (good(Environment={"A": "x" * 20_000}), [], "10 KiB"),
    (good(), ["--set", "ResourceConfig.InstanceCount=two"], "a whole number, not 'two'"),
    (good(), ["--set", "InputDataConfig[7].ContentType=x"], "the request has no 7 there"),
    (good(), ["--set", "ResourceConfig"], "write KEY=VALUE"),
    (good(), ["--sweep", "lr="], "give the values of lr"),
    (good(), ["--count", "0"], "choose between 1 and 1,000"),
    (good(), ["--count", "2", "--sweep", "lr=1"], "not both"),
    (good(), ["--count", "2"], "add --yes"),
    (
        good(),
        ["--queue", "nowhere"],
        "no training queue 'nowhere' in us-east-1; there are: fair",
    ),
    (good(), ["--role", "x"], "--role belongs to --source-dir"),
    (good(), ["--read-only"], "Read-only"),
    (good(), ["--source-dir", "."], "give one of FILE, --template and --source-dir"),
]


@pytest.mark.parametrize(("request_", "options", "words"), WRONG, ids=[words for *_, words in WRONG])
def test_what_is_wrong_is_said_in_a_line_and_nothing_is_sent(
    request_: dict[str, Any] | str,
    options: list[str],
    words: str,
    account: Batch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = request_ if isinstance(request_, str) else json.dumps(request_, indent=2)
    (tmp_path / "train.json").write_text(text)
    queue = [] if "--queue" in options else ["--queue", "queue"]
    assert main(["submit", "train.json", *queue, *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert len(err.splitlines()) == 1
    assert jobs(account) == jobs(account, "fair") == jobs(account, "quota") == []


def test_problems_are_named_with_their_lines(
    account: Batch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = yaml_text({"jobName": "x", "jobQueue": "queue", "serviceRequestPayload": good(RoleArn="x", Foo=1)})
    (tmp_path / "job.yaml").write_text(text)
    assert main(["submit", "job.yaml"]) == 2
    rows = text.splitlines()
    role, foo = (1 + next(n for n, row in enumerate(rows) if word in row) for word in ("RoleArn", "Foo"))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith(f"queuedeck: job.yaml:{role}: serviceRequestPayload.RoleArn: ")
    assert lines[1].startswith(f"queuedeck: job.yaml:{foo}: serviceRequestPayload.Foo: ")


@pytest.mark.parametrize("name", ["nowhere.json", "nowhere.py", "."])
def test_file_that_cannot_be_read_is_named(
    name: str, account: Batch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["submit", name, "--queue", "queue"]) == 2
    assert capsys.readouterr().err.startswith(f"queuedeck: {name}: ")


def test_what_aws_refuses_ends_with_one(
    account: Batch, file: str, sandbox: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    account.client.update_job_queue(jobQueue="queue", state="DISABLED")
    account.skip(5)
    assert main(["submit", file, "--queue", "queue", "--json"]) == 1
    (told,) = json.loads(capsys.readouterr().out)
    assert "DISABLED" in told["error"]["cause"] or "disabled" in told["error"]["cause"].lower()


def test_without_the_sdk_it_says_how_to_install_it(
    account: Batch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "job.py").write_text("x = 1")
    assert main(["submit", "job.py", "--queue", "queue"]) == 2
    assert "pip install 'queuedeck[sagemaker]'" in capsys.readouterr().err


@pytest.mark.timeout(900)  # it builds the environment the first time
def test_source_folder_is_built_and_submitted(
    account: Batch, sandbox: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text("print('training')\n")
    given = ["--source-dir", "src", "--entry-point", "train.py", "--image", "pytorch:2.6"]
    given += ["--instance-type", "ml.g5.xlarge", "--role", "arn:aws:iam::123456789012:role/training"]
    given += ["--queue", "queue", "--name", "sft", "--hyperparameter", "lr=0.1", "--bucket", "my-code"]
    given += ["--python", str(python_of("v2"))]
    assert main(["submit", *given]) == 0, capsys.readouterr().err
    out, err = capsys.readouterr()
    seen = account.job(out.split()[0])
    payload = json.loads(seen["serviceRequestPayload"])
    assert payload["AlgorithmSpecification"]["TrainingImage"].endswith("pytorch-training:2.6-gpu-py312")
    assert payload["HyperParameters"]["sagemaker_submit_directory"].startswith('"s3://my-code/')
    assert "kB to s3://my-code/" in err or "B to s3://my-code/" in err
    assert sandbox.client("s3").list_objects_v2(Bucket="my-code")["KeyCount"] >= 1
    assert os.environ["AWS_ENDPOINT_URL"] == sandbox.url
