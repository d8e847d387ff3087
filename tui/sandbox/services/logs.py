"""CloudWatch Logs: one group, a stream per host of every training job, read page by page."""

import base64
import binascii
import heapq
import re
from collections.abc import Iterator
from operator import itemgetter
from typing import Any, NamedTuple

from tui.sandbox.errors import AwsError
from tui.sandbox.service import Answer, Call
from tui.sandbox.services.base import Operations, page, without_none
from tui.sandbox.services.journal import StreamLog, streams_of
from tui.sandbox.services.log_patterns import matcher
from tui.sandbox.training import TrainingJob
from tui.sandbox.world import World

GROUP = "/aws/sagemaker/TrainingJobs"

_MOST_EVENTS = 10_000
_MOST_BYTES = 1_048_576
_EVENT_OVERHEAD = 26
_SCANNED = 50_000
"""Lines one FilterLogEvents looks at before it answers, with or without a match, as AWS's does."""

_STREAM = re.compile(r"(.+)/algo-(\d{1,4})-\d+")
_TOKEN = re.compile(r"([fb])/(\d{14})(\d{42})/s")
_TOKEN_MS = 86_400_000
"""GetLogEvents' tokens expire after 24 hours."""


class LogsService(Operations):
    """Reading only: what writes the log is the training."""

    name = "logs"

    def __init__(self, world: World) -> None:
        super().__init__(
            {
                "DescribeLogGroups": self._groups,
                "DescribeLogStreams": self._streams,
                "GetLogEvents": self._events,
                "FilterLogEvents": self._filter,
            }
        )
        self._world = world

    @property
    def _group_arn(self) -> str:
        return self._world.arn("logs", f"log-group:{GROUP}")

    def _groups(self, call: Call) -> Answer:
        prefix = call.params.get("logGroupNamePrefix", "")
        part = call.params.get("logGroupNamePattern", "")
        if not GROUP.startswith(prefix) or part.lower() not in GROUP.lower():
            return {"logGroups": []}
        group = {
            "logGroupName": GROUP,
            "arn": f"{self._group_arn}:*",
            "logGroupArn": self._group_arn,
            "creationTime": self._world.started_at,
            "metricFilterCount": 0,
            "storedBytes": 0,
            "logGroupClass": "STANDARD",
        }
        return {"logGroups": [group]}

    def _check_group(self, params: dict[str, Any]) -> None:
        name, identifier = params.get("logGroupName"), params.get("logGroupIdentifier")
        if (name is None) == (identifier is None):
            raise _invalid("Exactly one of logGroupName and logGroupIdentifier must be given.")
        if name != GROUP and identifier not in (GROUP, self._group_arn):
            raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")

    # Streams

    def _streams(self, call: Call) -> Answer:
        params = call.params
        self._check_group(params)
        prefix, order = params.get("logStreamNamePrefix"), params.get("orderBy", "LogStreamName")
        if prefix is not None and order == "LastEventTime":
            raise _invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
        logs = [log for log in self._logs(prefix or "") if log.stream.startswith(prefix or "")]
        if order == "LastEventTime":
            logs.sort(key=lambda log: (log.time(log.count - 1), log.stream))
        else:
            logs.sort(key=lambda log: log.stream)
        if params.get("descending", False):
            logs.reverse()
        invalid = _invalid("The specified nextToken is invalid.")
        shown, token = page(logs, params.get("nextToken"), params.get("limit", 50), invalid)
        return without_none(logStreams=[self._described(log) for log in shown], nextToken=token)

    def _logs(self, prefix: str) -> list[StreamLog]:
        """The logs of all jobs whose streams may begin with a prefix."""
        now = self._world.now()
        name = prefix.partition("/")[0]
        job = self._world.training_job(name) if name else None
        if job is not None and "/" in prefix:
            return streams_of(job, now)
        jobs: Iterator[TrainingJob] = self._world.all_training_jobs()
        found = [log for each in jobs if each.name.startswith(name) for log in streams_of(each, now)]
        if job is not None and job.name not in self._world.training_jobs:
            found += streams_of(job, now)
        return found

    def _described(self, log: StreamLog) -> dict[str, Any]:
        last = log.time(log.count - 1)
        return {
            "logStreamName": log.stream,
            "creationTime": log.started_at,
            "firstEventTimestamp": log.started_at,
            "lastEventTimestamp": last,
            "lastIngestionTime": last,
            "arn": f"{self._group_arn}:log-stream:{log.stream}",
            "storedBytes": 0,
        }

    def _log(self, stream: str) -> StreamLog:
        """The log of a stream. Raises AwsError (ResourceNotFoundException)."""
        parts = _STREAM.fullmatch(stream)
        job = self._world.training_job(parts[1]) if parts else None
        for log in streams_of(job, self._world.now()) if job else ():
            if log.stream == stream:
                return log
        raise AwsError("ResourceNotFoundException", "The specified log stream does not exist.")

    # Events

    def _events(self, call: Call) -> Answer:
        """A page forwards or backwards. The same token comes back where there is no more."""
        params = call.params
        self._check_group(params)
        log = self._log(params["logStreamName"])
        low, high = _range(log, params.get("startTime"), params.get("endTime"), exclusive=True)
        limit = params.get("limit", _MOST_EVENTS)
        token = params.get("nextToken")
        if token:
            parts = _TOKEN.fullmatch(token)
            if not parts or self._world.now() - int(parts[2]) > _TOKEN_MS:
                raise _invalid("The specified nextToken is invalid.")
            forward, position = parts[1] == "f", int(parts[3])
        else:
            forward = params.get("startFromHead", False)
            position = low if forward else high
        if forward:
            start = min(max(position, low), max(high, low))
            end = start + _fitting(log, range(start, min(start + limit, high)))
        else:
            end = max(min(position, high), low)
            start = end - _fitting(log, range(end - 1, max(end - limit, low) - 1, -1))
        now = self._world.now()
        tokens = {"f": f"f/{now:014d}{end:042d}/s", "b": f"b/{now:014d}{start:042d}/s"}
        if token and start == end:
            tokens[token[0]] = token
        return {
            "events": [_event(log, index) for index in range(start, end)],
            "nextForwardToken": tokens["f"],
            "nextBackwardToken": tokens["b"],
        }

    def _filter(self, call: Call) -> Answer:
        """Matching events of the chosen streams, oldest first, or newest first if asked for."""
        params = call.params
        self._check_group(params)
        prefix, names = params.get("logStreamNamePrefix"), params.get("logStreamNames")
        if prefix is not None and names is not None:
            raise _invalid("logStreamNamePrefix and logStreamNames cannot both be given.")
        if names is not None:
            logs = [self._log(name) for name in names]
        else:
            logs = [log for log in self._logs(prefix or "") if log.stream.startswith(prefix or "")]
        matches = matcher(params.get("filterPattern", ""))
        start, end = params.get("startTime"), params.get("endTime")
        backwards, after = not params.get("startFromHead", True), None
        if "nextToken" in params:
            backwards, after = _cursor_of(params["nextToken"])
        limit = params.get("limit", _MOST_EVENTS)
        events: list[dict[str, Any]] = []
        size, cursor, more = 0, after, False
        each = (_lines(log, start, end, after, backwards) for log in logs)
        lines = heapq.merge(*each, key=itemgetter(0), reverse=backwards)
        for scanned, (at, log) in enumerate(lines):
            message = log.text(at.line)
            if scanned == _SCANNED or len(events) == limit or size > _MOST_BYTES:
                more = True
                break
            cursor = at
            if matches(message):
                size += len(message.encode()) + _EVENT_OVERHEAD
                event = {"logStreamName": log.stream, **_event(log, at.line)}
                events.append({**event, "eventId": _event_id(log, at.line)})
        token = _token_of(cursor, backwards) if more and cursor is not None else None
        return without_none(events=events, searchedLogStreams=[], nextToken=token)


class Cursor(NamedTuple):
    """A line's place in the order of all streams: its time, its stream, its number there."""

    time: int
    stream: str
    line: int


def _lines(
    log: StreamLog, start: int | None, end: int | None, after: Cursor | None, backwards: bool
) -> Iterator[tuple[Cursor, StreamLog]]:
    """The lines of one stream between two times, those behind a cursor in the order wanted."""
    low, high = _range(log, start, end, exclusive=False)
    if after is not None:
        if log.stream == after.stream:
            bound = after.line + (not backwards)
        else:
            bound = log.first_at(after.time + (log.stream < after.stream))
        low, high = (low, min(high, bound)) if backwards else (max(low, bound), high)
    lines = range(high - 1, low - 1, -1) if backwards else range(low, high)
    return ((Cursor(log.time(line), log.stream, line), log) for line in lines)


def _range(log: StreamLog, start: int | None, end: int | None, *, exclusive: bool) -> tuple[int, int]:
    """The numbers of the lines from `start` on, before `end` (or up to it): [low, high)."""
    low = log.first_at(start) if start is not None else 0
    high = log.first_at(end if exclusive else end + 1) if end is not None else log.count
    return low, max(low, high)


def _fitting(log: StreamLog, indexes: range) -> int:
    """How many of these lines fit in one answer."""
    size = 0
    for count, index in enumerate(indexes):
        size += len(log.text(index).encode()) + _EVENT_OVERHEAD
        if size > _MOST_BYTES:
            return count
        if count + 1 == _MOST_EVENTS:
            return _MOST_EVENTS
    return len(indexes)


def _event(log: StreamLog, index: int) -> dict[str, Any]:
    at = log.time(index)
    return {"timestamp": at, "message": log.text(index), "ingestionTime": at + 400}


def _event_id(log: StreamLog, index: int) -> str:
    return f"{log.time(index):014d}{log.job.seed:021d}{log.host:06d}{index:015d}"


def _token_of(cursor: Cursor, backwards: bool) -> str:
    text = f"{'b' if backwards else 'f'}|{cursor.time}|{cursor.line}|{cursor.stream}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def _cursor_of(token: str) -> tuple[bool, Cursor]:
    """Whether a token goes backwards, and where from."""
    try:
        direction, time, line, stream = base64.urlsafe_b64decode(token).decode().split("|", 3)
        return direction == "b", Cursor(int(time), stream, int(line))
    except (binascii.Error, ValueError):
        raise _invalid("The specified nextToken is invalid.") from None


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)
