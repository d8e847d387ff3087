"""The exact request, before it is sent, as JSON to read."""

import json
from contextlib import suppress
from typing import Any

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tui.model.payload_text import PAYLOAD, escape_json
from tui.model.submission import Submission, request_of
from tui.screens.pane import Pane
from widgets.form import Field

NAMED = 5


class PreviewPage(Pane):
    """Shows the first of the jobs, and how many there are."""

    DEFAULT_CSS = """
    PreviewPage > Static { height: auto; width: auto; min-width: 100%; }
    PreviewPage > #preview-note { color: $text-muted; width: 100%; margin-bottom: 1; }
    """

    fields: tuple[Field, ...] = ()

    def __init__(self) -> None:
        super().__init__(id="preview", classes="aside")
        self._submissions: tuple[Submission, ...] = ()
        self._is_built = True
        self._shown = ""
        self._note = Static("", id="preview-note", markup=False)
        self._json = Static("", id="preview-json", markup=False)

    def compose(self) -> ComposeResult:
        yield self._note
        yield self._json

    def on_mount(self) -> None:
        self.show(self._submissions, self._is_built)

    def show(self, submissions: tuple[Submission, ...], is_built: bool) -> None:
        """Kept until it is mounted: to colour the text takes long. `is_built`: the payload is there."""
        self._submissions, self._is_built = submissions, is_built
        if not self.is_attached:
            return
        request = request_of(submissions[0]) if submissions else {}
        text = readable(request)
        note = note_on(submissions, is_built)
        if text + note != self._shown:
            self._shown = text + note
            self._note.update(note)
            from textual.highlight import highlight  # brings pygments

            self._json.update(highlight(text, language="json") if text else Content(""))


def readable(request: dict[str, Any]) -> str:
    """The request as indented JSON, its payload as the object that it is the text of."""
    shown = dict(request)
    with suppress(ValueError):
        shown[PAYLOAD] = json.loads(shown.get(PAYLOAD, ""))
    return escape_json(json.dumps(shown, indent=2, ensure_ascii=False))


def note_on(submissions: tuple[Submission, ...], is_built: bool) -> str:
    """What the JSON below does not show."""
    if not submissions:
        return "Nothing is left to submit."
    as_text = "The payload is sent as one text; it is indented here."
    if not is_built:
        as_text = "Its payload is still to be built by the SageMaker SDK: ctrl+b."
    if len(submissions) == 1:
        return f"SubmitServiceJob. {as_text}"
    names = ", ".join(s.job_name for s in submissions[:NAMED])
    more = f" and {len(submissions) - NAMED} more" if len(submissions) > NAMED else ""
    return f"SubmitServiceJob, {len(submissions)} times: {names}{more}. The first one is shown. {as_text}"
