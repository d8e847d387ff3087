"""Setting up and tearing down on a sandbox: in this process, and by `queuedeck` in its own."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tests.conftest import REGION, Running, wait_for
from tui import provision
from tui.aws.session import Aws, Connection
from tui.live.audit import Entry
from tui.model.blueprint import Blueprint
from tui.provision import Progress

CHANGES = ("Create", "Update", "Delete", "Tag", "Untag")


class Account:
    """An account on a sandbox. Its credentials must be in the environment (`live.environment`)."""

    def __init__(self, sandbox: Running, **options: Any) -> None:
        self.sandbox = sandbox
        self.aws = Aws(Connection(endpoint_url=sandbox.url), **options)
        self.client = sandbox.client("batch")
        self.seen: list[Progress] = []
        self.logged: list[Entry] = []
        self.cancelled = threading.Event()

    def setup(self, blueprint: Blueprint, **options: Any) -> Progress:
        return provision.setup(
            self.aws, blueprint, self.seen.append, self.cancelled, logged=self.logged.append, **options
        )

    def teardown(self, queue: str, **options: Any) -> Progress:
        return provision.teardown(
            self.aws, queue, self.seen.append, self.cancelled, logged=self.logged.append, **options
        )

    @property
    def names(self) -> list[str]:
        """Every environment, policy, queue and share of the account."""
        batch = self.client
        queues = [queue["jobQueueName"] for queue in batch.describe_job_queues()["jobQueues"]]
        environments = batch.describe_service_environments()["serviceEnvironments"]
        return [
            *(environment["serviceEnvironmentName"] for environment in environments),
            *(p["arn"].rpartition("/")[2] for p in batch.list_scheduling_policies()["schedulingPolicies"]),
            *queues,
            *(share["quotaShareName"] for queue in queues for share in self.shares(queue)),
        ]

    def shares(self, queue: str) -> list[dict[str, Any]]:
        """The quota shares of a queue; none of one that has just gone."""
        try:
            return self.client.list_quota_shares(jobQueue=queue)["quotaShares"]
        except ClientError:
            assert not self.client.describe_job_queues(jobQueues=[queue])["jobQueues"]
            return []

    def queue(self, name: str) -> dict[str, Any]:
        return self.client.describe_job_queues(jobQueues=[name])["jobQueues"][0]


class Program:
    """`queuedeck` as a process of its own, on a sandbox."""

    def __init__(self, sandbox: Running, home: Path) -> None:
        self.sandbox = sandbox
        self.home = home
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "XDG_STATE_HOME": str(home / "state"),
            "AWS_ENDPOINT_URL": sandbox.url,
            "AWS_ACCESS_KEY_ID": "sandbox",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "tui", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        with self.start(*arguments) as process:
            out, error = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, error)

    def killed_at_next_change(self, *arguments: str) -> bool:
        """Kill it, as soon as AWS has got one more call that changes something, before it gets the answer.

        False if it ended by itself.
        """
        before = self.changes
        with self.start(*arguments) as process:
            wait_for(lambda: self.changes > before or process.poll() is not None, timeout=60, every=0.001)
            if process.poll() is None:
                process.kill()
                process.communicate()
                return True
            out, error = process.communicate()
            assert process.returncode == 0, out + error
        return False

    @property
    def changes(self) -> int:
        """The calls so far that change something."""
        calls = list(self.sandbox.endpoint.calls.items())
        return sum(count for name, count in calls if name.partition(":")[2].startswith(CHANGES))
