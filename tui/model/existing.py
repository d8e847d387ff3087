"""What there is already in the account and region: what blueprints are checked and plans are made against."""

from collections.abc import Mapping

import msgspec

from tui.model.jobs import CapacityUsage
from tui.model.queues import JobQueue, QuotaShare, SchedulingPolicy, ServiceEnvironment


class Existing(msgspec.Struct, frozen=True, kw_only=True):
    """The resources of one account and region.

    `arn_prefix` is `arn:<partition>:batch:<region>:<account>:`, empty while it is not known. `quota_shares`
    and `active_jobs` (jobs that have not ended) are by queue name, for the queues that were asked about;
    `usage` is what each of them uses now, `share_usage` the same by (queue, quota share).
    """

    arn_prefix: str = ""
    environments: tuple[ServiceEnvironment, ...] = ()
    policies: tuple[SchedulingPolicy, ...] = ()
    queues: tuple[JobQueue, ...] = ()
    quota_shares: Mapping[str, tuple[QuotaShare, ...]] = {}
    active_jobs: Mapping[str, int] = {}
    usage: Mapping[str, tuple[CapacityUsage, ...]] = {}
    share_usage: Mapping[tuple[str, str], tuple[CapacityUsage, ...]] = {}

    def environment(self, reference: str) -> ServiceEnvironment | None:
        """The environment of this name or ARN."""
        return next(
            (
                e
                for e in self.environments
                if reference in (e.service_environment_name, e.service_environment_arn)
            ),
            None,
        )

    def policy(self, reference: str) -> SchedulingPolicy | None:
        """The policy of this name or ARN."""
        return next((p for p in self.policies if reference in (p.name, p.arn)), None)

    def queue(self, reference: str) -> JobQueue | None:
        """The queue of this name or ARN."""
        return next((q for q in self.queues if reference in (q.job_queue_name, q.job_queue_arn)), None)

    def share(self, queue: str, name: str) -> QuotaShare | None:
        """A quota share of a queue, by their names."""
        return next((s for s in self.quota_shares.get(queue, ()) if s.quota_share_name == name), None)

    def queues_on(self, environment: ServiceEnvironment) -> tuple[JobQueue, ...]:
        """The queues that an environment serves."""
        names = (environment.service_environment_name, environment.service_environment_arn)
        return tuple(
            q for q in self.queues if any(o.service_environment in names for o in q.service_environment_order)
        )

    def queues_under(self, policy: SchedulingPolicy) -> tuple[JobQueue, ...]:
        """The queues that a scheduling policy orders."""
        return tuple(q for q in self.queues if q.scheduling_policy_arn == policy.arn)
