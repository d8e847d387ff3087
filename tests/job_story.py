"""A job with a past, told over the wire: two hosts, preempted twice, then out of GPU memory."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from tests.conftest import Running
from tests.wire.batch import G5, Batch
from tests.wire.training import request
from tui.sandbox.clock import Clock
from tui.sandbox.scenarios.catalogue import HUGGING_FACE, OUT_OF_MEMORY
from tui.sandbox.world import World

NAME = "llama-sft-0412"
WORKED = "llama-sft-0398"
QUEUE = "quota"


@contextmanager
def told() -> Iterator[str]:
    """The URL of a sandbox on which it has all happened, and whose clock stands still."""
    sandbox = Running(World(Clock(0)))
    with sandbox:
        tell(sandbox)
        yield sandbox.url


def training_request(rate: str, **wishes: str) -> str:
    body = request("llama-sft", count=2, **wishes)
    body["AlgorithmSpecification"] = {
        "TrainingImage": HUGGING_FACE.format(region="us-east-1"),
        "TrainingInputMode": "FastFile",
        "MetricDefinitions": [
            {"Name": "train:loss", "Regex": r"step \d+ loss=([0-9.]+)"},
            {"Name": "eval:accuracy", "Regex": r"val_acc=([0-9.]+)"},
        ],
    }
    body["HyperParameters"] = {"learning_rate": rate, "epochs": "3"}
    body["OutputDataConfig"] = {"S3OutputPath": "s3://llm-models/llama-sft/"}
    body["CheckpointConfig"] = {"S3Uri": "s3://llm-models/checkpoints/llama-sft/"}
    return json.dumps(body)


def tell(sandbox: Running, **wishes: str) -> str:
    """The id of the job, after all of it has happened. `wishes` go into the job's Environment."""
    batch = Batch(sandbox)
    batch.environment(capacity=3, unit=G5)
    batch.quota_queue()
    batch.share("research", 1, "LEND_AND_BORROW", borrowLimit=-1)
    batch.share("prod", 2, "LEND")
    worked = batch.submit(
        WORKED,
        "quota",
        training_request("1e-4", SANDBOX_SECONDS="900"),
        quotaShareName="research",
        schedulingPriority=3,
        tags={"owner": "wei", "team": "llm"},
    )
    _until(batch, worked, "SUCCEEDED")
    job = batch.submit(
        NAME,
        "quota",
        training_request(
            "3e-4",
            SANDBOX_SECONDS="2400",
            SANDBOX_FAIL=OUT_OF_MEMORY.format(script="sft.py"),
            **wishes,
        ),
        quotaShareName="research",
        schedulingPriority=3,
        tags={"owner": "wei", "team": "llm", "project": "llama"},
    )
    for ran in (700, 1100):
        _until(batch, job, "RUNNING")
        batch.skip(ran)
        owner = batch.submit(
            "prod-retrain",
            "quota",
            json.dumps(request("prod", count=2, SANDBOX_SECONDS="600")),
            quotaShareName="prod",
        )
        _until(batch, job, "RUNNABLE")
        _until(batch, owner, "SUCCEEDED")
    _until(batch, job, "FAILED")
    batch.skip(120)
    return job


def _until(batch: Batch, job: str, status: str) -> None:
    for _ in range(800):
        if batch.status(job) == status:
            return
        batch.skip(15)
    raise AssertionError(f"{job} is {batch.status(job)}, not {status}")
