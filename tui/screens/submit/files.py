"""Templates and files of the submit dialog: loaded into the form, saved from it."""

from typing import TYPE_CHECKING

from tui.model.submission import Submission
from tui.screens.submit.draft import base_submission
from tui.screens.submit.template_picker import LoadDialog, SaveDialog
from tui.screens.submit.training_source import load

if TYPE_CHECKING:
    from tui.screens.submit.dialog import SubmitScreen


def ask_and_load(screen: "SubmitScreen") -> None:
    """Choose a template or file; what it gives replaces what is typed, the rest stays."""

    def loaded(found: object) -> None:
        if isinstance(found, Submission):
            screen.read_draft()
            load(screen.draft, found, screen.live.store.queues)
            screen.show_draft()
            screen.examine()

    screen.app.push_screen(LoadDialog(), loaded)


def ask_and_save(screen: "SubmitScreen") -> None:
    """Save all of the form as a template."""
    screen.read_draft()
    picture = screen.picture
    base, _ = base_submission(screen.draft, picture.policy_kind if picture else None)

    def saved(path: object) -> None:
        if path:
            screen.notify(f"Saved as {path}", markup=False)

    screen.app.push_screen(SaveDialog(base), saved)
