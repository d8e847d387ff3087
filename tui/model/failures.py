"""Why a job failed, in plain words: the likely cause of common reasons, and what to do next.

Batch hands on what SageMaker said, after `Received status from SageMaker:`. SageMaker begins with a class of
error (`AlgorithmError`, `ClientError`, `InternalServerError`, `CapacityError`); its troubleshooting pages and
those of Batch say what each means. A reason that nothing here fits gets no explanation.
"""

import re
from collections.abc import Callable

import msgspec


class Explanation(msgspec.Struct, frozen=True):
    """`kind` is a short name of the failure; `cause` and `next_step` are sentences."""

    kind: str
    cause: str
    next_step: str


_Match = re.Match[str]
_Maker = Callable[[_Match], Explanation]

_SIGNALS = {
    "137": "the kernel killed it (SIGKILL), nearly always because the host's memory was used up",
    "-9": "the kernel killed it (SIGKILL), nearly always because the host's memory was used up",
    "139": "it crashed in native code (segmentation fault)",
    "-11": "it crashed in native code (segmentation fault)",
    "134": "it aborted itself (SIGABRT), often from a native library",
    "-6": "it aborted itself (SIGABRT), often from a native library",
    "143": "it was asked to stop (SIGTERM)",
    "-15": "it was asked to stop (SIGTERM)",
    "127": "the command was not found in the image",
    "126": "the command in the image cannot be executed",
}


def _fixed(kind: str, cause: str, next_step: str) -> _Maker:
    return lambda match: Explanation(kind, cause, next_step)


def _algorithm(match: _Match) -> Explanation:
    text = match.string
    codes = re.findall(r"(?:[Ee]xit ?[Cc]ode:?|exit code:?) *(-?\d+)", text)
    message = re.search(r'ErrorMessage "+(.*?)"*(?:\n|$)', text)
    said = message.group(1).strip() if message else ""
    code = next((each for each in reversed(codes) if each in _SIGNALS), codes[0] if codes else "")
    if code in ("137", "-9"):
        return Explanation(
            "Out of memory (host)",
            f"Exit code {code}: {_SIGNALS[code]}.",
            "See MemoryUtilization in the metrics. Load less data at once, use fewer data loader workers, "
            "or an instance with more memory.",
        )
    if code in _SIGNALS:
        cause = f"Exit code {code}: {_SIGNALS[code]}."
    elif code:
        cause = f"The training script ended with exit code {code}" + (f": {said}" if said else ".")
    else:
        cause = f"The training script failed: {said}" if said else "The training script failed."
    return Explanation(
        "Training script failed",
        cause,
        "Read the log from its first error on; the traceback names the line.",
    )


_RULES: tuple[tuple[str, _Maker], ...] = (
    (
        r"preemption retries exhausted|[Tt]erminated after preemption",
        _fixed(
            "Preempted",
            "It was preempted to make room, and its preemption retries were used up.",
            "Submit it again, with more preemptionRetriesBeforeTermination (none: no limit), a higher "
            "priority, or in a share that has quota for it.",
        ),
    ),
    (
        r"[Pp]reempted",
        _fixed(
            "Preempted",
            "It had to make room for a job that was entitled to the capacity.",
            "It is queued again by itself. A higher priority or a larger quota makes it rarer; "
            "checkpoints save the work done.",
        ),
    ),
    (
        r"JobStateTimeLimit",
        _fixed(
            "No capacity in time",
            "It waited for instances longer than the queue's job state time limit allows.",
            "Ask for another instance type, reserve capacity (a training plan), or raise the limit.",
        ),
    ),
    (
        r"CapacityError|INSUFFICIENT_INSTANCE_CAPACITY|[Uu]nable to provision requested",
        _fixed(
            "No capacity",
            "SageMaker has no such instances free in this region now. Batch keeps trying, without using up "
            "attempts.",
            "Wait, or submit with another instance type or fewer instances; a training plan reserves some.",
        ),
    ),
    (
        r"ResourceLimitExceeded|service limit|account-level",
        _fixed(
            "Quota of the account",
            "The account's quota for this instance type in SageMaker training is used up or zero.",
            "Ask for a higher quota (Service Quotas, SageMaker, '<type> for training job usage').",
        ),
    ),
    (
        r"CUDA out of memory|CUDA_OUT_OF_MEMORY|OutOfMemoryError: CUDA|CUBLAS_STATUS_ALLOC_FAILED",
        _fixed(
            "Out of memory (GPU)",
            "A GPU's memory was not enough for the model, its batch and its activations.",
            "Use a smaller batch (with gradient accumulation), activation checkpointing or sharding, or GPUs "
            "with more memory.",
        ),
    ),
    (
        r"OutOfMemory|out of memory|Cannot allocate memory|\bOOM\b",
        _fixed(
            "Out of memory (host)",
            "The host's memory was used up.",
            "See MemoryUtilization in the metrics. Load less data at once, use fewer data loader workers, "
            "or an instance with more memory.",
        ),
    ),
    (
        r"No space left on device|disk (?:is )?full",
        _fixed(
            "Disk full",
            "The training volume was full: data, checkpoints or caches did not fit.",
            "Raise VolumeSizeInGB, use FastFile or Pipe input mode, or keep fewer checkpoints.",
        ),
    ),
    (
        r"CannotPull|pull(?:ing)? (?:the )?(?:image|container)|\bECR\b|manifest unknown"
        r"|[Ii]mage .*(?:not found|does not exist|denied)|repository .*does not exist",
        _fixed(
            "Image pull failed",
            "The training image could not be pulled: its name or tag is wrong, or the role may not read it.",
            "Check the image URI and its region. The role needs ecr:BatchGetImage and "
            "ecr:GetDownloadUrlForLayer; a VPC needs endpoints for ECR and S3.",
        ),
    ),
    (
        r"(?s)(?=.*(?:\bs3:|\bS3\b|[Dd]ata download|[Bb]ucket))"
        r"(?=.*(?:Access ?Denied|\b403\b|not authorized))",
        _fixed(
            "S3 access denied",
            "The job's role may not read or write the S3 location named in the reason.",
            "Allow the role s3:GetObject and s3:ListBucket (s3:PutObject for the output); look at the "
            "bucket's policy, its KMS key and, in a VPC, the endpoint's policy, too.",
        ),
    ),
    (
        r"NoSuchBucket|NoSuchKey|No S3 objects found|bucket does not exist",
        _fixed(
            "S3 data not found",
            "Nothing is at the S3 location that the request names.",
            "Check bucket, prefix and region of the input channels.",
        ),
    ),
    (
        r"[Ss]pot (?:[Ii]nstance )?(?:interrupt|capacity|termination)|[Mm]anaged [Ss]pot|Interrupted",
        _fixed(
            "Spot interruption",
            "Amazon EC2 took the spot instances back.",
            "SageMaker tries again until MaxWaitTimeInSeconds. Set a CheckpointConfig so that work survives, "
            "or train on demand.",
        ),
    ),
    (
        r"MaxWaitTime|wait time exceeded",
        _fixed(
            "Waited too long for spot",
            "Waiting for spot instances took longer than MaxWaitTimeInSeconds.",
            "Raise MaxWaitTimeInSeconds, or train on demand.",
        ),
    ),
    (
        r"MaxRuntime(?:Exceeded|InSeconds)?|runtime exceeded|[Mm]ax(?:imum)? runtime",
        _fixed(
            "Max runtime exceeded",
            "Training took longer than StoppingCondition.MaxRuntimeInSeconds, and SageMaker stopped it.",
            "Raise MaxRuntimeInSeconds, or go on from the last checkpoint.",
        ),
    ),
    (
        r"attempt duration exceeded|attemptDurationSeconds",
        _fixed(
            "Attempt time-out",
            "The attempt took longer than the job's timeoutConfig allows, and Batch stopped it.",
            "Submit it again with a longer attemptDurationSeconds.",
        ),
    ),
    (
        r"InternalServerError|internal error|InternalError",
        _fixed(
            "SageMaker internal error",
            "Something failed inside SageMaker, not in the job.",
            "Submit it again; a retryStrategy with RETRY on InternalServerError does so by itself. If it "
            "stays, open a case with AWS support.",
        ),
    ),
    (
        r"ValidationException|not valid JSON|must be a JSON object|validation error",
        _fixed(
            "Request refused",
            "SageMaker did not accept the request: the reason names the member.",
            "Correct the request and submit it again; Batch passes requests on unread.",
        ),
    ),
    (
        r"ModuleNotFoundError|No module named|ImportError",
        _fixed(
            "Python module missing",
            "The training script imports something that the image does not have.",
            "Add it to requirements.txt beside the script, or use another image.",
        ),
    ),
    (
        r"NCCL|DistBackendError|c10d|ncclSystemError",
        _fixed(
            "Hosts lost each other",
            "The communication between GPUs or hosts broke (NCCL). Often another host failed first.",
            "Read the logs of all hosts for the first error; NCCL_DEBUG=INFO says more. A retry may do.",
        ),
    ),
    (r"AlgorithmError|ExecuteUserScriptError|[Ee]xit ?[Cc]ode", _algorithm),
    (
        r"ClientError|AccessDenied|not authorized",
        _fixed(
            "Request or access",
            "SageMaker could not do what the request asks with the role that it names.",
            "Check what the reason names: data, role, VPC, KMS key.",
        ),
    ),
)
_COMPILED = tuple((re.compile(pattern), maker) for pattern, maker in _RULES)

_LOOKED_AT = 4_000


def explain(reason: str, *, terminated: bool = False) -> Explanation | None:
    """The likely cause of a failure reason, and the next step; None if nothing is known of it.

    `terminated`: somebody asked for its termination, so the reason is what they gave.
    """
    text = reason[:_LOOKED_AT]
    if terminated and "JobStateTimeLimit" not in text:
        return Explanation(
            "Terminated",
            "Somebody asked to end this job; the reason is what they gave.",
            "Clone it to run it again.",
        )
    for pattern, maker in _COMPILED:
        if match := pattern.search(text):
            return maker(match)
    return None
