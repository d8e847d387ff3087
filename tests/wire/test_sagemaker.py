"""SageMaker training jobs: those of queues and those created directly."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import MakeSandbox, Running
from tests.wire.batch import Batch
from tests.wire.training import NAMESPACE, queued, request


def refusal(call: Any, **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**params)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def statuses(job: dict[str, Any]) -> list[str]:
    return [step["Status"] for step in job["SecondaryStatusTransitions"]]


def test_a_job_of_a_queue_is_described_from_start_to_end(sandbox: Running) -> None:
    batch, sagemaker = Batch(sandbox), sandbox.client("sagemaker")
    name = queued(batch, SANDBOX_SECONDS="600")
    assert name.startswith("AWSBatchtrain")
    job = sagemaker.describe_training_job(TrainingJobName=name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("InProgress", "Training")
    assert statuses(job) == ["Pending", "Starting", "Downloading", "Training"]
    assert "TrainingEndTime" not in job
    assert job["ResourceConfig"]["InstanceType"] == "ml.g5.xlarge"
    assert job["Environment"] == {"SANDBOX_SECONDS": "600"}
    batch.skip(900)
    job = sagemaker.describe_training_job(TrainingJobName=name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Completed", "Completed")
    assert statuses(job)[-2:] == ["Uploading", "Completed"]
    assert all(step["EndTime"] >= step["StartTime"] for step in job["SecondaryStatusTransitions"])
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://bucket/out/{name}/output/model.tar.gz"
    took = (job["TrainingEndTime"] - job["TrainingStartTime"]).total_seconds()
    assert job["BillableTimeInSeconds"] == job["TrainingTimeInSeconds"] == int(took)
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert set(metrics) == {"train:loss", "validation:accuracy"}
    assert job["LastModifiedTime"] >= job["TrainingEndTime"]


def test_a_failure_has_its_reason(sandbox: Running) -> None:
    batch = Batch(sandbox)
    name = queued(batch, SANDBOX_SECONDS="600", SANDBOX_FAIL="AlgorithmError: out of luck")
    batch.skip(900)
    job = sandbox.client("sagemaker").describe_training_job(TrainingJobName=name)
    assert (job["TrainingJobStatus"], job["FailureReason"]) == ("Failed", "AlgorithmError: out of luck")
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == ""


def test_jobs_created_directly_run_and_stop(sandbox: Running) -> None:
    sagemaker = sandbox.client("sagemaker")
    arn = sagemaker.create_training_job(**request("mine"), Tags=[{"Key": "team", "Value": "nlp"}])[
        "TrainingJobArn"
    ]
    assert arn == "arn:aws:sagemaker:us-east-1:123456789012:training-job/mine"
    assert refusal(sagemaker.create_training_job, **request("mine"))[0] == "ResourceInUse"
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}])
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team"])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    sandbox.skip(240)
    sagemaker.stop_training_job(TrainingJobName="mine")
    assert sagemaker.describe_training_job(TrainingJobName="mine")["SecondaryStatus"] == "Stopping"
    sandbox.skip(60)
    assert sagemaker.describe_training_job(TrainingJobName="mine")["TrainingJobStatus"] == "Stopped"
    code, message = refusal(sagemaker.stop_training_job, TrainingJobName="mine")
    assert code == "ValidationException"
    assert "Stopped" in message


def test_unknown_jobs_and_bad_requests(sandbox: Running) -> None:
    sagemaker = sandbox.client("sagemaker")
    for call in (sagemaker.describe_training_job, sagemaker.stop_training_job):
        assert refusal(call, TrainingJobName="none") == (
            "ValidationException",
            "Requested resource not found.",
        )
    code, message = refusal(sagemaker.describe_training_job, TrainingJobName="no_good")
    assert code == "ValidationException"
    assert "at 'trainingJobName' failed to satisfy constraint" in message
    bad = request("x", unit="ml.nonsense")
    assert "Member must satisfy enum value set" in refusal(sagemaker.create_training_job, **bad)[1]


def test_listing_filters_sorts_and_pages(sandbox: Running) -> None:
    sagemaker = sandbox.client("sagemaker")
    for number in range(5):
        sagemaker.create_training_job(**request(f"run-{number}", SANDBOX_SECONDS="60"))
        sandbox.skip(10)
    sagemaker.create_training_job(**request("other"))
    sandbox.skip(400)

    def names(**how: Any) -> list[str]:
        pages = sagemaker.get_paginator("list_training_jobs").paginate(**how)
        return [job["TrainingJobName"] for page in pages for job in page["TrainingJobSummaries"]]

    assert names(PaginationConfig={"PageSize": 2})[-1] == "other"
    assert names(SortOrder="Descending", PaginationConfig={"PageSize": 2})[0] == "other"
    assert names(NameContains="run") == [f"run-{n}" for n in range(5)]
    assert names(WarmPoolStatusEquals="InUse") == []
    assert names(StatusEquals="InProgress") == ["other"]
    assert names(SortBy="Name", SortOrder="Descending")[:2] == ["run-4", "run-3"]
    after = sagemaker.describe_training_job(TrainingJobName="run-3")["CreationTime"]
    assert names(CreationTimeAfter=after) == ["run-3", "run-4", "other"]
    assert refusal(sagemaker.list_training_jobs, NextToken="zzz")[0] == "ValidationException"
    page = sagemaker.list_training_jobs(MaxResults=2, SortOrder="Descending")
    of_other_order = {"NextToken": page["NextToken"], "SortBy": "Name"}
    assert refusal(sagemaker.list_training_jobs, **of_other_order)[0] == "ValidationException"
    sagemaker.create_training_job(**request("between-two-pages"))
    more = {"SortOrder": "Descending", "NextToken": page["NextToken"]}
    rest = sagemaker.list_training_jobs(**more)["TrainingJobSummaries"]
    assert [job["TrainingJobName"] for job in rest] == ["run-3", "run-2", "run-1", "run-0"]


def test_training_jobs_that_are_derived_are_listed_too(make_sandbox: MakeSandbox) -> None:
    sagemaker = make_sandbox("scale", jobs=120, speed=0).client("sagemaker")

    def listed(**how: Any) -> list[dict[str, Any]]:
        pages = sagemaker.get_paginator("list_training_jobs").paginate(
            PaginationConfig={"PageSize": 50}, **how
        )
        return [job for page in pages for job in page["TrainingJobSummaries"]]

    jobs = listed()
    assert len({job["TrainingJobName"] for job in jobs}) == len(jobs) == 220
    created = [job["CreationTime"] for job in jobs]
    assert created == sorted(created)
    assert listed(SortOrder="Descending") == jobs[::-1]
    assert [job["TrainingJobName"] for job in listed(SortBy="Name")] == sorted(
        job["TrainingJobName"] for job in jobs
    )
    failed = listed(StatusEquals="Failed")
    assert failed
    for job in [*failed, jobs[110], jobs[-1]]:
        described = sagemaker.describe_training_job(TrainingJobName=job["TrainingJobName"])
        assert job.items() <= described.items()


@pytest.mark.parametrize(
    "odd",
    [
        {"HyperParameters": ["no"]},
        {"InputDataConfig": 5},
        {"AlgorithmSpecification": {"TrainingImage": 5, "TrainingInputMode": "File"}},
        {"ResourceConfig": {"InstanceGroups": "x", "InstanceType": "ml.g5.xlarge", "InstanceCount": 1}},
        {"ResourceConfig": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 10**30}},
        {"StoppingCondition": {"MaxRuntimeInSeconds": float("nan")}},
        {"Environment": {"SANDBOX_FAIL": "half a surrogate pair: \ud800", "SANDBOX_SECONDS": "1"}},
    ],
)
def test_a_payload_that_sagemaker_cannot_read_fails_its_job_and_no_other_call(
    sandbox: Running, odd: dict[str, Any]
) -> None:
    """Batch passes payloads on. What SageMaker would not take must not spoil answers about other jobs."""
    batch = Batch(sandbox)
    batch.environment()
    batch.queue()
    identifier = batch.submit("odd", request=json.dumps(request() | odd))
    batch.submit("sound", request=json.dumps(request()))
    batch.skip(240)
    assert batch.names(jobStatus="FAILED") == ["odd"]
    assert batch.names(jobStatus="RUNNING") == ["sound"]
    job = batch.job(identifier)
    assert job["statusReason"].startswith("Received status from SageMaker: ValidationException ")
    assert "latestAttempt" not in job
    listed = sandbox.client("sagemaker").list_training_jobs()["TrainingJobSummaries"]
    assert len(listed) == 1


def utilisation(
    sandbox: Running, host: str, name: str, stat: str = "Average", period: int = 60
) -> dict[str, Any]:
    now = datetime.fromtimestamp(sandbox.world.now() / 1000, UTC)
    metric = {"Namespace": NAMESPACE, "MetricName": name, "Dimensions": [{"Name": "Host", "Value": host}]}
    return sandbox.client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "q", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}],
        StartTime=now - timedelta(hours=1),
        EndTime=now,
        ScanBy="TimestampAscending",
    )["MetricDataResults"][0]


def test_hosts_report_their_load(sandbox: Running) -> None:
    batch, cloudwatch = Batch(sandbox), sandbox.client("cloudwatch")
    name = queued(batch, count=2, SANDBOX_SECONDS="1800")
    batch.skip(600)
    host = {"Name": "Host", "Value": f"{name}/algo-2"}
    listed = cloudwatch.list_metrics(Namespace=NAMESPACE, Dimensions=[host])["Metrics"]
    assert {metric["MetricName"] for metric in listed} == {
        "CPUUtilization",
        "MemoryUtilization",
        "GPUUtilization",
        "GPUMemoryUtilization",
        "DiskUtilization",
    }
    assert len(cloudwatch.list_metrics(Namespace=NAMESPACE)["Metrics"]) == 10
    busy = utilisation(sandbox, f"{name}/algo-1", "GPUUtilization")
    assert busy["StatusCode"] == "Complete"
    assert len(busy["Timestamps"]) == len(busy["Values"]) >= 10
    assert 40 < busy["Values"][-1] <= 100
    gaps = {b - a for a, b in zip(busy["Timestamps"], busy["Timestamps"][1:], strict=False)}
    assert gaps == {timedelta(minutes=1)}
    assert utilisation(sandbox, f"{name}/algo-1", "GPUUtilization")["Values"][:8] == busy["Values"][:8]
    assert utilisation(sandbox, f"{name}/algo-2", "GPUUtilization")["Values"] != busy["Values"]
    most = utilisation(sandbox, f"{name}/algo-1", "GPUUtilization", "Maximum", 300)["Values"]
    assert max(most) == max(busy["Values"])
    assert utilisation(sandbox, f"{name}/algo-3", "GPUUtilization")["Values"] == []
    code, message = refusal(
        cloudwatch.get_metric_statistics,
        Namespace=NAMESPACE,
        MetricName="GPUUtilization",
        StartTime=datetime(2020, 1, 1, tzinfo=UTC),
        EndTime=datetime(2026, 1, 1, tzinfo=UTC),
        Period=60,
        Statistics=["Average"],
    )
    assert code == "InvalidParameterCombination"
    assert "1,440" in message


def test_eight_gpus_go_to_eight_hundred(sandbox: Running) -> None:
    sandbox.client("sagemaker").create_training_job(**request("big", unit="ml.p4d.24xlarge"))
    sandbox.skip(600)
    values = utilisation(sandbox, "big/algo-1", "GPUUtilization")["Values"]
    assert 320 < max(values) <= 800
    sandbox.client("sagemaker").create_training_job(**request("plain", unit="ml.m5.xlarge"))
    sandbox.skip(600)
    assert utilisation(sandbox, "plain/algo-1", "GPUUtilization")["Values"] == []
    assert utilisation(sandbox, "plain/algo-1", "CPUUtilization")["Values"]


def test_a_start_within_a_minute_takes_in_the_whole_of_it_and_points_come_in_pages(sandbox: Running) -> None:
    cloudwatch = sandbox.client("cloudwatch")
    sandbox.client("sagemaker").create_training_job(**request("run", SANDBOX_SECONDS="3600"))
    sandbox.skip(1200)
    minute = datetime.fromtimestamp((sandbox.world.now() - 600_000) // 60_000 * 60, UTC)
    metric = {"Namespace": NAMESPACE, "Dimensions": [{"Name": "Host", "Value": "run/algo-1"}]}

    def query(identifier: str, name: str) -> dict[str, Any]:
        return {
            "Id": identifier,
            "MetricStat": {"Metric": {**metric, "MetricName": name}, "Period": 60, "Stat": "Average"},
        }

    window = {
        "StartTime": minute + timedelta(seconds=59),
        "EndTime": minute + timedelta(minutes=3),
        "MetricDataQueries": [query("cpu", "CPUUtilization"), query("disk", "DiskUtilization")],
        "ScanBy": "TimestampAscending",
    }
    whole = cloudwatch.get_metric_data(**window)["MetricDataResults"]
    assert [result["Timestamps"][0] for result in whole] == [minute, minute]
    assert [len(result["Values"]) for result in whole] == [3, 3]
    values: dict[str, list[float]] = {"cpu": [], "disk": []}
    token: dict[str, str] = {}
    for left in (2, 1, 0):
        page = cloudwatch.get_metric_data(**window, MaxDatapoints=2, **token)
        for result in page["MetricDataResults"]:
            values[result["Id"]] += result["Values"]
            assert result["StatusCode"] == ("PartialData" if left else "Complete")
        token = {"NextToken": page["NextToken"]} if left else {}
        assert ("NextToken" in page) == bool(left)
    assert values == {result["Id"]: result["Values"] for result in whole}
    elsewhere = {"Name": "Region", "Value": "x"}
    metric["Dimensions"] = [*metric["Dimensions"], elsewhere]
    window["MetricDataQueries"] = [query("cpu", "CPUUtilization")]
    assert cloudwatch.get_metric_data(**window)["MetricDataResults"][0]["Values"] == []
