"""A text without times and hosts, as lines that a log view can show: JSON, a difference."""

from collections.abc import Sequence


class _Line:
    __slots__ = ("text",)
    time = 0
    host = ""

    def __init__(self, text: str) -> None:
        self.text = text


class PlainLines:
    """Lines of a text."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = tuple(texts)

    def __len__(self) -> int:
        return len(self._texts)

    def line(self, index: int) -> _Line:
        return _Line(self._texts[index])

    def run(self, index: int) -> tuple[int, Sequence[str], Sequence[str]]:
        return 0, ("",) * len(self._texts), self._texts

    def first_at(self, time: int) -> int:
        return 0
