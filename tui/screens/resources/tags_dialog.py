"""The tags of one resource, as lines of `key = value`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content

from tui.model import resource_changes
from tui.model.blueprint_check import tag_mistakes
from tui.model.blueprint_file import own_tags
from tui.model.resource_changes import Change
from tui.screens.resources.change_dialog import ChangeDialog, Mistakes
from tui.screens.resources.tree import WORDS, Node
from widgets.fields import LinesField

if TYPE_CHECKING:
    from tui.screens.base import Live


def tags_in(text: str) -> dict[str, str]:
    """The tags of lines such as `team = vision`. Raises ValueError (a sentence)."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        key, sign, value = (part.strip() for part in line.partition("="))
        if not sign or not key:
            raise ValueError(f"{line.strip()[:40]!r} is not key = value")
        if key in found:
            raise ValueError(f"{key} is there twice")
        found[key] = value
    return found


def tags_text(tags: Mapping[str, str]) -> str:
    return "\n".join(f"{key} = {value}" for key, value in sorted(tags.items()))


class TagsDialog(ChangeDialog):
    """Adds, changes and removes tags. AWS's own are not shown: they cannot be changed."""

    done_word = "Tagged"

    def __init__(self, live: "Live", node: Node) -> None:
        super().__init__(live, node.queue)
        self.node = node
        self._there = own_tags(node.resource.tags)

    def title_text(self) -> str:
        return f"Tags of {WORDS[self.node.kind]} {self.node.name}"

    def fields(self) -> ComposeResult:
        yield LinesField(
            "tags",
            "Tags",
            value=tags_text(self._there),
            placeholder="team = vision",
            hint="key = value, one a line; at most 50. A line taken away removes its tag.",
        )

    def changes(self, values: Mapping[str, str]) -> list[Change]:
        try:
            wanted = tags_in(values.get("tags", ""))
        except ValueError as wrong:
            raise Mistakes({"tags": str(wrong)}) from None
        for _, message in tag_mistakes(wanted, "tags"):
            raise Mistakes({"tags": message})
        kind = WORDS[self.node.kind]
        new = {key: value for key, value in wanted.items() if self._there.get(key) != value}
        gone = [key for key in self._there if key not in wanted]
        found: list[Change] = []
        if new:
            found.append(resource_changes.tag(_kind(kind), self.node.arn, new))
        if gone:
            found.append(resource_changes.untag(_kind(kind), self.node.arn, gone))
        return found

    def says(self, changes: Sequence[Change]) -> Content:
        lines: list[Content] = []
        for change in changes:
            if change.operation == "TagResource":
                tags = change.request["tags"]
                lines.append(Content(f"Set: {', '.join(f'{key} = {value}' for key, value in tags.items())}"))
            else:
                lines.append(Content(f"Removed: {', '.join(change.request['tagKeys'])}"))
        return Content("\n").join(lines)

    def before(self, change: Change) -> str:
        return str(self._there)


def _kind(word: str) -> resource_changes.ResourceKind:
    match word:
        case "service environment" | "scheduling policy" | "job queue" | "quota share":
            return word
        case _:
            raise ValueError(word)
