"""The options of `queuedeck submit`, and the submission they make of what was read."""

import argparse
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from tui.headless import connection
from tui.headless.connection import UsageError
from tui.model.jobs import RetryStrategy
from tui.model.submission import FieldProblem, Submission, parse_payload

EPILOG = """\
FILE is one of: a CreateTrainingJob request, or a SubmitServiceJob request with the former as its
serviceRequestPayload, in JSON or YAML; a Python file (.py) that defines a ModelTrainer or an Estimator, and
inputs if there are some; "-" for a request on standard input. Options win over what the file says.

Nothing is sent before all of it is checked. Exit codes: 0 all submitted, 1 something was not, 2 the options,
the file or the AWS configuration is wrong.

  queuedeck submit train.json --queue vision --name sft --set ResourceConfig.InstanceCount=4
  queuedeck submit train.yaml --queue vision --sweep lr=0.1,0.01,0.001 --dry-run
  queuedeck submit --source-dir src --entry-point train.py --image pytorch:2.6 --instance-type ml.g5.xlarge \\
      --queue vision --name sft
"""


class Wrong(UsageError):
    """Nothing can be sent. `lines` say why, one each."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def parser() -> argparse.ArgumentParser:
    """The parser; every option that was not given is None or empty."""
    made = argparse.ArgumentParser(
        prog="queuedeck submit",
        description="Submit training jobs without the dashboard.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = made.add_argument
    add("file", nargs="?", metavar="FILE", help="a request, a Python file, or - (see below)")
    add("--template", metavar="NAME", help="a saved template instead of FILE")
    _job(made.add_argument_group("the job").add_argument)
    _several(made.add_argument_group("several jobs").add_argument)
    _source(made.add_argument_group("a source folder, through the SageMaker SDK").add_argument)
    how = made.add_argument_group("how").add_argument
    how(
        "--dry-run",
        action="store_true",
        help="print the exact requests, send none (the SDK still uploads)",
    )
    how("--yes", "-y", action="store_true", help="do not ask before submitting several jobs")
    how("--json", action="store_true", help="print one JSON document for programs")
    how("--save-template", metavar="NAME", help="also keep the submission as a template")
    connection.add_options(made)
    return made


def _job(add: Any) -> None:
    add("--queue", metavar="NAME", help="job queue")
    add("--name", help="job name (default: the file's, or TrainingJobName)")
    add("--share", metavar="ID", help="share identifier, for fair-share queues")
    add("--quota-share", metavar="NAME", help="quota share, for quota queues")
    add("--priority", type=int, metavar="N", help="scheduling priority, 0 to 9999")
    add("--attempts", type=int, metavar="N", help="attempts, 1 to 10")
    add("--timeout", type=int, metavar="SECONDS", help="the longest an attempt may take")
    add("--preemption-retries", type=int, metavar="N", help="preemptions to survive, for quota queues")
    add("--tag", action="append", default=[], metavar="KEY=VALUE", help="a tag; may be repeated")
    add("--set", action="append", default=[], metavar="PATH=VALUE", help="a member of CreateTrainingJob")


def _several(add: Any) -> None:
    add("--count", type=int, default=1, metavar="N", help="this many jobs")
    add("--sweep", metavar="KEY=A,B,C", help="one job for each value of a hyperparameter")


def _source(add: Any) -> None:
    add("--source-dir", metavar="DIR", help="the folder to package and upload")
    add("--entry-point", metavar="SCRIPT", help="the script in it that trains")
    add("--command", help="or the command that trains")
    add("--requirements", metavar="FILE", help="requirements file in the folder")
    add("--image", help="image URI, or FRAMEWORK:VERSION, such as pytorch:2.6")
    add("--role", metavar="ARN", help="role that SageMaker runs under (default: the SDK's)")
    add("--instance-type", metavar="TYPE")
    add("--instance-count", type=int, metavar="N")
    add("--volume", type=int, metavar="GB", help="size of the volume")
    add("--max-runtime", type=int, metavar="SECONDS", help="the longest the training may take")
    add("--hyperparameter", action="append", default=[], metavar="KEY=VALUE", help="may be repeated")
    add("--env", action="append", default=[], metavar="KEY=VALUE", help="may be repeated")
    add("--input", action="append", default=[], metavar="CHANNEL=PLACE", help="S3 URI or folder")
    add("--output-path", metavar="S3URI")
    add("--bucket", help="bucket for the upload (default: the SDK's)")
    add("--python", metavar="PROGRAM", help="interpreter that has the SageMaker SDK (default: this one)")


ONLY_WITH_SOURCE = (
    *("entry_point", "command", "requirements", "image", "role", "instance_type", "instance_count"),
    *("volume", "max_runtime", "hyperparameter", "env", "input", "output_path", "bucket"),
)


def check_options(options: argparse.Namespace) -> None:
    """Raises UsageError for options that do not go together."""
    ways = [way for way in (options.file, options.template, options.source_dir) if way]
    if len(ways) != 1:
        raise UsageError("give one of FILE, --template and --source-dir")
    if not options.source_dir:
        lost = next((name for name in ONLY_WITH_SOURCE if getattr(options, name)), None)
        if lost:
            raise UsageError(f"--{lost.replace('_', '-')} belongs to --source-dir; use --set for a request")
    elif bool(options.entry_point) == bool(options.command):
        raise UsageError("--source-dir needs --entry-point or --command, one of them")
    elif not options.image or not options.instance_type:
        raise UsageError("--source-dir needs --image and --instance-type")
    if options.sweep and options.count != 1:
        raise UsageError("give --count or --sweep, not both")


def pairs(option: str, values: Sequence[str]) -> dict[str, str]:
    """`KEY=VALUE` options as a mapping. Raises UsageError."""
    found: dict[str, str] = {}
    for value in values:
        key, equals, rest = value.partition("=")
        if not equals or not key:
            raise UsageError(f"{option} {value!r}: write KEY=VALUE")
        found[key] = rest
    return found


def with_options(base: Submission, options: argparse.Namespace) -> Submission:
    """The submission with what the options say of the Batch job (`--set` is not among them)."""
    changes: dict[str, Any] = {
        "job_queue": options.queue,
        "job_name": options.name,
        "share_identifier": options.share,
        "quota_share_name": options.quota_share,
        "scheduling_priority": options.priority,
        "attempt_duration_seconds": options.timeout,
        "preemption_retries": options.preemption_retries,
        "tags": base.tags | pairs("--tag", options.tag) if options.tag else None,
    }
    if options.attempts is not None:
        before = base.retry_strategy or RetryStrategy()
        changes["retry_strategy"] = replace(before, attempts=options.attempts)
    return replace(base, **{name: value for name, value in changes.items() if value is not None})


def named(base: Submission) -> Submission:
    """With the training job's name, if the job has none."""
    if base.job_name:
        return base
    payload = parse_payload(base.payload) if isinstance(base.payload, str) else base.payload
    name = None if isinstance(payload, FieldProblem) else payload.get("TrainingJobName")
    return replace(base, job_name=name) if isinstance(name, str) else base


OPTION_OF = {
    "jobName": "--name",
    "jobQueue": "--queue",
    "shareIdentifier": "--share",
    "quotaShareName": "--quota-share",
    "schedulingPriority": "--priority",
    "retryStrategy.attempts": "--attempts",
    "timeoutConfig.attemptDurationSeconds": "--timeout",
    "preemptionConfiguration.preemptionRetriesBeforeTermination": "--preemption-retries",
    "tags": "--tag",
}
"""The option that sets a member, to be named with what is wrong with it."""
