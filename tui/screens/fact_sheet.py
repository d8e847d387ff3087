"""Sections of labelled facts, wrapped to the width there is, as literal text."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from tui.screens.job_facts import Fact, Section

LABEL_CELLS = 18
_STYLES = {
    "muted": "dim",
    "good": "$text-success",
    "warn": "$text-warning",
    "bad": "$text-error bold",
    "accent": "$text-primary",
}


class FactSheet(Static):
    """`show(sections)`; it wraps anew when its width changes and repaints only if it reads differently."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__("", markup=False, id=id)
        self._sections: Sequence[Section] = ()

    def show(self, sections: Sequence[Section]) -> None:
        self._sections = sections
        self._write()

    def on_resize(self) -> None:
        # After this layout: a height that changes in the midst of it would not be seen.
        self.call_after_refresh(self._write)

    def _write(self) -> None:
        width = self.content_region.width
        if width <= 0:
            return
        content = sheet(self._sections, width)
        if content != self.content:
            self.update(content)


def sheet(sections: Sequence[Section], width: int) -> Content:
    """The sections as lines of at most `width` cells: labels in one column, values wrapped in the other."""
    lines: list[Content] = []
    for section in sections:
        if lines:
            lines.append(Content(""))
        lines.append(Content.styled(section.title, "bold $text-primary"))
        for fact in section.facts:
            lines += _fact_lines(fact, width)
    return Content("\n").join(lines)


def _fact_lines(fact: Fact, width: int) -> list[Content]:
    label, value, style = fact
    labels = LABEL_CELLS if len(label) < LABEL_CELLS else min(len(label) + 1, width // 2)
    head = Content.styled(label[: labels - 1].ljust(labels), "dim")
    room = max(8, width - labels)
    values = [
        part
        for line in value.split("\n")
        for part in Content.styled(line, _STYLES.get(style, "")).wrap(room, overflow="fold")
    ]
    blank = Content(" " * labels)
    return [(blank if index else head) + part for index, part in enumerate(values)]
