"""The command palette's own entries: places to go to."""

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.screens.base import LiveScreen


class Commands(Provider):
    """Every queue by name, its share policies, and the resources, from anywhere."""

    def _entries(self) -> list[tuple[str, str, partial[None]]]:
        """What it reads, what it is about, and what it does."""
        screen = self.screen
        if not isinstance(screen, LiveScreen):
            return []
        entries = [
            ("Resources", "What is behind the queues", partial(self._resources, screen)),
            ("Doctor", "Identity, permissions, clock, terminal", partial(self._doctor, screen)),
        ]
        for name, picture in sorted(screen.live.store.queues.items()):
            entries.append((f"Open queue {name}", "Its shares and jobs", partial(self._open, screen, name)))
            if picture.policy_kind in ("fair", "quota"):
                policies = partial(self._policies, screen, name)
                entries.append((f"Share policies of {name}", "Who is entitled to what", policies))
        return entries

    def _open(self, screen: LiveScreen, name: str) -> None:
        from tui.screens.queue import QueueScreen

        screen.app.push_screen(QueueScreen(screen.live, name))

    def _policies(self, screen: LiveScreen, name: str) -> None:
        from tui.screens.policies.screen import PoliciesScreen

        screen.app.push_screen(PoliciesScreen(screen.live, name))

    def _resources(self, screen: LiveScreen) -> None:
        from tui.screens.resources.screen import ResourcesScreen

        screen.app.push_screen(ResourcesScreen(screen.live))

    def _doctor(self, screen: LiveScreen) -> None:
        from tui.screens.doctor import DoctorScreen

        screen.app.push_screen(DoctorScreen(screen.live))

    async def discover(self) -> Hits:
        for text, help, run in self._entries():
            yield DiscoveryHit(text, run, help=help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for text, help, run in self._entries():
            if (score := matcher.match(text)) > 0:
                yield Hit(score, matcher.highlight(text), run, help=help)
