"""The pages of the submit dialog, one in sight at a time; with room beside it, the preview stays in sight."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tui.screens.base import LiveScreen
from tui.screens.submit.job import ExtrasPage, JobPage
from tui.screens.submit.json_editor import HINT, JsonPage
from tui.screens.submit.preview import PreviewPage
from tui.screens.submit.training_source import SourcePage
from widgets.form import Field

if TYPE_CHECKING:
    from tui.screens.base import Live

Page = JobPage | SourcePage | ExtrasPage | PreviewPage

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
        & .aside { width: 1fr; height: 1fr; padding: 1 1 0 2; }
        &.-wide .aside { border-left: solid $panel; }
        &.-wide .aside:focus { border-left: thick $primary; }
        & #hint { height: 1; padding: 0 2; color: $text-muted; }
    }
    """
    BINDINGS = [
        Binding("ctrl+n", "page(1)", "next page", id="submit.next"),
        Binding("ctrl+p", "page(-1)", "previous page", show=False, id="submit.previous"),
    ]

    def __init__(self, live: "Live", queue: str) -> None:
        super().__init__(live, queue)
        self.job = JobPage(id="job", classes="page")
        self.training = SourcePage()
        self.extras = ExtrasPage(id="extras", classes="page")
        self.preview = PreviewPage()
        self._pages: dict[str, Page] = {
            page.id or "": page for page in (self.job, self.training, self.extras, self.preview)
        }
        self._page = PAGES[0][0]
        self._kept_focus: dict[str, Widget] = {}

    def bottom(self) -> ComposeResult:
        """What stands below every page."""
        raise NotImplementedError

    def body(self) -> ComposeResult:
        yield Tabs()
        with Horizontal(id="page-body"), Vertical(id="page-stack"):
            yield self._pages[self._page]
        yield Static("", id="hint", markup=False)
        yield from self.bottom()

    async def on_resize(self, event: events.Resize) -> None:
        tabs = self.query_one(Tabs)
        tabs.beside = event.size.width >= WIDE
        if tabs.beside and self._page == ASIDE:
            await self.show_page(PAGES[0][0])
        else:
            await self._turn_to(self._page)

    @property
    def fields(self) -> list[Field]:
        """Of all pages, in order, hidden ones too."""
        return [*self.job.fields, *self.training.fields, *self.extras.fields]

    def show_errors(self, errors: Mapping[str, str]) -> None:
        """These complaints and no others, at their fields, and on the tabs of their pages."""
        for field in self.fields:
            field.error = errors.get(field.key, "")
        if self.training.text is not None:
            self.training.text.show_error(errors.get("text", ""))
        tabs = self.query_one(Tabs)
        tabs.wrong = frozenset(page for page, _ in PAGES if self._is_wrong(page, errors))
        tabs.look()

    def _is_wrong(self, page: str, errors: Mapping[str, str]) -> bool:
        keys = {field.key for field in self._pages[page].fields if field.display}
        return bool(keys & set(errors)) or (page == "training" and "text" in errors)

    async def show_page(self, page: str) -> None:
        """Turn to a page, and to the control on it that had the keyboard last."""
        await self._turn_to(page)
        kept = self._kept_focus.get(page)
        if kept is not None and kept.focusable:
            self.set_focus(kept)
            return
        stops = [widget for widget in self.focus_chain if self._pages[page] in widget.ancestors_with_self]
        if stops:
            self.set_focus(stops[0])

    async def show_field(self, field: Field) -> None:
        """Turn to the page that holds this field, and give it the keyboard."""
        await self._turn_to(next(name for name, page in self._pages.items() if field in page.fields))
        field.focus_control()

    async def show_text(self, text: JsonPage) -> None:
        """Turn to the request as text, and give it the keyboard."""
        await self._turn_to(self.training.id or "")
        self.set_focus(text.area)

    async def _turn_to(self, page: str) -> None:
        """A page is mounted when it is wanted first: the dialog opens with a fraction of its widgets."""
        # Not by a class: a change of class looks up the styles of every widget on the page.
        self._page = page
        tabs = self.query_one(Tabs)
        for name, holder in self._pages.items():
            holder.display = name == page or (name == ASIDE and tabs.beside)
            if holder.display and not holder.is_attached:
                await self.query_one("#page-body" if name == ASIDE else "#page-stack").mount(holder)
        self.query_one("#page-stack").display = page != ASIDE
        tabs.chosen = page
        tabs.look()

    async def action_page(self, step: int) -> None:
        names = [name for name, _ in PAGES if not (name == ASIDE and self.query_one(Tabs).beside)]
        await self.show_page(names[(names.index(self._page) + step) % len(names)])

    @on(Tabs.Pressed)
    async def tab_pressed(self, event: Tabs.Pressed) -> None:
        await self.show_page(event.page)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        nodes = list(event.widget.ancestors_with_self)
        field = next((node for node in nodes if isinstance(node, Field)), None)
        hint = field.hint if field else HINT if isinstance(event.widget.parent, JsonPage) else ""
        self.query_one("#hint", Static).update(hint)
        if page := next((node.id for node in nodes if node.id in self._pages), None):
            self._kept_focus[page] = event.widget
