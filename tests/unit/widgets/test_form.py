"""Forms by keys alone: walking, typing, choosing, complaints, and what is kept as text."""

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Static

from widgets.combo import ComboField, matching
from widgets.fields import ON, ChoiceField, LinesField, SwitchField, TextField
from widgets.form import Field, Form

TYPES = [("ml.g5.xlarge", "1 × A10G"), ("ml.g5.48xlarge", "8 × A10G"), ("ml.m5.large", "")]


class Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.changes: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        with Form():
            yield TextField("name", "Job name", required=True)
            yield ChoiceField("queue", "Queue", [("Research", "r"), ("Vision", "v")])
            yield ComboField("type", "Instance type", TYPES)
            yield LinesField("env", "Environment")
            yield SwitchField("spot", "Spot", "managed spot training")
            for number in range(30):
                yield TextField(f"more{number}", f"More {number}")

    @property
    def form(self) -> Form:
        return self.query_one(Form)

    def on_field_changed(self, event: Field.Changed) -> None:
        self.changes.append((event.field.key, event.field.value))


def at(app: Host) -> str:
    """The key of the field that has the keyboard."""
    assert app.focused is not None
    return next(node.key for node in app.focused.ancestors if isinstance(node, Field))


async def type_text(pilot: Pilot[None], text: str) -> None:
    names = {
        ".": "full_stop",
        "=": "equals_sign",
        "-": "minus",
        "\n": "enter",
        " ": "space",
        "_": "underscore",
    }
    await pilot.press(*(names.get(character, character) for character in text))


async def test_keys_fill_and_walk() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.form.field("name").focus_control()
        await type_text(pilot, "sft-1")
        await pilot.press("enter")
        assert at(app) == "queue"
        await pilot.press("enter", "down", "enter")
        assert app.form.field("queue").value == "v"
        await pilot.press("tab")
        assert at(app) == "type"
        await pilot.press("down", "down", "enter")
        assert app.form.field("type").value == "ml.g5.48xlarge"
        await pilot.press("enter")
        assert at(app) == "env"
        await type_text(pilot, "A=1\nB=2")
        await pilot.press("down")
        assert at(app) == "spot"
        await pilot.press("space", "tab")
        assert at(app) == "more0"
        await pilot.press("up")
        values = {key: value for key, value in app.form.values.items() if not key.startswith("more")}
        assert values == {
            "name": "sft-1",
            "queue": "v",
            "type": "ml.g5.48xlarge",
            "env": "A=1\nB=2",
            "spot": ON,
        }
        assert app.changes[-1] == ("spot", ON)
        assert ("name", "sft-1") in app.changes


async def test_typing_narrows_the_list_and_escape_closes_it_only() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        field = app.form.field("type")
        assert isinstance(field, ComboField)
        field.focus_control()
        await type_text(pilot, "m5")
        await pilot.press("down")
        assert field.is_open
        await pilot.press("enter")
        assert field.value == "ml.m5.large"
        await pilot.press("down")
        assert field.is_open
        await pilot.press("escape")
        assert not field.is_open
        assert field.value == "ml.m5.large"
        await type_text(pilot, "x")
        await pilot.press("tab")
        assert field.value == "ml.m5.largex"  # what is typed need not be known


def test_matching_puts_what_begins_so_first() -> None:
    assert [value for value, _ in matching(TYPES, "ml.g5")] == ["ml.g5.xlarge", "ml.g5.48xlarge"]
    assert [value for value, _ in matching(TYPES, "large")] == [value for value, _ in TYPES]
    assert [value for value, _ in matching(TYPES, "ml.m5.large")] == [value for value, _ in TYPES]
    assert matching(TYPES, "trn1") == []


async def test_complaint_stands_at_the_field_and_goes() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.form.show_errors({"name": "[bold] at most 128 characters", "type": "unknown"})
        await pilot.pause()
        name = app.form.field("name")
        shown = name.query_one(".field--error", Static)
        assert shown.display
        assert str(shown.render()) == "✗ [bold] at most 128 characters"
        assert shown.region.y == name.query_one(".field--control").region.y + 1
        assert app.form.first_wrong is name
        app.form.show_errors({})
        await pilot.pause()
        assert not shown.display
        assert app.form.first_wrong is None


async def test_a_form_longer_than_the_screen_scrolls_with_the_focus() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.form.field("spot").focus_control()
        await pilot.press(*["tab"] * 30)
        assert at(app) == "more29"
        await pilot.pause()
        last = app.form.field("more29")
        assert app.form.region.contains_region(last.region)


async def test_hidden_fields_keep_their_text_and_are_passed_by() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.form.fill({"type": "ml.m5.large", "env": "A=1", "nothing": "x"})
        app.form.show_fields(["type", "env"], False)
        await pilot.pause()
        app.form.field("queue").focus_control()
        await pilot.press("tab")
        assert at(app) == "spot"
        assert app.form.values["type"] == "ml.m5.large"


async def test_other_options_keep_a_value_that_is_still_there() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        field = app.form.field("queue")
        assert isinstance(field, ChoiceField)
        field.value = "v"
        field.offer([("A", "a"), ("Vision", "v")])
        await pilot.pause()
        assert field.value == "v"
        field.offer([("A", "a")])
        await pilot.pause()
        assert field.value == "a"
        field.value = "not there"
        assert field.value == "a"
