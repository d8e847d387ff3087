"""Resources for a scenario, made by Batch's own operations while simulated time passes."""

from typing import Any

from tui.sandbox.batch import environments, policies, queues, quota_shares
from tui.sandbox.batch.settling import SETTLE_MS
from tui.sandbox.world import World


def environment(world: World, name: str, limits: dict[str, int], tags: dict[str, str] | None = None) -> None:
    """A service environment, ready for queues."""
    environments.create(
        world,
        {
            "serviceEnvironmentName": name,
            "serviceEnvironmentType": "SAGEMAKER_TRAINING",
            "capacityLimits": [{"capacityUnit": unit, "maxCapacity": most} for unit, most in limits.items()],
            "tags": tags or {},
        },
    )
    settle(world)


def queue(world: World, name: str, environment: str, priority: int = 1, **more: Any) -> None:
    """A queue, ready for jobs. `more` are further members of CreateJobQueue."""
    queues.create(
        world,
        {
            "jobQueueName": name,
            "jobQueueType": "SAGEMAKER_TRAINING",
            "priority": priority,
            "serviceEnvironmentOrder": [{"order": 1, "serviceEnvironment": environment}],
            **more,
        },
    )
    settle(world)


def fair_policy(world: World, name: str, weights: dict[str, float], decay: int, reservation: int) -> str:
    """A fair-share policy; its ARN."""
    answer = policies.create(
        world,
        {
            "name": name,
            "fairsharePolicy": {
                "shareDecaySeconds": decay,
                "computeReservation": reservation,
                "shareDistribution": [
                    {"shareIdentifier": share, "weightFactor": weight} for share, weight in weights.items()
                ],
            },
        },
    )
    return answer["arn"]


def quota_policy(world: World, name: str) -> str:
    """A quota share policy; its ARN."""
    answer = policies.create(
        world, {"name": name, "quotaSharePolicy": {"idleResourceAssignmentStrategy": "FIFO"}}
    )
    return answer["arn"]


def share(
    world: World,
    queue: str,
    name: str,
    limits: dict[str, int],
    strategy: str,
    borrow_limit: int | None = None,
    *,
    preempts: bool = False,
) -> None:
    """A quota share; `settle` makes it ready."""
    sharing: dict[str, Any] = {"strategy": strategy}
    if borrow_limit is not None:
        sharing["borrowLimit"] = borrow_limit
    quota_shares.create(
        world,
        {
            "quotaShareName": name,
            "jobQueue": queue,
            "capacityLimits": [{"capacityUnit": unit, "maxCapacity": most} for unit, most in limits.items()],
            "resourceSharingConfiguration": sharing,
            "preemptionConfiguration": {"inSharePreemption": "ENABLED" if preempts else "DISABLED"},
        },
    )


def settle(world: World) -> None:
    """Let what was created become VALID."""
    world.run_until(world.now() + SETTLE_MS)
