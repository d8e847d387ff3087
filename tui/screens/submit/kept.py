"""Drafts that were not sent, kept in memory until queuedeck ends: nothing typed is lost."""

from typing import TYPE_CHECKING

import msgspec

from tui.model.shape import converted
from tui.screens.submit.draft import Draft

if TYPE_CHECKING:
    from tui.screens.base import Live

_DIALOG = "submit"


class Kept(msgspec.Struct):
    """A draft, and as it was before anything was typed."""

    draft: Draft
    pristine: Draft


def keep(live: "Live", key: str, draft: Draft, pristine: Draft) -> None:
    live.actions.drafts[_DIALOG, key] = msgspec.json.encode(Kept(draft, pristine)).decode()


def kept(live: "Live", key: str) -> Kept | None:
    text = live.actions.drafts.get((_DIALOG, key))
    return converted(msgspec.json.decode(text), Kept) if text else None


def forget(live: "Live", key: str) -> None:
    live.actions.drafts.pop((_DIALOG, key), None)
