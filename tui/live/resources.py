"""What stands behind the queues: environments, policies, quota shares. They change seldom."""

from tui.aws import batch
from tui.aws.problems import Problem
from tui.live.backoff import Backoff
from tui.live.calls import Rank
from tui.live.engine import Engine
from tui.live.store import our_now_ms
from tui.model.queues import JobQueue, QuotaShare, SchedulingPolicy, ServiceEnvironment


class Resources:
    """One call reads all environments, one all policies; each quota-managed queue has a call of its own."""

    def __init__(self, engine: Engine) -> None:
        self.backoff = Backoff()
        self._engine = engine

    @property
    def retry_at(self) -> float:
        """When to read them again after a failure (monotonic seconds); never, if there was none."""
        return float("inf") if self.backoff.retry_at is None else self.backoff.retry_at

    def refresh(self, queues: tuple[JobQueue, ...], rank: Rank) -> None:
        """Read the resources of these queues. Runs in the engine's thread."""
        self.backoff.retry_at = None
        names = {o.service_environment for queue in queues for o in queue.service_environment_order}
        arns = {queue.scheduling_policy_arn for queue in queues if queue.scheduling_policy_arn}
        if names:
            self._engine.ask(
                rank,
                lambda aws: batch.environments(aws, tuple(sorted(names))),
                lambda found: self._got_environments(queues, found),
                lambda problem: self._failed([queue.job_queue_name for queue in queues], problem),
            )
        if arns:
            self._engine.ask(
                rank,
                lambda aws: batch.policies(aws, tuple(sorted(arns))),
                lambda found: self._got_policies(queues, found, rank),
                lambda problem: self._failed(
                    [queue.job_queue_name for queue in queues if queue.scheduling_policy_arn], problem
                ),
            )

    def _got_environments(self, queues: tuple[JobQueue, ...], found: tuple[ServiceEnvironment, ...]) -> None:
        known = {env.service_environment_name: env for env in found}
        known |= {env.service_environment_arn: env for env in found}
        for queue in queues:
            order = sorted(queue.service_environment_order, key=lambda item: item.order)
            envs = tuple(known[o.service_environment] for o in order if o.service_environment in known)
            self._put(queue.job_queue_name, environments=envs)

    def _got_policies(
        self, queues: tuple[JobQueue, ...], found: tuple[SchedulingPolicy, ...], rank: Rank
    ) -> None:
        known = {policy.arn: policy for policy in found}
        for queue in queues:
            policy = known.get(queue.scheduling_policy_arn)
            if policy is not None:
                self._put(queue.job_queue_name, policy=policy)
                if policy.quota_share_policy is not None:
                    self._ask_shares(queue.job_queue_name, rank)

    def _ask_shares(self, name: str, rank: Rank) -> None:
        self._engine.ask(
            rank,
            lambda aws: batch.quota_shares(aws, name),
            lambda found: self._put(name, quota_shares=found),
            lambda problem: self._failed([name], problem),
        )

    def _put(
        self,
        name: str,
        environments: tuple[ServiceEnvironment, ...] | None = None,
        policy: SchedulingPolicy | None = None,
        quota_shares: tuple[QuotaShare, ...] | None = None,
    ) -> None:
        self._engine.tell(lambda store: store.set_resources(name, environments, policy, quota_shares))
        self._engine.tell(lambda store: store.fetched("resources", name))

    def _failed(self, names: list[str], problem: Problem) -> None:
        retry_at = our_now_ms() + int(self.backoff.failed(problem, 5.0) * 1000)
        for name in names:
            self._engine.tell(lambda store, name=name: store.failed("resources", name, problem, retry_at))
