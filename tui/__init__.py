"""queuedeck: a terminal dashboard for SageMaker training queues on AWS Batch."""

__version__ = "0.1.0"
