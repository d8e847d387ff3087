"""A service environment: made, or its limits and state changed."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content

from tui.live.picture import QueuePicture
from tui.model import resource_changes
from tui.model.blueprint import Environment
from tui.model.blueprint_check import MAX_ENVIRONMENTS, limit_mistakes, name_mistakes
from tui.model.blueprint_warnings import below_use
from tui.model.existing import Existing
from tui.model.jobs import CapacityUsage
from tui.model.plan_setup import limits_text
from tui.model.queues import NUM_INSTANCES, CapacityLimit, ServiceEnvironment
from tui.model.resource_changes import Change
from tui.scheduling.preview import EditEffect, edit_preview
from tui.screens.forecasts import limits_of, neighbours, state_of
from tui.screens.resources.change_dialog import ChangeDialog, Mistakes
from tui.screens.resources.tree import units_in_use
from widgets.fields import ChoiceField, LinesField, TextField

if TYPE_CHECKING:
    from tui.screens.base import Live

STATES = (("enabled", "ENABLED"), ("disabled: starts nothing", "DISABLED"))


def limits_in(text: str) -> tuple[CapacityLimit, ...]:
    """The limits of lines such as `ml.g5.xlarge = 8`; a number alone counts instances of any type.

    Raises ValueError (a sentence).
    """
    found: list[CapacityLimit] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        unit, sign, number = (part.strip() for part in line.partition("="))
        if not sign:
            unit, number = NUM_INSTANCES, unit
        if not number.isdecimal() or not unit:
            raise ValueError(f"{line.strip()[:40]!r} is not unit = number, such as ml.g5.xlarge = 8")
        found.append(CapacityLimit(max_capacity=int(number), capacity_unit=unit))
    return tuple(found)


def limits_lines(limits: Sequence[CapacityLimit]) -> str:
    return "\n".join(f"{limit.capacity_unit} = {limit.max_capacity}" for limit in limits)


class EnvironmentDialog(ChangeDialog):
    """Edits an environment; with none, makes a new one."""

    def __init__(
        self, live: "Live", existing: Existing, environment: ServiceEnvironment | None = None
    ) -> None:
        super().__init__(live)
        self.existing = existing
        self.environment = environment
        self.done_word = "Updated" if environment else "Created"
        self._effect = EditEffect()

    def title_text(self) -> str:
        if self.environment is None:
            return "New service environment"
        return f"Service environment {self.environment.service_environment_name}"

    def fields(self) -> ComposeResult:
        there = self.environment
        if there is None:
            yield TextField(
                "name", "Name", required=True, hint="Up to 128 letters, digits, hyphens and underscores."
            )
        yield LinesField(
            "limits",
            "Capacity limits",
            value=limits_lines(there.capacity_limits) if there else "",
            placeholder="ml.g5.xlarge = 8",
            hint=f"unit = number, one a line, at most 5. {NUM_INSTANCES} counts instances of any type; quota "
            "management needs instance types.",
            required=True,
        )
        yield ChoiceField("state", "State", STATES, value=there.state if there else "ENABLED")

    def _limits(self, values: Mapping[str, str]) -> tuple[CapacityLimit, ...]:
        try:
            limits = limits_in(values.get("limits", ""))
        except ValueError as wrong:
            raise Mistakes({"limits": str(wrong)}) from None
        for _, message in limit_mistakes(limits, "limits", quota=self._quota):
            raise Mistakes({"limits": message})
        return limits

    @property
    def _quota(self) -> bool:
        """Whether it serves a queue with quota management."""
        return any(picture.policy_kind == "quota" for picture in self._pictures())

    def _pictures(self) -> list[QueuePicture]:
        if self.environment is None:
            return []
        queues = self.live.store.queues
        names = [queue.job_queue_name for queue in self.existing.queues_on(self.environment)]
        return [queues[name] for name in names if name in queues]

    def changes(self, values: Mapping[str, str]) -> list[Change]:
        there = self.environment
        name = self._new_name(values) if there is None else ""
        limits, state = self._limits(values), values.get("state", "ENABLED")
        if there is None:
            wanted = Environment(
                service_environment_name=name,
                capacity_limits=limits,
                state="DISABLED" if state == "DISABLED" else "ENABLED",
            )
            return [resource_changes.create_environment(wanted)]
        same_limits, same_state = limits == there.capacity_limits, state == there.state
        if same_limits and same_state:
            return []
        return [
            resource_changes.update_environment(
                there.service_environment_name,
                capacity_limits=None if same_limits else limits,
                state=None if same_state else state,
            )
        ]

    def _new_name(self, values: Mapping[str, str]) -> str:
        name = values.get("name", "").strip()
        for _, message in name_mistakes(name, "name"):
            raise Mistakes({"name": message})
        if self.existing.environment(name) is not None:
            raise Mistakes({"name": f"there is a service environment {name} already"})
        if len(self.existing.environments) >= MAX_ENVIRONMENTS:
            raise Mistakes({"name": f"a region has at most {MAX_ENVIRONMENTS} environments"})
        return name

    # ---- the preview

    def look(self, values: Mapping[str, str]) -> None:
        self._effect = EditEffect()
        pictures = self._pictures()
        try:
            limits = self._limits(values)
        except Mistakes:
            return
        if not pictures or values.get("state") == "DISABLED":
            return
        first, now_ms = pictures[0], self.live.store.now_ms()
        state = state_of(first, now_ms)
        after = {limit.capacity_unit: limit.max_capacity for limit in limits}
        others = neighbours(first, self.live.store.queues, now_ms)
        self._effect = edit_preview(state, state, limits_of(first), after, now_ms, others)

    def says(self, changes: Sequence[Change]) -> Content:
        there = self.environment
        if there is None or not changes:
            return (
                Content("Nothing runs in it until a queue is made on it (n sets one up).")
                if changes
                else Content("")
            )
        limits, state = self._limits(self.form.values), self.form.values.get("state")
        lines: list[tuple[str, str]] = []
        if limits != there.capacity_limits:
            lines.append((f"{limits_text(there.capacity_limits)} → {limits_text(limits)}", "$text-primary"))
            used = units_in_use(there, self.existing, self.live.store.queues)
            usage = [CapacityUsage(capacity_unit=unit, quantity=amount) for unit, amount in used.items()]
            then = "borrowers are preempted" if self._quota else "those jobs go on; none starts until it fits"
            lines += [(f"⚠ {words}: {then}.", "$text-warning") for words in below_use(limits, usage)]
        if state != there.state:
            lines.append((f"state {there.state} → {state}", "$text-primary"))
        if self._effect.preempted:
            lines.append((f"⚠ Preempts {self._named(self._effect.preempted)}.", "$text-warning bold"))
        if self._effect.starts:
            lines.append((f"Starts {self._named(self._effect.starts)}.", "$text-success"))
        if not self._effect.preempted and not self._effect.starts:
            lines.append(("Nothing starts or stops at once by it.", "dim"))
        return Content("\n").join(Content.styled(text, style) for text, style in lines)

    def _named(self, job_ids: Sequence[str], most: int = 3) -> str:
        found = [self.live.store.find(job_id) for job_id in job_ids[:most]]
        names = ", ".join(f"{job.job_name} ({picture.name})" for picture, job in filter(None, found))
        return f"{names} and {len(job_ids) - most} more" if len(job_ids) > most else names

    def before(self, change: Change) -> str:
        return str(resource_changes.plain(self.environment)) if self.environment else ""
