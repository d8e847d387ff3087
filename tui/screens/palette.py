"""The command palette's own entries: go to a queue."""

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.screens.base import LiveScreen


class Commands(Provider):
    """Every queue by name, from anywhere."""

    def _queues(self) -> list[tuple[str, partial[None]]]:
        screen = self.screen
        if not isinstance(screen, LiveScreen):
            return []
        names = sorted(screen.live.store.queues)
        return [(f"Open queue {name}", partial(self._open, screen, name)) for name in names]

    def _open(self, screen: LiveScreen, name: str) -> None:
        from tui.screens.queue import QueueScreen

        screen.app.push_screen(QueueScreen(screen.live, name))

    async def discover(self) -> Hits:
        for text, run in self._queues():
            yield DiscoveryHit(text, run, help="Its shares and jobs")

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for text, run in self._queues():
            if (score := matcher.match(text)) > 0:
                yield Hit(score, matcher.highlight(text), run, help="Its shares and jobs")
