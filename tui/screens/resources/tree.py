"""What hangs on what: service environments, their queues, each queue's policy, and its quota shares."""

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from tui.live.picture import QueuePicture
from tui.model.existing import Existing
from tui.model.jobs import RUNNING
from tui.model.plan import SETTLED
from tui.model.queues import JobQueue, QuotaShare, SchedulingPolicy, ServiceEnvironment
from tui.model.resource_changes import QUEUE_TYPE
from tui.model.share_lines import Line, lines

Kind = Literal["environment", "queue", "policy", "share"]
Resource = ServiceEnvironment | JobQueue | SchedulingPolicy | QuotaShare

WORDS: dict[Kind, str] = {
    "environment": "service environment",
    "queue": "job queue",
    "policy": "scheduling policy",
    "share": "quota share",
}


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the tree. `queue` is the job queue that a policy or quota share is shown under, or the
    queue itself; `guides` are the lines that lead to it."""

    key: str
    kind: Kind
    name: str
    resource: Resource
    queue: str = ""
    guides: str = ""

    @property
    def arn(self) -> str:
        match self.resource:
            case ServiceEnvironment():
                return self.resource.service_environment_arn
            case JobQueue():
                return self.resource.job_queue_arn
            case SchedulingPolicy():
                return self.resource.arn
            case QuotaShare():
                return self.resource.quota_share_arn

    @property
    def state(self) -> str:
        """ENABLED or DISABLED; empty for a policy, which has none."""
        return "" if isinstance(self.resource, SchedulingPolicy) else self.resource.state

    @property
    def status(self) -> str:
        return "" if isinstance(self.resource, SchedulingPolicy) else self.resource.status

    @property
    def settled(self) -> bool:
        """AWS is not at work on it."""
        return self.status in SETTLED


def tree(existing: Existing) -> list[Node]:
    """All training resources of the account and region: environments with all below them, then queues whose
    environment is not there, then policies that no queue uses."""
    queues = [queue for queue in existing.queues if queue.job_queue_type in (QUEUE_TYPE, "")]
    queues.sort(key=lambda queue: (-queue.priority, queue.job_queue_name))
    nodes: list[Node] = []
    placed: set[str] = set()
    for environment in sorted(existing.environments, key=lambda e: e.service_environment_name):
        name = environment.service_environment_name
        nodes.append(Node(key=f"environment {name}", kind="environment", name=name, resource=environment))
        on_it = {queue.job_queue_name for queue in existing.queues_on(environment)}
        below = [queue for queue in queues if queue.job_queue_name in on_it]
        placed |= on_it
        for at, queue in enumerate(below):
            nodes += _queue(existing, queue, "", last=at == len(below) - 1)
    for queue in queues:
        if queue.job_queue_name not in placed:
            nodes += _queue(existing, queue, "", last=True)
    used = {queue.scheduling_policy_arn for queue in existing.queues}
    for policy in sorted(existing.policies, key=lambda policy: policy.name):
        if policy.arn not in used:
            nodes.append(Node(key=f"policy {policy.arn}", kind="policy", name=policy.name, resource=policy))
    return nodes


def _queue(existing: Existing, queue: JobQueue, guides: str, *, last: bool) -> Iterator[Node]:
    name = queue.job_queue_name
    yield Node(
        key=f"queue {name}",
        kind="queue",
        name=name,
        resource=queue,
        queue=name,
        guides=guides + ("└ " if last else "├ "),
    )
    policy = existing.policy(queue.scheduling_policy_arn) if queue.scheduling_policy_arn else None
    if policy is None:
        return
    below = guides + ("  " if last else "│ ")
    yield Node(
        key=f"policy {name} {policy.arn}",
        kind="policy",
        name=policy.name,
        resource=policy,
        queue=name,
        guides=f"{below}└ ",
    )
    shares = existing.quota_shares.get(name, ())
    for at, share in enumerate(shares):
        yield Node(
            key=f"share {name} {share.quota_share_name}",
            kind="share",
            name=share.quota_share_name,
            resource=share,
            queue=name,
            guides=f"{below}  " + ("└ " if at == len(shares) - 1 else "├ "),
        )


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """What is in use and waits, of an environment over all its queues, of a queue, or of a share."""

    used: int = 0
    limit: int = 0
    queued: int = 0
    running: int = 0


def use_of(node: Node, existing: Existing, pictures: Mapping[str, QueuePicture]) -> Use:
    """The use behind a node, from the jobs seen."""
    match node.resource:
        case ServiceEnvironment() as environment:
            names = [queue.job_queue_name for queue in existing.queues_on(environment)]
            found = [pictures[name] for name in names if name in pictures]
            limit = sum(limit.max_capacity for limit in environment.capacity_limits)
            return _use(found, limit)
        case JobQueue():
            found = [pictures[node.queue]] if node.queue in pictures else []
            limit = found[0].figures.limit if found else 0
            return _use(found, limit)
        case QuotaShare() as share:
            line = _lines(pictures.get(node.queue)).get(node.name, Line())
            limit = sum(limit.max_capacity for limit in share.capacity_limits)
            return Use(used=line.used, limit=limit, queued=line.queued, running=line.running)
        case SchedulingPolicy():
            return Use()


def units_in_use(
    environment: ServiceEnvironment, existing: Existing, pictures: Mapping[str, QueuePicture]
) -> dict[str, int]:
    """Instances in use of each instance type, over all queues of an environment."""
    sums: dict[str, int] = {}
    for queue in existing.queues_on(environment):
        for line in _held(pictures.get(queue.job_queue_name)):
            for unit, amount in line.items():
                sums[unit] = sums.get(unit, 0) + amount
    return sums


def _use(pictures: list[QueuePicture], limit: int) -> Use:
    return Use(
        used=sum(picture.figures.used for picture in pictures),
        limit=limit,
        queued=sum(picture.figures.queued for picture in pictures),
        running=sum(picture.figures.running for picture in pictures),
    )


def _lines(picture: QueuePicture | None) -> dict[str, Line]:
    return lines(picture.active.values()) if picture is not None else {}


def _held(picture: QueuePicture | None) -> Iterator[dict[str, int]]:
    for job in picture.active.values() if picture is not None else ():
        if job.status in RUNNING:
            yield {usage.capacity_unit: int(usage.quantity) for usage in job.capacity_usage}
