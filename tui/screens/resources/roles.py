"""The two IAM roles of training queues: one to call Batch with, one for SageMaker to run jobs under."""

import json
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.actions.words import role_entry
from tui.aws import roles
from tui.aws.problems import AwsProblem, Problem
from tui.model.roles import (
    CALLER_NAME,
    EXECUTION_NAME,
    Breadth,
    Level,
    RoleSpec,
    caller_role,
    execution_role,
)
from tui.screens.fact_sheet import FactSheet
from tui.screens.job_facts import Fact, Section
from widgets.cells import literal
from widgets.fields import ChoiceField, TextField
from widgets.form import Field, Form
from widgets.hints import KeyHints

if TYPE_CHECKING:
    from tui.aws.session import Aws
    from tui.screens.base import Live

BREADTHS = (
    ("least privilege", "least"),
    ("broad, as in AWS's examples", "broad"),
)
LEVELS = (
    ("administer: queues and all behind them, too", "administer"),
    ("operate: submit, reprioritise, cancel", "operate"),
    ("view: change nothing", "view"),
)

Found = dict[str, roles.Role | None]
Ensured = list[roles.RoleResult | Problem]


class RolesScreen(ModalScreen[bool]):
    """What there is of the two roles; `ctrl+s` makes what is missing, completes ours, leaves others alone."""

    DEFAULT_CSS = """
    RolesScreen > Vertical {
        width: 96%; max-width: 116; height: 96%; padding: 0 1; border: round $primary; background: $surface;
        & Form { height: auto; max-height: 8; }
        & #roles { height: 1fr; margin-top: 1; }
        & FactSheet { height: auto; }
        & .says { height: auto; max-height: 4; }
        & #hint { color: $text-muted; }
        & KeyHints { dock: none; background: $surface; padding: 0; }
    }
    """
    BINDINGS = [
        Binding("ctrl+s", "ensure", "make or complete", id="roles.go"),
        Binding("ctrl+y", "copy", "copy the policies", id="roles.copy"),
        Binding("escape", "close", "close", key_display="esc", id="dialog.cancel"),
    ]

    def __init__(self, live: "Live") -> None:
        super().__init__()
        self.live = live
        self._found: Found | None = None
        self._asked: tuple[str, ...] = ()
        self._sending = False
        self._done = False

    def compose(self) -> ComposeResult:
        with Vertical():
            with Form():
                yield ChoiceField(
                    "breadth", "Privilege", BREADTHS, hint="The least is enough for everything here."
                )
                yield ChoiceField("level", "Caller may", LEVELS, hint="What whoever assumes the role may do.")
                yield TextField("caller", "Role to call Batch", value=CALLER_NAME, required=True)
                yield TextField("execution", "Role of the jobs", value=EXECUTION_NAME, required=True)
                yield TextField(
                    "buckets",
                    "Buckets of the jobs",
                    placeholder="those with sagemaker in their names",
                    hint="Names of S3 buckets that jobs read and write, with commas between them.",
                )
            with VerticalScroll(id="roles"):
                yield FactSheet()
            yield Static("", id="hint", classes="says", markup=False)
            yield Static("Asking IAM…", id="says", classes="says", markup=False)
            yield KeyHints(keep=("ensure", "close"))

    def on_mount(self) -> None:
        self.query_one(Vertical).border_title = "IAM roles of training queues"
        self.query_one(Form).field("breadth").focus_control()
        self._ask()

    def on_descendant_focus(self) -> None:
        node = self.focused
        field = next((each for each in node.ancestors if isinstance(each, Field)), None) if node else None
        self.query_one("#hint", Static).update(Content(literal(field.hint) if field else ""))

    # ---- the wish

    def specs(self) -> tuple[RoleSpec, RoleSpec] | None:
        """The roles as they are wanted; None while the account is not known."""
        identity = self.live.store.identity
        if identity is None:
            return None
        values = self.query_one(Form).values
        breadth: Breadth = "broad" if values["breadth"] == "broad" else "least"
        level = _level(values["level"])
        partition = identity.partition
        execution = values["execution"].strip() or EXECUTION_NAME
        buckets = tuple(name for part in values["buckets"].split(",") if (name := part.strip()))
        return (
            caller_role(
                identity.account,
                partition=partition,
                name=values["caller"].strip() or CALLER_NAME,
                breadth=breadth,
                level=level,
                execution_role=execution,
            ),
            execution_role(partition=partition, name=execution, breadth=breadth, buckets=buckets),
        )

    @on(Field.Changed)
    def changed(self) -> None:
        self._paint()
        self.set_timer(0.4, self._ask)

    def _ask(self) -> None:
        """Look for roles of these names."""
        specs = self.specs()
        names = tuple(spec.name for spec in specs) if specs else ()
        if not specs:
            self._say("Who you are is not known yet: the account is part of the roles.", "$text-warning")
            self.set_timer(1.0, self._ask)
        elif names != self._asked and self.is_attached:
            self._asked = names
            self.live.poller.act(partial(_look, names=names), partial(self._looked, names))

    def _looked(self, names: tuple[str, ...], found: Found | Problem) -> None:
        if not self.is_attached or names != self._asked:
            return
        if isinstance(found, Problem):
            self._say(str(found), "$text-error")
            return
        self._found = found
        self._say("")
        self._paint()

    def _paint(self) -> None:
        specs = self.specs()
        if specs is not None and self.is_attached:
            self.query_one(FactSheet).show([self._section(spec) for spec in specs])

    def _section(self, spec: RoleSpec) -> Section:
        facts: list[Fact] = []
        if self._found is not None and spec.name in self._found:
            there = self._found[spec.name]
            facts.append(_standing(there, spec))
            if there is not None:
                facts.append(("ARN", there.arn, "muted"))
        trusted = ", ".join(str(who) for s in spec.trust["Statement"] for who in s["Principal"].values())
        facts.append(("trusts", trusted, ""))
        facts += [("allows", _statement(s), "") for s in (spec.inline or {}).get("Statement", ())]
        facts += [("attached", arn, "") for arn in spec.attached]
        return Section(f"{spec.name}: {spec.description}", tuple(facts))

    # ---- what the user does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "ensure":
            return not self._sending and not self.live.settings.read_only
        return super().check_action(action, parameters)

    def action_ensure(self) -> None:
        specs = self.specs()
        if specs is None or self._sending:
            return
        self._sending = True
        self._say("Asking IAM for both…", "$text-primary")

        def done(answer: Ensured | Problem) -> None:
            self._sending = False
            results: Ensured = [answer, answer] if isinstance(answer, Problem) else answer
            self.live.actions.record(
                role_entry(spec, result) for spec, result in zip(specs, results, strict=False)
            )
            if self.is_attached:
                self._told(specs, results)

        self.live.poller.act(partial(_ensure, specs=specs), done)

    def _told(self, specs: tuple[RoleSpec, RoleSpec], results: Ensured) -> None:
        lines = [_outcome(spec, result) for spec, result in zip(specs, results, strict=False)]
        bad = any(isinstance(result, Problem) for result in results)
        self._done = self._done or not bad
        self._say("\n".join(lines), "$text-error" if bad else "$text-success")
        self._found = {
            **(self._found or {}),
            **{r.role.name: r.role for r in results if isinstance(r, roles.RoleResult)},
        }
        self._paint()

    def action_copy(self) -> None:
        specs = self.specs()
        if specs is not None:
            documents = {
                spec.name: {"trust": spec.trust, "inline": spec.inline, "attached": spec.attached}
                for spec in specs
            }
            self.app.copy_to_clipboard(json.dumps(documents, indent=2))
            self.notify("Copied trust and permissions of both as JSON")

    def action_close(self) -> None:
        self.dismiss(self._done)

    def _say(self, text: str, style: str = "") -> None:
        content = Content("\n").join(Content.styled(literal(line), style) for line in text.splitlines())
        self.query_one("#says", Static).update(content)


def _level(text: str) -> Level:
    return "view" if text == "view" else "operate" if text == "operate" else "administer"


def _look(aws: "Aws", names: tuple[str, ...]) -> Found:
    return {name: roles.role(aws, name) for name in names}


def _ensure(aws: "Aws", specs: tuple[RoleSpec, ...]) -> Ensured:
    """One after the other; a refusal of one does not hold up the other."""
    results: Ensured = []
    for spec in specs:
        try:
            results.append(roles.ensure(aws, spec))
        except AwsProblem as failure:
            results.append(failure.problem)
    return results


def _standing(there: roles.Role | None, spec: RoleSpec) -> Fact:
    if there is None:
        return ("now", "not there: ctrl+s makes it", "warn")
    differences = "; ".join(roles.differences(there, spec))
    if not there.ours:
        text = "is there, made by others: it is adopted as it is"
        return ("now", f"{text} ({differences})" if differences else text, "warn" if differences else "good")
    return (
        ("now", f"made by queuedeck; {differences}: ctrl+s completes it", "warn")
        if differences
        else (
            "now",
            "made by queuedeck, as wanted",
            "good",
        )
    )


def _statement(statement: dict[str, object]) -> str:
    actions, resource = statement.get("Action"), statement.get("Resource")
    names = ", ".join(actions) if isinstance(actions, (list, tuple)) else str(actions)
    where = ", ".join(resource) if isinstance(resource, (list, tuple)) else str(resource)
    return names if where == "*" else f"{names}  on {where}"


def _outcome(spec: RoleSpec, result: roles.RoleResult | Problem) -> str:
    if isinstance(result, Problem):
        return f"✗ {spec.name}: {result}"
    if result.made:
        return f"✓ {spec.name} made: {result.role.arn}"
    if result.completed:
        return f"✓ {spec.name} completed"
    left = f"; it differs: {'; '.join(result.differences)}" if result.differences else ""
    return f"✓ {spec.name} adopted as it is{left}"
