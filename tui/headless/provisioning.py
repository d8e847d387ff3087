"""What set-up and tear-down share without a screen: showing the plan, asking, following, the audit log."""

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

from tui.aws.session import Aws
from tui.headless.connection import DONE, FAILED, complain
from tui.headless.recording import recorder
from tui.live.audit import Entry
from tui.model.payload_text import FieldProblem
from tui.model.plan import Step
from tui.provision.progress import Progress

_DOING = {"create": "creating", "update": "updating", "delete": "deleting", "keep": "keeping"}
_DID = {"create": "created", "update": "updated", "delete": "deleted", "keep": "kept"}

Carry = Callable[[Callable[[Progress], None], threading.Event, Callable[[Entry], None]], Progress]


def tell(text: str) -> None:
    """One line, at once: who reads it through a pipe follows it, too."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def show_plan(steps: Sequence[Step], warnings: Sequence[FieldProblem] = ()) -> None:
    """What would be done, in order."""
    for step in steps:
        tell(plan_line(step))
    for warning in warnings:
        tell(f"note: {warning}")


def plan_line(step: Step) -> str:
    """`create   job queue vision: on vision-env`."""
    match step.state:
        case "blocked":
            return f"blocked  {step.kind} {step.name}: {step.why}"
        case "adopted":
            return f"adopt    {step.kind} {step.name}: it is there, as wanted"
        case "doing":
            return f"wait     {step.kind} {step.name}: {step.detail}"
        case _:
            return f"{step.verb:<8} {step.kind} {step.name}" + (f": {step.detail}" if step.detail else "")


def ask(question: str, wanted: str) -> bool:
    """Whether the answer is the wanted one. An end of the input, or an interrupt, is a no."""
    sys.stdout.write(question)
    sys.stdout.flush()
    try:
        return sys.stdin.readline().strip() == wanted
    except KeyboardInterrupt:
        tell("")
        return False


def interactive() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def follow(aws: Aws, carry: Carry) -> int:
    """Carry a plan out, telling every step. Exit code."""
    cancelled = threading.Event()
    narrator = _Narrator()
    record = recorder(aws)
    with _stopping(cancelled):
        end = carry(narrator.told, cancelled, lambda entry: record([entry]))
    if end.complete:
        return DONE
    if end.problem is not None:
        complain(str(end.problem))
    left = [f"{step.kind} {step.name}" for step in end.steps if not step.over]
    done = [f"{step.kind} {step.name} {_DID[step.verb]}" for step in end.steps if step.state == "done"]
    tell(f"done so far: {', '.join(done) or 'nothing'}; open: {', '.join(left) or 'nothing'}")
    return FAILED


class _Narrator:
    """Tells what is new in each progress."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}

    def told(self, progress: Progress) -> None:
        for step in progress.steps:
            text = self._text(step)
            if text and self._told.get(step.key) != text:
                self._told[step.key] = text
                tell(text)

    def _text(self, step: Step) -> str:
        what = f"{step.kind} {step.name}"
        match step.state:
            case "done":
                return f"{_DID[step.verb]} {what}" + (f": {step.detail}" if step.verb == "keep" else "")
            case "adopted":
                return f"adopted {what}"
            case "doing":
                return f"{_DOING[step.verb]} {what}" + (f": {step.detail}" if step.detail else "")
            case _:
                return ""


@contextlib.contextmanager
def _stopping(cancelled: threading.Event) -> Iterator[None]:
    """The first interrupt ends the run after the call under way; the second ends the program."""

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        cancelled.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
