"""A screen of several pages, one in sight at a time; with room beside it, the last page stays in sight."""

from collections.abc import Mapping

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tui.screens.base import LiveScreen
from tui.screens.submit.json_editor import HINT, JsonPage
from widgets.form import Field

PAGES = (("job", "Job"), ("training", "Training job"), ("extras", "Retries, tags"), ("preview", "Preview"))
ASIDE = "preview"
WIDE = 120
"""From this width on the last page stands beside the others."""


class Tabs(Static):
    """`1 Job  2 Training job ✗ …` on one line: the page in sight, and those with something wrong."""

    DEFAULT_CSS = "Tabs { height: 1; padding: 0 2; color: $text-muted; }"

    class Pressed(Message):
        """A click on a page's name."""

        def __init__(self, page: str) -> None:
            super().__init__()
            self.page = page

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.chosen = PAGES[0][0]
        self.wrong: frozenset[str] = frozenset()
        self.beside = False
        """The last page needs no tab: it is in sight always."""

    def on_mount(self) -> None:
        self.look()

    @property
    def _labels(self) -> list[tuple[str, str]]:
        shown = PAGES[:-1] if self.beside else PAGES
        return [(page, f"{name}{' ✗' if page in self.wrong else ''}") for page, name in shown]

    def look(self) -> None:
        parts = [
            Content.styled(label, "bold $text-primary underline" if page == self.chosen else "")
            for page, label in self._labels
        ]
        self.update(Content("   ").join(parts))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        end = 0
        for page, label in self._labels if offset else ():
            end += len(label) + 3
            if offset and offset.x < end:
                self.post_message(self.Pressed(page))
                return


class PagedScreen(LiveScreen):
    """`ctrl+n` and `ctrl+p` turn the pages; each remembers the control that had the keyboard."""

    DEFAULT_CSS = """
    PagedScreen {
        & #page-body { height: 1fr; }
        & #page-stack { width: 1fr; padding: 1 0 0 1; }
        & .page { height: 1fr; }
        & .aside { width: 1fr; height: 1fr; padding-top: 1; }
        &.-wide .aside { border-left: solid $panel; }
        &.-wide .aside:focus { border-left: thick $primary; }
        & #hint { height: 1; padding: 0 2; color: $text-muted; }
    }
    """
    BINDINGS = [
        Binding("ctrl+n", "page(1)", "next page", id="submit.next"),
        Binding("ctrl+p", "page(-1)", "previous page", show=False, id="submit.previous"),
    ]
    _page = PAGES[0][0]

    def pages(self) -> ComposeResult:
        """The pages but the last, in order, with their ids."""
        raise NotImplementedError

    def aside(self) -> Widget:
        """The last page."""
        raise NotImplementedError

    def bottom(self) -> ComposeResult:
        """What stands below every page."""
        raise NotImplementedError

    def body(self) -> ComposeResult:
        self._kept_focus: dict[str, Widget] = {}
        yield Tabs()
        with Horizontal(id="page-body"):
            with Vertical(id="page-stack"):
                for page in self.pages():
                    page.add_class("page")
                    page.display = page.id == self._page
                    yield page
            aside = self.aside()
            aside.add_class("aside")
            aside.display = False
            yield aside
        yield Static("", id="hint", markup=False)
        yield from self.bottom()

    def on_resize(self, event: events.Resize) -> None:
        tabs = self.query_one(Tabs)
        tabs.beside = event.size.width >= WIDE
        if tabs.beside and self._page == ASIDE:
            self.show_page(PAGES[0][0])
        else:
            self._turn_to(self._page)

    @property
    def fields(self) -> list[Field]:
        """Of all pages, in order, hidden ones too."""
        return list(self.query(Field))

    def show_errors(self, errors: Mapping[str, str]) -> None:
        """These complaints and no others, at their fields, and on the tabs of their pages."""
        for field in self.fields:
            field.error = errors.get(field.key, "")
        for text in self.query(JsonPage):
            text.show_error(errors.get("text", ""))
        tabs = self.query_one(Tabs)
        tabs.wrong = frozenset(page for page, _ in PAGES if self._is_wrong(page, errors))
        tabs.look()

    def _is_wrong(self, page: str, errors: Mapping[str, str]) -> bool:
        keys = {field.key for field in self.query_one(f"#{page}").query(Field) if field.display}
        return bool(keys & set(errors)) or (page == "training" and "text" in errors)

    def show_page(self, page: str) -> None:
        """Turn to a page, and to the control on it that had the keyboard last."""
        self._turn_to(page)
        kept = self._kept_focus.get(page)
        if kept is not None and kept.focusable:
            kept.focus()
            return
        holder = self.query_one(f"#{page}")
        stops = [widget for widget in self.focus_chain if holder in widget.ancestors_with_self]
        if stops:
            stops[0].focus()

    def show_control(self, control: Widget) -> None:
        """Turn to the page that holds this control, and give it the keyboard."""
        page = self._page_of(control)
        if page:
            self._turn_to(page)
            self.set_focus(control)

    def _turn_to(self, page: str) -> None:
        # Not by a class: a change of class looks up the styles of every widget on the page.
        self._page = page
        tabs = self.query_one(Tabs)
        for name, _ in PAGES:
            self.query_one(f"#{name}").display = name == page or (name == ASIDE and tabs.beside)
        self.query_one("#page-stack").display = page != ASIDE
        tabs.chosen = page
        tabs.look()

    def _page_of(self, widget: Widget) -> str | None:
        return next((node.id for node in widget.ancestors_with_self if node.id in dict(PAGES)), None)

    def action_page(self, step: int) -> None:
        names = [name for name, _ in PAGES if not (name == ASIDE and self.query_one(Tabs).beside)]
        self.show_page(names[(names.index(self._page) + step) % len(names)])

    @on(Tabs.Pressed)
    def tab_pressed(self, event: Tabs.Pressed) -> None:
        self.show_page(event.page)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        nodes = list(event.widget.ancestors_with_self)
        field = next((node for node in nodes if isinstance(node, Field)), None)
        hint = field.hint if field else HINT if isinstance(event.widget.parent, JsonPage) else ""
        self.query_one("#hint", Static).update(hint)
        if page := self._page_of(event.widget):
            self._kept_focus[page] = event.widget
