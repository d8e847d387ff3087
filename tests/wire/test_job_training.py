"""Training jobs as the job screen reads them: descriptions, attempts on one axis, metrics, cost."""

from itertools import pairwise

import pytest

from tests.conftest import MakeSandbox, Running
from tests.job_story import tell
from tests.wire.live import environment
from tests.wire.training import request
from tui.aws import batch, training
from tui.aws.problems import AwsProblem
from tui.aws.session import Aws, Connection
from tui.model.failures import explain
from tui.model.timeline import Timeline, runs, timeline
from tui.model.training import TrainingJob, instance_hours, name_of, request_of
from tui.sandbox.faults import parse_faults


@pytest.fixture
def still(make_sandbox: MakeSandbox, monkeypatch: pytest.MonkeyPatch) -> Running:
    environment(monkeypatch)
    return make_sandbox(speed=0)


def test_a_training_job_is_read_whole(still: Running) -> None:
    body = request("whole", count=2, SANDBOX_SECONDS="600") | {
        "CheckpointConfig": {"S3Uri": "s3://bucket/checkpoints"}
    }
    still.client("sagemaker").create_training_job(**body)
    aws = Aws(Connection(endpoint_url=still.url))
    still.skip(300)
    running = training.describe_training_job(aws, "whole")
    assert (running.training_job_status, running.secondary_status, running.over) == (
        "InProgress",
        "Training",
        False,
    )
    assert running.ended_at is None
    assert 0 < (instance_hours(running, still.world.now()) or 0) < 2 * 300 / 3600
    still.skip(900)
    job = training.describe_training_job(aws, "whole")
    assert job.over
    steps = job.secondary_status_transitions
    assert [step.status for step in steps] == [
        "Pending",
        "Starting",
        "Downloading",
        "Training",
        "Uploading",
        "Completed",
    ]
    assert all(a.end_time == b.start_time for a, b in pairwise(steps))
    assert job.resource_config.instances == 2
    assert str(job.resource_config) == "2 × ml.g5.xlarge"
    assert job.model_artifacts.s3_model_artifacts == "s3://bucket/out/whole/output/model.tar.gz"
    assert job.checkpoint_config is not None
    assert job.checkpoint_config.s3_uri == "s3://bucket/checkpoints"
    assert job.billable_time_in_seconds is not None
    assert instance_hours(job, 0) == job.billable_time_in_seconds * 2 / 3600
    assert {metric.metric_name for metric in job.final_metric_data_list} == {
        "train:loss",
        "validation:accuracy",
    }


def test_a_training_job_that_is_not_there_is_a_problem(still: Running) -> None:
    with pytest.raises(AwsProblem) as failure:
        training.describe_training_job(Aws(Connection(endpoint_url=still.url)), "nothing")
    assert failure.value.problem.code == "NotFound"
    still.endpoint.faults = parse_faults("denied=sagemaker:DescribeTrainingJob")
    with pytest.raises(AwsProblem) as failure:
        training.describe_training_job(Aws(Connection(endpoint_url=still.url)), "nothing")
    assert failure.value.problem.action == "sagemaker:DescribeTrainingJob"


def test_host_metrics_of_many_hosts_are_read_in_order(still: Running) -> None:
    still.client("sagemaker").create_training_job(**request("many", count=120, SANDBOX_SECONDS="1200"))
    still.skip(1500)
    aws = Aws(Connection(endpoint_url=still.url))
    hosts = [f"many/algo-{number}" for number in range(1, 121)]
    found = training.metric_data(aws, hosts, still.world.now() - 3_600_000, still.world.now())
    assert {(each.host, each.metric) for each in found} == {
        (host, metric) for host in hosts for metric in training.HOST_METRICS
    }
    first = found[0].points
    assert 18 <= len(first) <= 25
    assert [at for at, _ in first] == sorted(at for at, _ in first)


def test_a_job_preempted_twice_and_failed_is_told_on_one_axis(still: Running) -> None:
    job_id = tell(still)
    aws = Aws(Connection(endpoint_url=still.url))
    job = batch.describe_job(aws, job_id)
    assert job.status == "FAILED"
    attempts = [
        *job.attempts,
        *(job.preemption_summary.recent_preempted_attempts if job.preemption_summary else ()),
    ]
    known: dict[str, TrainingJob] = {}
    for attempt in attempts:
        arn = attempt.training_job_arn
        known[arn] = training.describe_training_job(aws, name_of(arn))
    found = runs(job, known)
    assert [(run.number, run.outcome) for run in found] == [(1, "preempted"), (2, "preempted"), (3, "failed")]
    told = timeline(job, found, still.world.now())
    assert [lane.title for lane in told.lanes] == ["Batch", "Attempt 1", "Attempt 2", "Attempt 3"]
    assert [span.label for span in told.lanes[0].spans] == [
        "RUNNABLE",
        "SCHEDULED",
        "STARTING",
        "RUNNING",
    ] * 3
    assert [span.label for span in told.lanes[1].spans] == [
        "Pending",
        "Starting",
        "Downloading",
        "Training",
        "Stopping",
        "Stopped",
    ]
    assert told.lanes[1].spans[-1].kind == "preempted"
    assert told.lanes[3].spans[-1].kind == "bad"
    assert_no_gaps(told)
    assert told.start == job.created_at
    assert told.end == job.stopped_at
    explanation = explain(job.status_reason)
    assert explanation is not None
    assert explanation.kind == "Out of memory (GPU)"


def assert_no_gaps(told: Timeline) -> None:
    spans = told.lanes[0].spans
    assert spans[0].start == told.start
    assert spans[-1].end == told.end
    for before, after in pairwise(spans):
        assert before.end == after.start


def test_without_sagemaker_the_axis_still_tells_what_batch_knows(still: Running) -> None:
    job_id = tell(still)
    job = batch.describe_job(Aws(Connection(endpoint_url=still.url)), job_id)
    found = runs(job, {})
    assert [run.outcome for run in found] == ["preempted", "preempted", "failed"]
    told = timeline(job, found, still.world.now())
    assert [span.label for span in told.lanes[2].spans] == ["preempted"]
    assert_no_gaps(told)


def test_what_a_request_asks_for() -> None:
    asked = request_of('{"RoleArn": "r", "ResourceConfig": {"InstanceType": "t", "InstanceCount": "x"}}')
    assert asked.role_arn == "r"
    assert asked.resource_config.instances == 1
    assert request_of("not json").image == ""
    assert request_of("[1, 2]").image == ""
    assert request_of('{"RoleArn": "\\u001b[31mred"}').role_arn == "␛[31mred"
