"""How a training goes: loss, speed and load as functions of time, the same at every read."""

import math

from tui.sandbox.training import TrainingJob

MOST_HOSTS = 1000

_MASK = (1 << 64) - 1


def hosts_of(job: TrainingJob) -> int:
    """How many hosts of a job the sandbox simulates."""
    return min(job.instance_count, MOST_HOSTS)


def noise(seed: int, index: int) -> float:
    """A number in [0, 1) for a seed and an index: the same every time, with no state (splitmix64)."""
    z = (seed * 0x9E3779B97F4A7C15 + index * 0xBF58476D1CE4E5B9 + 0x94D049BB133111EB) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return ((z ^ (z >> 31)) >> 11) / (1 << 53)


def loss_at(seed: int, progress: float, index: int) -> float:
    """Training loss: it falls fast, then slowly, never smoothly. `progress` is in units of epochs."""
    first = 2.2 + 4 * noise(seed, -1)
    floor = 0.15 + 0.9 * noise(seed, -2)
    falling = math.exp(-progress / (0.4 + 1.2 * noise(seed, -3)))
    return floor + (first - floor) * falling + (0.08 * floor + 0.05 * falling) * (noise(seed, index) - 0.5)


def throughput(seed: int, index: int) -> float:
    """Samples per second on one host."""
    return (40 + 900 * noise(seed, -4)) * (0.96 + 0.08 * noise(seed ^ 0x5A5A, index))
