"""The services beside Batch: identity, storage, training jobs, logs and metrics."""
