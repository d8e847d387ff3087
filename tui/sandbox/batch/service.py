"""AWS Batch as the wire sees it: one operation, one function."""

from collections.abc import Callable
from typing import Any

from tui.sandbox.batch import environments, jobs, listing, policies, queues, quota_shares, snapshot, tags
from tui.sandbox.errors import client_error
from tui.sandbox.service import Answer, Call
from tui.sandbox.world import World

Operation = Callable[[World, dict[str, Any]], Answer]

OPERATIONS: dict[str, Operation] = {
    "CreateJobQueue": queues.create,
    "UpdateJobQueue": queues.update,
    "DeleteJobQueue": queues.delete,
    "DescribeJobQueues": queues.describe,
    "GetJobQueueSnapshot": snapshot.snapshot,
    "CreateServiceEnvironment": environments.create,
    "UpdateServiceEnvironment": environments.update,
    "DeleteServiceEnvironment": environments.delete,
    "DescribeServiceEnvironments": environments.describe,
    "CreateSchedulingPolicy": policies.create,
    "UpdateSchedulingPolicy": policies.update,
    "DeleteSchedulingPolicy": policies.delete,
    "DescribeSchedulingPolicies": policies.describe,
    "ListSchedulingPolicies": policies.list_,
    "CreateQuotaShare": quota_shares.create,
    "UpdateQuotaShare": quota_shares.update,
    "DeleteQuotaShare": quota_shares.delete,
    "DescribeQuotaShare": quota_shares.describe,
    "ListQuotaShares": quota_shares.list_,
    "SubmitServiceJob": jobs.submit,
    "DescribeServiceJob": jobs.describe,
    "ListServiceJobs": listing.list_jobs,
    "UpdateServiceJob": jobs.update,
    "TerminateServiceJob": jobs.terminate,
    "TerminateServiceJobs": jobs.terminate_many,
    "ListTagsForResource": tags.list_,
    "TagResource": tags.tag,
    "UntagResource": tags.untag,
}


class BatchService:
    """The operations on training queues. Those on containers and compute environments are refused."""

    name = "batch"

    def __init__(self, world: World) -> None:
        self._world = world

    def call(self, call: Call) -> Answer:
        operation = OPERATIONS.get(call.operation)
        if operation is None:
            raise client_error(
                f"The sandbox has no {call.operation}: it knows SageMaker training queues only."
            )
        with self._world.lock:
            return operation(self._world, call.params)
