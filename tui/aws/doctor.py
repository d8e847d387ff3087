"""Looks at the connection to AWS as a fresh start would: who, where, with which clock, allowed to do what.

Nothing is changed anywhere. Permissions are asked of IAM's simulation; where that is not allowed, the calls
that only read are tried, and the others stay unknown.
"""
# pyright: reportMissingTypeStubs=false

import importlib.metadata
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from tui.aws import batch, roles
from tui.aws.identity import Identity, caller_identity
from tui.aws.problems import AwsProblem, Problem, problem_from
from tui.aws.sdk import sdk_available
from tui.aws.session import Aws
from tui.model.checkup import Check, State, clock_check
from tui.model.queues import JobQueue
from tui.model.roles import EXECUTION_NAME, Level, Permission, permissions
from tui.model.training import request_of

SECTIONS: dict[Level, str] = {"view": "View", "operate": "Operate", "administer": "Administer"}
LEVELS: tuple[Level, ...] = ("view", "operate", "administer")

NEEDED = ("SubmitServiceJob", "GetJobQueueSnapshot", "CreateQuotaShare")
"""Operations of Batch that older versions of botocore do not know."""

NO_SDK = "not installed: only jobs built from scripts need it (pip install queuedeck[sagemaker])"

GROUP = "/aws/sagemaker/TrainingJobs"
T = TypeVar("T")

NOBODY = "queuedeck-doctor"
"""The name of a thing that is not there: to ask for it shows whether one may ask."""


def examine(aws: Aws, *, level: Level = "administer", role_arn: str = "") -> Iterator[Check]:
    """Every check of the connection, one after the other; blocks while it asks. `level` is what has to be
    allowed; `role_arn` the role that training jobs run under (found in a recent job, if not given)."""
    yield from versions()
    try:
        aws.check()
        service = aws.client("batch")
    except Exception as error:  # botocore raises what it likes while it reads its files
        problem = problem_from(error, "", aws.connection.profile)
        yield _failed("Configuration", problem, fatal=True)
        return
    missing = [name for name in NEEDED if name not in service.meta.service_model.operation_names]
    if missing:
        yield Check(
            section="Versions",
            name="Batch operations",
            state="missing",
            detail=f"botocore knows no {', '.join(missing)}",
            next_step="Update it: pip install -U boto3",
        )
    yield _connection("Profile", aws.profile_name or "none chosen: the default of AWS's own resolution")
    yield _connection("Region", aws.region)
    url = str(service.meta.endpoint_url)
    yield _connection("Endpoint", url)
    try:
        identity = caller_identity(aws)
    except AwsProblem as failure:
        yield _failed("Identity", failure.problem)
        section = SECTIONS[level]
        step = "First the identity has to be known."
        yield Check(section=section, name="permissions", state="unknown", detail="not asked", next_step=step)
        return
    yield _connection("Account", identity.account)
    yield _connection("Identity", identity.arn)
    yield clock_check(aws.clock.now_ms() - time.time_ns() // 1_000_000, practice=_is_local(url))
    yield from _permissions(aws, identity, level, role_arn)


def versions() -> list[Check]:
    """Which versions of AWS's libraries are here."""
    found = [_version(name, needed=True) for name in ("boto3", "botocore")]
    sagemaker = sdk_available()
    detail = sagemaker or NO_SDK
    return [*found, Check(section="Versions", name="SageMaker SDK", state="ok", detail=detail)]


def _version(name: str, *, needed: bool) -> Check:
    try:
        return Check(section="Versions", name=name, state="ok", detail=importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        state: State = "missing" if needed else "ok"
        step = f"pip install {name}"
        return Check(section="Versions", name=name, state=state, detail="not installed", next_step=step)


def _connection(name: str, detail: str) -> Check:
    return Check(section="Connection", name=name, state="ok", detail=detail)


def _failed(name: str, problem: Problem, *, fatal: bool = False) -> Check:
    return Check(
        section="Connection",
        name=name,
        state="missing",
        detail=f"{problem.title}: {problem.cause}",
        next_step=problem.next_step,
        fatal=fatal or problem.fatal,
    )


def _is_local(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


# ---- permissions


def _permissions(aws: Aws, identity: Identity, level: Level, role_arn: str) -> Iterator[Check]:
    partition = identity.partition
    queues = _quietly(lambda: batch.list_queues(aws)) or ()
    known_role = role_arn or _role_of_jobs(aws, queues)
    passed = known_role or f"arn:{partition}:iam::{identity.account}:role/{EXECUTION_NAME}"
    asked: dict[str, tuple[Permission, Level]] = {}
    for each in LEVELS[: LEVELS.index(level) + 1]:
        for permission in permissions(
            each, account=identity.account, passed_role=passed, partition=partition
        ):
            asked.setdefault(permission.action, (permission, each))
    try:
        refused = roles.denied(aws, identity.arn, [permission for permission, _ in asked.values()])
    except AwsProblem as failure:
        yield Check(
            section="Connection",
            name="IAM simulation",
            state="unknown",
            detail=f"{failure.problem.title}. Calls that only read were tried instead.",
            next_step="With iam:SimulatePrincipalPolicy on yourself all of them are known.",
        )
        yield from _tried(aws, identity, list(asked.values()), queues)
        return
    for permission, each in asked.values():
        yield _decided(permission, each, permission not in refused, known_role)


def _decided(permission: Permission, level: Level, allowed: bool, known_role: str) -> Check:
    section = SECTIONS[level]
    if allowed:
        return Check(section=section, name=permission.action, state="ok", detail="allowed")
    if permission.action == "iam:PassRole" and not known_role:
        return Check(
            section=section,
            name=permission.action,
            state="unknown",
            detail=f"not allowed for {permission.resource}, and no job tells which role yours run under",
            next_step="Name it with --role ARN.",
        )
    return _missing(section, permission, "no policy of yours allows it")


def _missing(section: str, permission: Permission, detail: str) -> Check:
    on = "" if permission.resource == "*" else f" on {permission.resource}"
    where = "".join(f" with {key} = {value}" for key, value in permission.context.items())
    return Check(
        section=section,
        name=permission.action,
        state="missing",
        detail=detail,
        next_step=f"Ask for {permission.action}{on}{where}.",
    )


def _role_of_jobs(aws: Aws, queues: Sequence[JobQueue]) -> str:
    """The role of a recent job, of the first queue that has one."""
    for queue in queues[:3]:
        for status in ("RUNNING", "SUCCEEDED"):
            page = _quietly(
                lambda queue=queue, status=status: batch.list_jobs(
                    aws, queue.job_queue_name, status=status, max_results=1
                )
            )
            if page and page.jobs:
                job_id = page.jobs[0].job_id
                detail = _quietly(lambda job_id=job_id: batch.describe_job(aws, job_id))
                if detail is not None:
                    return request_of(detail.service_request_payload).role_arn
    return ""


def _quietly(call: Callable[[], T]) -> T | None:
    try:
        return call()
    except AwsProblem:
        return None


def _tried(
    aws: Aws, identity: Identity, asked: Sequence[tuple[Permission, Level]], queues: Sequence[JobQueue]
) -> Iterator[Check]:
    harmless = _harmless(aws, identity, queues[0] if queues else None)
    for permission, level in asked:
        section = SECTIONS[level]
        call = harmless.get(permission.action)
        if call is None:
            yield Check(
                section=section,
                name=permission.action,
                state="unknown",
                detail="cannot be tried without changing something",
                next_step="IAM's policy simulator, or who administers the account, can tell.",
            )
            continue
        try:
            call()
        except AwsProblem as failure:
            problem = failure.problem
            if problem.code == "AccessDenied":
                yield _missing(section, permission, problem.cause)
                continue
            if problem.retryable:
                yield Check(
                    section=section,
                    name=permission.action,
                    state="unknown",
                    detail=str(problem),
                    next_step="Run the doctor again.",
                )
                continue
            # AWS looks whether one may ask before it looks whether the thing is there.
        yield Check(section=section, name=permission.action, state="ok", detail="AWS answered a call")


def _harmless(aws: Aws, identity: Identity, queue: JobQueue | None) -> dict[str, Callable[[], Any]]:
    """A call that only reads, for each permission that has one."""
    name = queue.job_queue_name if queue else NOBODY
    arn = f"arn:{identity.partition}:batch:{aws.region}:{identity.account}"
    queue_arn = (queue.job_queue_arn if queue else "") or f"{arn}:job-queue/{NOBODY}"

    def ask(service: str, operation: str, **arguments: Any) -> Callable[[], Any]:
        return lambda: aws.call(service, operation, **arguments)

    metric = {
        "Id": "m",
        "MetricStat": {
            "Metric": {"Namespace": GROUP, "MetricName": "CPUUtilization"},
            "Period": 60,
            "Stat": "Average",
        },
    }
    now = aws.clock.now_ms() // 1000
    return {
        "batch:DescribeJobQueues": ask("batch", "DescribeJobQueues", maxResults=1),
        "batch:DescribeServiceEnvironments": ask("batch", "DescribeServiceEnvironments", maxResults=1),
        "batch:DescribeSchedulingPolicies": ask(
            "batch", "DescribeSchedulingPolicies", arns=[f"{arn}:scheduling-policy/{NOBODY}"]
        ),
        "batch:DescribeServiceJob": ask("batch", "DescribeServiceJob", jobId=str(UUID(int=0))),
        "batch:ListServiceJobs": ask("batch", "ListServiceJobs", jobQueue=name, maxResults=1),
        "batch:ListSchedulingPolicies": ask("batch", "ListSchedulingPolicies", maxResults=1),
        "batch:ListQuotaShares": ask("batch", "ListQuotaShares", jobQueue=name, maxResults=1),
        "batch:ListTagsForResource": ask("batch", "ListTagsForResource", resourceArn=queue_arn),
        "batch:GetJobQueueSnapshot": ask("batch", "GetJobQueueSnapshot", jobQueue=name),
        "sagemaker:DescribeTrainingJob": ask("sagemaker", "DescribeTrainingJob", TrainingJobName=NOBODY),
        "logs:DescribeLogStreams": ask("logs", "DescribeLogStreams", logGroupName=GROUP, limit=1),
        "logs:GetLogEvents": ask("logs", "GetLogEvents", logGroupName=GROUP, logStreamName=NOBODY, limit=1),
        "cloudwatch:GetMetricData": ask(
            "cloudwatch", "GetMetricData", MetricDataQueries=[metric], StartTime=now - 300, EndTime=now
        ),
        "sts:GetCallerIdentity": ask("sts", "GetCallerIdentity"),
    }
