"""What stands behind the queues, read whole and changed one call at a time.

Every function raises `AwsProblem` for any failure. `apply` is the only way to change something, and it
refuses when nothing may be changed.
"""

from collections.abc import Collection
from typing import Any

import msgspec

from tui.aws import batch
from tui.aws.identity import caller_identity
from tui.aws.session import Aws
from tui.model.existing import Existing
from tui.model.jobs import ACTIVE, CapacityUsage
from tui.model.queues import JobQueue, QuotaShare, SchedulingPolicy, ServiceEnvironment
from tui.model.resource_changes import Change
from tui.model.shape import Shape

DESCRIBE_AT_ONCE = 100
"""The most scheduling policies that one call describes."""


class Applied(Shape, frozen=True):
    """What AWS answered: the ARN of what was created or updated, if it says one."""

    arn: str = ""


def apply(aws: Aws, change: Change) -> Applied:
    """Make the call. Repeating a creation is refused by AWS ("already exists"), never done twice."""
    aws.forbid_if_read_only()
    answer = aws.call("batch", change.operation, **change.request)
    arns = (value for key, value in answer.items() if key == "arn" or key.endswith("Arn"))
    return batch.typed(Applied, {"arn": next(arns, "")}) or Applied()


def read(aws: Aws, queues: Collection[str] = ()) -> Existing:
    """Everything that a plan for these queues (by name) looks at."""
    identity = caller_identity(aws)
    found = batch.list_queues(aws)
    policies = all_policies(aws)
    asked = [queue for queue in found if queue.job_queue_name in queues]
    quota = {policy.arn for policy in policies if policy.quota_share_policy is not None}
    usage: dict[str, tuple[CapacityUsage, ...]] = {}
    share_usage: dict[tuple[str, str], tuple[CapacityUsage, ...]] = {}
    for queue in asked:
        _read_usage(aws, queue.job_queue_name, usage, share_usage)
    return Existing(
        arn_prefix=_arn_prefix(aws, identity.arn, identity.account),
        environments=batch.environments(aws),
        policies=policies,
        queues=found,
        quota_shares={
            queue.job_queue_name: shares_with_tags(aws, queue.job_queue_name)
            for queue in asked
            if queue.scheduling_policy_arn in quota
        },
        active_jobs={queue.job_queue_name: active_jobs(aws, queue.job_queue_name) for queue in asked},
        usage=usage,
        share_usage=share_usage,
    )


def all_policies(aws: Aws) -> tuple[SchedulingPolicy, ...]:
    """Every scheduling policy of the account and region."""
    arns: list[str] = []
    token: dict[str, Any] = {}
    while True:
        page = aws.call("batch", "ListSchedulingPolicies", maxResults=batch.PAGE, **token)
        arns += [str(item.get("arn")) for item in page.get("schedulingPolicies") or () if item.get("arn")]
        if not page.get("nextToken"):
            break
        token = {"nextToken": page["nextToken"]}
    groups = [tuple(arns[at : at + DESCRIBE_AT_ONCE]) for at in range(0, len(arns), DESCRIBE_AT_ONCE)]
    return tuple(policy for group in groups for policy in batch.policies(aws, group))


def environment(aws: Aws, name: str) -> ServiceEnvironment | None:
    """The environment of this name or ARN; None if there is none."""
    return next(iter(batch.environments(aws, (name,))), None)


def queue(aws: Aws, name: str) -> JobQueue | None:
    """The training queue of this name or ARN; None if there is none."""
    return next((q for q in batch.list_queues(aws) if name in (q.job_queue_name, q.job_queue_arn)), None)


def share(aws: Aws, queue: str, name: str) -> QuotaShare | None:
    """A quota share of a queue, without its tags; None if there is none."""
    return next((s for s in batch.quota_shares(aws, queue) if s.quota_share_name == name), None)


def shares_with_tags(aws: Aws, queue: str) -> tuple[QuotaShare, ...]:
    """The quota shares of a queue. Listing them leaves out their tags, so each is asked for them."""
    return tuple(
        msgspec.structs.replace(share, tags=tags(aws, share.quota_share_arn))
        for share in batch.quota_shares(aws, queue)
    )


def tags(aws: Aws, arn: str) -> dict[str, str]:
    """The tags of a resource."""
    answer = aws.call("batch", "ListTagsForResource", resourceArn=arn)
    found = batch.typed(_Tags, {"tags": answer.get("tags") or {}})
    return found.tags if found else {}


class _Tags(Shape, frozen=True):
    tags: dict[str, str] = {}


def active_jobs(aws: Aws, queue: str, most: int = 100) -> int:
    """How many jobs of a queue have not ended; counting stops at `most`."""
    count = 0
    for status in ACTIVE:
        count += len(batch.list_jobs(aws, queue, status=status).jobs)
        if count >= most:
            return most
    return count


def _read_usage(
    aws: Aws,
    queue: str,
    usage: dict[str, tuple[CapacityUsage, ...]],
    share_usage: dict[tuple[str, str], tuple[CapacityUsage, ...]],
) -> None:
    utilization = batch.snapshot(aws, queue).queue_utilization
    if utilization is None:
        return
    usage[queue] = utilization.total_capacity_usage
    shares = utilization.quota_share_utilization
    for share in shares.top_capacity_utilization if shares else ():
        share_usage[queue, share.quota_share_name] = share.capacity_usage


def _arn_prefix(aws: Aws, caller: str, account: str) -> str:
    """`arn:<partition>:batch:<region>:<account>:`, from the caller's own ARN."""
    partition = caller.split(":")[1] if caller.count(":") > 1 else "aws"
    return f"arn:{partition}:batch:{aws.region}:{account}:"
