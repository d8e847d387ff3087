"""Requests against botocore's models and SageMaker's rules."""

from typing import Any

import pytest
from hypothesis import given

from tests.unit.submission.requests import GOOD, good
from tests.unit.submission.test_text import OBJECTS
from tui.aws.validation import check_payload, check_request
from tui.model.payload_text import PAYLOAD
from tui.model.submission import Submission, request_of

GROUPS = [{"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "InstanceGroupName": "a"}]


def test_good_request_passes() -> None:
    assert check_payload(GOOD) == []
    assert check_request(request_of(Submission(job_name="a", job_queue="q", payload=good()))) == []
    assert check_payload(good(TrainingJobName=None)) == []
    assert check_payload(good(ResourceConfig={"InstanceGroups": GROUPS, "VolumeSizeInGB": 1})) == []
    assert check_payload(good(ResourceConfig__InstanceType="ml.g99.xlarge")) == []


@pytest.mark.parametrize(
    ("request_", "field", "words"),
    [
        (good(RoleArn=None), "RoleArn", "missing"),
        (good(RoleArn="training"), "RoleArn", "arn:aws:iam::123456789012:role/name"),
        (good(RoleArn="arn:aws:iam::1:role/x"), "RoleArn", "not allowed"),
        (good(Foo=1), "Foo", "CreateTrainingJob has no such member"),
        (good(ResourceConfig__VolumeSizeInGb=1), "ResourceConfig.VolumeSizeInGb", "VolumeSizeInGB?"),
        (good(ResourceConfig__InstanceCount=0), "ResourceConfig.InstanceCount", "at least 1"),
        (good(ResourceConfig__InstanceCount="2"), "ResourceConfig.InstanceCount", "a whole number, not '2'"),
        (good(ResourceConfig__InstanceCount=True), "ResourceConfig.InstanceCount", "a whole number"),
        (good(ResourceConfig__InstanceCount=1.5), "ResourceConfig.InstanceCount", "a whole number, not 1.5"),
        (good(ResourceConfig__InstanceCount=None), "ResourceConfig.InstanceCount", "missing"),
        (good(ResourceConfig__InstanceType="g5.xlarge"), "ResourceConfig.InstanceType", "ml.g5.xlarge"),
        (good(ResourceConfig__InstanceType=None), "ResourceConfig.InstanceType", "missing"),
        (good(ResourceConfig=None), "ResourceConfig", "missing"),
        (good(ResourceConfig__InstanceGroups=GROUPS), "ResourceConfig.InstanceGroups", "give"),
        (
            good(ResourceConfig={"InstanceGroups": [GROUPS[0] | {"InstanceCount": 0}]}),
            "ResourceConfig.InstanceGroups[0].InstanceCount",
            "at least 1",
        ),
        (
            good(AlgorithmSpecification__TrainingInputMode="file"),
            "AlgorithmSpecification.TrainingInputMode",
            "File",
        ),
        (good(AlgorithmSpecification__TrainingImage=None), "AlgorithmSpecification.TrainingImage", "give"),
        (good(AlgorithmSpecification__AlgorithmName="a"), "AlgorithmSpecification.AlgorithmName", "not both"),
        (good(AlgorithmSpecification=None), "AlgorithmSpecification", "missing"),
        (good(AlgorithmSpecification=[1]), "AlgorithmSpecification", "an object, not a list"),
        (good(HyperParameters__lr=0.1), "HyperParameters.lr", 'write "0.1"'),
        (good(HyperParameters__flag=True), "HyperParameters.flag", 'write "true"'),
        (good(HyperParameters={f"p{n}": "" for n in range(101)}), "HyperParameters", "101 entries"),
        (good(HyperParameters__lr="x" * 2501), "HyperParameters.lr", "2,501 characters"),
        (good(HyperParameters__lr="a\nb"), "HyperParameters.lr", "one line"),
        (good(Environment={"1A": "x"}), "Environment.1A", "no digit first"),
        (good(OutputDataConfig__S3OutputPath="bucket/out"), "OutputDataConfig.S3OutputPath", "s3://"),
        (good(StoppingCondition=None), "StoppingCondition", "missing"),
        (
            good(StoppingCondition__MaxRuntimeInSeconds=0),
            "StoppingCondition.MaxRuntimeInSeconds",
            "least is 1",
        ),
        (
            good(StoppingCondition__MaxPendingTimeInSeconds=9_999_999),
            "StoppingCondition.MaxPendingTimeInSeconds",
            "most is 2419200",
        ),
        (
            good(StoppingCondition__MaxWaitTimeInSeconds=60),
            "StoppingCondition.MaxWaitTimeInSeconds",
            "less than",
        ),
        (
            good(StoppingCondition__MaxWaitTimeInSeconds=None),
            "StoppingCondition.MaxWaitTimeInSeconds",
            "spot training needs it",
        ),
        (
            good(EnableManagedSpotTraining=False),
            "StoppingCondition.MaxWaitTimeInSeconds",
            "only spot training",
        ),
        (good(EnableManagedSpotTraining="yes"), "EnableManagedSpotTraining", "true or false"),
        (good(VpcConfig__Subnets=None), "VpcConfig.Subnets", "missing"),
        (good(VpcConfig__Subnets=[]), "VpcConfig.Subnets", "0 entries"),
        (good(TrainingJobName="a" * 64), "TrainingJobName", "up to 63"),
        (good(InputDataConfig=[{"ChannelName": "a b"}]), "InputDataConfig[0].ChannelName", "hyphens"),
        (good(InputDataConfig=[{"ChannelName": "a"}]), "InputDataConfig[0].DataSource", "missing"),
        (good() | {"Environment": None}, "Environment", "not null"),
        (
            good(AlgorithmSpecification__MetricDefinitions=[{"Name": "a"}]),
            "AlgorithmSpecification.MetricDefinitions[0].Regex",
            "missing",
        ),
    ],
)
def test_what_sagemaker_would_refuse_is_named_at_its_member(
    request_: dict[str, Any], field: str, words: str
) -> None:
    found = {problem.field: problem.message for problem in check_payload(request_)}
    assert words in found.get(f"{PAYLOAD}.{field}", str(found))
    assert len(found) <= 2


def test_all_problems_come_at_once() -> None:
    wrong = good(RoleArn="x", Foo=1, ResourceConfig__InstanceCount=0)
    fields = [problem.field.removeprefix(f"{PAYLOAD}.") for problem in check_payload(wrong)]
    assert fields == ["RoleArn", "Foo", "ResourceConfig.InstanceCount"]


def test_request_around_the_payload_is_checked_too() -> None:
    request = request_of(Submission(job_name="a", job_queue="q", payload="{oops"))
    request |= {
        "schedulingPriority": "9",
        "tags": {},
        "retryStrategy": {"evaluateOnExit": [{"action": "NO"}]},
    }
    found = {problem.field: problem.message for problem in check_request(request)}
    assert set(found) == {
        "schedulingPriority",
        "tags",
        "retryStrategy.attempts",
        "retryStrategy.evaluateOnExit[0].action",
        PAYLOAD,
    }


@given(OBJECTS)
def test_any_object_is_checked(value: dict[str, Any]) -> None:
    assert check_payload(value)
    assert check_payload({"AlgorithmSpecification": value, "ResourceConfig": value, "Tags": value})
