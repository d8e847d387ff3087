"""A small dialog: by which column to sort. Choosing the present one turns the direction round."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from widgets.choices import Choices
from widgets.table import Column


class SortDialog(ModalScreen[str | None]):
    """Answers the key of the chosen column, None for esc."""

    DEFAULT_CSS = """
    SortDialog > OptionList {
        width: 40; height: auto; max-height: 80%; border: round $primary; background: $surface;
    }
    """

    BINDINGS = [Binding("escape,q", "dismiss(None)", "cancel", id="dialog.cancel")]

    def __init__(self, columns: Sequence[Column], sort: tuple[str, bool] | None) -> None:
        super().__init__()
        self._columns = columns
        self._sort = sort

    def compose(self) -> ComposeResult:
        options = Choices(
            *(Option(self._label(column), column.key) for column in self._columns), markup=False
        )
        keys = [column.key for column in self._columns]
        if self._sort and self._sort[0] in keys:
            options.highlighted = keys.index(self._sort[0])
        options.border_title = "Sort by"
        options.border_subtitle = "enter again turns round · esc"
        yield options

    def _label(self, column: Column) -> str:
        mark = ""
        if self._sort and self._sort[0] == column.key:
            mark = " ▼" if self._sort[1] else " ▲"
        return f"{'# (dispatch order)' if column.key == 'position' else column.label.lower()}{mark}"

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)
