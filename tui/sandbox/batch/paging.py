"""Pages of a list: `maxResults` from 1 to 100, and tokens only we can read."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from tui.sandbox.errors import client_error

LONGEST_PAGE = 100

T = TypeVar("T")


def page_size(params: dict[str, Any]) -> int:
    """How many results a page may hold. Raises AwsError outside 1-100."""
    size = params.get("maxResults")
    if size is None:
        return LONGEST_PAGE
    if not 1 <= size <= LONGEST_PAGE:
        raise client_error(f"maxResults must be between 1 and {LONGEST_PAGE}, but was {size}.")
    return size


def token(listing: str, *key: str | int) -> str:
    """An opaque token: the page of `listing` that goes on behind `key`."""
    return base64.urlsafe_b64encode(msgspec.json.encode([listing, *key])).decode()


def key_of(listing: str, params: dict[str, Any]) -> list[str | int] | None:
    """The key in the request's `nextToken`, None if there is none. Raises AwsError for a foreign token."""
    text = params.get("nextToken")
    if not text:
        return None
    try:
        parts = msgspec.json.decode(base64.urlsafe_b64decode(text.encode()), type=list[str | int])
    except (ValueError, binascii.Error, msgspec.DecodeError):
        parts = []
    if len(parts) < 2 or parts[0] != listing:
        raise client_error("The nextToken provided is not valid.")
    return parts[1:]


def page(
    items: Sequence[T], name: Callable[[T], str], listing: str, params: dict[str, Any]
) -> tuple[list[T], dict[str, str]]:
    """One page of a short list, in the order of names, and the member `nextToken` if there is more."""
    size = page_size(params)
    after = key_of(listing, params)
    ordered = sorted(items, key=name)
    if after is not None:
        ordered = [item for item in ordered if name(item) > str(after[0])]
    more = {"nextToken": token(listing, name(ordered[size - 1]))} if len(ordered) > size else {}
    return ordered[:size], more
