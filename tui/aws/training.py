"""SageMaker training jobs, their CloudWatch logs and metrics: typed in, typed out.

As in `tui.aws.batch`, every failure is an `AwsProblem`, and every string is cleaned where it enters.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, cast

import msgspec

from tui.aws.problems import AwsProblem
from tui.aws.session import Aws
from tui.model.shape import LATEST_MS, lenient
from tui.model.text import clean, clean_tree
from tui.model.training import TrainingJob

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
NAMESPACE = "/aws/sagemaker/TrainingJobs"
HOST_METRICS = (
    "GPUUtilization",
    "GPUMemoryUtilization",
    "CPUUtilization",
    "MemoryUtilization",
    "DiskUtilization",
)
"""What SageMaker measures on each host once a minute, in per cent; 100 for each GPU or core."""

_QUERIES = 500
"""The most metrics one GetMetricData takes."""


class LogStream(msgspec.Struct, frozen=True):
    """One stream of a training job: `<training job>/algo-<n>-<epoch seconds>`."""

    name: str

    @property
    def host(self) -> str:
        """`algo-<n>`, or whatever stands there."""
        last = clean(self.name).rpartition("/")[2]
        return last.rpartition("-")[0] or last


class LogEvent(msgspec.Struct, frozen=True, gc=False):
    """One event; `message` may hold line breaks."""

    time: int
    message: str


class LogPage(msgspec.Struct, frozen=True):
    """Events in order of time, and the tokens of the pages after and before them."""

    events: tuple[LogEvent, ...]
    forward: str
    backward: str


class MetricPoints(msgspec.Struct, frozen=True):
    """Values of one metric of one host, oldest first. Times are epoch ms."""

    host: str
    metric: str
    points: tuple[tuple[int, float], ...]


def describe_training_job(aws: Aws, name: str) -> TrainingJob:
    """Everything SageMaker tells of a training job, the request it came from included."""
    answer = aws.call("sagemaker", "DescribeTrainingJob", TrainingJobName=name)
    return lenient(TrainingJob, clean_tree(_timed(answer))) or TrainingJob(training_job_name=name)


def log_streams(aws: Aws, training_job: str) -> tuple[LogStream, ...]:
    """The log streams of a training job, by name; none before it trains."""
    found: list[LogStream] = []
    arguments: dict[str, Any] = {
        "logGroupName": LOG_GROUP,
        "logStreamNamePrefix": f"{training_job}/",
    }
    while True:
        try:
            page = aws.call("logs", "DescribeLogStreams", **arguments)
        except AwsProblem as failure:
            # The group comes up with the account's first training job.
            if failure.problem.code == "NotFound":
                return ()
            raise
        for item in _dicts(page.get("logStreams")):
            if isinstance(name := item.get("logStreamName"), str):
                found.append(LogStream(name))
        token = page.get("nextToken")
        if not token or token == arguments.get("nextToken"):
            return tuple(found)
        arguments["nextToken"] = token


def log_events(
    aws: Aws,
    stream: str,
    *,
    token: str | None = None,
    from_head: bool = False,
    start: int | None = None,
    end: int | None = None,
) -> LogPage:
    """A page of a stream: at most 10,000 events or 1 MB.

    Without a token the newest events come, or with `from_head` the oldest, of those from `start` on and
    before `end` (epoch ms). Tokens lead on in either direction; at an end the same token comes back.
    """
    arguments: dict[str, Any] = {
        "logGroupName": LOG_GROUP,
        "logStreamName": stream,
        "startFromHead": from_head,
    }
    if token is not None:
        arguments["nextToken"] = token
    if start is not None:
        arguments["startTime"] = start
    if end is not None:
        arguments["endTime"] = end
    answer = aws.call("logs", "GetLogEvents", **arguments)
    events = [
        LogEvent(max(0, min(time, LATEST_MS)), clean(message))
        for item in _dicts(answer.get("events"))
        if isinstance(time := item.get("timestamp"), int) and isinstance(message := item.get("message"), str)
    ]
    events.sort(key=lambda event: event.time)
    return LogPage(
        tuple(events),
        forward=str(answer.get("nextForwardToken") or ""),
        backward=str(answer.get("nextBackwardToken") or ""),
    )


def metric_data(
    aws: Aws, hosts: Sequence[str], start: int, end: int, period: int = 60
) -> tuple[MetricPoints, ...]:
    """The `HOST_METRICS` of hosts (`<training job>/algo-<n>`) between two times, averaged over `period` s.

    Metrics without values are left out: not every instance has GPUs.
    """
    wanted = [(host, metric) for host in hosts for metric in HOST_METRICS]
    found: list[MetricPoints] = []
    for at in range(0, len(wanted), _QUERIES):
        found += _metric_data(aws, wanted[at : at + _QUERIES], start, end, period)
    return tuple(found)


def _metric_data(
    aws: Aws, wanted: Sequence[tuple[str, str]], start: int, end: int, period: int
) -> Iterator[MetricPoints]:
    queries = [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": NAMESPACE,
                    "MetricName": metric,
                    "Dimensions": [{"Name": "Host", "Value": host}],
                },
                "Period": period,
                "Stat": "Average",
            },
        }
        for number, (host, metric) in enumerate(wanted)
    ]
    points: dict[str, list[tuple[int, float]]] = {}
    arguments: dict[str, Any] = {
        "MetricDataQueries": queries,
        "StartTime": start // 1000,
        "EndTime": end // 1000 + 1,
        "ScanBy": "TimestampAscending",
    }
    while True:
        page = aws.call("cloudwatch", "GetMetricData", **arguments)
        for result in _dicts(page.get("MetricDataResults")):
            times: list[datetime] = result.get("Timestamps") or []
            values = zip(times, result.get("Values") or (), strict=False)
            points.setdefault(str(result.get("Id")), []).extend(
                (_epoch_ms(at), float(value)) for at, value in values if math.isfinite(value)
            )
        token = page.get("NextToken")
        if not token or token == arguments.get("NextToken"):
            break
        arguments["NextToken"] = token
    for number, (host, metric) in enumerate(wanted):
        if values := points.get(f"m{number}"):
            yield MetricPoints(clean(host), metric, tuple(sorted(values)))


def _dicts(items: Any) -> Iterator[dict[str, Any]]:
    for item in cast("list[Any]", items) if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield cast("dict[str, Any]", item)


def _epoch_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _timed(value: Any) -> Any:
    """The tree with epoch milliseconds for the datetimes that a client makes of timestamps."""
    if isinstance(value, datetime):
        return _epoch_ms(value)
    if isinstance(value, dict):
        return {key: _timed(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_timed(item) for item in cast("list[Any]", value)]
    return value
