"""Who calls, what IAM action a call is, on which resource, and how AWS says no."""

from collections.abc import Mapping
from typing import Any

from tui.sandbox.world import World

_ACTIONS = {
    # One permission covers both; S3's operations have older names in IAM than in its API.
    "batch:TerminateServiceJobs": "batch:TerminateServiceJob",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:HeadObject": "s3:GetObject",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:CopyObject": "s3:PutObject",
    "s3:UploadPart": "s3:PutObject",
    "s3:UploadPartCopy": "s3:PutObject",
    "s3:CompleteMultipartUpload": "s3:PutObject",
}

_NAMED = {
    "batch": (
        ("jobId", "service-job"),
        ("jobQueue", "job-queue"),
        ("jobQueueName", "job-queue"),
        ("serviceEnvironment", "service-environment"),
        ("serviceEnvironmentName", "service-environment"),
    ),
    "sagemaker": (("TrainingJobName", "training-job"),),
}
_ARNS = ("resourceArn", "arn", "quotaShareArn", "ResourceArn")


def action_of(prefix: str, operation: str) -> str:
    """The IAM action of an operation, as policies name it."""
    action = f"{prefix}:{operation}"
    return _ACTIONS.get(action, action)


def resource_of(world: World, service: str, params: Mapping[str, Any]) -> str:
    """The ARN that a call's parameters name, or `*`."""
    for name in _ARNS:
        if isinstance(params.get(name), str):
            return params[name]
    for name, kind in _NAMED.get(service, ()):
        value = params.get(name)
        if isinstance(value, str):
            return value if value.startswith("arn:") else world.arn(service, f"{kind}/{value}")
    if service == "s3" and isinstance(params.get("Bucket"), str):
        key = params.get("Key")
        return f"arn:aws:s3:::{params['Bucket']}" + (f"/{key}" if key else "")
    if service == "iam" and isinstance(params.get("RoleName"), str):
        return f"arn:aws:iam::{world.account}:role/{params['RoleName']}"
    return "*"


def refused(caller: str, action: str, resource: str) -> str:
    """AWS's words for a call that no policy allows."""
    return (
        f"User: {caller} is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action"
    )
