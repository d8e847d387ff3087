"""The page of the training job: where it comes from, and the form or text of that way."""

from collections.abc import Collection, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical

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
from widgets.form import Field

WAYS = (
    ("guided form", FORM),
    ("request as JSON or YAML", TEXT),
    ("source folder, by the SageMaker SDK", FOLDER),
    ("Python file, by the SageMaker SDK", SCRIPT),
)


Way = TrainingPage | JsonPage | CodePage


class SourcePage(Vertical):
    """A choice, and below it one of four pages, mounted when it is chosen first. All keep what was typed."""

    DEFAULT_CSS = """
    SourcePage > ChoiceField { margin-bottom: 1; padding-right: 1; }
    SourcePage > .way { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__(id="training", classes="page")
        self.choice = ChoiceField(
            "source", "Training job from", WAYS, hint="ctrl+o loads a template or a file"
        )
        self.form = TrainingPage(classes="way")
        self.text: JsonPage | None = None
        """The page of the request as text, once it was chosen."""
        self._codes: dict[str, CodePage] = {}
        self._way: Way = self.form

    def compose(self) -> ComposeResult:
        yield self.choice
        yield self._way

    @property
    def code(self) -> CodePage | None:
        """The page of the SDK's way that is chosen."""
        return self._codes.get(self.choice.value)

    @property
    def fields(self) -> list[Field]:
        """Of all ways, in order, hidden ones too."""
        forms = (self.form, *self._codes.values())
        return [self.choice, *(field for form in forms for field in form.fields)]

    def read(self, draft: Draft) -> None:
        """Put what stands in the fields into the draft; its way is changed by `carried_over` only."""
        draft.training = self.form.values
        if self.text is not None:
            draft.text = self.text.text
        if FOLDER in self._codes:
            draft.folder = self._codes[FOLDER].values
        if SCRIPT in self._codes:
            draft.script = self._codes[SCRIPT].values

    def write(self, draft: Draft) -> None:
        """Show what the draft holds, and the page of the way that is chosen: made when it is needed first."""
        self.form.fill(draft.training)
        if self.text is not None:
            self.text.text = draft.text
        for source, page in self._codes.items():
            page.fill(draft.folder if source == FOLDER else draft.script)
        self.choice.value = draft.source
        self._way = self._page_of(draft)
        for page in (self.form, self.text, *self._codes.values()):
            if page is not None:
                page.display = page is self._way
        if self.is_mounted and not self._way.is_attached:
            self.mount(self._way)

    def _page_of(self, draft: Draft) -> Way:
        if draft.source == TEXT:
            self.text = self.text or JsonPage(draft.text)
            return self.text
        if draft.source == FOLDER:
            return self._codes.setdefault(FOLDER, FolderPage(draft.folder))
        if draft.source == SCRIPT:
            return self._codes.setdefault(SCRIPT, ScriptPage(draft.script))
        return self.form

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
