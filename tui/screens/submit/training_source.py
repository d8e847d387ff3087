"""The page of the training job: where it comes from, and the form or text of that way."""

from collections.abc import Collection, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from tui.model.payload_text import FieldProblem, parse_payload, payload_text
from tui.model.submission import Submission
from tui.model.training_form import form_of, payload
from tui.screens.submit.draft import (
    FOLDER,
    FORM,
    RULES,
    SCRIPT,
    TEXT,
    Draft,
    job_values,
    training_form,
)
from tui.screens.submit.json_editor import JsonPage
from tui.screens.submit.source import CodePage, FolderPage, ScriptPage
from tui.screens.submit.training import TrainingPage
from tui.screens.submit.training_values import training_values
from widgets.fields import ChoiceField

WAYS = (
    ("guided form", FORM),
    ("request as JSON or YAML", TEXT),
    ("source folder, by the SageMaker SDK", FOLDER),
    ("Python file, by the SageMaker SDK", SCRIPT),
)


class SourcePage(Vertical):
    """A choice, and below it one of four pages. All four keep what was typed into them."""

    DEFAULT_CSS = """
    SourcePage > ChoiceField { margin-bottom: 1; padding-right: 1; }
    SourcePage > .way { height: 1fr; }
    """

    def compose(self) -> ComposeResult:
        yield ChoiceField("source", "Training job from", WAYS, hint="ctrl+o loads a template or a file")
        yield TrainingPage(classes="way")

    @property
    def choice(self) -> ChoiceField:
        return self.query_one(ChoiceField)

    @property
    def form(self) -> TrainingPage:
        return self.query_one(TrainingPage)

    @property
    def text(self) -> JsonPage | None:
        """The page of the request as text, once it was chosen."""
        return next(iter(self.query(JsonPage)), None)

    @property
    def code(self) -> CodePage | None:
        """The page of the SDK's way that is chosen."""
        kinds: dict[str, type[CodePage]] = {FOLDER: FolderPage, SCRIPT: ScriptPage}
        kind = kinds.get(self.choice.value)
        return next(iter(self.query(kind)), None) if kind else None

    def read(self, draft: Draft) -> None:
        """Put what stands in the fields into the draft; its way is changed by `carried_over` only."""
        draft.training = self.form.values
        if self.text is not None:
            draft.text = self.text.text
        for page in self.query(CodePage):
            values = page.values
            if isinstance(page, FolderPage):
                draft.folder = values or draft.folder
            else:
                draft.script = values or draft.script

    def write(self, draft: Draft) -> None:
        """Show what the draft holds."""
        self.form.fill(draft.training)
        if self.text is not None:
            self.text.text = draft.text
        for page in self.query(CodePage):
            page.fill(draft.folder if isinstance(page, FolderPage) else draft.script)
        self.choice.value = draft.source
        self._choose(draft)

    def _choose(self, draft: Draft) -> None:
        """Show the page of the way that is chosen; it is made when it is needed first."""
        page: Widget
        match draft.source:
            case source if source == TEXT:
                page = self.text or self._made(JsonPage(draft.text))
            case source if source == FOLDER:
                page = self.code or self._made(FolderPage(draft.folder))
            case source if source == SCRIPT:
                page = self.code or self._made(ScriptPage(draft.script))
            case _:
                page = self.form
        for other in self.query(".way"):
            other.display = other is page

    def _made(self, page: Widget) -> Widget:
        page.add_class("way")
        self.mount(page)
        return page

    def offer_instance_types(self, names: Sequence[str]) -> None:
        self.form.offer_instance_types(names)


def carried_over(draft: Draft, source: str) -> str:
    """Another way is chosen: carry the request over to it, in the draft. What stands against it, or "".

    Only the form and the text are two views of one request; nothing of it is lost on the way.
    """
    if (draft.source, source) == (FORM, TEXT):
        form, errors = training_form(draft)
        if errors:
            key, message = next(iter(errors.items()))
            return f"{key.replace('_', ' ')}: {message}"
        request = payload(form)
        if parse_payload(draft.text) != request:
            draft.text = payload_text(request)
    elif (draft.source, source) == (TEXT, FORM) and draft.text.strip():
        request = parse_payload(draft.text)
        if isinstance(request, FieldProblem):
            at = f"line {request.line}: " if request.line else ""
            return f"{at}{request.message}"
        draft.original = request
        draft.training = training_values(form_of(request))
    draft.source = source
    return ""


def load_payload(draft: Draft, request: dict[str, object] | str) -> None:
    """Put a request into the draft: into the form, unless the user works on text or it cannot be read."""
    found = parse_payload(request) if isinstance(request, str) else request
    if isinstance(found, FieldProblem):
        draft.source, draft.text = TEXT, str(request)
        return
    draft.original = dict(found)
    draft.training = training_values(form_of(draft.original))
    draft.text = payload_text(found)
    if draft.source != TEXT:
        draft.source = FORM


def load(draft: Draft, found: Submission, queues: Collection[str]) -> None:
    """Put what a document gives into the draft; what it does not give stays. Unknown queues do not count."""
    given = {key: value for key, value in job_values(found).items() if value and key not in ("many", "count")}
    if found.job_queue not in queues:
        given.pop("queue", None)
    cleared = dict.fromkeys(RULES, "") if found.retry_strategy is not None else {}
    draft.job = draft.job | cleared | given
    if found.payload:
        load_payload(draft, found.payload)
