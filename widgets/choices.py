"""A short list to choose one from: arrows, `j` and `k`.

yield Choices(Option("a job queue", "queue"), markup=False)   # posts OptionList.OptionSelected
"""

from textual.binding import Binding
from textual.widgets import OptionList


class Choices(OptionList):
    """An option list that fingers trained on vi can move in."""

    BINDINGS = [
        Binding("j", "cursor_down", "down", show=False, id="choices.down"),
        Binding("k", "cursor_up", "up", show=False, id="choices.up"),
    ]
