"""CloudWatch Logs of training jobs: streams, pages and filters."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import Running
from tests.wire.batch import Batch
from tests.wire.training import LOG_GROUP, queued, request


def streams(sandbox: Running, prefix: str) -> list[str]:
    logs = sandbox.client("logs")
    found = logs.describe_log_streams(logGroupName=LOG_GROUP, logStreamNamePrefix=prefix)["logStreams"]
    return [stream["logStreamName"] for stream in found]


def events(sandbox: Running, stream: str, **how: Any) -> dict[str, Any]:
    logs = sandbox.client("logs")
    return logs.get_log_events(logGroupName=LOG_GROUP, logStreamName=stream, **how)


def texts(page: dict[str, Any]) -> list[str]:
    return [event["message"] for event in page["events"]]


def read_all(sandbox: Running, stream: str, **how: Any) -> list[str]:
    """Every line, forwards, until the same token comes back."""
    lines: list[str] = []
    page = events(sandbox, stream, startFromHead=True, **how)
    while page["events"]:
        lines += texts(page)
        page = events(sandbox, stream, nextToken=page["nextForwardToken"], **how)
    return lines


@pytest.fixture
def finished(sandbox: Running) -> str:
    """A job whose log has 3,000 lines, at its end."""
    sandbox.client("sagemaker").create_training_job(
        **request("done", SANDBOX_SECONDS="600", SANDBOX_LOG_LINES="3000")
    )
    sandbox.skip(1200)
    return streams(sandbox, "done/")[0]


def test_each_host_has_a_stream_from_when_it_trains(sandbox: Running) -> None:
    batch = Batch(sandbox)
    name = queued(batch, count=3, SANDBOX_SECONDS="600")
    names = streams(sandbox, f"{name}/")
    assert [stream.rpartition("-")[0] for stream in names] == [f"{name}/algo-{n}" for n in (1, 2, 3)]
    job = sandbox.client("sagemaker").describe_training_job(TrainingJobName=name)
    trains = job["SecondaryStatusTransitions"][-1]["StartTime"].timestamp()
    assert names[0].rpartition("-")[2] == str(int(trains))
    assert streams(sandbox, f"{name}/algo-2") == names[1:2]
    first = texts(events(sandbox, names[0], startFromHead=True))
    second = texts(events(sandbox, names[1], startFromHead=True))
    assert first != second


def test_the_log_grows_and_says_what_happens(sandbox: Running) -> None:
    batch = Batch(sandbox)
    name = queued(batch, SANDBOX_SECONDS="1800")
    stream = streams(sandbox, name)[0]
    before = events(sandbox, stream, startFromHead=True)
    batch.skip(300)
    after = events(sandbox, stream, nextToken=before["nextForwardToken"])
    assert texts(after)
    assert " loss=" in texts(after)[-1]
    everything = texts(events(sandbox, stream, startFromHead=True))
    assert everything == texts(before) + texts(after)
    times = [event["timestamp"] for event in events(sandbox, stream, startFromHead=True)["events"]]
    assert times == sorted(times)


def test_pages_forwards_and_backwards(sandbox: Running, finished: str) -> None:
    lines = read_all(sandbox, finished, limit=700)
    assert len(lines) == 3000
    assert lines[-1].endswith("Reporting training SUCCESS")
    tail = events(sandbox, finished, limit=700)
    assert texts(tail) == lines[-700:]
    backwards = texts(tail)
    page = tail
    while True:
        previous = page["nextBackwardToken"]
        page = events(sandbox, finished, nextToken=previous, limit=700)
        if page["nextBackwardToken"] == previous:
            break
        backwards = texts(page) + backwards
    assert page["events"] == []
    assert backwards == lines
    end = events(sandbox, finished, nextToken=tail["nextForwardToken"])
    assert end["events"] == []
    assert end["nextForwardToken"] == tail["nextForwardToken"]


def test_times_bound_a_page(sandbox: Running, finished: str) -> None:
    middle = events(sandbox, finished, startFromHead=True, limit=2000)["events"][1000]["timestamp"]
    later = events(sandbox, finished, startFromHead=True, startTime=middle)["events"]
    earlier = events(sandbox, finished, startFromHead=True, endTime=middle)["events"]
    assert later[0]["timestamp"] == middle
    assert earlier[-1]["timestamp"] < middle
    assert len(later) + len(earlier) == 3000


def test_a_page_is_one_megabyte_at_most(sandbox: Running) -> None:
    """Of a log that would time the client out if more than the page were made."""
    sandbox.client("sagemaker").create_training_job(
        **request("huge", SANDBOX_SECONDS="600", SANDBOX_LOG_LINES="10000000")
    )
    sandbox.skip(1200)
    stream = streams(sandbox, "huge/")[0]
    tail = events(sandbox, stream)
    size = sum(len(text.encode()) + 26 for text in texts(tail))
    assert 900_000 < size <= 1_048_576
    assert texts(tail)[-1].endswith("Reporting training SUCCESS")
    before = events(sandbox, stream, nextToken=tail["nextBackwardToken"], limit=10)
    assert len(before["events"]) == 10


def test_a_failure_leaves_its_traceback(sandbox: Running) -> None:
    reason = "AlgorithmError: ExecuteUserScriptError:\nExitCode 1\n"
    reason += 'ErrorMessage "RuntimeError: shapes differ"\nCommand "x"'
    sandbox.client("sagemaker").create_training_job(
        **request("fails", SANDBOX_SECONDS="60", SANDBOX_FAIL=reason, SANDBOX_LOG_LINES="100")
    )
    sandbox.skip(600)
    lines = read_all(sandbox, streams(sandbox, "fails/")[0])
    assert len(lines) == 100
    assert "Traceback (most recent call last):" in lines
    assert "RuntimeError: shapes differ" in lines
    assert lines[-1].endswith("ExitCode 1")


def test_filtering_finds_lines_and_pages_over_them(sandbox: Running, finished: str) -> None:
    logs = sandbox.client("logs")

    def found(pattern: str, **how: Any) -> list[str]:
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=LOG_GROUP, logStreamNames=[finished], filterPattern=pattern, **how
        )
        return [event["message"] for page in pages for event in page["events"]]

    lines = read_all(sandbox, finished)
    assert found("") == lines
    assert found("WARNING") == [line for line in lines if "WARNING" in line]
    assert found('"epoch 2 done"') == [line for line in lines if "epoch 2 done" in line]
    assert found("epoch -step") == [line for line in lines if "epoch" in line and "step" not in line]
    assert found("?WARNING ?done") == [line for line in lines if "WARNING" in line or "done" in line]
    assert found("%val_acc=0\\.[0-9]+%", PaginationConfig={"PageSize": 3}) == [
        line for line in lines if "val_acc=0." in line
    ]
    assert found("{ $.a = 1 }") == []


def test_several_streams_come_in_order_of_time(sandbox: Running) -> None:
    batch = Batch(sandbox)
    name = queued(batch, count=2, SANDBOX_SECONDS="600")
    batch.skip(60)
    pages = (
        sandbox.client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName=LOG_GROUP, logStreamNamePrefix=f"{name}/", PaginationConfig={"PageSize": 7})
    )
    seen = [(event["timestamp"], event["logStreamName"]) for page in pages for event in page["events"]]
    assert seen == sorted(seen)
    assert len({stream for _, stream in seen}) == 2
    assert len(seen) == sum(len(read_all(sandbox, stream)) for stream in streams(sandbox, f"{name}/"))
    newest: dict[str, Any] = {"logGroupName": LOG_GROUP, "logStreamNamePrefix": f"{name}/", "limit": 7}
    newest["startFromHead"] = False
    back: list[tuple[int, str]] = []
    while True:
        page = sandbox.client("logs").filter_log_events(**newest)
        back += [(event["timestamp"], event["logStreamName"]) for event in page["events"]]
        if "nextToken" not in page:
            break
        newest["nextToken"] = page["nextToken"]
    assert back == seen[::-1]


def test_what_is_wrong_is_refused(sandbox: Running, finished: str) -> None:
    logs = sandbox.client("logs")
    for call, params, code in (
        (logs.get_log_events, {"logGroupName": "/other", "logStreamName": "s"}, "ResourceNotFoundException"),
        (logs.get_log_events, {"logGroupName": LOG_GROUP, "logStreamName": "s"}, "ResourceNotFoundException"),
        (
            logs.get_log_events,
            {"logGroupName": LOG_GROUP, "logStreamName": finished, "nextToken": "junk"},
            "InvalidParameterException",
        ),
        (
            logs.describe_log_streams,
            {"logGroupName": LOG_GROUP, "orderBy": "LastEventTime", "logStreamNamePrefix": "a"},
            "InvalidParameterException",
        ),
        (logs.filter_log_events, {"logGroupName": LOG_GROUP, "nextToken": "%%"}, "InvalidParameterException"),
        (
            logs.filter_log_events,
            {"logGroupName": LOG_GROUP, "filterPattern": "%(a+)+$%"},
            "InvalidParameterException",
        ),
    ):
        with pytest.raises(ClientError) as error:
            call(**params)
        assert error.value.response["Error"]["Code"] == code
    groups = logs.describe_log_groups(logGroupNamePrefix="/aws/sagemaker")["logGroups"]
    assert [group["logGroupName"] for group in groups] == [LOG_GROUP]
    assert logs.describe_log_groups(logGroupNamePrefix="/other")["logGroups"] == []
