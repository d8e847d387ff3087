"""The training jobs behind a service job, described once, and again while they run."""

from collections.abc import Callable, Iterable

from tui.aws import training
from tui.aws.problems import Problem
from tui.aws.session import Aws
from tui.live.store import our_now_ms
from tui.model.training import TrainingJob, name_of

RETRY_MS = 30_000
"""After a refusal."""


class TrainingJobs:
    """What SageMaker tells of training jobs, by ARN. `problems` says why one is missing. UI thread only."""

    def __init__(
        self,
        act: Callable[[Callable[[Aws], TrainingJob], Callable[[TrainingJob | Problem], None]], None],
        changed: Callable[[], None],
    ) -> None:
        self.jobs: dict[str, TrainingJob] = {}
        self.problems: dict[str, Problem] = {}
        self._act = act
        self._changed = changed
        self._asked_at: dict[str, int] = {}
        self._asking: set[str] = set()

    def want(self, arns: Iterable[str], interval_ms: int) -> None:
        """Ask for those that are not known, and those that may have changed since `interval_ms`."""
        now = our_now_ms()
        for arn in arns:
            job = self.jobs.get(arn)
            if arn in self._asking or (job is not None and job.over):
                continue
            problem = self.problems.get(arn)
            pause = interval_ms if problem is None or problem.retryable else max(interval_ms, RETRY_MS)
            if now - self._asked_at.get(arn, 0) >= pause:
                self._ask(arn, now)

    def retry_now(self) -> None:
        """Forget when was asked: the next `want` asks again."""
        self._asked_at.clear()

    def _ask(self, arn: str, now: int) -> None:
        self._asking.add(arn)
        self._asked_at[arn] = now
        name = name_of(arn)

        def done(result: TrainingJob | Problem) -> None:
            self._asking.discard(arn)
            before = (self.jobs.get(arn), self.problems.get(arn))
            if isinstance(result, Problem):
                self.problems[arn] = result
            else:
                self.jobs[arn] = result
                self.problems.pop(arn, None)
            if before != (self.jobs.get(arn), self.problems.get(arn)):
                self._changed()

        self._act(lambda aws: training.describe_training_job(aws, name), done)
