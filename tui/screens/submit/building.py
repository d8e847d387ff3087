"""Having the SageMaker SDK build a request, in a worker, with progress."""

import threading
from collections.abc import Callable

import msgspec

from tui.aws.problems import AwsProblem, Problem, problem_from
from tui.aws.sdk import Progress, build_from_script, build_from_source, sdk_available
from tui.aws.session import Connection
from tui.model.submission import Submission
from tui.screens.submit.draft import FOLDER, Draft, Errors
from tui.screens.submit.source import script_of, source_of


class Job(msgspec.Struct, frozen=True):
    """A build that is ready to run, in a worker: `run(progress, cancelled)`."""

    values: dict[str, str]
    run: Callable[[Progress, Callable[[], bool]], Submission]


def prepare(draft: Draft, base: Submission, connection: Connection) -> Job | Errors:
    """The build of a draft's code, or what is wrong with its fields."""
    values = dict(draft.code)
    python = values.get("folder_python" if draft.source == FOLDER else "script_python", "").strip() or None
    if draft.source == FOLDER:
        source, errors = source_of(values)
        if source is None:
            return errors

        def run(progress: Progress, cancelled: Callable[[], bool]) -> Submission:
            return build_from_source(
                source, base, connection, python=python, progress=progress, cancelled=cancelled
            )

    else:
        script, errors = script_of(values)
        if script is None:
            return errors

        def run(progress: Progress, cancelled: Callable[[], bool]) -> Submission:
            return build_from_script(
                script, base, connection, python=python, progress=progress, cancelled=cancelled
            )

    return Job(values, run)


class Build:
    """One build under way. `told` gets each step, `done` the outcome: both through `deliver`."""

    def __init__(
        self,
        job: Job,
        deliver: Callable[[Callable[[], None]], None],
        told: Callable[[str], None],
        done: Callable[["Build", Submission | Problem], None],
    ) -> None:
        self.values = job.values
        self._job = job
        self._deliver = deliver
        self._told = told
        self._done = done
        self._cancelled = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="sdk-build", daemon=True).start()

    def cancel(self) -> None:
        """The child is ended; `done` is not called any more."""
        self._cancelled.set()

    def _run(self) -> None:
        found: Submission | Problem
        try:
            found = self._job.run(self._progress, self._cancelled.is_set)
        except AwsProblem as failure:
            found = failure.problem
        except Exception as exc:
            found = problem_from(exc)
        self._deliver(lambda: None if self._cancelled.is_set() else self._done(self, found))

    def _progress(self, stage: str, message: str) -> None:
        text = message or stage
        self._deliver(lambda: None if self._cancelled.is_set() else self._told(text))


def look_for_sdk(
    python: str, deliver: Callable[[Callable[[], None]], None], found: Callable[[str, str | None], None]
) -> None:
    """Tell `found` the interpreter that was asked about and the version of its SDK, None if it has none."""

    def run() -> None:
        try:
            version = sdk_available(python or None)
        except (AwsProblem, OSError):
            version = None
        deliver(lambda: found(python, version))

    threading.Thread(target=run, name="sdk-version", daemon=True).start()
