"""A plan and its carrying out, step by step: what set-up and tear-down share."""

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.aws.problems import Problem
from tui.model.plan import Step
from tui.provision.progress import Progress
from widgets.cells import literal
from widgets.hints import KeyHints
from widgets.table import Cell, Column, VirtualTable

if TYPE_CHECKING:
    from tui.aws.session import Aws
    from tui.live.audit import Entry
    from tui.screens.base import Live

Told = Callable[[Progress], None]
Carry = Callable[["Aws", Told, threading.Event, Callable[["Entry"], None]], Progress]

COLUMNS = (
    Column("state", "", 10),
    Column("verb", "DO", 7),
    Column("kind", "KIND", 19),
    Column("name", "NAME", 14, max_width=40, weight=1),
    Column("detail", "", 16, weight=2, drop=1),
)
_STATES: dict[str, Cell] = {
    "todo": ("○ to do", "muted"),
    "doing": ("◐ waiting", "accent"),
    "done": ("● done", "good"),
    "adopted": ("● is there", "good"),
    "blocked": ("✗ blocked", "bad"),
}


class RunScreen(ModalScreen[bool]):
    """Answers True when everything is as wanted. A subclass gives what stands above the steps, and the run.

    While it runs, esc stops it after the call under way; what was done stays, and is told.
    """

    DEFAULT_CSS = """
    RunScreen Form { max-height: 16; }
    RunScreen #steps { max-height: 14; }
    RunScreen.-short Form { max-height: 9; }
    RunScreen.-short #steps { max-height: 7; }
    RunScreen > Vertical {
        width: 96%; max-width: 116; height: auto; max-height: 98%; padding: 0 1;
        border: round $primary; background: $surface;
        & Form { height: auto; }
        & #steps { margin-top: 1; background: $surface; height: auto; }
        & .says { height: auto; max-height: 6; }
        & #hint { color: $text-muted; }
        & KeyHints { dock: none; background: $surface; padding: 0; margin-top: 1; }
    }
    """
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]
    BINDINGS = [
        Binding("ctrl+s", "go", "do it", id="run.go"),
        Binding("escape", "close", "close", key_display="esc", id="dialog.cancel"),
    ]

    class News(Message):
        """How far the run is."""

        def __init__(self, progress: Progress) -> None:
            super().__init__()
            self.progress = progress

    def __init__(self, live: "Live") -> None:
        super().__init__()
        self.live = live
        self.steps: tuple[Step, ...] = ()
        self.running = False
        self.complete = False
        self._cancelled = threading.Event()

    # ---- for subclasses

    def title_text(self) -> str:
        raise NotImplementedError

    def top(self) -> ComposeResult:
        """What stands above the steps."""
        yield from ()

    def go(self) -> None:
        """The user wants it done: call `start`, or say what is missing."""
        raise NotImplementedError

    def ended(self, progress: Progress) -> None:
        """The run is over."""

    # ---- layout

    def compose(self) -> ComposeResult:
        with Vertical():
            yield from self.top()
            yield VirtualTable(COLUMNS, self._cells, markable=False, empty="…", id="steps")
            yield Static("", id="hint", classes="says", markup=False)
            yield Static("", id="state", classes="says", markup=False)
            yield KeyHints(keep=("go", "close"))

    def on_mount(self) -> None:
        self.query_one(Vertical).border_title = Content(literal(self.title_text()))
        self.query_one("#steps").can_focus = False

    def on_unmount(self) -> None:
        self._cancelled.set()

    def show_steps(self, steps: Sequence[Step]) -> None:
        self.steps = tuple(steps)
        table = self.query_one("#steps", VirtualTable)
        table.styles.height = max(1, len(self.steps)) + 1
        table.display = bool(self.steps)
        table.show([step.key for step in self.steps])
        table.refresh_cells()
        under_way = next((step.key for step in self.steps if not step.over), None)
        if self.running and under_way is not None:
            table.cursor_key = under_way

    def _cells(self, key: str) -> tuple[Cell, ...]:
        step = next((step for step in self.steps if step.key == key), None)
        if step is None:
            return ()
        words = step.why or step.detail
        return (
            _STATES[step.state],
            (step.verb, "warn") if step.verb == "delete" and not step.over else (step.verb, "muted"),
            (step.kind, "muted"),
            (step.name, "strong"),
            (words, "bad" if step.state == "blocked" else "muted"),
        )

    def say(self, text: str, style: str = "") -> None:
        """A line or two on how things stand."""
        state = self.query_one("#state", Static)
        content = Content("\n").join(Content.styled(literal(line), style) for line in text.splitlines())
        if state.content != content:
            state.update(content)

    # ---- the run

    def start(self, carry: Carry) -> None:
        """Carry the plan out, in a worker."""
        self.running, self._cancelled = True, threading.Event()
        cancelled = self._cancelled

        def told(progress: Progress) -> None:
            self.post_message(self.News(progress))

        def log(entry: "Entry") -> None:
            self.live.actions.record([entry])

        self.say("Working: each step waits until AWS says that it is done…", "$text-primary")
        self.refresh_bindings()
        self.live.poller.act(lambda aws: carry(aws, told, cancelled, log), self._over)

    def on_run_screen_news(self, message: News) -> None:
        if self.running:
            self.show_steps(message.progress.steps)

    def _over(self, answer: Progress | Problem) -> None:
        self.live.poller.refresh_now()
        if isinstance(answer, Problem):
            answer = Progress(steps=self.steps, over=True, problem=answer)
        self.running, self.complete = False, answer.complete
        if not self.is_attached:
            return
        if answer.steps:
            self.show_steps(answer.steps)
        self.ended(answer)
        if answer.problem is not None:
            left = [f"{step.kind} {step.name}" for step in answer.steps if not step.over]
            text = str(answer.problem)
            if left and answer.problem.code != "Blocked":
                text += f"\nStill open: {', '.join(left)}. ctrl+s goes on from there."
            self.say(text, "$text-error")
        self.refresh_bindings()

    def action_go(self) -> None:
        if self.complete:
            self.dismiss(True)
        elif not self.running:
            self.go()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "go" and (self.running or self.complete or self.live.settings.read_only):
            return False
        return super().check_action(action, parameters)

    def action_close(self) -> None:
        if not self.running:
            self.dismiss(self.complete)
            return
        self._cancelled.set()
        self.say("Stopping after the call under way…", "$text-warning")
