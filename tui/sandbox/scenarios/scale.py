"""A large account, made in seconds: one queue with very many finished jobs, and 200 active ones.

A finished job is only a line for the listings; payload, tags and attempts are derived when asked for.
"""

import json
import random
import zlib

from tui.model.jobs import Attempt, Status
from tui.model.units import DAY, MINUTE, SECOND
from tui.sandbox.batch import jobs as operations
from tui.sandbox.batch.names import job_id, training_job_name
from tui.sandbox.batch.records import Job, Script, resource
from tui.sandbox.past import REPORTED
from tui.sandbox.scenarios import building
from tui.sandbox.scenarios.catalogue import BAD_SHAPE, KILLED, PYTORCH
from tui.sandbox.world import World

QUEUE = "scale"
FINISHED = 100_000
RUNNING = 100
QUEUED = 100

UNIT = "ml.g5.xlarge"
STEMS = ("resnet-sweep", "bert-distill", "vit-pretrain", "gnn-ablation", "tts-finetune")
SUCCEEDED = REPORTED + "Training job completed"
FAILED = tuple(REPORTED + reason.format(script="train.py") for reason in (BAD_SHAPE, KILLED))


def load(world: World, jobs: int | None) -> None:
    """`jobs` finished jobs (100,000 if None) over the last six days, and the active ones."""
    world.begin_before(10 * MINUTE)
    building.environment(world, "scale-gpus", {"NUM_INSTANCES": RUNNING})
    building.queue(world, QUEUE, "scale-gpus")
    _finished(world, FINISHED if jobs is None else jobs)
    _active(world)
    world.run_until(world.started_at)


def _finished(world: World, count: int) -> None:
    """Jobs that all ended before the first active one was submitted, evenly spread."""
    chance = random.Random(f"{world.seed} scale")
    index = world.batch.queues[QUEUE].index
    first = world.started_at - 6 * DAY
    step = (world.now() - 3 * 60 * MINUTE - first) / max(1, count)
    prefix = world.arn("sagemaker", "training-job/")
    for number in range(count):
        created = int(first + number * step)
        failed = chance.random() < 0.06
        started = created + chance.randrange(60 * SECOND, 40 * MINUTE)
        name = f"{STEMS[number % len(STEMS)]}-{number:06d}"
        identifier = job_id(chance)
        job = Job(
            id=identifier,
            name=name,
            queue=QUEUE,
            created_at=created,
            unit=UNIT,
            status=Status.FAILED if failed else Status.SUCCEEDED,
            status_reason=FAILED[number % 2] if failed else SUCCEEDED,
            scheduled_at=started - 70 * SECOND,
            started_at=started,
            stopped_at=started + chance.randrange(5 * MINUTE, 120 * MINUTE),
            turns=1,
            tries=1,
            latest_arn=prefix + training_job_name(name, identifier, 1),
            past=_past,
        )
        world.batch.jobs[identifier] = job
        index.add(job)


def _past(job: Job) -> None:
    """What a finished job was submitted with, and its one attempt."""
    job.payload = _payload(job.name, zlib.crc32(job.id.encode()))
    job.tags = {"owner": "scale", "project": job.name.rpartition("-")[0]}
    job.attempts = (
        Attempt(
            service_resource_id=resource(job.latest_arn),
            started_at=job.started_at,
            stopped_at=job.stopped_at,
            status_reason=job.status_reason,
        ),
    )


def _active(world: World) -> None:
    """Jobs that run for hours, and as many that wait for them."""
    for number in range(RUNNING + QUEUED):
        name = f"active-{number:04d}"
        answer = operations.submit(
            world,
            {
                "jobName": name,
                "jobQueue": QUEUE,
                "serviceJobType": "SAGEMAKER_TRAINING",
                "serviceRequestPayload": _payload(name, number),
            },
        )
        world.batch.jobs[answer["jobId"]].scripts = (Script(seconds=6 * 3600.0 + 60 * number),)


def _payload(name: str, seed: int) -> str:
    return json.dumps(
        {
            "TrainingJobName": name,
            "RoleArn": "arn:aws:iam::123456789012:role/SageMakerTraining",
            "AlgorithmSpecification": {
                "TrainingImage": PYTORCH.format(region="us-east-1"),
                "TrainingInputMode": "File",
            },
            "HyperParameters": {"epochs": str(3 + seed % 20), "seed": str(seed % 997)},
            "OutputDataConfig": {"S3OutputPath": "s3://scale-models/"},
            "ResourceConfig": {"InstanceType": UNIT, "InstanceCount": 1, "VolumeSizeInGB": 100},
            "StoppingCondition": {"MaxRuntimeInSeconds": 86_400},
        }
    )
