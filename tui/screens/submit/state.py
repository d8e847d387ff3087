"""What the submit dialog says about what is typed, and the line that says it, beside the button."""

from collections.abc import Collection, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Static

from tui.screens.submit.draft import Draft, Errors
from tui.screens.submit.examine import Examined
from widgets.cells import literal
from widgets.form import Field

NAMED = 3


def shown_errors(
    fields: Sequence[Field], errors: Errors, touched: Collection[str], insist: bool, has_text: bool
) -> Errors:
    """The errors to show: those of empty fields only once they were touched, or all are insisted on."""
    filled = {field.key for field in fields if field.value.strip()} | ({"text"} if has_text else set())
    return {key: text for key, text in errors.items() if insist or key in touched or key in filled}


def first_wrong(fields: Sequence[Field], errors: Errors) -> Field | None:
    """The field to go to, in the order of the pages."""
    return next((field for field in fields if field.display and field.key in errors), None)


def ready_text(found: Examined, fields: Sequence[Field], draft: Draft, insist: bool) -> tuple[str, str]:
    """One line, and how to show it (`-good`, `-wrong` or nothing)."""
    errors = found.errors
    if not errors:
        count = len(found.submissions)
        what = f"{count} jobs" if count != 1 else "1 job"
        left = f", {len(draft.made)} are made already" if draft.made else ""
        return f"✓ ready: {what} to {draft.job['queue']}{left}", "-good"
    names = [field.label for field in fields if field.key in errors and field.display]
    if "text" in errors:
        names.append("the request")
    if not names:
        text = next(iter(errors.values()))
        return (f"✗ {text}", "-wrong") if insist else (text, "")
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    listed = f"{', '.join(names[:NAMED])}{more}"
    if insist:
        others = f"; {errors['']}" if "" in errors and draft.is_built else ""
        return f"✗ to correct: {listed}{others}", "-wrong"
    return f"to fill in: {listed}", ""


class StateBar(Horizontal):
    """How things stand, and the button that submits."""

    DEFAULT_CSS = """
    StateBar {
        height: auto; padding: 0 1;
        & #state { width: 1fr; height: auto; max-height: 10; padding: 0 1; }
        & #state.-wrong { color: $text-error; }
        & #state.-good { color: $text-success; }
        & #submit { min-width: 12; }
    }
    """

    def compose(self) -> ComposeResult:
        yield Static("", id="state", markup=False)
        yield Button("Submit", id="submit", variant="primary", compact=True)

    def say(self, text: str, kind: str) -> None:
        """`kind` is `-good`, `-wrong` or empty."""
        state = self.query_one("#state", Static)
        state.update(Content("\n".join(literal(line) for line in text.split("\n"))))
        state.set_class(kind == "-wrong", "-wrong")
        state.set_class(kind == "-good", "-good")
