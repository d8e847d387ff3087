"""ARNs, ids and the names of training jobs."""

import random
import re
import uuid
from collections.abc import Iterator

_BITS = (1 << 128) - 1
_FACTOR = 0x9E3779B97F4A7C15F39CC0605CEDC835
_INVERSE = pow(_FACTOR, -1, 1 << 128)
_STEP = 0xD1B54A32D192ED03A0761D6478BD642F
_TURNS = 16

_SAGEMAKER_LENGTH = 63
_PREFIX = "AWSBatch"
_HEX = re.compile(r"[0-9a-f]{32}")


def job_id(chance: random.Random) -> str:
    """A UUID of version 4, from a seeded source."""
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def attempt_id(job: str, turn: int) -> str:
    """32 hex digits for the `turn`-th time a service job is handed to SageMaker (1 is the first).

    It is a reversible scramble of the job's id, so that `job_id_of` needs no table of all attempts.
    """
    return f"{(int(job.replace('-', ''), 16) * _FACTOR + turn * _STEP) & _BITS:032x}"


def job_id_of(training_job: str) -> Iterator[tuple[int, str]]:
    """The (turn, job id) pairs that a training job's name could stand for."""
    digits = training_job[-32:]
    if not training_job.startswith(_PREFIX) or not _HEX.fullmatch(digits):
        return
    for turn in range(1, _TURNS):
        number = ((int(digits, 16) - turn * _STEP) * _INVERSE) & _BITS
        yield turn, str(uuid.UUID(int=number))


def training_job_name(name: str, job: str, turn: int) -> str:
    """`AWSBatch`, the name asked for, the attempt's 32 digits; the middle is cut to SageMaker's 63.

    SageMaker allows letters, digits and single hyphens; what it does not allow becomes a hyphen.
    """
    middle = re.sub(r"[^A-Za-z0-9]+", "-", name)[: _SAGEMAKER_LENGTH - len(_PREFIX) - 32]
    return f"{_PREFIX}{middle}{attempt_id(job, turn)}"
