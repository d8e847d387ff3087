"""The command palette's own entries: what the keys of the screen do, and places to go to."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.screens.base import LiveScreen
from tui.screens.help import MOVING, known_bindings


class Entry(NamedTuple):
    """What it reads, what it is about, and what it does."""

    text: str
    about: str
    run: Callable[[], Any]


class Commands(Provider):
    """Every key of the screen or dialog by what it does; every queue by name, its share policies, and the
    resources, from any screen."""

    def _entries(self) -> dict[str, Entry]:
        """By their text, keys first: a place that has a key here is listed once."""
        found: dict[str, Entry] = {}
        for entry in (*self._keys(), *self._places()):
            found.setdefault(entry.text, entry)
        return found

    def _keys(self) -> Iterator[Entry]:
        app, screen = self.app, self.screen
        for node, binding in known_bindings(screen):
            if not (binding.id or "").startswith(MOVING) and not binding.action.endswith("command_palette"):
                key = f"key {app.get_key_display(binding)}"
                text = binding.description[:1].upper() + binding.description[1:]
                yield Entry(text, key, partial(app.run_action, binding.action, node))

    def _places(self) -> Iterator[Entry]:
        screen = self.screen
        if not isinstance(screen, LiveScreen):
            return
        yield Entry("Resources", "What is behind the queues", partial(self._resources, screen))
        yield Entry("Doctor", "Identity, permissions, clock, terminal", partial(self._doctor, screen))
        for name, picture in sorted(screen.live.store.queues.items()):
            yield Entry(f"Open queue {name}", "Its shares and jobs", partial(self._open, screen, name))
            if picture.policy_kind in ("fair", "quota"):
                policies = partial(self._policies, screen, name)
                yield Entry(f"Share policies of {name}", "Who is entitled to what", policies)

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
        for text, about, run in self._entries().values():
            yield DiscoveryHit(text, run, help=about)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for text, about, run in self._entries().values():
            if (score := matcher.match(text)) > 0:
                yield Hit(score, matcher.highlight(text), run, help=about)
