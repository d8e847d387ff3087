"""The two IAM roles that training queues need, as AWS's examples make them and as narrow as they can be.

The *caller* role is assumed by people of the account to call Batch; the *execution* role is passed to
SageMaker, and training jobs run under it. Each comes `broad`, as in AWS's examples, or `least`.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Purpose = Literal["caller", "execution"]
Breadth = Literal["least", "broad"]
Level = Literal["view", "operate", "administer"]

CALLER_NAME = "QueuedeckBatchCaller"
EXECUTION_NAME = "QueuedeckTrainingExecution"
INLINE_NAME = "queuedeck"
"""The name of the inline policy that we write."""

OURS = {"queuedeck": "role"}
"""The tag of roles that queuedeck made: those it completes, others it only looks at."""

LINKED_SERVICE = "sagemaker-queuing.batch.amazonaws.com"
LINKED_ROLE = "AWSServiceRoleForAWSBatchWithSagemaker"
"""The service-linked role that Batch makes with the first service environment, on the caller's behalf."""

VIEW = (
    "batch:Describe*",
    "batch:List*",
    "batch:GetJobQueueSnapshot",
    "sagemaker:DescribeTrainingJob",
    "logs:DescribeLogStreams",
    "logs:GetLogEvents",
    "cloudwatch:GetMetricData",
    "sts:GetCallerIdentity",
)
OPERATE = (
    "batch:SubmitServiceJob",
    "batch:UpdateServiceJob",
    "batch:TerminateServiceJob",
    "batch:TagResource",
)
_RESOURCES = ("JobQueue", "ServiceEnvironment", "SchedulingPolicy", "QuotaShare")
ADMINISTER = (
    *(f"batch:{verb}{resource}" for resource in _RESOURCES for verb in ("Create", "Update", "Delete")),
    "batch:UntagResource",
)

Document = dict[str, Any]


class RoleSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A role as it is wanted. `inline` is the document of its one inline policy, `attached` are ARNs."""

    purpose: Purpose
    name: str
    description: str
    trust: Document
    inline: Document | None = None
    attached: tuple[str, ...] = ()


def caller_role(
    account: str,
    *,
    partition: str = "aws",
    name: str = CALLER_NAME,
    breadth: Breadth = "least",
    level: Level = "administer",
    execution_role: str = EXECUTION_NAME,
) -> RoleSpec:
    """The role to call Batch with. `level` says what the least privilege is enough for; `execution_role` is
    the name of the only role that it may pass to SageMaker."""
    passed = f"arn:{partition}:iam::{account}:role/{execution_role}"
    statements = (
        _broad(partition) if breadth == "broad" else least_statements(level, passed, partition=partition)
    )
    return RoleSpec(
        purpose="caller",
        name=name,
        description="Calls AWS Batch for training queues",
        trust=_trust({"AWS": f"arn:{partition}:iam::{account}:root"}),
        inline=_document(statements),
    )


def execution_role(
    *,
    partition: str = "aws",
    name: str = EXECUTION_NAME,
    breadth: Breadth = "least",
    buckets: tuple[str, ...] = (),
) -> RoleSpec:
    """The role that SageMaker runs training jobs under. The least one reads and writes these buckets only
    (none named: those with `sagemaker` in their names, as the SDK makes them), pulls images, and logs."""
    broad = breadth == "broad"
    return RoleSpec(
        purpose="execution",
        name=name,
        description="SageMaker runs training jobs of queues under it",
        trust=_trust({"Service": "sagemaker.amazonaws.com"}),
        inline=None if broad else _document(_training(partition, buckets)),
        attached=(f"arn:{partition}:iam::aws:policy/AmazonSageMakerFullAccess",) if broad else (),
    )


def least_statements(level: Level, passed_role: str, *, partition: str = "aws") -> list[Document]:
    """What a caller needs at this level, and no more."""
    actions = VIEW
    if level != "view":
        actions += OPERATE
    if level == "administer":
        actions += ADMINISTER
    statements = [_allow(actions)]
    if level != "view":
        statements.append(_pass_role(passed_role))
    if level == "administer":
        statements.append(_create_linked_role(partition))
    return statements


def _broad(partition: str) -> list[Document]:
    """As AWS's examples have it, which allow all of Batch."""
    return [
        _allow(("batch:*",)),
        _allow(("sagemaker:*", "logs:*", "cloudwatch:GetMetricData")),
        _pass_role("*"),
        _create_linked_role(partition),
    ]


def _pass_role(role: str) -> Document:
    condition = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    return _allow(("iam:PassRole",), role) | {"Condition": condition}


def _create_linked_role(partition: str) -> Document:
    condition = {"StringEquals": {"iam:AWSServiceName": LINKED_SERVICE}}
    role = f"arn:{partition}:iam::*:role/*{LINKED_ROLE}"
    return _allow(("iam:CreateServiceLinkedRole",), role) | {"Condition": condition}


def _training(partition: str, buckets: tuple[str, ...]) -> list[Document]:
    names = buckets or ("*sagemaker*",)
    images = ("ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer")
    logs = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
    return [
        _allow(("s3:ListBucket", "s3:GetBucketLocation"), [f"arn:{partition}:s3:::{name}" for name in names]),
        _allow(("s3:GetObject", "s3:PutObject"), [f"arn:{partition}:s3:::{name}/*" for name in names]),
        _allow((*images, "ecr:BatchGetImage")),
        _allow(logs, f"arn:{partition}:logs:*:*:log-group:/aws/sagemaker/*"),
        _allow(("cloudwatch:PutMetricData",)),
    ]


def _allow(actions: tuple[str, ...], resource: str | list[str] = "*") -> Document:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}


def _document(statements: list[Document]) -> Document:
    return {"Version": "2012-10-17", "Statement": statements}


def _trust(principal: Mapping[str, str]) -> Document:
    return _document([{"Effect": "Allow", "Principal": dict(principal), "Action": "sts:AssumeRole"}])


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """An action to ask about, with the resource and the context that IAM decides on."""

    action: str
    resource: str = "*"
    context: dict[str, str] = {}


def permissions(
    level: Level, *, account: str, passed_role: str, partition: str = "aws"
) -> tuple[Permission, ...]:
    """The permissions of a level, each as one question: what has a wildcard is asked by its usual calls.
    `passed_role` is the ARN of the role that jobs run under."""
    actions = [*_VIEW_ASKED, *(OPERATE if level != "view" else ())]
    if level == "administer":
        actions += ADMINISTER
    asked = [Permission(action=action) for action in actions]
    if level != "view":
        asked.append(
            Permission(
                action="iam:PassRole",
                resource=passed_role,
                context={"iam:PassedToService": "sagemaker.amazonaws.com"},
            )
        )
    if level == "administer":
        role = f"arn:{partition}:iam::{account}:role/aws-service-role/{LINKED_SERVICE}/{LINKED_ROLE}"
        asked.append(
            Permission(
                action="iam:CreateServiceLinkedRole",
                resource=role,
                context={"iam:AWSServiceName": LINKED_SERVICE},
            )
        )
    return tuple(asked)


_VIEW_ASKED = (
    "batch:DescribeJobQueues",
    "batch:DescribeServiceEnvironments",
    "batch:DescribeSchedulingPolicies",
    "batch:DescribeServiceJob",
    "batch:ListServiceJobs",
    "batch:ListSchedulingPolicies",
    "batch:ListQuotaShares",
    "batch:ListTagsForResource",
    *(action for action in VIEW if not action.endswith("*")),
)
