"""Keys typed faster than screens open: they go to the screen that the keys before them opened.

    class MyApp(TypeAhead[None]): ...

Textual hands every key at once to the widget that has the focus then, and runs bindings once the key comes
back. Of `x`, `4`, `enter` sent in one go, `4` has gone to the old screen before `x` opened the new one.
Such a key is sent again, to the screen on top now. An action that opens a screen should await
`push_screen`, and the screen set its focus in `on_mount`.
"""

from typing import TypeVar
from weakref import WeakKeyDictionary

from textual import events
from textual.app import App
from textual.screen import Screen

T = TypeVar("T")


class TypeAhead(App[T]):
    """An app that loses no keys on the way from one screen to the next."""

    def __init__(self) -> None:
        super().__init__()
        self._aimed: WeakKeyDictionary[events.Key, Screen[object]] = WeakKeyDictionary()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and self._screen_stack:
            if not event.is_forwarded:
                self._aimed[event] = self.screen
            elif self._missed(event):
                self.post_message(events.Key(event.key, event.character))
                return
        await super().on_event(event)

    def _missed(self, event: events.Key) -> bool:
        """Was it meant for a screen that another one was opened on since?"""
        aimed = self._aimed.get(event)
        return aimed is not None and aimed is not self.screen and aimed in self._screen_stack
