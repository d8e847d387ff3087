"""What stands behind the queues: environments, queues, policies, quota shares, and what changes them."""
