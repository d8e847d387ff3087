"""Operations on the tags of queues, environments, policies, quota shares and service jobs."""

from typing import Any

from msgspec.structs import replace

from tui.sandbox.batch import checks, find
from tui.sandbox.errors import client_error
from tui.sandbox.world import World


def list_(world: World, params: dict[str, Any]) -> dict[str, Any]:
    return {"tags": dict(_tags(world, params["resourceArn"]))}


def tag(world: World, params: dict[str, Any]) -> dict[str, Any]:
    arn = params["resourceArn"]
    _set(world, arn, checks.tags({**_tags(world, arn), **checks.tags(params["tags"])}))
    return {}


def untag(world: World, params: dict[str, Any]) -> dict[str, Any]:
    arn = params["resourceArn"]
    gone = set(params["tagKeys"])
    _set(world, arn, {key: value for key, value in _tags(world, arn).items() if key not in gone})
    return {}


def _kind(world: World, arn: str) -> str:
    """The kind of resource an ARN of this account and region names."""
    start = world.arn("batch", "")
    if not arn.startswith(start):
        raise client_error(f"{arn} is not a valid resource ARN.")
    if "/quota-share/" in arn:
        return "quota-share"
    return arn.removeprefix(start).partition("/")[0]


def _tags(world: World, arn: str) -> dict[str, str]:
    match _kind(world, arn):
        case "job-queue":
            return find.queue(world, arn).shape.tags
        case "service-environment":
            return find.environment(world, arn).tags
        case "scheduling-policy":
            return find.policy(world, arn).tags
        case "quota-share":
            return find.quota_share(world, arn)[1].tags
        case "service-job":
            job = find.job(world, arn)
            job.fill()
            return job.tags
        case _:
            raise client_error(f"{arn} is not a valid resource ARN.")


def _set(world: World, arn: str, tags: dict[str, str]) -> None:
    match _kind(world, arn):
        case "job-queue":
            queue = find.queue(world, arn)
            queue.shape = replace(queue.shape, tags=tags)
        case "service-environment":
            environment = find.environment(world, arn)
            world.batch.environments[environment.service_environment_name] = replace(environment, tags=tags)
        case "scheduling-policy":
            policy = find.policy(world, arn)
            world.batch.policies[arn] = replace(policy, tags=tags)
        case "quota-share":
            queue, share = find.quota_share(world, arn)
            queue.shares[share.quota_share_name] = replace(share, tags=tags)
        case _:
            find.job(world, arn).tags = tags
