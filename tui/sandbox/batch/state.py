"""The Batch resources of the simulated account."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tui.model.queues import JobQueue, QuotaShare, SchedulingPolicy, ServiceEnvironment
from tui.sandbox.batch.index import JobIndex
from tui.sandbox.batch.names import job_id_of
from tui.sandbox.batch.records import Job
from tui.scheduling.cluster import Task


@dataclass(slots=True, eq=False)
class Queue:
    """A job queue with its jobs. `waiting` are RUNNABLE, `holding` occupy capacity; both as tasks by id.

    `usage` is each share's past usage in instance-seconds as of `usage_at`. `positions` remembers since
    when each job is where it is in the front of the queue; `changed_at` is when the order last changed.
    """

    shape: JobQueue
    shares: dict[str, QuotaShare] = field(default_factory=dict[str, QuotaShare])
    index: JobIndex = field(default_factory=JobIndex)
    waiting: dict[str, Task] = field(default_factory=dict[str, Task])
    holding: dict[str, Task] = field(default_factory=dict[str, Task])
    usage: Mapping[str, float] = field(default_factory=dict[str, float])
    usage_at: int = 0
    changed_at: int = 0
    positions: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    @property
    def name(self) -> str:
        return self.shape.job_queue_name

    @property
    def arn(self) -> str:
        return self.shape.job_queue_arn

    @property
    def environment(self) -> str:
        """The name of its service environment."""
        return self.shape.service_environment_order[0].service_environment.rpartition("/")[2]


@dataclass(slots=True)
class Submission:
    """What a client token stands for: the request that used it first (a digest), and the job it made."""

    request: bytes
    job_id: str


@dataclass(slots=True)
class BatchState:
    """Queues and environments by name, policies by ARN, jobs by id, submissions by client token."""

    queues: dict[str, Queue] = field(default_factory=dict[str, Queue])
    environments: dict[str, ServiceEnvironment] = field(default_factory=dict[str, ServiceEnvironment])
    policies: dict[str, SchedulingPolicy] = field(default_factory=dict[str, SchedulingPolicy])
    jobs: dict[str, Job] = field(default_factory=dict[str, Job])
    submissions: dict[str, Submission] = field(default_factory=dict[str, Submission])

    def job_of_training(self, name: str) -> tuple[Job, int] | None:
        """The service job, and which of its turns, that a training job's name belongs to."""
        for turn, job_id in job_id_of(name):
            job = self.jobs.get(job_id)
            if job is not None and turn <= job.turns:
                return job, turn
        return None
