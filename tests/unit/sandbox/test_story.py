"""Whatever people do, in any order: jobs are in one state, histories go forward, limits hold."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from tests.unit.sandbox.account import G5, Account, payload
from tui.model.jobs import FINISHED, QUEUED, RUNNING, Status
from tui.sandbox.batch.index import JobIndex
from tui.sandbox.batch.records import Job
from tui.sandbox.scenarios import building

CAPACITY = 5
SHARES = {"reserve": 1, "lend": 2, "borrow": 2}
FOLLOWS = {
    "SUBMITTED": {"RUNNABLE", "FAILED"},
    "RUNNABLE": {"SCHEDULED", "FAILED"},
    "SCHEDULED": {"STARTING", "RUNNABLE", "FAILED"},
    "STARTING": {"RUNNING", "RUNNABLE", "FAILED"},
    "RUNNING": {"SUCCEEDED", "RUNNABLE", "FAILED"},
    "SUCCEEDED": set[str](),
    "FAILED": set[str](),
}
"""What may come after each status."""

FAILURES = ("", "", "AlgorithmError: exit code 1", "InternalServerError: again", "CapacityError: none")


class CheckedIndex(JobIndex):
    """Checks each change of a job's status as it happens."""

    def move(self, job: Job, status: str) -> None:
        assert status in FOLLOWS[job.status], f"{job.status} became {status}"
        super().move(job, status)


class Story(RuleBasedStateMachine):
    """Two queues: quota shares of all strategies in one, three fair shares in the other."""

    jobs = Bundle("jobs")

    @initialize()
    def begin(self) -> None:
        self.account = Account()
        world = self.account.world
        strategies = {"reserve": "RESERVE", "lend": "LEND", "borrow": "LEND_AND_BORROW"}
        self.account.quota(
            {name: (limit, strategies[name], name == "borrow") for name, limit in SHARES.items()}, CAPACITY
        )
        building.environment(world, "fair-env", {"NUM_INSTANCES": CAPACITY})
        policy = building.fair_policy(world, "fair", {"x": 0.5, "y*": 2.0}, 600, 20)
        building.queue(world, "fair", "fair-env", schedulingPolicyArn=policy)
        self.seen: dict[str, str] = {}
        self.attempts: dict[str, int] = {}
        for queue in world.batch.queues.values():
            queue.index = CheckedIndex()

    @rule(
        target=jobs,
        queue=st.sampled_from(("quota", "fair")),
        share=st.integers(0, 2),
        count=st.integers(1, 3),
        priority=st.integers(0, 3),
        seconds=st.sampled_from((0, 30, 400)),
        fail=st.sampled_from(FAILURES),
        attempts=st.integers(1, 3),
        limits=st.sampled_from((None, 0, 1)),
    )
    def submit(
        self,
        queue: str,
        share: int,
        count: int,
        priority: int,
        seconds: int,
        fail: str,
        attempts: int,
        limits: int | None,
    ) -> Job:
        member, names = (
            ("quotaShareName", tuple(SHARES)) if queue == "quota" else ("shareIdentifier", ("x", "y1", "z"))
        )
        more = {member: names[share], "schedulingPriority": priority}
        if limits is not None:
            more["preemptionConfiguration"] = {"preemptionRetriesBeforeTermination": limits}
        return self.account.submit(
            queue, payload(count, seconds=seconds, fail=fail), retryStrategy={"attempts": attempts}, **more
        )

    @rule(job=jobs, priority=st.integers(0, 9))
    def reprioritise(self, job: Job, priority: int) -> None:
        if job.status not in FINISHED:
            self.account.call("UpdateServiceJob", jobId=job.id, schedulingPriority=priority)

    @rule(job=jobs)
    def terminate(self, job: Job) -> None:
        self.account.call("TerminateServiceJob", jobId=job.id, reason="stop")

    @rule(seconds=st.sampled_from((0.3, 2, 15, 90, 600)))
    def wait(self, seconds: float) -> None:
        self.account.skip(seconds)

    @invariant()
    def limits_hold(self) -> None:
        for queue in self.account.world.batch.queues.values():
            assert sum(task.quantity for task in queue.holding.values()) <= CAPACITY

    @invariant()
    def shares_hold_no_more_than_they_may(self) -> None:
        held = dict.fromkeys(SHARES, 0)
        for task in self.account.world.batch.queues["quota"].holding.values():
            held[task.share] += task.quantity
        assert held["reserve"] <= SHARES["reserve"]
        assert held["lend"] <= SHARES["lend"]

    @invariant()
    def each_job_is_in_one_place(self) -> None:
        world = self.account.world
        listed = 0
        for queue in world.batch.queues.values():
            for status in Status:
                jobs = queue.index.of_status(status)
                listed += len(jobs)
                assert [job.key for job in jobs] == sorted(job.key for job in jobs)
                for job in jobs:
                    assert job.status == status
                    assert (job.id in queue.waiting) == (status == Status.RUNNABLE)
                    assert (job.id in queue.holding) == (status in RUNNING)
            assert {task.unit for task in queue.holding.values()} <= {G5}
        assert listed == len(world.batch.jobs)

    @invariant()
    def histories_go_forward(self) -> None:
        for job in self.account.world.batch.jobs.values():
            times = [job.created_at, job.scheduled_at, job.started_at, job.stopped_at]
            known = [time for time in times if time is not None]
            assert known == sorted(known)
            assert (job.stopped_at is not None) == (job.status in FINISHED)
            assert job.scheduled_at is None or job.status not in QUEUED
            ended = len(job.attempts) + job.preempted_count
            assert ended >= self.attempts.get(job.id, 0)
            self.attempts[job.id] = ended
            strategy = job.retry.attempts if job.retry else 1
            assert len(job.attempts) <= strategy

    def teardown(self) -> None:
        """Left alone, jobs end, unless SageMaker lacks their capacity or their share never has enough."""
        if not hasattr(self, "account"):
            return
        self.account.skip(6 * 3600)
        for queue in self.account.world.batch.queues.values():
            jobs = queue.index.all
            if not any("CapacityError" in job.payload for job in jobs):
                assert not queue.holding
                assert queue.name == "quota" or all(job.status in FINISHED for job in jobs)


Story.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestStory = Story.TestCase
