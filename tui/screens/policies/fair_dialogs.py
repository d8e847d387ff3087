"""Dialogs that change a fair-share policy: a share's weight, a new entry, one less, decay and reservation."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.content import Content

from tui.actions.changing import Made, make
from tui.aws import batch
from tui.aws.problems import AwsProblem, Problem
from tui.model import resource_changes
from tui.model.blueprint_check import fairshare_mistakes
from tui.model.fair_standing import (
    FairStanding,
    decay_words,
    fair_standings,
    reservation_words,
)
from tui.model.queues import FairsharePolicy, ShareAttributes
from tui.model.resource_changes import Change
from tui.model.shares import entry_of
from tui.screens.forecasts import past_usage, state_of
from tui.screens.policies.effects import Effects, effects, effects_words
from tui.screens.policies.views import percent
from tui.screens.resources.change_dialog import ChangeDialog, Mistakes
from widgets.combo import ComboField
from widgets.fields import TextField
from widgets.table import Cell, Column

if TYPE_CHECKING:
    from tui.aws.session import Aws
    from tui.live.picture import QueuePicture
    from tui.screens.base import Live

CHANGED = Problem(
    code="Conflict",
    title="The policy was changed meanwhile",
    cause="Somebody else changed the scheduling policy, and an update would replace all of it.",
    next_step="Look at what is there now, and save again.",
    retryable=False,
)
_SPAN = re.compile(r"(\d+)\s*(s|m|min|h|d)?", re.IGNORECASE)
_SECONDS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400}


class FairDialog(ChangeDialog):
    """One value of a queue's fair-share policy is edited; the table shows what each share gets by it."""

    COLUMNS = (
        Column("share", "SHARE", 10, max_width=30, weight=1),
        Column("weight", "WEIGHT", 13, align="right", header_align="left"),
        Column("target", "TARGET", 13, align="right", header_align="left"),
        Column("used", "USED", 5, align="right"),
        Column("queued", "QUEUED", 6, align="right"),
        Column("next", "OF THE NEXT 10", 14, align="right", header_align="left", drop=1),
    )

    def __init__(self, live: "Live", queue: str) -> None:
        super().__init__(live, queue)
        self._base = self.policy
        self._before: dict[str, FairStanding] = {}
        self._after: dict[str, FairStanding] = {}
        self._effects = Effects()

    @property
    def picture(self) -> "QueuePicture":
        return self.live.store.queues[self.queue]

    @property
    def policy(self) -> FairsharePolicy:
        policy = self.picture.policy
        return (policy.fairshare_policy if policy else None) or FairsharePolicy()

    @property
    def arn(self) -> str:
        return self.picture.queue.scheduling_policy_arn

    def wanted(self, values: Mapping[str, str]) -> FairsharePolicy:
        """The policy as it would be. Raises `Mistakes`."""
        raise NotImplementedError

    def field_of(self, path: str) -> str:
        """The field to blame for what is wrong with a member of the policy."""
        return self.form.fields[-1].key

    def changes(self, values: Mapping[str, str]) -> list[Change]:
        wanted = self.wanted(values)
        found = {self.field_of(path): message for path, message in fairshare_mistakes(wanted, "")}
        if found:
            raise Mistakes(found)
        return [] if wanted == self.policy else [resource_changes.update_policy(self.arn, fairshare=wanted)]

    def carry_out(self, aws: "Aws", changes: Sequence[Change]) -> tuple[Made, ...]:
        """An update replaces the policy: it is sent only if the policy is still what was edited."""
        try:
            there = next(iter(batch.policies(aws, (self.arn,))), None)
        except AwsProblem as failure:
            return tuple(Made(change, failure.problem) for change in changes)
        if there is None or there.fairshare_policy != self._base:
            return tuple(Made(change, CHANGED) for change in changes)
        return make(aws, changes)

    def send(self, changes: Sequence[Change]) -> None:
        self._base = self.policy  # what the preview was made from
        super().send(changes)

    def before(self, change: Change) -> str:
        return str(resource_changes.plain(self._base))

    # ---- the preview

    def look(self, values: Mapping[str, str]) -> None:
        picture, now_ms = self.picture, self.live.store.now_ms()
        try:
            wanted = self.wanted(values)
        except Mistakes:
            wanted = self.policy
        jobs, capacity = list(picture.active.values()), picture.figures.limit
        self._before = {
            row.name: row for row in fair_standings(self.policy, jobs, capacity, picture.snapshot)
        }
        self._after = {row.name: row for row in fair_standings(wanted, jobs, capacity, picture.snapshot)}
        usage = past_usage(picture.jobs.values(), now_ms, wanted.share_decay_seconds)
        state = replace(state_of(picture, now_ms), fairshare=wanted, usage=usage)
        self._effects = effects(picture, self.live.store.queues, state, now_ms)

    def rows(self) -> list[str]:
        names = sorted(self._before.keys() | self._after.keys())

        def same(name: str) -> bool:
            before, after = self._before.get(name), self._after.get(name)
            if before is None or after is None:
                return False
            return (before.weight, before.target) == (after.weight, after.target)

        return sorted(names, key=same)

    def cells(self, key: str) -> tuple[Cell, ...]:
        before, after = self._before.get(key), self._after.get(key)
        row = after or before
        if row is None:
            return ()
        found = self._effects
        name: Cell = (key, "accent") if row.is_prefix else (key, "strong")
        return (
            name,
            _arrow(f"{before.weight:g}" if before else "-", f"{after.weight:g}" if after else "-"),
            _arrow(_target(before), _target(after)),
            percent(row.used_fraction) if row.used else ("-", "muted"),
            str(row.line.queued) if row.line.queued else ("-", "muted"),
            _arrow(str(found.next_before.get(key, 0)), str(found.next_after.get(key, 0))),
        )

    def says(self, changes: Sequence[Change]) -> Content:
        lines: list[tuple[str, str]] = []
        if changes:
            lines += effects_words(self.picture, self._effects)
        others = [
            name
            for name, other in self.live.store.queues.items()
            if name != self.queue and other.queue.scheduling_policy_arn == self.arn
        ]
        if others:
            lines.append((f"⚠ The policy also orders {', '.join(others)}.", "$text-warning"))
        return Content("\n").join(Content.styled(text, style) for text, style in lines)


class WeightDialog(FairDialog):
    """A share's weight factor; with no share, a new entry. A share that goes by a prefix edits that entry."""

    def __init__(self, live: "Live", queue: str, share: str = "") -> None:
        super().__init__(live, queue)
        entry = entry_of(self.policy, share) if share else None
        self._name = entry.share_identifier if entry else share
        self._asked = share
        self._weight = entry.weight_factor if entry else 1.0
        self.done_word = "Updated"

    def title_text(self) -> str:
        if not self._asked:
            return f"Add a share to {self.queue}"
        if self._name != self._asked:
            return f"Weight of {self._name}, which {self._asked} goes by"
        return f"Weight of {self._name}"

    def fields(self) -> ComposeResult:
        if not self._asked:
            known = [name for name, row in self._known().items() if not row.entry]
            yield ComboField(
                "name",
                "Share identifier",
                [(name, "has jobs, but no entry") for name in known],
                hint="Up to 255 letters and digits. One that ends in * is for all that begin so.",
                required=True,
            )
        yield TextField(
            "weight",
            "Weight factor",
            value=f"{self._weight:g}",
            hint="0.0001 to 999.9999; a lower one gets more: 0.125 gets 8 times what 1 gets.",
            required=True,
        )

    def _known(self) -> dict[str, FairStanding]:
        return {row.name: row for row in fair_standings(self.policy, self.picture.active.values(), 0)}

    def field_of(self, path: str) -> str:
        return "weight" if path.endswith("weightFactor") or self._asked else "name"

    def wanted(self, values: Mapping[str, str]) -> FairsharePolicy:
        name = self._name or values.get("name", "").strip()
        errors: dict[str, str] = {}
        if not name:
            errors["name"] = "give an identifier"
        weight = _number(values.get("weight", ""))
        if weight is None:
            errors["weight"] = "it is a number"
        if errors or weight is None:
            raise Mistakes(errors)
        entries = list(self.policy.share_distribution)
        at = next((i for i, entry in enumerate(entries) if entry.share_identifier == name), None)
        if at is not None and not self._asked:
            raise Mistakes({"name": f"{name} has an entry already: edit that one"})
        new = ShareAttributes(share_identifier=name, weight_factor=weight)
        if at is None:
            entries.append(new)
        elif entries[at].weight_factor != weight:
            entries[at] = new
        return replace(self.policy, share_distribution=tuple(entries))


class RemoveEntryDialog(FairDialog):
    """Takes a share's entry out of the policy; its jobs stay, with the default weight."""

    done_word = "Removed from"

    def __init__(self, live: "Live", queue: str, share: str) -> None:
        super().__init__(live, queue)
        entry = entry_of(self.policy, share)
        self._name = entry.share_identifier if entry else ""
        self._share = share

    def title_text(self) -> str:
        return f"Remove {self._name or self._share} from the policy"

    def wanted(self, values: Mapping[str, str]) -> FairsharePolicy:
        entries = tuple(e for e in self.policy.share_distribution if e.share_identifier != self._name)
        return replace(self.policy, share_distribution=entries)

    def says(self, changes: Sequence[Change]) -> Content:
        if not self._name:
            return Content(
                f"{self._share} has no entry in the policy: it goes by the default weight of 1, and is "
                "listed while it has jobs."
            )
        first = (
            f"ctrl+s removes the entry {self._name}. Jobs of its shares stay, with the default weight of 1."
        )
        return Content("\n").join([Content(first), super().says(changes)])


class DecayDialog(FairDialog):
    """How fast past use fades, and what is kept for shares that are not active."""

    def title_text(self) -> str:
        policy = self.picture.policy
        return f"Decay and reservation of {policy.name if policy else self.queue}"

    def fields(self) -> ComposeResult:
        yield TextField(
            "decay",
            "Share decay",
            value=str(self.policy.share_decay_seconds),
            hint="Seconds, or as 10m, 6h, 7d (a week at most). 0 is the default of 10 minutes.",
            required=True,
        )
        yield TextField(
            "reservation",
            "Compute reservation",
            value=str(self.policy.compute_reservation),
            hint="0 to 99 %. With n active shares its n-th power of the capacity is kept for others.",
            required=True,
        )

    def field_of(self, path: str) -> str:
        return "reservation" if path.endswith("computeReservation") else "decay"

    def wanted(self, values: Mapping[str, str]) -> FairsharePolicy:
        decay, reservation = seconds_in(values.get("decay", "")), values.get("reservation", "").strip()
        errors: dict[str, str] = {}
        if decay is None:
            errors["decay"] = "write seconds, or 10m, 6h, 7d"
        if not reservation.isdecimal():
            errors["reservation"] = "it is a whole number of percent"
        if errors or decay is None:
            raise Mistakes(errors)
        return replace(self.policy, share_decay_seconds=decay, compute_reservation=int(reservation))

    def says(self, changes: Sequence[Change]) -> Content:
        try:
            wanted = self.wanted(self.form.values)
        except Mistakes:
            return Content("")
        active = sum(row.line.active for row in self._after.values() if not row.is_prefix)
        words = [
            decay_words(wanted.share_decay_seconds),
            reservation_words(wanted.compute_reservation, active, self.picture.figures.limit),
        ]
        return Content("\n").join([*(Content(text) for text in words), super().says(changes)])


def seconds_in(text: str) -> int | None:
    """`600`, `10m`, `6h` or `7d` as seconds; None for anything else."""
    match = _SPAN.fullmatch(text.strip())
    return int(match.group(1)) * _SECONDS[(match.group(2) or "").lower()] if match else None


def _number(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def _target(row: FairStanding | None) -> str:
    return percent(row.target) if row is not None and row.target else "-"


def _arrow(before: str, after: str) -> Cell:
    return (f"{before} → {after}", "accent") if before != after else (before, "muted")
