"""A simulated account for tests without a wire: its clock stands still until a test moves it."""

import json
from typing import Any

import msgspec

from tui.sandbox.batch.records import Job
from tui.sandbox.batch.service import BatchService
from tui.sandbox.clock import Clock
from tui.sandbox.scenarios import building
from tui.sandbox.service import Call, Encoded
from tui.sandbox.world import World

G5 = "ml.g5.xlarge"


def payload(count: int = 1, unit: str = G5, seconds: float | None = 100, fail: str = "", **more: Any) -> str:
    """A CreateTrainingJob request that trains `seconds` and then fails for `fail`, if given."""
    wishes = {"SANDBOX_SECONDS": str(seconds)} if seconds is not None else {}
    if fail:
        wishes["SANDBOX_FAIL"] = fail
    request = {
        "TrainingJobName": "train",
        "RoleArn": "arn:aws:iam::123456789012:role/training",
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        "ResourceConfig": {"InstanceType": unit, "InstanceCount": count, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "Environment": wishes,
    }
    return json.dumps({**request, **more})


class Account:
    """A world with a Batch service; `call` speaks to it as the wire does."""

    def __init__(self, seed: int = 0) -> None:
        self.world = World(Clock(0), seed)
        self._batch = BatchService(self.world)

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        answer = self._batch.call(Call(operation=operation, params=params))
        return msgspec.json.decode(answer.body) if isinstance(answer, Encoded) else dict(answer)

    def skip(self, seconds: float) -> None:
        self.world.clock.advance(int(seconds * 1000))
        self.world.advance()

    def fifo(self, capacity: int = 1, name: str = "fifo", **more: Any) -> None:
        building.environment(self.world, f"{name}-env", {"NUM_INSTANCES": capacity})
        building.queue(self.world, name, f"{name}-env", **more)
        self._catch_up()

    def quota(self, shares: dict[str, tuple[int, str, bool]], capacity: int) -> None:
        """A queue `quota`; each share has a limit, a strategy and perhaps in-share preemption."""
        building.environment(self.world, "quota-env", {G5: capacity})
        policy = building.quota_policy(self.world, "quotas")
        building.queue(self.world, "quota", "quota-env", schedulingPolicyArn=policy)
        for name, (limit, strategy, preempts) in shares.items():
            building.share(self.world, "quota", name, {G5: limit}, strategy, preempts=preempts)
        building.settle(self.world)
        self._catch_up()

    def submit(self, queue: str, request: str | None = None, **more: Any) -> Job:
        answer = self.call(
            "SubmitServiceJob",
            jobName=more.pop("jobName", "job"),
            jobQueue=queue,
            serviceJobType="SAGEMAKER_TRAINING",
            serviceRequestPayload=payload() if request is None else request,
            **more,
        )
        return self.world.batch.jobs[answer["jobId"]]

    def until(self, job: Job, status: str, within: float = 7200) -> None:
        """Let time pass until the job has the status."""
        for _ in range(int(within)):
            if job.status == status:
                return
            self.skip(1)
        raise AssertionError(f"{job.name} is {job.status}, not {status}: {job.status_reason}")

    def _catch_up(self) -> None:
        """Building moved the world past its clock: move the clock there too."""
        self.world.clock.advance(max(0, self.world.now() - self.world.clock.now()))
