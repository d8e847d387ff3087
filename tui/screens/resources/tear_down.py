"""Tear a queue down: shares, queue, policy, environment; nothing that another queue uses."""

from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from tui import provision
from tui.aws.problems import Problem
from tui.model.existing import Existing
from tui.model.plan_teardown import teardown_steps
from tui.provision.progress import Progress
from tui.screens.resources.run_screen import RunScreen
from widgets.fields import ON, SwitchField, TextField
from widgets.form import Field, Form

if TYPE_CHECKING:
    from tui.screens.base import Live


class TearDownScreen(RunScreen):
    """What would go and what is in the way; the queue's name has to be typed before anything goes."""

    def __init__(self, live: "Live", queue: str) -> None:
        super().__init__(live)
        self.queue = queue
        self._existing: Existing | None = None
        self._reading = False

    def title_text(self) -> str:
        return f"Tear down {self.queue}"

    def top(self) -> ComposeResult:
        with Form():
            yield SwitchField("drain", "Drain", "take no new jobs, and wait for those there are")
            yield TextField("typed", "Type its name", required=True)

    def on_mount(self) -> None:
        self.query_one(Form).field("typed").focus_control()
        self.say("Asking AWS what there is…", "dim")
        self.read()
        self.set_interval(3.0, self.read)

    # ---- the plan

    def read(self) -> None:
        """What there is, as long as nothing is under way."""
        if not (self.running or self.complete or self._reading):
            self._reading = True
            self.live.poller.act(partial(provision.read_for_teardown, queue=self.queue), self._has_read)

    def _has_read(self, found: Existing | Problem) -> None:
        self._reading = False
        if not self.is_attached or self.running or self.complete:
            return
        if isinstance(found, Problem):
            self.say(str(found), "$text-error")
            return
        self._existing = found
        self._plan()

    def _plan(self) -> None:
        if self._existing is None:
            return
        steps = teardown_steps(self.queue, self._existing, drain=self._drain)
        self.show_steps(steps)
        blocked = [step for step in steps if step.state == "blocked"]
        kept = [f"{step.kind} {step.name} stays: {step.detail}" for step in steps if step.verb == "keep"]
        if not steps:
            self.say(f"There is no job queue {self.queue} here, and nothing is left of one.", "$text-warning")
        elif blocked:
            reasons = "; ".join(dict.fromkeys(step.why for step in blocked))
            self.say(f"✗ In the way: {reasons}.", "$text-error")
        else:
            gone = sum(step.verb == "delete" for step in steps)
            self.say("\n".join([f"{gone} resources are deleted for good.", *kept]), "$text-warning")

    @property
    def _drain(self) -> bool:
        return self.query_one(Form).values.get("drain") == ON

    @on(Field.Changed)
    def typed(self, event: Field.Changed) -> None:
        event.field.error = ""
        if event.field.key == "drain" and not self.running:
            self._plan()

    # ---- the run

    def go(self) -> None:
        field = self.query_one(Form).field("typed")
        if field.value.strip() != self.queue:
            field.error = f"type {self.queue}"
            field.focus_control()
            return
        drain = self._drain
        self.start(
            lambda aws, told, cancelled, log: provision.teardown(
                aws, self.queue, told, cancelled, drain=drain, logged=log
            )
        )

    def ended(self, progress: Progress) -> None:
        if progress.complete:
            self.say(f"{self.queue} is torn down. esc closes.", "$text-success")
