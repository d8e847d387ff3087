"""A submission as a document: what templates are saved as, and what `queuedeck submit FILE` reads.

A document, JSON or YAML, is one of two things:

- a CreateTrainingJob request (`TrainingJobName`, `RoleArn`, …), or
- a SubmitServiceJob request in AWS's own member names (`jobName`, `jobQueue`, `schedulingPriority`,
  `shareIdentifier`, `quotaShareName`, `retryStrategy`, `timeoutConfig`, `preemptionConfiguration`, `tags`),
  with `serviceRequestPayload` as an object (or as text, as AWS has it). Members may be missing.

A client token is never saved: each reading of a document is a new job.
"""

from typing import Any

from tui.model.submission import FieldProblem, Submission


def document_of(submission: Submission) -> dict[str, Any]:
    """The submission as a full document, without its token."""
    raise NotImplementedError


def document_text(submission: Submission, *, yaml: bool = False) -> str:
    """The document as indented JSON, or as YAML."""
    raise NotImplementedError


def read_document(text: str) -> Submission | list[FieldProblem]:
    """The submission in a document of either kind, or what is wrong, with lines."""
    raise NotImplementedError
