"""Which actions can be bound to other keys: the ids of all bindings, as their classes have them."""

import importlib
import pkgutil
from collections.abc import Iterable

from textual.binding import Binding

import tui.screens
import widgets


def known_ids() -> frozenset[str]:
    """The id of every binding of the app, its screens and its widgets."""
    return frozenset(name for cls in classes() for name in _ids(vars(cls).get("BINDINGS", ())))


def classes() -> set[type]:
    """The app, its screens and widgets, and what else is there. Imports them all: only when asked."""
    modules = [importlib.import_module("tui.app")]
    for package in (tui.screens, widgets):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            modules.append(importlib.import_module(found.name))
    return {value for module in modules for value in vars(module).values() if isinstance(value, type)}


def _ids(bindings: Iterable[object]) -> Iterable[str]:
    return (binding.id for binding in bindings if isinstance(binding, Binding) and binding.id)
