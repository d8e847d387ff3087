"""Set up a queue from a few answers: environment, policy, queue and shares, in the right order."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tui import provision
from tui.live import unfinished
from tui.model.blueprint import Answers, Blueprint, from_answers
from tui.model.blueprint_check import check
from tui.model.blueprint_warnings import warnings
from tui.model.existing import Existing
from tui.model.payload_text import FieldProblem
from tui.model.plan_setup import setup_steps
from tui.model.queues import PolicyKind
from tui.model.training_form import KNOWN_INSTANCE_TYPES
from tui.provision.progress import Progress
from tui.screens.policies.fair_dialogs import seconds_in
from tui.screens.resources.change_dialog import Mistakes
from tui.screens.resources.run_screen import RunScreen
from tui.screens.resources.share_lines import FAIR_HINT, QUOTA_HINT, shares_in
from tui.screens.resources.tags_dialog import tags_in
from widgets.cells import literal
from widgets.combo import ComboField
from widgets.fields import ChoiceField, LinesField, TextField
from widgets.form import Field, Form

if TYPE_CHECKING:
    from tui.screens.base import Live

SETTLE = 0.08
BEGUN = "A set-up was begun and did not end: its answers are here again; ctrl+s goes on."
KINDS = (
    ("FIFO: first come, first served", "fifo"),
    ("fair-share: by weight and past use", "fair"),
    ("quota management: shares own, lend and borrow", "quota"),
)
_FIELDS = (
    ("serviceEnvironment.serviceEnvironmentName", "environment"),
    ("serviceEnvironment.capacityLimits", "capacity"),
    ("schedulingPolicy.fairsharePolicy.shareDecaySeconds", "decay"),
    ("schedulingPolicy.fairsharePolicy.computeReservation", "reservation"),
    ("schedulingPolicy.fairsharePolicy.shareDistribution", "shares"),
    ("schedulingPolicy", "policy"),
    ("jobQueue.priority", "priority"),
    ("jobQueue", "queue"),
    ("quotaShares", "shares"),
    ("tags", "tags"),
)
"""Which field to blame for what is wrong with a member of the blueprint, by the member's beginning."""


class SetUpScreen(RunScreen):
    """The form above, the plan it makes below. What is there already is adopted; a stopped run goes on."""

    def __init__(self, live: "Live", existing: Existing) -> None:
        super().__init__(live)
        self._existing = existing
        self._soon = self._begun = False
        self._touched: set[str] = set()
        self._first: dict[str, str] = {}
        self._blueprint: Blueprint | None = None

    def title_text(self) -> str:
        return "Set up a queue"

    def top(self) -> ComposeResult:
        with Form():
            yield ChoiceField("kind", "Kind", KINDS, hint="How jobs are ordered. It cannot be changed later.")
            yield TextField(
                "queue", "Queue", required=True, hint="Its name: letters, digits, hyphens and underscores."
            )
            yield ComboField(
                "type",
                "Instance type",
                [(name, "") for name in KNOWN_INSTANCE_TYPES],
                hint="What capacity counts. Empty: instances of any type (not with quota management).",
                placeholder="any",
            )
            yield TextField(
                "capacity",
                "Instances",
                value="1",
                hint="How many may run at once. 0 takes an environment that is there as it is.",
                required=True,
            )
            yield LinesField("shares", "Shares", hint=FAIR_HINT, placeholder="llm = 0.5")
            yield TextField("decay", "Share decay", value="0", hint="Seconds, or 10m, 6h; 0 is 10 minutes.")
            yield TextField(
                "reservation", "Reservation %", value="0", hint="Kept for shares not active yet: 0 to 99."
            )
            yield ComboField(
                "environment",
                "Environment",
                [(e.service_environment_name, "is there: adopt it") for e in self._existing.environments],
                hint="Its name; one that is there is adopted. Empty: named after the queue.",
                placeholder="<queue>-env",
            )
            yield ComboField(
                "policy",
                "Policy",
                [(p.name, "is there: adopt it") for p in self._existing.policies],
                hint="Its name; one that is there is adopted. Empty: named after the queue.",
                placeholder="<queue>-policy",
            )
            yield TextField(
                "priority",
                "Priority",
                value="1",
                hint="Among queues of an environment the highest goes first.",
            )
            yield LinesField(
                "tags", "Tags", hint="key = value, one a line, for all of them.", placeholder="team = vision"
            )

    def on_mount(self) -> None:
        self.form.field("kind").focus_control()
        self._first = self.form.values
        kept = unfinished.kept()
        if kept:
            self.form.fill(kept)
            self._touched = set(kept)
        self._begun = bool(kept)
        self.think()

    @property
    def form(self) -> Form:
        return self.query_one(Form)

    # ---- thinking

    @on(Field.Changed)
    def typed(self, event: Field.Changed) -> None:
        if event.field.value != self._first.get(event.field.key, ""):
            self._touched.add(event.field.key)
        if not self._soon:
            self._soon = True
            self.set_timer(SETTLE, self.think)

    def on_descendant_focus(self) -> None:
        node = self.focused
        field = next((each for each in node.ancestors if isinstance(each, Field)), None) if node else None
        self.query_one("#hint", Static).update(Content(literal(field.hint) if field else ""))

    def think(self) -> None:
        """The blueprint behind the answers, what is wrong with it, and the plan it makes."""
        self._soon = False
        if not self.is_attached or self.running or self.complete:
            return
        values = self.form.values
        kind = values["kind"]
        self.form.show_fields(("shares", "policy"), kind != "fifo")
        self.form.show_fields(("decay", "reservation"), kind == "fair")
        shares = self.form.field("shares")
        shares.hint = QUOTA_HINT if kind == "quota" else FAIR_HINT
        errors, notes = self._examine(values)
        self.form.show_errors({key: text for key, text in errors.items() if key in self._touched})
        if self._blueprint is None or errors:
            self.show_steps(())
            self.say(self._missing(errors), "dim")
            return
        self.show_steps(setup_steps(self._blueprint, self._existing))
        lines = [f"note: {note.message}" for note in notes[:3]]
        self.say("\n".join([BEGUN, *lines] if self._begun else lines), "$text-warning")

    def _missing(self, errors: Mapping[str, str]) -> str:
        """What is still to be answered, of what is not complained about at its field yet."""
        left = [self.form.field(key).label for key in errors if key not in self._touched]
        return f"The plan shows here. Still to be given: {', '.join(left)}." if left else ""

    def _examine(self, values: Mapping[str, str]) -> tuple[dict[str, str], list[FieldProblem]]:
        self._blueprint = None
        try:
            answers = answers_in(values)
        except Mistakes as wrong:
            return wrong.errors, []
        blueprint = self._blueprint = from_answers(answers)
        errors: dict[str, str] = {}
        for problem in check(blueprint, self._existing):
            errors.setdefault(_field_of(problem.field), self._worded(problem, answers))
        return errors, warnings(blueprint, self._existing)

    def _worded(self, problem: FieldProblem, answers: Answers) -> str:
        """The message, with the share it is about."""
        at = problem.field.partition("[")[2].partition("]")[0]
        if at.isdecimal() and _field_of(problem.field) == "shares" and int(at) < len(answers.shares):
            return f"{answers.shares[int(at)].name}: {problem.message}"
        return problem.message

    # ---- the run

    def go(self) -> None:
        values = self.form.values
        errors, _ = self._examine(values)
        if errors or self._blueprint is None:
            self._touched |= errors.keys()
            self.form.show_errors(errors)
            if (field := self.form.first_wrong) is not None:
                field.focus_control()
            return
        blueprint = self._blueprint
        unfinished.keep(values)
        self.form.disabled = True
        self.start(
            lambda aws, told, cancelled, log: provision.setup(aws, blueprint, told, cancelled, logged=log)
        )

    def ended(self, progress: Progress) -> None:
        self.form.disabled = self.complete
        if progress.complete:
            unfinished.forget()
            name = self._blueprint.job_queue.job_queue_name if self._blueprint else ""
            self.say(f"{name} is set up: everything is there and VALID. esc closes.", "$text-success")

    def action_close(self) -> None:
        if self.running or self.complete or self.form.values == self._first:
            super().action_close()
            return
        from tui.screens.confirm import ConfirmDialog

        question = "Leave, and forget these answers? What was made already stays."
        self.app.push_screen(ConfirmDialog(question, yes="Leave"), self._left)

    def _left(self, leave: bool | None) -> None:
        if leave:
            unfinished.forget()
            self.dismiss(False)


def answers_in(values: Mapping[str, str]) -> Answers:
    """The answers that the form's values are. Raises `Mistakes`."""
    errors: dict[str, str] = {}
    kind: PolicyKind = (
        "quota" if values["kind"] == "quota" else "fair" if values["kind"] == "fair" else "fifo"
    )
    numbers: dict[str, int] = {}
    wanted = ("capacity", "priority", "reservation") if kind == "fair" else ("capacity", "priority")
    for key in wanted:
        text = values[key].strip()
        if text.isdecimal():
            numbers[key] = int(text)
        else:
            errors[key] = "it is a whole number"
    decay = seconds_in(values["decay"]) if kind == "fair" else 0
    if decay is None:
        errors["decay"] = "write seconds, or 10m, 6h, 7d"
    shares = ()
    try:
        shares = shares_in(values["shares"], kind) if kind != "fifo" else ()
    except ValueError as wrong:
        errors["shares"] = str(wrong)
    tags: dict[str, str] = {}
    try:
        tags = tags_in(values["tags"])
    except ValueError as wrong:
        errors["tags"] = str(wrong)
    if not values["queue"].strip():
        errors["queue"] = "give a name"
    if kind == "quota" and not values["type"].strip():
        errors["type"] = "quota management counts one instance type at least"
    if errors:
        raise Mistakes(errors)
    return Answers(
        kind=kind,
        queue=values["queue"].strip(),
        capacity=numbers["capacity"],
        instance_type=values["type"].strip(),
        priority=numbers["priority"],
        environment=values["environment"].strip(),
        policy=values["policy"].strip() if kind != "fifo" else "",
        share_decay_seconds=decay or 0,
        compute_reservation=numbers.get("reservation", 0),
        shares=shares,
        tags=tags,
    )


def _kind(text: str) -> PolicyKind:
    return "quota" if text == "quota" else "fair" if text == "fair" else "fifo"


def _field_of(path: str) -> str:
    return next((key for start, key in _FIELDS if path.startswith(start)), "queue")
