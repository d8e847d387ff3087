"""The plan of a tear-down: quota shares, queue, policy, environment; each disabled, then deleted.

What another queue uses is kept. Once the queue is gone nothing tells what belonged to it, so policy and
environment get a tag first (`TEARDOWN_MARK`): by it a tear-down that was stopped finds them again.
"""

from tui.model import resource_changes as changes
from tui.model.blueprint_file import TEARDOWN_MARK
from tui.model.existing import Existing
from tui.model.plan import SETTLED, Step
from tui.model.queues import JobQueue, QuotaShare, SchedulingPolicy, ServiceEnvironment
from tui.model.resource_changes import QUEUE_TYPE, Change, ResourceKind


def teardown_steps(queue: str, existing: Existing, *, drain: bool = False) -> tuple[Step, ...]:
    """What is to be done until nothing of the queue is left; nothing, if there is nothing of it.

    Jobs that have not ended are in the way. With `drain` the queue is disabled and they are waited for.
    """
    found = existing.queue(queue)
    if found is None:
        return _leftovers(queue, existing)
    if found.job_queue_type not in (QUEUE_TYPE, ""):
        why = f"it is a queue of the type {found.job_queue_type}, not for training"
        return (Step(verb="delete", kind="job queue", name=queue, state="blocked", why=why),)
    shares = existing.quota_shares.get(queue, ())
    policy = existing.policy(found.scheduling_policy_arn) if found.scheduling_policy_arn else None
    environments = [
        environment
        for order in found.service_environment_order
        if (environment := existing.environment(order.service_environment))
    ]
    behind = [
        *([_policy(policy, queue, existing, after_queue=False)] if policy else []),
        *(_environment(environment, queue, existing, after_queue=False) for environment in environments),
    ]
    marked = all(not step.ready for step in behind)
    jobs = existing.active_jobs.get(queue, 0)
    first = _queue(found, bool(shares), jobs, marked=marked, drain=drain)
    closed = found.state == "DISABLED" and found.status in SETTLED
    return (
        *(_share(share, jobs, closed=closed and marked, drain=drain) for share in shares),
        first,
        *behind,
    )


def _leftovers(queue: str, existing: Existing) -> tuple[Step, ...]:
    return (
        *(
            _policy(policy, queue, existing, after_queue=True)
            for policy in existing.policies
            if policy.tags.get(TEARDOWN_MARK) == queue
        ),
        *(
            _environment(environment, queue, existing, after_queue=True)
            for environment in existing.environments
            if environment.tags.get(TEARDOWN_MARK) == queue
        ),
    )


def _share(share: QuotaShare, jobs: int, *, closed: bool, drain: bool) -> Step:
    arn = share.quota_share_arn
    delete = changes.delete_share(arn)
    calls = (delete,) if share.state == "DISABLED" else (changes.update_share(arn, state="DISABLED"), delete)
    name = share.quota_share_name
    if share.status == "DELETING":
        return _deleting("quota share", name)
    waiting = _jobs("quota share", name, calls, jobs, drain=drain)
    return waiting or _removal("quota share", name, share.status, calls, ready=closed)


def _queue(queue: JobQueue, shares: bool, jobs: int, *, marked: bool, drain: bool) -> Step:
    name = queue.job_queue_name
    delete = changes.delete_queue(name)
    open_ = queue.state != "DISABLED"
    calls: tuple[Change, ...] = (changes.update_queue(name, state="DISABLED"), delete) if open_ else (delete,)
    if queue.status == "DELETING":
        return _deleting("job queue", name)
    if jobs and not (drain and open_):
        waiting = _jobs("job queue", name, calls, jobs, drain=drain)
        if waiting:
            return waiting
    return _removal("job queue", name, queue.status, calls, ready=marked and (open_ or not shares))


def _jobs(kind: ResourceKind, name: str, calls: tuple[Change, ...], jobs: int, *, drain: bool) -> Step | None:
    if not jobs:
        return None
    many = "1 job has" if jobs == 1 else f"{jobs} jobs have" if jobs < 100 else "100 jobs or more have"
    why = f"{many} not ended: cancel them, or drain the queue and wait"
    if drain:
        return Step(
            verb="delete", kind=kind, name=name, state="doing", detail=f"{many} not ended", changes=calls
        )
    return Step(verb="delete", kind=kind, name=name, state="blocked", why=why)


def _policy(policy: SchedulingPolicy, queue: str, existing: Existing, *, after_queue: bool) -> Step:
    kind: ResourceKind = "scheduling policy"
    others = [q.job_queue_name for q in existing.queues_under(policy) if q.job_queue_name != queue]
    if others:
        return _kept(kind, policy.name, others)
    delete = changes.delete_policy(policy.arn)
    if not after_queue:
        mark = _mark(kind, policy.arn, policy.tags.get(TEARDOWN_MARK), queue)
        return _removal(kind, policy.name, "", (*mark, delete), ready=bool(mark))
    return _removal(kind, policy.name, "", (delete,), ready=True)


def _environment(
    environment: ServiceEnvironment, queue: str, existing: Existing, *, after_queue: bool
) -> Step:
    kind: ResourceKind = "service environment"
    name, arn = environment.service_environment_name, environment.service_environment_arn
    others = [q.job_queue_name for q in existing.queues_on(environment) if q.job_queue_name != queue]
    if others:
        return _kept(kind, name, others)
    if environment.status == "DELETING":
        return _deleting(kind, name)
    delete = changes.delete_environment(name)
    disable = (changes.update_environment(name, state="DISABLED"),)
    calls = (*(() if environment.state == "DISABLED" else disable), delete)
    if not after_queue:
        mark = _mark(kind, arn, environment.tags.get(TEARDOWN_MARK), queue)
        return _removal(kind, name, "", (*mark, *calls), ready=bool(mark))
    return _removal(kind, name, environment.status, calls, ready=True)


def _mark(kind: ResourceKind, arn: str, there: str | None, queue: str) -> tuple[Change, ...]:
    return () if there == queue else (changes.tag(kind, arn, {TEARDOWN_MARK: queue}),)


def _kept(kind: ResourceKind, name: str, others: list[str]) -> Step:
    return Step(verb="keep", kind=kind, name=name, state="done", detail=f"{', '.join(others)} uses it")


def _deleting(kind: ResourceKind, name: str) -> Step:
    return Step(verb="delete", kind=kind, name=name, state="doing", detail="DELETING")


def _removal(kind: ResourceKind, name: str, status: str, calls: tuple[Change, ...], *, ready: bool) -> Step:
    if status not in SETTLED:
        return Step(verb="delete", kind=kind, name=name, state="doing", detail=status, changes=calls)
    detail = _FIRST.get(calls[0].operation, "") if ready else ""
    return Step(verb="delete", kind=kind, name=name, detail=detail, changes=calls, ready=ready)


_FIRST = {
    "TagResource": f"first a tag, {TEARDOWN_MARK}",
    "UpdateQuotaShare": "first disabled",
    "UpdateJobQueue": "first disabled",
    "UpdateServiceEnvironment": "first disabled",
}
"""What comes before the deletion."""
