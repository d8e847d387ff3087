"""Requests read and checked by botocore's models, in every protocol."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.sandbox.errors import AwsError
from tui.sandbox.wire.constraints import refusal
from tui.sandbox.wire.json_tree import read_tree, write_tree
from tui.sandbox.wire.message import Request
from tui.sandbox.wire.model import Operation, Shape, load
from tui.sandbox.wire.query import Query
from tui.sandbox.wire.rest import Router
from tui.sandbox.wire.times import parse_time, write_time
from tui.sandbox.wire.xml_tree import element, parse_xml, read_element, text


def operation(service: str, name: str) -> Operation:
    found = load(service).operation(name)
    assert found is not None
    return found


def input_of(service: str, name: str) -> Shape:
    shape = operation(service, name).input
    assert shape is not None
    return shape


SUBMIT = input_of("batch", "SubmitServiceJob")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def test_members_get_their_types_and_unknown_ones_are_ignored() -> None:
    value = {
        "jobName": "a",
        "schedulingPriority": 3.0,
        "retryStrategy": {"attempts": 2, "evaluateOnExit": [{"action": "RETRY", "onStatusReason": "x*"}]},
        "tags": {"k": "v"},
        "timeoutConfig": None,
        "nonsense": {"a": 1},
    }
    params = read_tree(SUBMIT, value)
    assert params["schedulingPriority"] == 3
    assert isinstance(params["schedulingPriority"], int)
    assert params["retryStrategy"]["evaluateOnExit"][0]["onStatusReason"] == "x*"
    assert "nonsense" not in params
    assert "timeoutConfig" not in params


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"jobName": 3}, "NUMBER_VALUE can not be converted to a String"),
        ({"jobName": True}, "TRUE_VALUE can not be converted to a String"),
        ({"schedulingPriority": "3"}, "STRING_VALUE can not be converted to an Integer"),
        ({"schedulingPriority": 1.5}, "NUMBER_VALUE can not be converted to an Integer"),
        ({"schedulingPriority": 2**31}, "NUMBER_VALUE can not be converted to an Integer"),
        ({"schedulingPriority": True}, "TRUE_VALUE can not be converted to an Integer"),
        ({"tags": []}, "START_ARRAY can not be converted to a Map"),
        ({"retryStrategy": "no"}, "STRING_VALUE can not be converted to a structure"),
        ({"retryStrategy": {"evaluateOnExit": {}}}, "START_OBJECT can not be converted to a Collection"),
    ],
)
def test_wrong_types_are_refused(value: dict[str, Any], message: str) -> None:
    with pytest.raises(AwsError) as refused:
        read_tree(SUBMIT, value)
    assert (refused.value.code, refused.value.message) == ("SerializationException", message)


@given(st.dictionaries(st.sampled_from(sorted(SUBMIT.members)), JSON))
def test_any_json_is_read_or_refused(value: dict[str, Any]) -> None:
    try:
        params = read_tree(SUBMIT, value)
    except AwsError as error:
        assert error.code == "SerializationException"
    else:
        assert isinstance(refusal(SUBMIT, params), str)


def test_constraints_are_told_as_aws_tells_them() -> None:
    message = refusal(SUBMIT, {"jobName": "a", "jobQueue": "q", "serviceRequestPayload": "{}"})
    assert message == (
        "1 validation error detected: Value null at 'serviceJobType' failed to satisfy constraint: "
        "Member must not be null"
    )
    request = {
        "jobName": "a",
        "jobQueue": "q",
        "serviceRequestPayload": "{}",
        "serviceJobType": "OTHER",
        "clientToken": "x" * 65,
        "tags": {"": "v"},
    }
    message = refusal(SUBMIT, request)
    assert message.startswith("3 validation errors detected: ")
    assert (
        "at 'serviceJobType' failed to satisfy constraint: Member must satisfy enum value set: [" in message
    )
    assert "at 'clientToken' failed to satisfy constraint: Member must have length less than" in message
    assert (
        "'tags..key' failed to satisfy constraint: Member must have length greater than or equal" in message
    )


def test_patterns_and_ranges() -> None:
    create = input_of("sagemaker", "DescribeTrainingJob")
    assert "regular expression pattern" in refusal(create, {"TrainingJobName": "under_score"})
    assert refusal(create, {"TrainingJobName": "fine-1"}) == ""
    events = input_of("logs", "GetLogEvents")
    assert "less than or equal to 10000" in refusal(events, {"logStreamName": "s", "limit": 10_001})


def test_times_in_three_notations() -> None:
    moment = datetime(2026, 11, 24, 12, 0, 0, 250_000, tzinfo=UTC)
    for form in ("unixTimestamp", "iso8601"):
        assert parse_time(write_time(moment, form)) == moment
    assert write_time(moment, "rfc822") == "Tue, 24 Nov 2026 12:00:00 GMT"
    assert parse_time("Tue, 24 Nov 2026 12:00:00 GMT") == moment.replace(microsecond=0)
    assert parse_time("2026-11-24") == datetime(2026, 11, 24, tzinfo=UTC)
    for bad in ("soon", "", 1e300, "99999999999999999999"):
        assert parse_time(bad) is None


def test_answers_are_written_under_their_wire_names() -> None:
    shape = operation("sagemaker", "DescribeTrainingJob").output
    assert shape is not None
    written = write_tree(
        shape, {"TrainingJobName": "a", "CreationTime": 1.5, "FailureReason": None, "Junk": 1}
    )
    assert written == {"TrainingJobName": "a", "CreationTime": 1.5}
    native = write_tree(shape, {"CreationTime": 1.5}, native=True)
    assert native == {"CreationTime": datetime.fromtimestamp(1.5, UTC)}


def form(body: str) -> Request:
    return Request("POST", "/", {}, {}, body.encode())


def test_forms_become_nested_parameters() -> None:
    query = Query(load("iam"))
    request = form(
        "Action=SimulatePrincipalPolicy&PolicySourceArn=arn&ActionNames.member.1=a%3Ab&ActionNames.member.2=c"
        "&ContextEntries.member.1.ContextKeyName=k&ContextEntries.member.1.ContextKeyValues.member.1=v"
        "&MaxItems=7&ResourceArns="
    )
    assert query.read(operation("iam", "SimulatePrincipalPolicy"), request) == {
        "PolicySourceArn": "arn",
        "ActionNames": ["a:b", "c"],
        "ResourceArns": [],
        "ContextEntries": [{"ContextKeyName": "k", "ContextKeyValues": ["v"]}],
        "MaxItems": 7,
    }
    with pytest.raises(AwsError, match="MalformedInput"):
        query.read(operation("iam", "ListRoles"), form("Action=ListRoles&MaxItems=many"))
    with pytest.raises(AwsError, match="InvalidAction: Could not find operation Nonsense for version 1"):
        query.operation(form("Action=Nonsense&Version=1"))


def test_xml_both_ways() -> None:
    delete = input_of("s3", "DeleteObjects").members["Delete"]
    body = (
        b'<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>a&amp;b</Key></Object>'
        b"<Object><Key>c</Key></Object><Quiet>true</Quiet></Delete>"
    )
    assert read_element(delete.shape, parse_xml(body)) == {
        "Objects": [{"Key": "a&b"}, {"Key": "c"}],
        "Quiet": True,
    }
    written = "".join(element("Delete", delete.shape, {"Objects": [{"Key": "<x>"}], "Quiet": False}))
    assert written == "<Delete><Object><Key>&lt;x&gt;</Key></Object><Quiet>false</Quiet></Delete>"
    assert text("a\x1b\x00b") == "a��b"


@pytest.mark.parametrize(
    "body", [b"", b"<a>", b"\xff\xfe", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", b"<a>&b;</a>"]
)
def test_bad_xml_is_refused(body: bytes) -> None:
    with pytest.raises(AwsError, match="MalformedXML"):
        parse_xml(body)


@pytest.mark.parametrize(
    ("method", "target", "query", "headers", "name"),
    [
        ("GET", "/", {}, {}, "ListBuckets"),
        ("PUT", "/b", {}, {}, "CreateBucket"),
        ("HEAD", "/b", {}, {}, "HeadBucket"),
        ("GET", "/b", {"list-type": ["2"]}, {}, "ListObjectsV2"),
        ("GET", "/b", {"location": [""]}, {}, "GetBucketLocation"),
        ("GET", "/b", {"prefix": ["x"]}, {}, "ListObjects"),
        ("PUT", "/b/a/k", {}, {}, "PutObject"),
        ("PUT", "/b/a/k", {"partNumber": ["1"], "uploadId": ["u"]}, {}, "UploadPart"),
        ("PUT", "/b/a/k", {}, {"x-amz-copy-source": "b/c"}, "CopyObject"),
        ("POST", "/b/k", {"uploads": [""]}, {}, "CreateMultipartUpload"),
        ("POST", "/b/k", {"uploadId": ["u"]}, {}, "CompleteMultipartUpload"),
        ("DELETE", "/b/k", {"uploadId": ["u"]}, {}, "AbortMultipartUpload"),
        ("DELETE", "/b/k", {}, {}, "DeleteObject"),
        ("POST", "/b", {"delete": [""]}, {}, "DeleteObjects"),
        ("PATCH", "/b", {}, {}, None),
    ],
)
def test_s3_operations_are_told_apart(
    method: str, target: str, query: dict[str, list[str]], headers: dict[str, str], name: str | None
) -> None:
    router = Router(load("s3"))
    assert router.find(Request(method, target, query, headers, b"")) == name
