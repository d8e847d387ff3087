"""What AWS holds, as frozen values, and pure functions on them. No I/O."""
