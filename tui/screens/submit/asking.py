"""What the submit dialog asks, or hands out, beside its pages: documents, a command, an image, leaving."""

from typing import TYPE_CHECKING

from tui.actions import Submit
from tui.actions.shell import shell_text
from tui.model.submission import Submission
from tui.screens.submit.draft import base_submission
from tui.screens.submit.examine import Examined
from tui.screens.submit.image_picker import ImageDialog
from tui.screens.submit.template_picker import DROP, KEEP, LeaveDialog, LoadDialog, SaveDialog
from tui.screens.submit.training_source import load

if TYPE_CHECKING:
    from tui.screens.submit.dialog import SubmitScreen


def load_document(screen: "SubmitScreen") -> None:
    """A template or file: what it gives replaces what is typed, the rest stays."""

    def loaded(found: object) -> None:
        if isinstance(found, Submission):
            screen.read_draft()
            load(screen.draft, found, screen.live.store.queues)
            screen.show_draft()
            screen.examine()

    screen.app.push_screen(LoadDialog(), loaded)


def save_template(screen: "SubmitScreen") -> None:
    """All of the form as a template."""
    screen.read_draft()
    picture = screen.picture
    base, _ = base_submission(screen.draft, picture.policy_kind if picture else None)

    def saved(path: object) -> None:
        if path:
            screen.notify(f"Saved as {path}", markup=False)

    screen.app.push_screen(SaveDialog(base), saved)


def copy_command(screen: "SubmitScreen", found: Examined) -> None:
    """The submission as commands of the AWS CLI. Their client tokens are ours: together they make one job."""
    settings = screen.live.settings
    text = shell_text(
        [Submit(submission=submission) for submission in found.submissions],
        profile=settings.profile,
        region=settings.region or screen.live.store.region,  # CLI 1 does not heed AWS_REGION
        endpoint_url=settings.endpoint_url,
    )
    screen.app.copy_to_clipboard(text)
    if found.errors:
        screen.notify("Copied as AWS CLI; something in it is wrong still.", severity="warning")
    else:
        screen.notify("Copied as AWS CLI.")


def find_image(screen: "SubmitScreen") -> None:
    """The image of a framework's version, into the guided form."""

    def found(uri: str | None) -> None:
        if uri:
            screen.training.form.fill({"image": uri})
            screen.examine()

    region = screen.live.settings.region or screen.live.store.region
    instance_type = screen.training.form.values["instance_type"]
    screen.app.push_screen(ImageDialog(region, instance_type), found)


def leave(screen: "SubmitScreen") -> None:
    """What becomes of a form that was changed."""

    def answered(answer: object) -> None:
        if answer == KEEP:
            screen.keep()
        elif answer == DROP:
            screen.forget()
        else:
            return
        screen.dismiss()

    screen.app.push_screen(LeaveDialog(), answered)
