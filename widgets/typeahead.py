"""Keys typed faster than the app deals with them: none is lost, and each goes where it was meant to.

    class MyApp(TypeAhead[None]): ...

Textual hands a key at once to the widget that has the focus then, and runs its binding only when the key has
come back to the app, from parent to parent. Of `tab` and `x` in one go, `x` would reach the field that `tab`
leaves; of `s` and `x`, the screen that `s` leaves. Here a key waits until the one before it has had its
effect: it went all the way, what it set off was dealt with, and the screen on top is there.
"""

import asyncio
from collections import deque
from typing import TypeVar

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.widget import Widget

T = TypeVar("T")

ROUNDS = 5
"""So often the way of a key is gone at most, until nothing is under way on it: a list that is chosen from
takes three messages to give the focus back."""
PATIENCE = 1.0
"""Seconds after which the next key does not wait for a widget any more."""


class TypeAhead(App[T]):
    """An app that deals with keys and pastes one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Key | events.Paste] = deque()
        """The one under way, and those that wait for it."""
        self._following: asyncio.Task[None] | None = None

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded or not self._screen_stack:
            await super().on_event(event)
            return
        self._typed.append(event)
        if len(self._typed) == 1:
            await self._hand_on()

    async def _hand_on(self) -> None:
        target = self.focused or self.screen
        await super().on_event(self._typed[0])
        self._following = asyncio.create_task(self._follow(target))

    async def _follow(self, target: Widget) -> None:
        """Hand on the next one when all that `target` was sent has gone up to the app."""
        try:
            for _ in range(ROUNDS):
                way = [*target.ancestors_with_self, *([self.screen] if self._screen_stack else [])]
                for pump in way:
                    await _dealt_with(pump)
                if not any(pump.message_queue_size for pump in way):
                    break
        except TimeoutError:
            pass
        finally:
            self._typed.popleft()
            if self._typed:
                self.call_later(self._hand_on)


async def _dealt_with(pump: MessagePump) -> None:
    """Wait for all messages that are in its queue by now. Raises TimeoutError if it is busy for too long."""
    reached = asyncio.Event()
    if pump.call_later(reached.set):
        await asyncio.wait_for(reached.wait(), PATIENCE)
