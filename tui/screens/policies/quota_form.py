"""The fields of a quota share, and the share that is typed into them."""

from collections.abc import Mapping, Sequence
from typing import get_args

from textual.app import ComposeResult

from tui.model.blueprint import Share, State
from tui.model.blueprint_check import limit_mistakes, sharing_mistakes
from tui.model.queues import CapacityLimit, QuotaPreemption, QuotaShare, ResourceSharing
from tui.screens.resources.change_dialog import Mistakes
from widgets.fields import ON, ChoiceField, SwitchField, TextField
from widgets.form import Field

STRATEGY_CHOICES = (
    ("reserve: keeps idle capacity", "RESERVE"),
    ("lend: lends it, does not borrow", "LEND"),
    ("lend and borrow", "LEND_AND_BORROW"),
)
STATES = (("enabled", "ENABLED"), ("disabled: takes no new jobs", "DISABLED"))


def unit_key(unit: str) -> str:
    """The key of the field for a unit's limit: a field's key is a name of its style, too."""
    return "unit-" + unit.replace(".", "-")


def share_fields(share: QuotaShare, units: Sequence[str], free: Mapping[str, int]) -> ComposeResult:
    """Limits by unit, strategy, borrow limit, in-share preemption, state. `free` is what no share owns."""
    limits = {limit.capacity_unit: limit.max_capacity for limit in share.capacity_limits}
    for unit in units:
        spare = free.get(unit, 0)
        belongs = f" {spare} belong to no share." if spare > 0 else ""
        yield TextField(
            unit_key(unit),
            unit,
            value=str(limits[unit]) if unit in limits else "",
            hint=f"Instances of {unit} that are its own. Empty: it has no limit for it, and may use none."
            + belongs,
        )
    sharing = share.resource_sharing_configuration
    yield ChoiceField(
        "strategy",
        "Strategy",
        STRATEGY_CHOICES,
        value=sharing.strategy,
        hint="What becomes of capacity that is its own and idle, and whether it may use that of others.",
    )
    percent = sharing.borrow_limit
    yield TextField(
        "borrow",
        "Borrow limit %",
        value="" if percent is None or percent < 0 else str(percent),
        placeholder="no limit",
        hint="At most so many percent of its own limit on top of it. Empty: as much as others have idle.",
    )
    yield SwitchField(
        "in_share",
        "In-share preemption",
        "a higher priority stops a lower one of this share",
        value=ON if share.preemption_configuration.in_share_preemption == "ENABLED" else "",
        hint="Jobs of other shares are not affected by it.",
    )
    yield ChoiceField(
        "state",
        "State",
        STATES,
        value=share.state or "ENABLED",
        hint="A disabled share takes no new jobs, and finishes those it has.",
    )


def wanted_share(name: str, values: Mapping[str, str], units: Sequence[str]) -> Share:
    """The share as typed. Raises `Mistakes`."""
    errors: dict[str, str] = {}
    limits: list[CapacityLimit] = []
    for unit in units:
        text = values.get(unit_key(unit), "").strip()
        if text and not text.isdecimal():
            errors[unit_key(unit)] = "it is a whole number of instances"
        elif text:
            limits.append(CapacityLimit(max_capacity=int(text), capacity_unit=unit))
    for path, message in limit_mistakes(limits, "limits", quota=True, least=1):
        at = path.partition("[")[2].partition("]")[0]
        key = unit_key(limits[int(at)].capacity_unit) if at else unit_key(units[0]) if units else "strategy"
        errors.setdefault(key, message)
    sharing = _sharing(values, errors)
    for _, message in sharing_mistakes(sharing, ""):
        errors.setdefault("borrow", message)
    if errors:
        raise Mistakes(errors)
    state: State = "DISABLED" if values.get("state") == "DISABLED" else "ENABLED"
    return Share(
        quota_share_name=name,
        capacity_limits=tuple(limits),
        resource_sharing_configuration=sharing,
        preemption_configuration=QuotaPreemption(
            in_share_preemption="ENABLED" if values.get("in_share") == ON else "DISABLED"
        ),
        state=state if state in get_args(State) else "ENABLED",
    )


def _sharing(values: Mapping[str, str], errors: dict[str, str]) -> ResourceSharing:
    strategy, text = values.get("strategy", "RESERVE"), values.get("borrow", "").strip().rstrip("%").strip()
    if strategy != "LEND_AND_BORROW":
        return ResourceSharing(strategy=strategy)
    if text in ("", "-1"):
        return ResourceSharing(strategy=strategy, borrow_limit=-1)
    if not text.isdecimal():
        errors["borrow"] = "it is a whole number of percent, or nothing"
        return ResourceSharing(strategy=strategy)
    return ResourceSharing(strategy=strategy, borrow_limit=int(text))


def show_borrow(fields: Sequence[Field], values: Mapping[str, str]) -> None:
    """The borrow limit is there for shares that borrow."""
    for field in fields:
        if field.key == "borrow":
            field.display = values.get("strategy") == "LEND_AND_BORROW"


def same_borrowing(one: ResourceSharing, other: ResourceSharing) -> bool:
    """Whether two configurations are the same: no borrow limit is the same as -1."""

    def percent(sharing: ResourceSharing) -> int:
        return -1 if sharing.borrow_limit is None else sharing.borrow_limit

    return one.strategy == other.strategy and percent(one) == percent(other)
