"""What the tabs of the job screen share: the job, its attempts, and what is read for the chosen one."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.live.logs import SETTLE, LogTail
from tui.live.metrics import HostMetrics
from tui.live.training import TrainingJobs
from tui.model.jobs import ServiceJobDetail, is_finished
from tui.model.timeline import Run, Timeline, runs, timeline
from tui.model.training import TrainingJob, TrainingRequest, request_of
from tui.screens.job.facts import as_listed

if TYPE_CHECKING:
    from tui.aws.problems import Problem
    from tui.live.picture import QueuePicture
    from tui.screens.base import Live


class JobDesk:
    """One job. `changed` is called when something read for it is news. UI thread only.

    Log and metrics of an attempt are read from when a tab first asks for them, until `close`.
    """

    def __init__(self, live: "Live", queue: str, job_id: str, changed: Callable[[], None]) -> None:
        self.live = live
        self.queue = queue
        self.job_id = job_id
        self.in_sight = True
        """Not while another screen lies over this one: no log is read for it then."""
        self.training = TrainingJobs(live.poller.act, self._training_changed)
        self._changed = changed
        self._chosen: int | None = None
        self._tails: dict[str, LogTail] = {}
        self._metrics: dict[str, HostMetrics] = {}
        self._payload: str | None = None
        self._request = TrainingRequest()
        self._runs: tuple[Run, ...] = ()
        self._runs_of: tuple[ServiceJobDetail | None, int] = (None, -1)
        self._version = 0

    # ---- the job

    @property
    def picture(self) -> "QueuePicture | None":
        return self.live.store.queues.get(self.queue)

    @property
    def detail(self) -> ServiceJobDetail | None:
        """What DescribeServiceJob told last; None until it did."""
        picture = self.picture
        return picture.details.get(self.job_id) if picture else None

    @property
    def job(self) -> ServiceJobDetail | None:
        """The same; until it was described what a listing tells, if that has it."""
        picture = self.picture
        listed = picture.jobs.get(self.job_id) if picture else None
        return self.detail or (as_listed(listed, self.queue) if listed else None)

    @property
    def problem(self) -> "Problem | None":
        """Why there is no `detail`."""
        store = self.live.store
        return store.freshness("details", self.queue).problem or store.problem

    @property
    def now_ms(self) -> int:
        return self.live.store.now_ms()

    @property
    def utc(self) -> bool:
        return self.live.settings.utc

    @property
    def request(self) -> TrainingRequest:
        """What the job's payload asks for."""
        detail = self.detail
        payload = detail.service_request_payload if detail else ""
        if payload != self._payload:
            self._payload, self._request = payload, request_of(payload)
        return self._request

    # ---- its attempts

    @property
    def runs(self) -> tuple[Run, ...]:
        """Every attempt that is known, oldest first."""
        detail = self.detail
        if self._runs_of != (detail, self._version):
            self._runs_of = (detail, self._version)
            self._runs = runs(detail, self.training.jobs) if detail else ()
        return self._runs

    @property
    def run(self) -> Run | None:
        """The chosen attempt: the latest, unless another was chosen."""
        found = self.runs
        if not found:
            return None
        number = self._chosen
        return found[number - 1] if number is not None and number <= len(found) else found[-1]

    def choose(self, number: int | None) -> None:
        """Attempt `number` from 1 on; the latest (None) stays the latest when another begins."""
        found = self.runs
        self._chosen = None if number is None or number >= len(found) else max(1, number)
        self._changed()

    @property
    def timeline(self) -> Timeline | None:
        detail = self.detail
        return timeline(detail, self.runs, self.now_ms) if detail else None

    def training_job(self) -> TrainingJob | None:
        """The training job of the chosen attempt, once SageMaker has told of it."""
        run = self.run
        return run.training if run else None

    def ended_at(self, run: Run) -> int | None:
        """When the attempt ended, as far as is known; None while it runs."""
        if run.training is not None and run.training.over:
            return run.training.ended_at or run.attempt.stopped_at
        return run.attempt.stopped_at

    def _training_changed(self) -> None:
        self._version += 1
        self._changed()

    # ---- what is read for an attempt

    def tail(self) -> LogTail | None:
        """The log of the chosen attempt, followed from now on; None if it has no training job."""
        run = self.run
        if run is None or not run.training_job:
            return None
        name = run.training_job
        if name not in self._tails:
            self.close()  # one log at a time: it may be all the memory that there is for logs
            definitions = self.request.algorithm_specification.metric_definitions
            poller = self.live.poller
            tail = LogTail(
                lambda: poller.aws,
                poller.deliver,
                name,
                definitions=definitions,
                paused=lambda: poller.paused or not self.in_sight,
            )
            tail.start()
            self._tails[name] = tail
        tail = self._tails[name]
        ended = self.ended_at(run)
        if ended is not None:
            tail.finish(ago=min(SETTLE, max(0.0, (self.now_ms - ended) / 1000)))
        return tail

    def metrics(self) -> HostMetrics | None:
        """What was measured in the chosen attempt; None until its training job is known."""
        run = self.run
        if run is None or run.training is None:
            return None
        name, started = run.training_job, run.training.training_start_time or run.begins
        if started is None:
            return None
        if name not in self._metrics:
            hosts = run.training.resource_config.instances
            self._metrics[name] = HostMetrics(self.live.poller.act, self._changed, name, hosts, started)
        return self._metrics[name]

    def want(self) -> None:
        """Ask SageMaker for the attempts' training jobs, as far as they may have changed."""
        if self.live.poller.paused:
            return
        arns = [run.attempt.training_job_arn for run in self.runs if run.training_job]
        self.training.want(arns, max(2_000, int(self.live.poller.interval * 1000)))

    def describe_again(self) -> None:
        self.live.poller.describe(self.job_id, self.queue)

    def retry_now(self) -> None:
        """The user wants to know now."""
        self.training.retry_now()
        for tail in self._tails.values():
            tail.retry_now()
        for metrics in self._metrics.values():
            metrics.retry_now()
        self.want()

    @property
    def over(self) -> bool:
        """The job is over, and SageMaker has said its last word on each attempt."""
        detail = self.detail
        return (
            detail is not None
            and is_finished(detail)
            and all(run.training is None or run.training.over for run in self.runs)
        )

    def close(self) -> None:
        """Read no log any more."""
        for tail in self._tails.values():
            tail.stop()
        self._tails.clear()
