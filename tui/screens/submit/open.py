"""Ways into the submit dialog: a new job, a clone."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.model.jobs import ServiceJobDetail
from tui.model.submission import submission_of
from tui.screens.submit.dialog import OnMade, SubmitScreen
from tui.screens.submit.draft import Draft, job_defaults, job_values
from tui.screens.submit.kept import kept
from tui.screens.submit.training_source import load_payload

if TYPE_CHECKING:
    from tui.screens.base import Live


def new_job(live: "Live", queue: str, made: OnMade | None = None) -> SubmitScreen:
    """The dialog for a new job in a queue; with what was typed before and not sent."""
    return _dialog(live, f"new {queue}", lambda: Draft(job=job_defaults(queue)), made)


def clone(live: "Live", detail: ServiceJobDetail, made: OnMade | None = None) -> SubmitScreen:
    """The dialog for a job like this one."""

    def draft() -> Draft:
        submission = submission_of(detail)
        found = Draft(job=job_values(submission), token=submission.client_token)
        load_payload(found, submission.payload)
        return found

    return _dialog(live, f"clone {detail.job_id}", draft, made)


def _dialog(live: "Live", key: str, fresh: Callable[[], Draft], made: OnMade | None) -> SubmitScreen:
    before = kept(live, key)
    if before is not None:
        return SubmitScreen(live, before.draft, before.pristine, key, made)
    return SubmitScreen(live, fresh(), None, key, made)
