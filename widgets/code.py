"""A text area that colours JSON and YAML as they are typed, by pygments: nothing native that could crash.

area = CodeArea(text)         # JSON if it begins with a brace, else YAML
"""

from pygments.lexer import Lexer
from pygments.lexers import JsonLexer, YamlLexer
from pygments.token import Comment, Error, Keyword, Literal, Name, Number, String, Token
from textual.widgets import TextArea
from textual.widgets.text_area import TextAreaTheme

_PARTS = (
    (Error, "error"),
    (Name.Tag, "key"),
    (Name.Variable, "string"),
    (Keyword.Constant, "word"),
    (Keyword, "key"),
    (Number, "number"),
    (String, "string"),
    (Literal, "string"),
    (Comment, "comment"),
)
"""Kinds of tokens, and how they are shown; the first that fits."""


class CodeArea(TextArea):
    """JSON or YAML, with line numbers. `tab` leaves it."""

    COMPONENT_CLASSES = {f"code--{part}" for part in ("key", "string", "number", "word", "comment", "error")}
    DEFAULT_CSS = """
    CodeArea {
        & .code--key { color: $text-primary; text-style: bold; }
        & .code--string { color: $text-success; }
        & .code--number { color: $text-warning; }
        & .code--word { color: $text-accent; text-style: bold; }
        & .code--comment { color: $text-muted; text-style: italic; }
        & .code--error { color: $text-error; text-style: underline; }
    }
    """

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(
            text,
            language=None,
            soft_wrap=False,
            show_line_numbers=True,
            tab_behavior="focus",
            compact=True,
            id=id,
            classes=classes,
        )

    @property
    def is_json(self) -> bool:
        """Does the text read as JSON? An empty one does."""
        return self.text.lstrip()[:1] in ("{", "")

    def on_mount(self) -> None:
        self._colours()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self.is_mounted:
            self._colours()

    def _colours(self) -> None:
        """The colours of the app's theme, as the text area wants them."""
        styles = {part: self.get_component_rich_style(f"code--{part}", partial=True) for _, part in _PARTS}
        self.register_theme(TextAreaTheme("code", syntax_styles=styles))
        if self.theme == "code":
            self._set_theme("code")
        else:
            self.theme = "code"

    def _build_highlight_map(self) -> None:
        """Called by the text area after every change; the columns it wants are bytes of a line."""
        super()._build_highlight_map()
        lexer: Lexer = (JsonLexer if self.is_json else YamlLexer)(ensurenl=False, stripnl=False)
        row = column = 0
        for kind, text in lexer.get_tokens(self.text):
            part = next((part for wanted, part in _PARTS if kind in wanted), None)
            for number, line in enumerate(text.split("\n")):
                if number:
                    row, column = row + 1, 0
                end = column + len(line.encode("utf-8", "replace"))
                if part is not None and line and kind is not Token.Text:
                    self._highlights[row].append((column, end, part))
                column = end
