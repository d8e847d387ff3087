"""The SageMaker SDKs, unmodified, against the sandbox: environment variables are all they are told."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Running
from tests.sdk_envs import python_of

SCRIPTS = Path(__file__).parent / "sdk"

# The SDKs make up the name of their default bucket from the account id, which they ask of STS at a fixed
# address, whatever the environment says. Their own configuration file names a bucket instead.
DEFAULTS = """\
SchemaVersion: "1.0"
SageMaker:
  PythonSDK:
    Modules:
      Session:
        DefaultS3Bucket: training-code
"""


def run(version: str, sandbox: Running, report: Path) -> dict[str, Any]:
    """Run a version's tour in its own environment; what it reported."""
    defaults = report.with_name("defaults.yaml")
    defaults.write_text(DEFAULTS)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = kept | {
        "AWS_ENDPOINT_URL": sandbox.url,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "SAGEMAKER_USER_CONFIG_OVERRIDE": str(defaults),
        "SAGEMAKER_SUPPRESS_V2_WARNING": "1",
    }
    command = [str(python_of(version)), str(SCRIPTS / f"tour_{version}.py"), str(report)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, (done.stdout + done.stderr)[-5000:]
    return json.loads(report.read_text())


@pytest.mark.timeout(900)  # it builds the environment the first time
@pytest.mark.parametrize("version", ["v3", "v2"])
def test_a_queue_from_creation_to_deletion(version: str, sandbox: Running, tmp_path: Path) -> None:
    seen = run(version, sandbox, tmp_path / "report.json")
    assert any(key.endswith(("train.py", "sourcedir.tar.gz")) for key in seen["uploads"])
    first = seen["first"]
    share = first["quotaShareName" if version == "v3" else "shareIdentifier"]
    assert (first["status"], share, first["schedulingPriority"]) == ("RUNNING", "prod", 5)
    assert first["timeoutConfig"] == {"attemptDurationSeconds": 86_400}
    assert first["retryStrategy"]["attempts"] == 1
    assert seen["running"] == ["first", "third"]
    assert seen["by_name"] == seen["by_share"] == ["second"]
    assert seen["priority"] == 7
    assert seen["not_yet"] == "NoTrainingJob"
    ended = seen["terminated"]
    assert (ended["status"], ended["isTerminated"], ended["statusReason"]) == (
        "FAILED",
        True,
        "changed my mind",
    )
    assert first["latestAttempt"]["serviceResourceId"]["value"].endswith(f"/{seen['training_job']}")
    assert seen["image"].endswith("pytorch-training:2.6.0-gpu-py312")
    assert seen["result"] == "SUCCEEDED"
    assert len(seen["log"]) == 200
    assert seen["log"][-1].endswith("Reporting training SUCCESS")
    assert seen["leftovers"] == []
