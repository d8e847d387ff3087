"""How the quota shares of a queue stand: limits, use, and what each lends and borrows, by capacity unit.

Pure functions of what AWS tells. `tui.model.shares` is the short form, for the queue screen's panel.
"""

from collections.abc import Iterable, Mapping

import msgspec

from tui.model.jobs import ServiceJob
from tui.model.queues import NUM_INSTANCES, CapacityLimit, QuotaShare
from tui.model.share_lines import Line, lines


class UnitStanding(msgspec.Struct, frozen=True, kw_only=True):
    """One capacity unit of a quota share, in instances.

    `borrow_most` is what it may borrow (None: as much as is idle). `lent` is its part of what others borrow
    now: AWS does not tell who lends to whom, so it is laid on all lenders by what each has idle.
    """

    unit: str
    limit: int = 0
    used: int = 0
    asked: int = 0
    borrowed: int = 0
    borrow_most: int | None = 0
    lent: int = 0

    @property
    def free(self) -> int:
        """What is left of its own limit, and not lent."""
        return max(0, self.limit - self.used - self.lent)


class QuotaStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A quota share now. One that jobs name but that is no longer there has the state DELETED."""

    name: str
    share: QuotaShare = QuotaShare()
    units: tuple[UnitStanding, ...] = ()
    line: Line = Line()

    @property
    def limit(self) -> int:
        return sum(unit.limit for unit in self.units)

    @property
    def used(self) -> int:
        return sum(unit.used for unit in self.units)

    @property
    def borrowed(self) -> int:
        return sum(unit.borrowed for unit in self.units)

    @property
    def lent(self) -> int:
        return sum(unit.lent for unit in self.units)

    @property
    def borrow_most(self) -> int | None:
        """What it may borrow over all units; None for no limit."""
        most = [unit.borrow_most for unit in self.units]
        return None if None in most else sum(each for each in most if each is not None)


def borrow_most(share: QuotaShare, limit: int) -> int | None:
    """Instances a share may borrow on top of a limit of its own; None for as much as is idle.

    A borrow limit is a percentage of the share's own limit, -1 is none (QuotaShareResourceSharing).
    """
    sharing = share.resource_sharing_configuration
    if sharing.strategy != "LEND_AND_BORROW" or not limit:
        return 0
    percent = -1 if sharing.borrow_limit is None else sharing.borrow_limit
    return None if percent < 0 else limit * percent // 100


def quota_standings(shares: Iterable[QuotaShare], jobs: Iterable[ServiceJob]) -> list[QuotaStanding]:
    """The quota shares of a queue, and any that jobs name but that is no longer there, by name."""
    found = lines(jobs)
    known = {share.quota_share_name: share for share in shares}
    gone = QuotaShare(state="DELETED")
    names = sorted({*known, *found})
    units = {name: _units(known.get(name, gone), found.get(name, Line())) for name in names}
    lent = _lent({name: known[name] for name in names if name in known}, units)
    return [
        QuotaStanding(
            name=name,
            share=known.get(name, gone),
            line=found.get(name, Line()),
            units=tuple(
                msgspec.structs.replace(unit, lent=lent.get((name, unit.unit), 0))
                for unit in units[name].values()
            ),
        )
        for name in names
    ]


def unit_in(limits: Iterable[CapacityLimit], instance_type: str) -> str:
    """Which of the limits counts this instance type: its own, else that of all types, else none (itself)."""
    names = {limit.capacity_unit for limit in limits}
    return NUM_INSTANCES if instance_type not in names and NUM_INSTANCES in names else instance_type


def _units(share: QuotaShare, line: Line) -> dict[str, UnitStanding]:
    limits = {limit.capacity_unit: limit.max_capacity for limit in share.capacity_limits}
    held: dict[str, int] = dict.fromkeys(limits, 0)
    asked: dict[str, int] = dict.fromkeys(limits, 0)
    for sums, seen in ((held, line.held), (asked, line.asked)):
        for kind, amount in seen.items():
            unit = unit_in(share.capacity_limits, kind)
            sums[unit] = sums.get(unit, 0) + amount
    return {
        unit: UnitStanding(
            unit=unit,
            limit=limits.get(unit, 0),
            used=held.get(unit, 0),
            asked=asked.get(unit, 0),
            borrowed=max(0, held.get(unit, 0) - limits.get(unit, 0)),
            borrow_most=borrow_most(share, limits.get(unit, 0)),
        )
        for unit in dict.fromkeys((*limits, *held, *asked))
    }


def _lent(
    shares: Mapping[str, QuotaShare], units: Mapping[str, Mapping[str, UnitStanding]]
) -> dict[tuple[str, str], int]:
    """What each lending share lends of each unit: all that is borrowed, by what each has idle."""
    lent: dict[tuple[str, str], int] = {}
    for unit in {unit for held in units.values() for unit in held}:
        borrowed = sum(held[unit].borrowed for held in units.values() if unit in held)
        idle = {
            name: max(0, units[name][unit].limit - units[name][unit].used)
            for name, share in shares.items()
            if unit in units[name] and share.resource_sharing_configuration.strategy != "RESERVE"
        }
        total = sum(idle.values())
        given = min(borrowed, total)
        parts = {name: given * part / total for name, part in idle.items()} if total else {}
        whole = {name: int(part) for name, part in parts.items()}
        rest = given - sum(whole.values())
        for name in sorted(parts, key=lambda name: (whole[name] - parts[name], name))[:rest]:
            whole[name] += 1
        lent |= {(name, unit): amount for name, amount in whole.items()}
    return lent
