"""The AWS CLI on a tour of the sandbox's command, errors included."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.conftest import wait_for
from tests.wire.batch import payload

AWS = Path(sys.executable).parent / "aws"
SANDBOX = (sys.executable, "-m", "tui", "sandbox", "--port", "0")


def exports(line: str) -> dict[str, str]:
    words = shlex.split(line)
    assert words[0] == "export"
    return dict(word.split("=", 1) for word in words[1:])


class Cli:
    """`aws`, told by environment variables alone where the sandbox is."""

    def __init__(self, variables: dict[str, str]) -> None:
        self.url = variables["AWS_ENDPOINT_URL"]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        self._environment = kept | nothing | variables | {"AWS_MAX_ATTEMPTS": "1"}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(AWS), *arguments, "--output", "json"]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=60)

    def __call__(self, *arguments: str) -> Any:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def error(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode in (252, 254, 255)
        return done.stderr.strip()

    def skip(self, seconds: int) -> None:
        body = json.dumps({"ms": seconds * 1000})
        urllib3.PoolManager().request("POST", f"{self.url}/sandbox/advance", body=body)


@pytest.fixture
def aws() -> Iterator[Cli]:
    """The command line against `queuedeck sandbox`, started as a user starts it."""
    with subprocess.Popen([*SANDBOX, "--scenario", "empty"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield Cli(exports(process.stdout.readline()))
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stdout.read() == ""


def test_a_tour_of_quota_management(aws: Cli, tmp_path: Path) -> None:
    assert aws("sts", "get-caller-identity")["Account"] == "123456789012"
    assert aws("batch", "describe-job-queues") == {"jobQueues": []}

    policy = aws("batch", "create-scheduling-policy", "--name", "shares",
                 "--quota-share-policy", "idleResourceAssignmentStrategy=FIFO")["arn"]  # fmt: skip
    limits = "maxCapacity=2,capacityUnit=ml.g5.xlarge"
    environment = ("batch", "create-service-environment", "--service-environment-name", "gpus",
                   "--service-environment-type", "SAGEMAKER_TRAINING",
                   "--capacity-limits", limits)  # fmt: skip
    aws(*environment)
    again = aws.error(*environment)
    assert "(ClientException) when calling the CreateServiceEnvironment operation" in again
    assert "Object already exists" in again
    aws.skip(60)
    aws("batch", "create-job-queue", "--job-queue-name", "vision", "--priority", "1",
        "--job-queue-type", "SAGEMAKER_TRAINING", "--scheduling-policy-arn", policy,
        "--service-environment-order", "order=1,serviceEnvironment=gpus")  # fmt: skip
    aws.skip(60)
    aws("batch", "create-quota-share", "--quota-share-name", "prod", "--job-queue", "vision",
        "--capacity-limits", limits, "--resource-sharing-configuration", "strategy=RESERVE",
        "--preemption-configuration", "inSharePreemption=ENABLED")  # fmt: skip
    aws.skip(60)
    assert aws("batch", "describe-job-queues")["jobQueues"][0]["status"] == "VALID"
    shares = aws("batch", "list-quota-shares", "--job-queue", "vision")["quotaShares"]
    assert [share["quotaShareName"] for share in shares] == ["prod"]

    file = tmp_path / "payload.json"
    file.write_text(payload(count=2))
    submit = ("batch", "submit-service-job", "--job-queue", "vision", "--quota-share-name", "prod",
              "--service-job-type", "SAGEMAKER_TRAINING",
              "--service-request-payload", f"file://{file}")  # fmt: skip
    once = ("--client-token", "once", "--scheduling-priority", "5")
    first = aws(*submit, "--job-name", "first", *once)
    assert aws(*submit, "--job-name", "first", *once)["jobId"] == first["jobId"]
    second = aws(*submit, "--job-name", "second", "--scheduling-priority", "1")
    aws.skip(300)

    running = aws("batch", "list-service-jobs", "--job-queue", "vision")["jobSummaryList"]
    assert [job["jobName"] for job in running] == ["first"]
    assert running[0]["capacityUsage"] == [{"capacityUnit": "ml.g5.xlarge", "quantity": 2.0}]
    filters = "name=JOB_NAME,values=sec*"
    listed = aws("batch", "list-service-jobs", "--job-queue", "vision", "--filters", filters)
    assert [job["status"] for job in listed["jobSummaryList"]] == ["RUNNABLE"]
    front = aws("batch", "get-job-queue-snapshot", "--job-queue", "vision")["frontOfQuotaShares"]
    assert [job["jobArn"] for job in front["quotaShares"]["prod"]] == [second["jobArn"]]
    described = aws("batch", "describe-service-job", "--job-id", second["jobId"])
    assert (described["schedulingPriority"], described["status"]) == (1, "RUNNABLE")
    assert "startedAt" not in described

    name = running[0]["latestAttempt"]["serviceResourceId"]["value"].rpartition("/")[2]
    assert (
        aws("sagemaker", "describe-training-job", "--training-job-name", name)["SecondaryStatus"]
        == "Training"
    )
    group = "/aws/sagemaker/TrainingJobs"
    streams = aws("logs", "describe-log-streams", "--log-group-name", group, "--log-stream-name-prefix", name)
    stream = streams["logStreams"][0]["logStreamName"]
    events = aws("logs", "get-log-events", "--log-group-name", group, "--log-stream-name", stream)["events"]
    assert any("starting training" in event["message"] for event in events)

    aws("batch", "terminate-service-job", "--job-id", second["jobId"], "--reason", "changed my mind")
    aws("batch", "terminate-service-job", "--job-id", first["jobId"], "--reason", "the end")
    aws.skip(120)
    ended = aws("batch", "describe-service-job", "--job-id", second["jobId"])
    assert (ended["status"], ended["statusReason"]) == ("FAILED", "changed my mind")

    refused = aws.error("batch", "delete-service-environment", "--service-environment", "gpus")
    assert "(ClientException)" in refused
    aws("batch", "update-quota-share", "--quota-share-arn", shares[0]["quotaShareArn"], "--state", "DISABLED")
    aws.skip(60)
    aws("batch", "delete-quota-share", "--quota-share-arn", shares[0]["quotaShareArn"])
    aws.skip(60)
    aws("batch", "update-job-queue", "--job-queue", "vision", "--state", "DISABLED")
    aws.skip(60)
    aws("batch", "delete-job-queue", "--job-queue", "vision")
    aws.skip(60)
    aws("batch", "delete-scheduling-policy", "--arn", policy)
    aws("batch", "update-service-environment", "--service-environment", "gpus", "--state", "DISABLED")
    aws.skip(60)
    aws("batch", "delete-service-environment", "--service-environment", "gpus")
    aws.skip(60)
    assert aws("batch", "describe-service-environments") == {"serviceEnvironments": []}


def test_errors_read_as_awss_own(aws: Cli, tmp_path: Path) -> None:
    assert "(ClientException) when calling the ListServiceJobs operation" in aws.error(
        "batch", "list-service-jobs", "--job-queue", "nosuch"
    )
    assert "(ClientException) when calling the DescribeServiceJob operation" in aws.error(
        "batch", "describe-service-job", "--job-id", "nosuch"
    )
    assert "The sandbox has no ListJobs" in aws.error("batch", "list-jobs", "--job-queue", "q")
    assert "(ValidationException) when calling the DescribeTrainingJob operation" in aws.error(
        "sagemaker", "describe-training-job", "--training-job-name", "nosuch"
    )
    assert "(NoSuchEntity) when calling the GetRole operation" in aws.error(
        "iam", "get-role", "--role-name", "nosuch"
    )
    assert "sandbox does not simulate ec2" in aws.error("ec2", "describe-instances")
    file = tmp_path / "code.tar.gz"
    file.write_bytes(b"code" * 1000)
    assert aws.run("s3", "mb", "s3://code").returncode == 0
    assert aws.run("s3", "cp", str(file), "s3://code/a/code.tar.gz").returncode == 0
    assert "a/code.tar.gz" in aws.run("s3", "ls", "--recursive", "s3://code").stdout
    assert aws.run("s3", "cp", "s3://code/a/code.tar.gz", str(tmp_path / "back")).returncode == 0
    assert (tmp_path / "back").read_bytes() == file.read_bytes()


def test_the_line_is_for_a_shell() -> None:
    script = (
        f'eval "$({shlex.join(SANDBOX)} --scenario empty --with-parent </dev/null)"; echo "$AWS_ENDPOINT_URL"'
    )
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=30)
    assert done.stdout.startswith("http://127.0.0.1:")


def test_it_ends_with_its_parent() -> None:
    command = [*SANDBOX, "--scenario", "empty", "--with-parent"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        url = exports(process.stdout.readline())["AWS_ENDPOINT_URL"]
        assert urllib3.PoolManager().request("GET", f"{url}/sandbox/state").status == 200
        process.stdin.close()
        wait_for(lambda: process.poll() is not None)
        assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--fault", "slow"), "--fault: unknown fault 'slow'"),
        (("--speed", "0"), "--speed is simulated seconds per second"),
        (("--port", "70000"), "port 70000 on 127.0.0.1 cannot be used"),
    ],
)
def test_a_wrong_option_is_one_line(arguments: tuple[str, ...], says: str) -> None:
    command = [sys.executable, "-m", "tui", "sandbox", "--scenario", "empty", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert done.stdout == ""
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return str(free.getsockname()[1])


def is_open(port: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


def test_it_serves_when_nobody_reads_its_line() -> None:
    port = free_port()
    read, write = os.pipe()
    os.close(read)
    command = [*SANDBOX[:-1], port, "--scenario", "empty"]
    with subprocess.Popen(command, stdout=write, stderr=subprocess.PIPE, text=True) as process:
        os.close(write)
        url = f"http://127.0.0.1:{port}/v1/describejobqueues"
        wait_for(lambda: is_open(port), timeout=30)
        assert urllib3.PoolManager().request("POST", url, body=b"{}").json() == {"jobQueues": []}
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=10) == (None, "")
        assert process.returncode == 0


def test_ctrl_c_does_not_wait_for_a_large_account() -> None:
    port = free_port()
    command = [*SANDBOX[:-1], port, "--scenario", "scale", "--jobs", "50000000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait_for(lambda: is_open(port), timeout=30)  # it takes its port before it fills the account
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=10) == ("", "")
        assert process.returncode == 0


def test_a_port_in_use_is_one_line(aws: Cli) -> None:
    port = aws.url.rpartition(":")[2]
    done = subprocess.run([*SANDBOX[:-1], port], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be used" in done.stderr
    assert done.stderr.count("\n") == 1
