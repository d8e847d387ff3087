"""How busy a training job's hosts are, minute by minute."""

import re

from tui.sandbox.services.curves import noise
from tui.sandbox.training import TrainingJob

METRICS = (
    "CPUUtilization",
    "MemoryUtilization",
    "GPUUtilization",
    "GPUMemoryUtilization",
    "DiskUtilization",
)

_GPUS = {
    "ml.g4dn.12xlarge": 4, "ml.g5.12xlarge": 4, "ml.g5.24xlarge": 4, "ml.g5.48xlarge": 8,
    "ml.g6.12xlarge": 4, "ml.g6.24xlarge": 4, "ml.g6.48xlarge": 8, "ml.g6e.12xlarge": 4,
    "ml.g6e.24xlarge": 4, "ml.g6e.48xlarge": 8, "ml.p3.8xlarge": 4, "ml.p3.16xlarge": 8,
}  # fmt: skip
_CORES = {"large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32, "12xlarge": 48, "16xlarge": 64,
          "24xlarge": 96, "32xlarge": 128, "48xlarge": 192}  # fmt: skip
_TYPE = re.compile(r"ml\.([a-z]+)(\d+)\w*\.(\w+)")

MINUTE_MS = 60_000


def gpus(instance_type: str) -> int:
    """GPUs of an instance type: 0 without any, 8 for the big ones."""
    family = _TYPE.fullmatch(instance_type)
    if not family or family[1] not in ("g", "p"):
        return 0
    known = _GPUS.get(instance_type)
    return known if known is not None else 8 if family[1] == "p" and family[3] != "2xlarge" else 1


def cores(instance_type: str) -> int:
    """Virtual CPUs of an instance type."""
    family = _TYPE.fullmatch(instance_type)
    return _CORES.get(family[3], 4) if family else 4


def metrics_of(job: TrainingJob) -> tuple[str, ...]:
    """The metrics the job's hosts report: those of GPUs only where there are any."""
    if gpus(job.instance_type):
        return METRICS
    return tuple(name for name in METRICS if not name.startswith("GPU"))


def measured_from(job: TrainingJob) -> int | None:
    """When its hosts begin to report, epoch ms; None if they have not."""
    return next((step.start for step in job.transitions if step.status == "Downloading"), None)


def value_at(job: TrainingJob, host: int, metric: str, minute: int) -> float | None:
    """A metric of a host (1 is the first) in a minute (epoch minutes), in per cent; None if not measured.

    CPU and GPU percentages add up over cores and GPUs: eight GPUs go to 800.
    """
    started = measured_from(job)
    if started is None or not started // MINUTE_MS <= minute < (job.ended_at or 1 << 60) / MINUTE_MS:
        return None
    at = minute * MINUTE_MS
    trains = job.training_started_at is not None and job.training_started_at <= at + MINUTE_MS
    trains = trains and (job.training_ended_at is None or at < job.training_ended_at)
    seed = job.seed * 31 + host * 7 + METRICS.index(metric)
    wobble = noise(seed, minute) - 0.5
    level = noise(job.seed, METRICS.index(metric))
    match metric:
        case "GPUUtilization":
            share = 0.62 + 0.36 * level + 0.12 * wobble if trains else 0.0
            return _bounded(100 * share, 100) * gpus(job.instance_type)
        case "GPUMemoryUtilization":
            share = 0.5 + 0.45 * level + 0.02 * wobble if trains else 0.01
            return _bounded(100 * share, 100) * gpus(job.instance_type)
        case "CPUUtilization":
            share = 0.2 + 0.45 * level + 0.2 * wobble if trains else 0.05 + 0.04 * wobble
            return _bounded(100 * share, 100) * cores(job.instance_type)
        case "MemoryUtilization":
            return _bounded(100 * (0.25 + 0.5 * level + 0.05 * wobble if trains else 0.06), 100)
        case _:
            hours = (at - started) / 3_600_000
            return _bounded(6 + 10 * level + 3 * hours, 97)


def _bounded(value: float, most: float) -> float:
    return round(max(0.0, min(most, value)), 3)
