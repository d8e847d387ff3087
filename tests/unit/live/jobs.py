"""Jobs for tests of the live picture."""

from typing import Any

from tui.live.store import Store
from tui.model.jobs import LatestAttempt, ServiceJob, ServiceJobDetail, ServiceResourceId
from tui.model.queues import JobQueue

ARN = "arn:aws:batch:us-east-1:123456789012"


def job(number: int, status: str = "RUNNABLE", **more: Any) -> ServiceJob:
    given: dict[str, Any] = {
        "job_id": f"id-{number}",
        "job_arn": f"{ARN}:service-job/id-{number}",
        "job_name": f"job-{number}",
        "status": status,
        "created_at": 1_000 + number,
    }
    return ServiceJob(**(given | more))


def detail(of: ServiceJob, **more: Any) -> ServiceJobDetail:
    return ServiceJobDetail(**({name: getattr(of, name) for name in of.__struct_fields__} | more))


def attempt(name: str) -> LatestAttempt:
    return LatestAttempt(service_resource_id=ServiceResourceId(name="TrainingJobArn", value=name))


def store_with(*names: str) -> Store:
    store = Store()
    store.now_ms = lambda: 1_000_000
    store.set_queues(JobQueue(job_queue_name=name, job_queue_arn=f"{ARN}:job-queue/{name}") for name in names)
    return store
