"""The log lines of a training job's hosts, derived from its record: line n of a million costs as line 1."""

import json
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tui.sandbox.services import hostile
from tui.sandbox.services.base import moment
from tui.sandbox.services.curves import hosts_of, loss_at, noise, throughput
from tui.sandbox.training import TrainingJob

_HEAD_STEP_MS = 120
_DEFAULT_SECONDS = 600
_MOST_LINES = 10_000_000


@dataclass(frozen=True)
class HostLog:
    """The log of one host (1 is the first). Times are epoch ms; it grows while the job is training.

    First what the container says as it starts, then a line every few steps, at the end how it ended. By
    `SANDBOX_LOG_LINES` in the request's Environment a job says how many lines its log has in the end, by
    `SANDBOX_LOG_HOSTILE` that every n-th line of its steps is one that a terminal should not obey.
    """

    job: TrainingJob
    host: int
    now: int

    @property
    def started_at(self) -> int:
        return self.job.training_started_at or 0

    @cached_property
    def _seed(self) -> int:
        return self.job.seed * 1009 + self.host

    @cached_property
    def _ended_at(self) -> int | None:
        ended = self.job.training_ended_at or self.job.ended_at
        return ended if ended is not None and ended <= self.now else None

    @cached_property
    def _head(self) -> tuple[str, ...]:
        head = _opening(self.job, self.host)
        return head if self._wanted is None else head[: self._wanted]

    @cached_property
    def _tail(self) -> tuple[str, ...]:
        if self._ended_at is None:
            return ()
        tail = _closing(self.job, self.host)
        return tail if self._wanted is None else tail[: max(0, self._wanted - len(self._head))]

    @cached_property
    def _wanted(self) -> int | None:
        """The lines asked for by SANDBOX_LOG_LINES."""
        return _number(self.job.request, "SANDBOX_LOG_LINES")

    @cached_property
    def _hostile(self) -> int | None:
        return _number(self.job.request, "SANDBOX_LOG_HOSTILE")

    @cached_property
    def _body_from(self) -> int:
        """When the line after the head may come."""
        return self.started_at + len(self._head) * _HEAD_STEP_MS

    @cached_property
    def _interval(self) -> float:
        """Milliseconds between two lines of the body."""
        if self._wanted is None:
            return 2000 + 8000 * noise(self.job.seed, -5)
        seconds = _number(self.job.request, "SANDBOX_SECONDS")
        until = self.started_at + (_DEFAULT_SECONDS if seconds is None else seconds) * 1000
        if self._ended_at is not None and (seconds is None or self._whole):
            until = self._ended_at
        lines = self._wanted - len(self._head) - len(_closing(self.job, self.host))
        return max(1e-6, (until - self._body_from) / max(1, lines))

    @cached_property
    def _body_count(self) -> int:
        end = self.now if self._ended_at is None else self._ended_at
        count = int(max(0.0, end - self._body_from) / self._interval)
        if self._wanted is None:
            return count
        most = max(0, self._wanted - len(self._head) - len(_closing(self.job, self.host)))
        return most if self._whole else min(most, count)

    @property
    def _whole(self) -> bool:
        """Whether the training came to its own end: then every line asked for is there."""
        return self._ended_at is not None and self.job.status in ("InProgress", "Completed", "Failed")

    @cached_property
    def count(self) -> int:
        """How many lines there are by now."""
        if self.job.training_started_at is None:
            return 0
        head = len(self._head)
        if self._ended_at is None:
            head = min(head, (self.now - self.started_at) // _HEAD_STEP_MS + 1)
        return head + self._body_count + len(self._tail)

    def time(self, index: int) -> int:
        """When line `index` was written. Never earlier than the line before."""
        head = len(self._head)
        if index < head:
            at = self.started_at + index * _HEAD_STEP_MS
        elif index < head + self._body_count:
            at = self._body_from + int((index - head + 1) * self._interval)
        else:
            return self._ended_at or self.now
        return at if self._ended_at is None else min(at, self._ended_at)

    def text(self, index: int) -> str:
        head = len(self._head)
        if index < head:
            return self._head[index]
        if index < head + self._body_count:
            if self._hostile and (index - head + 1) % self._hostile == 0:
                return hostile.line((index - head) // self._hostile)
            return _step(self._seed, self.job.seed, self.host, index - head)
        return self._tail[index - head - self._body_count]

    @property
    def loss(self) -> float:
        """The loss its latest step reported."""
        return loss_at(self.job.seed, self._body_count / _steps_per_epoch(self.job.seed), self._body_count)

    def first_at(self, time_ms: int) -> int:
        """The first line written at a time or later; `count` if there is none."""
        return bisect_left(range(self.count), time_ms, key=self.time)


@dataclass(frozen=True)
class StreamLog:
    """The part of a host's log that one stream holds: lines [low, high) of `whole`, from `started_at` on."""

    whole: HostLog
    started_at: int
    low: int
    high: int

    @property
    def job(self) -> TrainingJob:
        return self.whole.job

    @property
    def host(self) -> int:
        return self.whole.host

    @property
    def stream(self) -> str:
        return f"{self.job.name}/algo-{self.host}-{self.started_at // 1000}"

    @property
    def count(self) -> int:
        return self.high - self.low

    def time(self, index: int) -> int:
        return self.whole.time(self.low + index)

    def text(self, index: int) -> str:
        return self.whole.text(self.low + index)

    def first_at(self, time_ms: int) -> int:
        """The first line written at a time or later; `count` if there is none."""
        return min(max(self.whole.first_at(time_ms) - self.low, 0), self.count)


def logs_of(job: TrainingJob, now: int) -> list[HostLog]:
    """The logs of all hosts of a job; none before it trains."""
    if job.training_started_at is None or job.training_started_at > now:
        return []
    return [HostLog(job, host, now) for host in range(1, hosts_of(job) + 1)]


def streams_of(job: TrainingJob, now: int) -> list[StreamLog]:
    """The streams of all hosts: one for each, or by `SANDBOX_LOG_ROTATE` a new one every so many seconds."""
    return [stream for log in logs_of(job, now) for stream in _rotated(log)]


def _rotated(log: HostLog) -> Iterator[StreamLog]:
    period = (_number(log.job.request, "SANDBOX_LOG_ROTATE") or 0) * 1000
    if not period:
        yield StreamLog(log, log.started_at, 0, log.count)
        return
    low, start = 0, log.started_at
    while low < log.count:
        high = log.first_at(start + period)
        if high > low:
            yield StreamLog(log, start, low, high)
        low = high
        if low < log.count:  # on to the stream of the next line: those in between would be empty
            start += max(1, (log.time(low) - start) // period) * period


def final_metrics(job: TrainingJob, now: int) -> list[dict[str, Any]]:
    """FinalMetricDataList: the last value of each metric the request defines, or of two common ones.

    They agree with the log.
    """
    logs = logs_of(job, now)
    if not logs:
        return []
    algorithm = job.request.get("AlgorithmSpecification")
    definitions = algorithm.get("MetricDefinitions") if isinstance(algorithm, dict) else None
    names = [
        str(definition["Name"])
        for definition in definitions or ()
        if isinstance(definition, dict) and definition.get("Name")
    ] or ["train:loss", "validation:accuracy"]
    at = moment(job.training_ended_at or job.ended_at or now)
    values = {name: _metric_value(job.seed, name, logs[0].loss) for name in names}
    return [{"MetricName": name, "Value": value, "Timestamp": at} for name, value in values.items()]


def _metric_value(seed: int, name: str, loss: float) -> float:
    lowered = name.lower()
    if any(word in lowered for word in ("acc", "auc", "f1", "precision", "recall", "map")):
        return round(1 / (1 + 0.35 * loss), 4)
    if any(word in lowered for word in ("throughput", "samples", "speed")):
        return round(throughput(seed, 1), 1)
    return round(loss, 4)


def _number(request: dict[str, Any], name: str) -> int | None:
    for member in ("Environment", "HyperParameters"):
        values = request.get(member)
        text = str(values.get(name, "")) if isinstance(values, dict) else ""
        try:
            return max(0, min(_MOST_LINES, int(float(text)))) if text else None
        except (ValueError, OverflowError):
            return None
    return None


def _opening(job: TrainingJob, host: int) -> tuple[str, ...]:
    """What SageMaker's training toolkit and a script say before the first step."""
    algorithm = job.request.get("AlgorithmSpecification")
    image = str(algorithm.get("TrainingImage", "")) if isinstance(algorithm, dict) else ""
    given = job.request.get("HyperParameters")
    parameters = {str(k): v for k, v in given.items()} if isinstance(given, dict) else {}
    channels = [
        str(channel.get("ChannelName"))
        for channel in job.request.get("InputDataConfig") or ()
        if isinstance(channel, dict)
    ] or ["code"]
    count = hosts_of(job)
    hosts = [f"algo-{n}" for n in range(1, min(count, 16) + 1)]
    return (
        "bash: cannot set terminal process group (-1): Inappropriate ioctl for device",
        "bash: no job control in this shell",
        "sagemaker-training-toolkit INFO     Imported framework sagemaker_pytorch_container.training",
        f"sagemaker-training-toolkit INFO     Instance type {job.instance_type}, host algo-{host} of {count}",
        "sagemaker-training-toolkit INFO     Invoking script with the following parameters:",
        f"SM_HOSTS={json.dumps(hosts)} SM_CURRENT_HOST=algo-{host} SM_NUM_HOSTS={count}",
        f"SM_HPS={json.dumps(parameters, ensure_ascii=False)}",
        f"SM_CHANNELS={json.dumps(channels)}",
        f"SM_TRAINING_IMAGE={image}",
        f"NCCL INFO Bootstrap : Using eth0:10.0.{job.seed % 250}.{host % 250}<0>",
        f"{{rank {host - 1}}} INFO torch.distributed: initialised process group, world size {count}",
        f"{{rank {host - 1}}} INFO data: {1000 + job.seed % 900_000:,} samples, {8 + job.seed % 200} shards",
        f"{{rank {host - 1}}} INFO model: {1 + job.seed % 70}.{job.seed % 10} B parameters, bfloat16",
        f"{{rank {host - 1}}} INFO starting training",
    )


def _steps_per_epoch(job_seed: int) -> int:
    """Lines of the log for one epoch."""
    return 60 + job_seed % 240


def _step(seed: int, job_seed: int, host: int, index: int) -> str:
    """One line of the training loop: mostly steps, an evaluation after each epoch, now and then a warning."""
    per_epoch = _steps_per_epoch(job_seed)
    epoch, within = divmod(index, per_epoch)
    progress = index / per_epoch
    loss = loss_at(job_seed, progress, index)
    rank = f"{{rank {host - 1}}}"
    if within == per_epoch - 1:
        return (
            f"{rank} INFO epoch {epoch} done: train_loss={loss:.4f} "
            f"val_loss={loss * (1.02 + 0.1 * noise(seed, index)):.4f} val_acc={1 / (1 + 0.35 * loss):.4f}"
        )
    chance = noise(seed ^ 0x77, index)
    if chance > 0.994:
        return f"{rank} WARNING dataloader: waited {1 + 9 * noise(seed, index):.1f} s for the next batch"
    if chance > 0.991:
        return f"{rank} WARNING amp: gradient overflow, loss scale reduced to {2 ** (8 + index % 9)}"
    if chance > 0.987:
        return f"{rank} INFO checkpoint written to /opt/ml/checkpoints/step-{index * 10:07d}"
    rate = 3e-4 * min(1.0, (index + 1) / 40) * (0.5 ** (progress / 4))
    return (
        f"{rank} INFO epoch {epoch} step {index * 10} loss={loss:.4f} lr={rate:.3e} "
        f"grad_norm={0.3 + 1.5 * noise(seed, index + 1):.3f} samples/s={throughput(seed, index):.1f}"
    )


def _closing(job: TrainingJob, host: int) -> tuple[str, ...]:
    """How it ended: success, a traceback that agrees with the failure reason, or a signal."""
    rank = f"{{rank {host - 1}}}"
    if job.status == "Failed":
        return _traceback(job, host)
    if job.status in ("Stopped", "Stopping"):
        return (
            f"{rank} WARNING received SIGTERM, writing a checkpoint",
            f"{rank} INFO checkpoint written to /opt/ml/checkpoints/last",
            "sagemaker-training-toolkit INFO     Reporting training STOPPED",
        )
    return (
        f"{rank} INFO training finished",
        f"{rank} INFO model saved to /opt/ml/model",
        "sagemaker-training-toolkit INFO     Reporting training SUCCESS",
    )


def _traceback(job: TrainingJob, host: int) -> tuple[str, ...]:
    error, code = _error_of(job.failure_reason)
    lines = (
        "Traceback (most recent call last):",
        '  File "/opt/ml/input/data/code/train.py", line 212, in <module>',
        "    main(parse_arguments())",
        f'  File "/opt/ml/input/data/code/train.py", line {100 + job.seed % 90}, in main',
        "    loss = trainer.step(batch)",
        *error,
    )
    if not error:
        lines = (f"{{rank {host - 1}}} ERROR killed",)
    return (
        *lines,
        "sagemaker-training-toolkit ERROR    Reporting training FAILURE",
        f"sagemaker-training-toolkit ERROR    ExecuteUserScriptError: ExitCode {code}",
    )


def _error_of(reason: str) -> tuple[tuple[str, ...], str]:
    """The Python error and exit code inside a FailureReason; the reason itself if it has none of these."""
    code = reason.partition("ExitCode ")[2].split("\n", 1)[0].split(" ", 1)[0] or "1"
    if "ErrorMessage" not in reason:
        return tuple(filter(None, reason.splitlines())), code
    message = reason.partition('ErrorMessage "')[2]
    message = message.partition('"\n')[0] if '"\n' in message else message.removesuffix('"')
    return tuple(filter(None, message.splitlines())), code
