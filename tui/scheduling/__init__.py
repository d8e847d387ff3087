"""The documented AWS Batch scheduler as pure functions: no clock, no I/O."""
