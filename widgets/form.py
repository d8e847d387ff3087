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

from collections.abc import Iterable, Mapping

from textual import events, on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from widgets.cells import literal


class Walk(Message):
    """The control at the cursor has no use for the key: go `step` lines on."""

    def __init__(self, step: int) -> None:
        super().__init__()
        self.step = step


class Field(Widget):
    """Label, control and room for a complaint. A subclass gives the control and its value."""

    COMPONENT_CLASSES = {"field--label", "field--sign"}
    DEFAULT_CSS = """
    Field {
        height: auto; border-left: blank;
        & > .field--label { color: $text-muted; }
        & > .field--sign { color: $foreground 50%; background: $foreground 7%; }
        & > .field--control { width: 1fr; margin-left: 21; }
        & > .field--error { height: auto; display: none; margin-left: 21; color: $text-error; }
        &:focus-within {
            border-left: thick $primary;
            & > .field--label { color: $foreground; text-style: bold; }
        }
        &.-wrong > .field--error { display: block; }
        &.-wrong > .field--label { color: $text-error; }
        & Input, & TextArea, & SelectCurrent { background: $foreground 7%; }
        & Input:focus, & TextArea:focus, & Select:focus > SelectCurrent, & .form--box:focus {
            background: $primary 30%;
        }
        & .form--box { height: 1; }
        & .field--list {
            overlay: screen; constrain: none inside; display: none; margin-left: 21; width: 1fr; height: auto;
            max-height: 10; border: none; background: $panel; padding: 0; scrollbar-size-vertical: 1;
            text-wrap: nowrap; text-overflow: ellipsis;
            & > .option-list--option { padding: 0; }
        }
    }
    """
    SIGN = ""
    """Stands at the end of the line, where the control leaves two cells for it."""

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
        yield from self.control()
        if self._error:
            yield self._complaint

    def render(self) -> Content:
        """The label, and the sign: not widgets of their own, a form has many. The control covers the rest."""
        label = f"{self.label}{' *' if self.required else ''}"
        styled = Content.styled(label, self.get_visual_style("field--label", partial=True))
        if not self.SIGN:
            return styled
        sign = Content.styled(f"{self.SIGN} ", self.get_visual_style("field--sign", partial=True))
        return styled + " " * (self.size.width - len(label) - 2) + sign

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
            if text and self.is_mounted and not self._complaint.is_attached:
                self.mount(self._complaint)

    def focus_control(self) -> None:
        """Give it the keyboard, at once: `Widget.focus` would do so after keys that are on their way."""
        self.screen.set_focus(self.query_one(".field--control"))

    def changed(self) -> None:
        self.post_message(self.Changed(self))


class Form(VerticalScroll, can_focus=False):
    """A page of fields, given with `with Form(): yield …`, or by the `content` of a subclass.

    Fields that are its content are made with the form: they hold their values before the form is mounted,
    so that a form may be mounted when it is wanted first.
    """

    DEFAULT_CSS = """
    Form { scrollbar-size-vertical: 1; padding: 0 1 0 0; }
    Form > .form--title { text-style: bold; color: $text-primary; margin: 1 0 0 1; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        content = list(self.content())
        super().__init__(*content, id=id, classes=classes)
        self._made = [widget for widget in content if isinstance(widget, Field)]

    def content(self) -> ComposeResult:
        """The fields, and titles between them."""
        return ()

    @property
    def fields(self) -> list[Field]:
        """In their order, hidden ones too."""
        return self._made or list(self.query(Field))

    def field(self, key: str) -> Field:
        return next(field for field in self.fields if field.key == key)

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
