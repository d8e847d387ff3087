"""Forms for keys alone: one line a field, its label before it, what is wrong with it below it.

    class Job(Form):
        def compose(self):
            yield TextField("name", "Job name", hint="letters, digits, - and _", required=True)
            yield ChoiceField("queue", "Queue", [("research", "research")])
            yield LinesField("env", "Environment", hint="NAME=value, one a line")

    form.values                                # {"name": "…", "queue": "…", "env": "…"}: always text
    form.show_errors({"name": "at most 128 characters"})

`tab` walks all controls; `up`, `down` and `enter` walk the lines of a form, and open a list where there is
one (▼). Every control's value is text, so that a form can be kept, put back and compared as one dict.
Changes are told with `Field.Changed`; a form too long for the screen scrolls with the focus.
"""

from collections.abc import Iterable, Mapping, Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Select, Static, TextArea

from widgets.cells import literal

ON = "yes"
"""The value of a switch that is on; off is empty."""


class Walk(Message):
    """The control at the cursor has no use for the key: go `step` lines on."""

    def __init__(self, step: int) -> None:
        super().__init__()
        self.step = step


class Field(Widget):
    """Label, control and room for a complaint. A subclass gives the control and its value."""

    DEFAULT_CSS = """
    Field {
        height: auto; border-left: blank;
        & > .field--row { height: auto; }
        & .field--label { width: 21; padding: 0 1 0 0; color: $text-muted; }
        & .field--control { width: 1fr; }
        & > .field--error { height: auto; display: none; margin-left: 21; color: $text-error; }
        &:focus-within {
            border-left: thick $primary;
            & .field--label { color: $foreground; text-style: bold; }
        }
        &.-wrong > .field--error { display: block; }
        &.-wrong .field--label { color: $text-error; }
        & Input, & TextArea, & SelectCurrent { background: $foreground 7%; }
        & Input:focus, & TextArea:focus, & Select:focus > SelectCurrent { background: $primary 30%; }
        & Checkbox { background: transparent; padding: 0; }
        & .field--list {
            overlay: screen; constrain: none inside; display: none; margin-left: 21; width: 1fr; height: auto;
            max-height: 10; border: round $primary; background: $surface; padding: 0;
        }
    }
    """

    class Changed(Message):
        """The field has another value."""

        def __init__(self, field: "Field") -> None:
            super().__init__()
            self.field = field

        @property
        def control(self) -> "Field":
            return self.field

    def __init__(self, key: str, label: str, *, hint: str = "", required: bool = False) -> None:
        """`hint` is for the one place of the dialog that explains the field at the cursor."""
        super().__init__(classes=f"field-{key}")
        self.key = key
        self.label = label
        self.hint = hint
        self.required = required
        self._error = ""
        self._complaint = Static("", markup=False, classes="field--error")

    def compose(self) -> ComposeResult:
        with Horizontal(classes="field--row"):
            mark = " *" if self.required else ""
            yield Static(f"{self.label}{mark}", markup=False, classes="field--label")
            yield from self.control()
        yield self._complaint

    def control(self) -> ComposeResult:
        """The one widget that takes the keys, with the class `field--control`."""
        raise NotImplementedError

    @property
    def value(self) -> str:
        raise NotImplementedError

    @value.setter
    def value(self, text: str) -> None:
        raise NotImplementedError

    @property
    def error(self) -> str:
        """What is wrong with the value; empty if nothing is."""
        return self._error

    @error.setter
    def error(self, text: str) -> None:
        if text != self._error:
            self._error = text
            self._complaint.update(Content(literal(f"✗ {text}") if text else ""))
            self.set_class(bool(text), "-wrong")

    def focus_control(self) -> None:
        self.query_one(".field--control").focus()

    def changed(self) -> None:
        self.post_message(self.Changed(self))


class _Line(Input):
    BINDINGS = [
        Binding("enter,down", "walk(1)", "next", show=False, id="form.next"),
        Binding("up", "walk(-1)", "previous", show=False, id="form.previous"),
    ]

    def action_walk(self, step: int) -> None:
        self.post_message(Walk(step))


class TextField(Field):
    """One line of text."""

    def __init__(
        self,
        key: str,
        label: str,
        *,
        value: str = "",
        hint: str = "",
        required: bool = False,
        placeholder: str = "",
    ) -> None:
        super().__init__(key, label, hint=hint, required=required)
        self.input = self.line(value, placeholder)

    def line(self, value: str, placeholder: str) -> Input:
        return _Line(
            value, placeholder=placeholder, compact=True, select_on_focus=False, classes="field--control"
        )

    def control(self) -> ComposeResult:
        yield self.input

    @property
    def value(self) -> str:
        return self.input.value

    @value.setter
    def value(self, text: str) -> None:
        self.input.value = text

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.changed()


class ChoiceField(Field):
    """One of a list. The options are (what it reads, value); the first is chosen if none is."""

    def __init__(
        self,
        key: str,
        label: str,
        options: Sequence[tuple[str, str]],
        *,
        value: str = "",
        hint: str = "",
        required: bool = False,
    ) -> None:
        super().__init__(key, label, hint=hint, required=required)
        self._options = tuple(options) or (("", ""),)
        chosen = value if value in self._values else self._options[0][1]
        self.select: Select[str] = Select(
            self._prompts(), value=chosen, allow_blank=False, compact=True, classes="field--control"
        )

    def control(self) -> ComposeResult:
        yield self.select

    @property
    def _values(self) -> list[str]:
        return [value for _, value in self._options]

    def _prompts(self) -> list[tuple[Content, str]]:
        return [(Content(literal(text)), value) for text, value in self._options]

    def offer(self, options: Sequence[tuple[str, str]]) -> None:
        """Other options; the value stays if it is among them."""
        options = tuple(options) or (("", ""),)
        if options != self._options:
            kept = self.value
            self._options = options
            self.select.set_options(self._prompts())
            self.value = kept if kept in self._values else self._values[0]

    @property
    def value(self) -> str:
        return str(self.select.value) if self.select.value in self._values else self._values[0]

    @value.setter
    def value(self, text: str) -> None:
        if text in self._values:
            self.select.value = text

    @on(Select.Changed)
    def _chosen(self, event: Select.Changed) -> None:
        event.stop()
        self.changed()


class SwitchField(Field):
    """On (`ON`) or off (empty). `text` stands beside the box."""

    def __init__(self, key: str, label: str, text: str = "", *, value: str = "", hint: str = "") -> None:
        super().__init__(key, label, hint=hint)
        self.box = Checkbox(Content(literal(text)), value == ON, compact=True, classes="field--control")

    def control(self) -> ComposeResult:
        yield self.box

    @property
    def value(self) -> str:
        return ON if self.box.value else ""

    @value.setter
    def value(self, text: str) -> None:
        self.box.value = text == ON

    @on(Checkbox.Changed)
    def _switched(self, event: Checkbox.Changed) -> None:
        event.stop()
        self.changed()


class _Lines(TextArea):
    """`up` on the first line and `down` on the last one leave it."""

    def action_cursor_up(self, select: bool = False) -> None:
        if self.cursor_at_first_line and not select:
            self.post_message(Walk(-1))
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        if self.cursor_at_last_line and not select:
            self.post_message(Walk(1))
        else:
            super().action_cursor_down(select)


class LinesField(Field):
    """Several lines of text; it grows with them up to a height."""

    DEFAULT_CSS = """
    LinesField TextArea { height: auto; min-height: 1; max-height: 7; padding: 0; }
    """

    def __init__(
        self,
        key: str,
        label: str,
        *,
        value: str = "",
        hint: str = "",
        required: bool = False,
        placeholder: str = "",
    ) -> None:
        super().__init__(key, label, hint=hint, required=required)
        self.area = _Lines(
            value,
            compact=True,
            soft_wrap=False,
            placeholder=Content(literal(placeholder)),
            highlight_cursor_line=False,
            classes="field--control",
        )

    def control(self) -> ComposeResult:
        yield self.area

    @property
    def value(self) -> str:
        return self.area.text

    @value.setter
    def value(self, text: str) -> None:
        if text != self.area.text:
            self.area.load_text(text)

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.changed()


class Form(VerticalScroll, can_focus=False):
    """A page of fields."""

    DEFAULT_CSS = """
    Form { scrollbar-size-vertical: 1; padding: 0 1 0 0; }
    Form > .form--title { text-style: bold; color: $text-primary; margin: 1 0 0 1; }
    """

    @property
    def fields(self) -> list[Field]:
        """In their order, hidden ones too."""
        return list(self.query(Field))

    def field(self, key: str) -> Field:
        return self.query_one(f".field-{key}", Field)

    @property
    def values(self) -> dict[str, str]:
        """What stands in every field, hidden ones too: hiding a field loses nothing."""
        return {field.key: field.value for field in self.fields}

    def fill(self, values: Mapping[str, str]) -> None:
        """Put values into the fields that are named."""
        for field in self.fields:
            if field.key in values:
                field.value = values[field.key]

    def show_fields(self, keys: Iterable[str], shown: bool) -> None:
        for key in keys:
            self.field(key).display = shown

    def show_errors(self, errors: Mapping[str, str]) -> None:
        """These complaints and no others."""
        for field in self.fields:
            field.error = errors.get(field.key, "")

    @property
    def first_wrong(self) -> Field | None:
        return next((field for field in self.fields if field.error and field.display), None)

    @on(Walk)
    def _walk(self, event: Walk) -> None:
        event.stop()
        stops = [
            field.query_one(".field--control")
            for field in self.fields
            if all(node.display for node in field.ancestors_with_self if isinstance(node, Widget))
        ]
        focused = self.screen.focused
        if focused in stops:
            at = stops.index(focused) + event.step
            if 0 <= at < len(stops):
                stops[at].focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The complaint of a field comes in sight with it."""
        for node in event.widget.ancestors:
            if isinstance(node, Field):
                self.call_after_refresh(node.scroll_visible, animate=False)
                return
