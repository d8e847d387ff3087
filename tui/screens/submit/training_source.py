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
    Errors,
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
    SourcePage > .way { height: 1fr; display: none; }
    SourcePage > .way.-chosen { display: block; }
    """

    def compose(self) -> ComposeResult:
        yield ChoiceField(
            "source",
            "Training job from",
            WAYS,
            hint="ctrl+o loads a template or a file",
        )
        yield TrainingPage(classes="way")
        text = JsonPage()
        text.add_class("way")
        yield text
        yield FolderPage(classes="way")
        yield ScriptPage(classes="way")

    @property
    def choice(self) -> ChoiceField:
        return self.query_one(ChoiceField)

    @property
    def form(self) -> TrainingPage:
        return self.query_one(TrainingPage)

    @property
    def text(self) -> JsonPage:
        return self.query_one(JsonPage)

    @property
    def code(self) -> CodePage | None:
        """The page of the SDK's way that is chosen."""
        return {FOLDER: self.query_one(FolderPage), SCRIPT: self.query_one(ScriptPage)}.get(self.choice.value)

    def read(self, draft: Draft) -> None:
        """Put what stands in the fields into the draft."""
        draft.source = self.choice.value
        draft.training = self.form.values
        draft.text = self.text.text
        draft.folder = self.query_one(FolderPage).values
        draft.script = self.query_one(ScriptPage).values

    def write(self, draft: Draft) -> None:
        """Show what the draft holds."""
        self.form.fill(draft.training)
        self.text.text = draft.text
        self.query_one(FolderPage).fill(draft.folder)
        self.query_one(ScriptPage).fill(draft.script)
        self.choice.value = draft.source
        self.choose(draft.source)

    def choose(self, source: str) -> None:
        shown = {FORM: TrainingPage, TEXT: JsonPage, FOLDER: FolderPage, SCRIPT: ScriptPage}[source]
        for page in self.query(".way"):
            page.set_class(isinstance(page, shown), "-chosen")

    def show_errors(self, errors: Errors) -> None:
        self.form.show_errors(errors)
        self.text.show_error(errors.get("text", ""))
        self.query_one(FolderPage).show_errors(errors)
        self.query_one(ScriptPage).show_errors(errors)

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
