"""CloudWatch: the metrics of training jobs' hosts."""

import math
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tui.sandbox.errors import AwsError
from tui.sandbox.service import Answer, Call
from tui.sandbox.services.base import Operations, moment, page, without_none
from tui.sandbox.services.curves import hosts_of
from tui.sandbox.services.load import METRICS, MINUTE_MS, measured_from, metrics_of, value_at
from tui.sandbox.training import TrainingJob
from tui.sandbox.world import World

NAMESPACE = "/aws/sagemaker/TrainingJobs"

_HOST = re.compile(r"(.+)/algo-(\d{1,4})")
_PAGE = 500
_MOST_POINTS = 100_800
_LATE_MS = 3 * 3_600_000
"""ListMetrics shows metrics that had values in the last two weeks, or with RecentlyActive three hours."""

_STATISTICS = {"Average", "Minimum", "Maximum", "Sum", "SampleCount"}
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")


class CloudWatchService(Operations):
    """Metrics of training jobs; one value a minute and host."""

    name = "cloudwatch"

    def __init__(self, world: World) -> None:
        super().__init__(
            {
                "ListMetrics": self._list,
                "GetMetricData": self._data,
                "GetMetricStatistics": self._statistics,
            }
        )
        self._world = world

    def _list(self, call: Call) -> Answer:
        params = call.params
        wanted = {d["Name"]: d.get("Value") for d in params.get("Dimensions", ())}
        names = [params["MetricName"]] if "MetricName" in params else METRICS
        found: list[dict[str, Any]] = []
        if params.get("Namespace", NAMESPACE) == NAMESPACE and wanted.keys() <= {"Host"}:
            recent = self._world.now() - _LATE_MS if params.get("RecentlyActive") else 0
            for job in self._jobs(wanted.get("Host")):
                if measured_from(job) is None or (job.ended_at or self._world.now()) < recent:
                    continue
                for host in range(1, hosts_of(job) + 1):
                    name = f"{job.name}/algo-{host}"
                    if wanted.get("Host") in (None, name):
                        found += (_metric(name, metric) for metric in metrics_of(job) if metric in names)
        invalid = AwsError("InvalidParameterValue", "Invalid nextToken")
        shown, token = page(found, params.get("NextToken"), _PAGE, invalid)
        return without_none(Metrics=list(shown), NextToken=token)

    def _jobs(self, host: str | None) -> Iterator[TrainingJob]:
        if host is None:
            return self._world.all_training_jobs()
        job, _ = self._host(host)
        return iter((job,) if job else ())

    def _host(self, name: str) -> tuple[TrainingJob | None, int]:
        parts = _HOST.fullmatch(name)
        job = self._world.training_job(parts[1]) if parts else None
        number = int(parts[2]) if parts else 0
        return (job, number) if job and 1 <= number <= hosts_of(job) else (None, 0)

    def _data(self, call: Call) -> Answer:
        """Values of up to 500 metrics. Metric maths is refused."""
        params = call.params
        start, end = _times(params)
        newest_first = params.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        queries = params["MetricDataQueries"]
        if len({query["Id"] for query in queries}) < len(queries):
            raise AwsError(
                "ValidationError", "The values for parameter id in MetricDataQueries are not unique."
            )
        queries = [query for query in queries if query.get("ReturnData", True)]
        found: list[tuple[str, int, float]] = []
        for query in queries:
            stat = query.get("MetricStat")
            if stat is None:
                raise AwsError("ValidationError", "The sandbox has metrics only, no expressions or queries.")
            points = self._points(stat["Metric"], stat["Period"], stat["Stat"], start, end)
            found += (
                (query["Id"], at, value) for at, value in (reversed(points) if newest_first else points)
            )
        most = min(params.get("MaxDatapoints", _MOST_POINTS), _MOST_POINTS)
        invalid = AwsError("InvalidNextToken", "Invalid nextToken")
        shown, token = page(found, params.get("NextToken"), most, invalid)
        results: dict[str, dict[str, Any]] = {
            query["Id"]: {
                "Id": query["Id"],
                "Label": query.get("Label", query["MetricStat"]["Metric"].get("MetricName", "")),
                "Timestamps": [],
                "Values": [],
                "StatusCode": "PartialData" if token else "Complete",
            }
            for query in queries
        }
        for name, at, value in shown:
            results[name]["Timestamps"].append(moment(at))
            results[name]["Values"].append(value)
        return without_none(MetricDataResults=list(results.values()), Messages=[], NextToken=token)

    def _statistics(self, call: Call) -> Answer:
        params = call.params
        start, end = _times(params)
        statistics = params.get("Statistics", []) + params.get("ExtendedStatistics", [])
        if not statistics:
            raise AwsError(
                "InvalidParameterCombination",
                "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
            )
        if (end - start) / 1000 / params["Period"] > 1440:
            raise AwsError(
                "InvalidParameterCombination",
                "You have requested more than the limit of 1,440 datapoints. Shorten the time range or "
                "lengthen the period.",
            )
        points: dict[int, dict[str, Any]] = {}
        for statistic in statistics:
            for at, value in self._points(params, params["Period"], statistic, start, end):
                point = points.setdefault(at, {"Timestamp": moment(at), "Unit": "Percent"})
                if statistic in _STATISTICS:
                    point[statistic] = value
                else:
                    point.setdefault("ExtendedStatistics", {})[statistic] = value
        return {"Label": params["MetricName"], "Datapoints": [points[at] for at in sorted(points)]}

    def _points(
        self, metric: dict[str, Any], period: int, statistic: str, start: int, end: int
    ) -> list[tuple[int, float]]:
        """(period's start in epoch ms, statistic) for all periods between two times that have values."""
        if period not in (1, 5, 10, 20, 30) and (period < 60 or period % 60):
            raise AwsError("ValidationError", "Period must be 1, 5, 10, 20, 30 or a multiple of 60")
        if statistic not in _STATISTICS and not _PERCENTILE.fullmatch(statistic):
            raise AwsError("ValidationError", f"Invalid statistic {statistic}")
        dimensions = {d["Name"]: d["Value"] for d in metric.get("Dimensions", ())}
        name = metric.get("MetricName", "")
        job, host = self._host(dimensions.get("Host", ""))
        if (
            metric.get("Namespace") != NAMESPACE
            or dimensions.keys() != {"Host"}
            or job is None
            or name not in metrics_of(job)
        ):
            return []
        minutes = max(1, period // 60)
        start = start // MINUTE_MS * MINUTE_MS  # a time in a minute takes in the whole of it
        first = start // MINUTE_MS // minutes * minutes
        measured = (measured_from(job) or end) // MINUTE_MS // minutes * minutes
        until = min(end, self._world.now(), job.ended_at or end)
        points: list[tuple[int, float]] = []
        last = math.ceil(until / MINUTE_MS)
        for minute in range(max(first, measured), last, minutes):
            values = [
                value
                for each in range(minute, min(minute + minutes, last))
                if (value := value_at(job, host, name, each)) is not None
            ]
            if values and minute * MINUTE_MS >= start:
                points.append((minute * MINUTE_MS, _aggregate(values, statistic)))
        return points


def _aggregate(values: list[float], statistic: str) -> float:
    match statistic:
        case "Minimum":
            return min(values)
        case "Maximum":
            return max(values)
        case "Sum":
            return round(sum(values), 3)
        case "SampleCount":
            return float(len(values))
        case "Average":
            return round(sum(values) / len(values), 3)
        case _:
            ordered = sorted(values)
            return ordered[min(len(ordered) - 1, int(float(statistic[1:]) / 100 * len(ordered)))]


def _times(params: dict[str, Any]) -> tuple[int, int]:
    start, end = _ms(params["StartTime"]), _ms(params["EndTime"])
    if start >= end:
        raise AwsError("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
    return start, end


def _ms(time: datetime) -> int:
    return int(time.timestamp() * 1000)


def _metric(host: str, name: str) -> dict[str, Any]:
    dimensions = [{"Name": "Host", "Value": host}]
    return {"Namespace": NAMESPACE, "MetricName": name, "Dimensions": dimensions}
