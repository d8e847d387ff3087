"""AWS Batch's rules for a submission that need no botocore model.

Sources: the SubmitServiceJob reference, and the service quotas of the Batch user guide.
"""

from collections.abc import Collection

from tui.model.queues import PolicyKind
from tui.model.submission import (
    FieldProblem,
    Submission,
)


def check(
    submission: Submission, queue_kind: PolicyKind | None, share_names: Collection[str] | None = None
) -> list[FieldProblem]:
    """What AWS would refuse, or never start, in the order of the request's members. Empty if nothing.

    `queue_kind` is the queue's policy (`tui.model.queues.policy_kind`), None if unknown: shares are then
    not checked. `share_names` are the quota shares that exist, None if unknown; share identifiers need
    not exist. The members of the payload are the business of `tui.aws.validation.check_payload`.
    """
    raise NotImplementedError
