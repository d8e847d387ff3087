"""What a sandbox begins with: `load(world, name)` fills an empty world."""

from collections.abc import Callable

from tui.sandbox.batch import retention
from tui.sandbox.scenarios import demo, empty, scale
from tui.sandbox.world import World

Loader = Callable[[World, int | None], None]

SCENARIOS: dict[str, Loader] = {
    "empty": empty.load,
    "demo": demo.load,
    "scale": scale.load,
}


def load(world: World, name: str, jobs: int | None = None, seed: int | None = None) -> None:
    """Fill the world with a scenario of `SCENARIOS`.

    `jobs` is how many finished jobs it begins with, `seed` what its story depends on (the world's own if
    None). Raises KeyError for an unknown name.
    """
    if seed is not None:
        world.seed = seed
    with world.lock:
        SCENARIOS[name](world, jobs)
        retention.watch(world)
