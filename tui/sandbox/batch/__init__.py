"""The simulated AWS Batch: queues, environments, policies, quota shares, service jobs."""
