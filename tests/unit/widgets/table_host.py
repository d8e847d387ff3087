"""An app with one table, which counts what the table asks for and paints."""

from collections.abc import Sequence
from typing import Any

from textual.app import App, ComposeResult
from textual.message import Message
from textual.strip import Strip

from widgets.table import Cell, Column, VirtualTable

COLUMNS = (Column("name", "NAME", 10, weight=1), Column("note", "NOTE", 6, align="right"))


class SpiedTable(VirtualTable):
    """Counts the lines it is made to paint."""

    painted = 0

    def render_line(self, y: int) -> Strip:
        self.painted += 1
        return super().render_line(y)

    def text(self, y: int) -> str:
        """What a line reads, 0 being the header."""
        return VirtualTable.render_line(self, y).text

    @property
    def lines(self) -> list[str]:
        return [self.text(y).rstrip() for y in range(self.size.height)]


class TableHost(App[None]):
    """A table of keys; `notes` holds the second column, `asked` the keys the table asked about."""

    def __init__(self, columns: Sequence[Column] = COLUMNS, **options: Any) -> None:
        super().__init__()
        self.notes: dict[str, Cell] = {}
        self.asked: list[str] = []
        self.said: list[Message] = []
        self.options = options
        self.table_columns = columns

    def compose(self) -> ComposeResult:
        yield SpiedTable(self.table_columns, self.cells, **self.options)

    def cells(self, key: str) -> tuple[Cell, ...]:
        self.asked.append(key)
        return (key, self.notes.get(key, ""))

    @property
    def table(self) -> SpiedTable:
        return self.query_one(SpiedTable)

    def hear(self, message: Message) -> None:
        self.said.append(message)

    on_virtual_table_highlighted = hear
    on_virtual_table_selected = hear
    on_virtual_table_marked = hear
    on_virtual_table_header_pressed = hear
    on_virtual_table_near_end = hear
    on_virtual_table_visible_changed = hear

    def heard(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.said if isinstance(message, kind)]


def keys(count: int, start: int = 0) -> list[str]:
    return [f"k{number:06}" for number in range(start, start + count)]
