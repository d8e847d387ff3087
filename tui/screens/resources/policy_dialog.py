"""A scheduling policy: made, or a fair-share one changed as a whole."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content

from tui.model import resource_changes
from tui.model.blueprint import Policy
from tui.model.blueprint_check import fairshare_mistakes, name_mistakes
from tui.model.existing import Existing
from tui.model.plan_setup import fairshare_differences
from tui.model.queues import FairsharePolicy, QuotaSharePolicy, SchedulingPolicy, ShareAttributes
from tui.model.resource_changes import Change
from tui.screens.policies.fair_dialogs import seconds_in
from tui.screens.resources.change_dialog import ChangeDialog, Mistakes
from widgets.fields import ChoiceField, LinesField, TextField

if TYPE_CHECKING:
    from tui.screens.base import Live

KINDS = (("fair-share: by weight and past use", "fair"), ("quota management: by quota shares", "quota"))


def weights_in(text: str) -> tuple[ShareAttributes, ...]:
    """The entries of lines such as `llm = 0.5`; a name alone weighs 1. Raises ValueError (a sentence)."""
    found: list[ShareAttributes] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        name, _, number = (part.strip() for part in line.partition("="))
        try:
            weight = float(number or 1)
        except ValueError:
            raise ValueError(f"{line.strip()[:40]!r} is not identifier = weight, such as llm = 0.5") from None
        found.append(ShareAttributes(share_identifier=name, weight_factor=weight))
    return tuple(found)


def weights_text(policy: FairsharePolicy) -> str:
    return "\n".join(f"{e.share_identifier} = {e.weight_factor:g}" for e in policy.share_distribution)


class PolicyDialog(ChangeDialog):
    """Edits a fair-share policy; with none, makes a policy of either kind."""

    def __init__(self, live: "Live", existing: Existing, policy: SchedulingPolicy | None = None) -> None:
        super().__init__(live)
        self.existing = existing
        self.there = policy
        self.done_word = "Updated" if policy else "Created"

    def title_text(self) -> str:
        return f"Scheduling policy {self.there.name}" if self.there else "New scheduling policy"

    def fields(self) -> ComposeResult:
        fair = (self.there.fairshare_policy if self.there else None) or FairsharePolicy()
        if self.there is None:
            yield TextField(
                "name", "Name", required=True, hint="Up to 128 letters, digits, hyphens and underscores."
            )
            yield ChoiceField("kind", "Kind", KINDS, hint="The kind of a policy cannot be changed later.")
        yield TextField(
            "decay",
            "Share decay",
            value=str(fair.share_decay_seconds),
            hint="Seconds, or as 10m, 6h, 7d (a week at most). 0 is the default of 10 minutes.",
        )
        yield TextField(
            "reservation",
            "Compute reservation",
            value=str(fair.compute_reservation),
            hint="0 to 99 %. With n active shares its n-th power of the capacity is kept for others.",
        )
        yield LinesField(
            "weights",
            "Weights",
            value=weights_text(fair),
            placeholder="llm = 0.5",
            hint="identifier = weight, one a line; a lower weight gets more. One that ends in * is a prefix.",
        )

    def look(self, values: Mapping[str, str]) -> None:
        fair = values.get("kind", "fair") == "fair"
        self.form.show_fields(("decay", "reservation", "weights"), fair)

    def _fair(self, values: Mapping[str, str]) -> FairsharePolicy:
        errors: dict[str, str] = {}
        decay, reservation = seconds_in(values["decay"]), values["reservation"].strip()
        if decay is None:
            errors["decay"] = "write seconds, or 10m, 6h, 7d"
        if not reservation.isdecimal():
            errors["reservation"] = "it is a whole number of percent"
        entries: tuple[ShareAttributes, ...] = ()
        try:
            entries = weights_in(values["weights"])
        except ValueError as wrong:
            errors["weights"] = str(wrong)
        if errors:
            raise Mistakes(errors)
        policy = FairsharePolicy(
            share_decay_seconds=decay or 0, compute_reservation=int(reservation), share_distribution=entries
        )
        for path, message in fairshare_mistakes(policy, ""):
            key = "decay" if path.endswith("Seconds") else "weights"
            key = "reservation" if path.endswith("Reservation") else key
            at = path.partition("[")[2].partition("]")[0]
            name = f"{entries[int(at)].share_identifier}: " if at else ""
            errors.setdefault(key, f"{name}{message}")
        if errors:
            raise Mistakes(errors)
        return policy

    def changes(self, values: Mapping[str, str]) -> list[Change]:
        if self.there is not None:
            wanted = self._fair(values)
            same = wanted == self.there.fairshare_policy
            return [] if same else [resource_changes.update_policy(self.there.arn, fairshare=wanted)]
        name = values.get("name", "").strip()
        for _, message in name_mistakes(name, "name"):
            raise Mistakes({"name": message})
        if self.existing.policy(name) is not None:
            raise Mistakes({"name": f"there is a scheduling policy {name} already"})
        if values.get("kind") == "quota":
            return [resource_changes.create_policy(Policy(name=name, quota_share_policy=QuotaSharePolicy()))]
        return [resource_changes.create_policy(Policy(name=name, fairshare_policy=self._fair(values)))]

    def says(self, changes: Sequence[Change]) -> Content:
        if self.there is None or not changes:
            return Content("")
        before = self.there.fairshare_policy or FairsharePolicy()
        lines = [*fairshare_differences(before, self._fair(self.form.values)).values()]
        users = [queue.job_queue_name for queue in self.existing.queues_under(self.there)]
        if users:
            lines.append(f"It orders {', '.join(users)}.")
        return Content.styled("\n".join(lines), "$text-primary")

    def before(self, change: Change) -> str:
        return str(resource_changes.plain(self.there)) if self.there else ""
