"""An account without queues."""

from tui.sandbox.world import World


def load(world: World, jobs: int | None) -> None:
    """Nothing is there: the first queue is the client's to create."""
