"""One resource in full, as sections of facts."""

from collections.abc import Mapping

from tui.live.picture import QueuePicture
from tui.model.blueprint_file import TEARDOWN_MARK
from tui.model.existing import Existing
from tui.model.fair_standing import decay_words, span_words
from tui.model.plan_setup import borrow_text, limits_text
from tui.model.queues import JobQueue, QuotaShare, SchedulingPolicy, ServiceEnvironment
from tui.model.quota_standing import unit_in
from tui.screens.job_facts import Fact, Section
from tui.screens.resources.tree import WORDS, Node, units_in_use


def sections(node: Node, existing: Existing, pictures: Mapping[str, QueuePicture]) -> list[Section]:
    """All that is known of it: state, what it holds and rules, what hangs on it, tags, ARN."""
    facts: list[Fact] = []
    match node.resource:
        case ServiceEnvironment() as environment:
            facts += _status(node, "")
            facts += _environment(environment, existing, pictures)
        case JobQueue() as queue:
            facts += _status(node, queue.status_reason)
            facts += _queue(queue, existing)
        case SchedulingPolicy() as policy:
            facts += _policy(policy, existing)
        case QuotaShare() as share:
            facts += _status(node, "")
            facts += _share(share)
    facts += _tags(node.resource.tags)
    facts.append(("ARN", node.arn, "muted"))
    return [Section(f"{node.name}: {WORDS[node.kind]}", tuple(facts))]


def _status(node: Node, reason: str) -> list[Fact]:
    style = "bad" if node.status == "INVALID" else "" if node.settled else "warn"
    text = f"{node.state}, {node.status}" if node.status else node.state
    if node.status == "INVALID" and reason:
        text += f": {reason}"
    return [("state", text, style or ("warn" if node.state == "DISABLED" else "good"))]


def _environment(
    environment: ServiceEnvironment, existing: Existing, pictures: Mapping[str, QueuePicture]
) -> list[Fact]:
    used: dict[str, int] = {}
    for kind, amount in units_in_use(environment, existing, pictures).items():
        unit = unit_in(environment.capacity_limits, kind)
        used[unit] = used.get(unit, 0) + amount
    facts: list[Fact] = [
        (
            limit.capacity_unit,
            f"{used.get(limit.capacity_unit, 0)} of {limit.max_capacity} in use over all its queues",
            "",
        )
        for limit in environment.capacity_limits
    ]
    queues = [f"{q.job_queue_name} (priority {q.priority})" for q in existing.queues_on(environment)]
    facts.append(("queues", ", ".join(queues) or "none: nothing runs in it", "" if queues else "muted"))
    return facts


def _queue(queue: JobQueue, existing: Existing) -> list[Fact]:
    order = sorted(queue.service_environment_order, key=lambda item: item.order)
    names = [
        environment.service_environment_name if environment else item.service_environment
        for item in order
        for environment in [existing.environment(item.service_environment)]
    ]
    policy = existing.policy(queue.scheduling_policy_arn) if queue.scheduling_policy_arn else None
    facts: list[Fact] = [
        ("priority", f"{queue.priority}: among queues of one environment the highest goes first", ""),
        ("environments", ", then ".join(names) or "none", ""),
        ("policy", policy.name if policy else "none: FIFO", ""),
    ]
    for action in queue.job_state_time_limit_actions:
        text = f"{action.action} after {span_words(action.max_time_seconds)} {action.state}: {action.reason}"
        facts.append(("time limit", text, ""))
    if not queue.job_state_time_limit_actions:
        facts.append(("time limit", "none: a job may wait for ever", "muted"))
    return facts


def _policy(policy: SchedulingPolicy, existing: Existing) -> list[Fact]:
    facts: list[Fact] = []
    fair = policy.fairshare_policy
    if fair is not None:
        weights = ", ".join(f"{e.share_identifier} {e.weight_factor:g}" for e in fair.share_distribution)
        facts += [
            ("fair-share", decay_words(fair.share_decay_seconds), ""),
            ("reservation", f"{fair.compute_reservation} %", "" if fair.compute_reservation else "muted"),
            ("weights", weights or "none: all shares weigh 1", "" if weights else "muted"),
        ]
    elif policy.quota_share_policy is not None:
        strategy = policy.quota_share_policy.idle_resource_assignment_strategy
        facts.append(("quota management", f"idle capacity goes {strategy}", ""))
    queues = [queue.job_queue_name for queue in existing.queues_under(policy)]
    facts.append(("queues", ", ".join(queues) or "none uses it", "" if queues else "muted"))
    return facts


def _share(share: QuotaShare) -> list[Fact]:
    sharing = share.resource_sharing_configuration
    facts: list[Fact] = [
        ("capacity", limits_text(share.capacity_limits) or "none", ""),
        ("strategy", sharing.strategy, ""),
    ]
    if sharing.strategy == "LEND_AND_BORROW":
        facts.append(("borrow limit", borrow_text(sharing.borrow_limit), ""))
    facts.append(("in-share preempt.", share.preemption_configuration.in_share_preemption, ""))
    return facts


def _tags(tags: Mapping[str, str]) -> list[Fact]:
    facts: list[Fact] = []
    if TEARDOWN_MARK in tags:
        facts.append(("tear-down", f"of {tags[TEARDOWN_MARK]} was begun; X on it goes on", "warn"))
    own = {key: value for key, value in sorted(tags.items()) if key != TEARDOWN_MARK}
    text = "\n".join(f"{key} = {value}" for key, value in own.items())
    facts.append(("tags", text or "none", "" if text else "muted"))
    return facts
