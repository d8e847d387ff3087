"""A training queue used with version 2 of the SageMaker SDK: Estimator jobs in fair shares."""

# The SDK is in an environment of its own, which the checker does not see.
# pyright: reportMissingImports=false

from typing import Any

import steps
from sagemaker.aws_batch.training_queue import TrainingQueue
from sagemaker.estimator import Estimator


class TourV2(steps.Tour):
    """This version knows no quota shares, no update and no listing by share."""

    def __init__(self) -> None:
        role = steps.create_role()
        steps.create_fair_queue()
        super().__init__(TrainingQueue(steps.QUEUE))
        self.estimator = Estimator(
            image_uri=steps.IMAGE,
            role=role,
            instance_count=1,
            instance_type=steps.UNIT,
            source_dir=steps.source_folder(),
            entry_point="train.py",
            environment=steps.TRAINS,
            max_run=3600,
            base_job_name="sdk",
        )

    def submit(self, name: str, share: str, priority: int) -> Any:
        return self.queue.submit(
            self.estimator, None, job_name=name, priority=priority, share_identifier=share
        )

    def attach(self, job: Any) -> tuple[str, str]:
        found = job.get_estimator()
        return found.latest_training_job.name, found.training_image_uri()


steps.tell(TourV2().walk())
