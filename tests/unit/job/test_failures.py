"""The likely cause of a failure, from the words of Batch and SageMaker."""

import pytest

from tui.model.failures import explain
from tui.sandbox.batch.lifecycle import PREEMPTED, PREEMPTED_OUT, STARVED, TIMED_OUT
from tui.sandbox.scenarios import catalogue

SCRIPT = {"script": "train.py", "account": "1", "role": "r", "project": "p"}


@pytest.mark.parametrize(
    ("reason", "kind", "said"),
    [
        (catalogue.OUT_OF_MEMORY, "Out of memory (GPU)", "GPU"),
        (catalogue.KILLED, "Out of memory (host)", "Exit code 137"),
        (catalogue.BAD_SHAPE, "Training script failed", "exit code 1: RuntimeError: mat1 and mat2"),
        (catalogue.NO_MODULE, "Python module missing", "imports"),
        (catalogue.NCCL, "Hosts lost each other", "NCCL"),
        (catalogue.ACCESS_DENIED, "S3 access denied", "role"),
        (catalogue.INTERNAL, "SageMaker internal error", "inside SageMaker"),
        (catalogue.NO_CAPACITY, "No capacity", "no such instances"),
        (STARVED, "No capacity", "no such instances"),
        (PREEMPTED, "Preempted", "make room"),
        (PREEMPTED_OUT, "Preempted", "used up"),
        (TIMED_OUT, "Attempt time-out", "timeoutConfig"),
        ("Training job runtime exceeded MaxRuntimeInSeconds provided", "Max runtime exceeded", "stopped"),
        ("AlgorithmError: , exit code: 139", "Training script failed", "segmentation"),
        ("AlgorithmError: framework error", "Training script failed", "failed"),
        ("ClientError: CannotPullContainerError: pull image", "Image pull failed", "pulled"),
        ("ClientError: Cannot access the training image in ECR repository", "Image pull failed", "pulled"),
        ("Training job stopped by Spot interruption", "Spot interruption", "took the spot"),
        ("OSError: [Errno 28] No space left on device", "Disk full", "volume"),
        ("Terminated by JobStateTimeLimit action due to reason: CAPACITY:X", "No capacity in time", "longer"),
        ("ResourceLimitExceeded: The account-level service limit", "Quota of the account", "quota"),
        ("ValidationException 1 validation error detected", "Request refused", "did not accept"),
    ],
)
def test_common_reasons(reason: str, kind: str, said: str) -> None:
    found = explain("Received status from SageMaker: " + reason.replace("{script}", "train.py"))
    assert found is not None
    assert (found.kind, said in found.cause) == (kind, True), found
    assert found.next_step


def test_what_is_not_known_is_not_explained() -> None:
    assert explain("") is None
    assert explain("Received status from SageMaker: Training job completed") is None
    assert explain("The room is full of blooms") is None


def test_a_termination_is_no_failure_of_the_job() -> None:
    found = explain("out of memory in the office", terminated=True)
    assert found is not None
    assert found.kind == "Terminated"


def test_a_long_reason_costs_little() -> None:
    assert explain("a" * 5_000_000) is None
