"""What stands behind the queues, read whole and changed one call at a time.

Every function raises `AwsProblem` for any failure. `apply` is the only way to change something, and it
refuses when nothing may be changed.
"""

from collections.abc import Collection, Iterator
from typing import Any

from msgspec.structs import replace

from tui.aws import batch
from tui.aws.identity import caller_identity
from tui.aws.session import Aws
from tui.model.existing import Existing
from tui.model.jobs import ACTIVE, CapacityUsage
from tui.model.queues import JobQueue, QuotaShare, SchedulingPolicy
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


def read(
    aws: Aws,
    queues: Collection[str] = (),
    *,
    environment: str = "",
    jobs: bool = True,
    before: Existing | None = None,
) -> Existing:
    """Everything that a plan for these queues (by name) looks at, and the use of all queues on `environment`.

    Jobs that have not ended are counted if `jobs` says so. What seldom changes is taken from `before`, if
    that is given: who we are, what is in use, tags of shares.
    """
    found = all_queues(aws)
    policies = all_policies(aws)
    environments = batch.environments(aws)
    asked = [queue for queue in found if queue.job_queue_name in queues]
    quota = {policy.arn for policy in policies if policy.quota_share_policy is not None}
    shares = {
        queue.job_queue_name: _shares(aws, queue.job_queue_name, before)
        for queue in asked
        if queue.scheduling_policy_arn in quota
    }
    names = [queue.job_queue_name for queue in asked] if jobs else []
    if before is None:
        existing = Existing(
            arn_prefix=_arn_prefix(aws), environments=environments, policies=policies, queues=found
        )
        there = existing.environment(environment)
        existing = _with_usage(aws, existing, (*asked, *(existing.queues_on(there) if there else ())))
    else:
        existing = replace(before, environments=environments, policies=policies, queues=found)
    return replace(
        existing, quota_shares=shares, active_jobs={name: active_jobs(aws, name) for name in names}
    )


def all_queues(aws: Aws) -> tuple[JobQueue, ...]:
    """Every job queue of the account and region, those of other types too: they share names and policies."""
    return tuple(
        queue
        for page in _pages(aws, "DescribeJobQueues")
        for item in page.get("jobQueues") or ()
        if (queue := batch.typed(JobQueue, item)) is not None
    )


def all_policies(aws: Aws) -> tuple[SchedulingPolicy, ...]:
    """Every scheduling policy of the account and region."""
    arns = [
        str(item.get("arn"))
        for page in _pages(aws, "ListSchedulingPolicies")
        for item in page.get("schedulingPolicies") or ()
    ]
    groups = [tuple(arns[at : at + DESCRIBE_AT_ONCE]) for at in range(0, len(arns), DESCRIBE_AT_ONCE)]
    return tuple(policy for group in groups for policy in batch.policies(aws, group))


def _pages(aws: Aws, operation: str) -> Iterator[dict[str, Any]]:
    token: dict[str, Any] = {}
    while True:
        page = aws.call("batch", operation, maxResults=batch.PAGE, **token)
        yield page
        if not page.get("nextToken") or page["nextToken"] == token.get("nextToken"):
            return
        token = {"nextToken": page["nextToken"]}


def _shares(aws: Aws, queue: str, before: Existing | None) -> tuple[QuotaShare, ...]:
    """The quota shares of a queue. Listing them leaves out their tags, so each is asked for them, once."""
    known = (
        {share.quota_share_arn: share.tags for share in before.quota_shares.get(queue, ())} if before else {}
    )
    return tuple(
        replace(
            share,
            tags=known[share.quota_share_arn]
            if share.quota_share_arn in known
            else tags(aws, share.quota_share_arn),
        )
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
    found: set[str] = set()  # a job that moves on between two listings is in both
    for status in ACTIVE:
        found |= {job.job_id for job in batch.list_jobs(aws, queue, status=status).jobs}
        if len(found) >= most:
            return most
    return len(found)


def _with_usage(aws: Aws, existing: Existing, queues: Collection[JobQueue]) -> Existing:
    """The same, with what these queues use, as far as their snapshots tell."""
    usage: dict[str, tuple[CapacityUsage, ...]] = {}
    share_usage: dict[tuple[str, str], tuple[CapacityUsage, ...]] = {}
    for name in {queue.job_queue_name for queue in queues if queue.status == "VALID"}:
        utilization = batch.snapshot(aws, name).queue_utilization
        if utilization is None:
            continue
        usage[name] = utilization.total_capacity_usage
        shares = utilization.quota_share_utilization
        for share in shares.top_capacity_utilization if shares else ():
            share_usage[name, share.quota_share_name] = share.capacity_usage
    return replace(existing, usage=usage, share_usage=share_usage)


def _arn_prefix(aws: Aws) -> str:
    """`arn:<partition>:batch:<region>:<account>:`, from the caller's own ARN."""
    identity = caller_identity(aws)
    return f"arn:{identity.partition}:batch:{aws.region}:{identity.account}:"
