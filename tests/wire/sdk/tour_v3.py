"""A training queue used with version 3 of the SageMaker SDK: ModelTrainer jobs in quota shares."""

# The SDK is in an environment of its own, which the checker does not see.
# pyright: reportMissingImports=false

from typing import Any

import steps
from sagemaker.core.helper.iam_role_resolver import IamRoleResolver
from sagemaker.train.aws_batch.training_queue import TrainingQueue
from sagemaker.train.configs import Compute, SourceCode, StoppingCondition
from sagemaker.train.model_trainer import ModelTrainer


class TourV3(steps.Tour):
    """The role is the SDK's own least-privilege one, which it checks with SimulatePrincipalPolicy."""

    def __init__(self) -> None:
        role = IamRoleResolver().create_execution_role(role_type="training")
        steps.create_quota_queue()
        super().__init__(TrainingQueue(steps.QUEUE))
        self.trainer = ModelTrainer(
            training_image=steps.IMAGE,
            source_code=SourceCode(source_dir=steps.source_folder(), command="python train.py"),
            compute=Compute(instance_type=steps.UNIT, instance_count=1),
            stopping_condition=StoppingCondition(max_runtime_in_seconds=3600),
            environment=steps.TRAINS,
            role=role,
            base_job_name="sdk",
        )

    def submit(self, name: str, share: str, priority: int) -> Any:
        return self.queue.submit(self.trainer, None, job_name=name, priority=priority, quota_share_name=share)

    def attach(self, job: Any) -> tuple[str, str]:
        found = job.get_model_trainer()
        return found._latest_training_job.training_job_name, found.training_image

    def list_share(self, share: str) -> list[str]:
        jobs = self.queue.list_jobs_by_share(status="RUNNABLE", quota_share_name=share)
        return [job.job_name for job in jobs]

    def update(self, job: Any, priority: int) -> None:
        job.update(priority)


steps.tell(TourV3().walk())
