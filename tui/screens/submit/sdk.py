"""The SDK's part in the submit dialog: is it there, building with progress, and what came of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.aws.problems import Problem
from tui.aws.session import Connection
from tui.model.submission import Submission
from tui.screens.submit.building import Build, look_for_sdk, prepare
from tui.screens.submit.draft import base_submission
from tui.screens.submit.source import NO_SDK, CodePage

if TYPE_CHECKING:
    from tui.screens.submit.dialog import SubmitScreen


class SdkRuns:
    """Runs builds for a dialog, one at a time. `step` is a word on how far it is."""

    def __init__(self, screen: "SubmitScreen") -> None:
        self.step = ""
        self._screen = screen
        self._build: Build | None = None
        self._then: Callable[[], None] | None = None
        self._asked: tuple[CodePage, str] | None = None

    @property
    def under_way(self) -> bool:
        return self._build is not None

    def _deliver(self, work: Callable[[], None]) -> None:
        self._screen.call_later(work)

    def look(self) -> None:
        """Say on the page which SDK there is, if the page needs one."""
        page = self._screen.training.code
        if page is None or not page.is_attached:
            return
        python = page.values.get("folder_python", page.values.get("script_python", "")).strip()
        if (page, python) != self._asked:
            self._asked = (page, python)
            page.note("Looking for the SageMaker SDK…")
            look_for_sdk(python, self._deliver, self._found)

    def _found(self, python: str, version: str | None) -> None:
        page = self._screen.training.code
        if page is None or (page, python) != self._asked:
            return
        if version is None:
            page.note(NO_SDK, missing=True)
        else:
            page.note(f"SageMaker SDK {version}. ctrl+b builds the request; ctrl+s builds it and submits.")

    def build(self, then: Callable[[], None] | None = None) -> None:
        """Build the request of what is typed; `then` runs if that went well."""
        if self._build is not None:
            return
        screen = self._screen
        settings = screen.live.settings
        picture = screen.picture
        base, _ = base_submission(screen.draft, picture.policy_kind if picture else None)
        connection = Connection(
            profile=settings.profile, region=settings.region, endpoint_url=settings.endpoint_url
        )
        ready = prepare(screen.draft, base, connection)
        if isinstance(ready, dict):
            screen.show_wrong(ready)
            return
        self._then = then
        self._told("Starting the SageMaker SDK…")
        self._build = Build(ready, self._deliver, self._told, self._done)
        self._build.start()
        screen.say_state()

    def cancel(self) -> None:
        """Stop the build that is under way."""
        if self._build is not None:
            self._build.cancel()
            self._build = None
            self._screen.refuse("The build was stopped. Nothing was submitted.")

    def _told(self, step: str) -> None:
        self.step = f"{step}   esc stops it"
        self._screen.say_state()

    def _done(self, build: Build, found: Submission | Problem) -> None:
        self._build = None
        screen = self._screen
        if isinstance(found, Problem):
            screen.refuse(f"✗ {found.title}: {found.cause} {found.next_step}")
            return
        screen.draft.built = found
        screen.draft.built_from = build.values
        screen.examine()
        if self._then is not None:
            self._then()
