"""How the shares of a fair-share queue stand: what each is entitled to and uses, and who is next.

Pure functions of what AWS tells. `tui.model.shares` is the short form, for the queue screen's panel.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from tui.model.jobs import ServiceJob
from tui.model.queues import FairsharePolicy, JobQueueSnapshot, ShareAttributes
from tui.model.share_lines import Line, lines, snapshot_use, together
from tui.model.shares import entry_of, weight_of

Verdict = Literal["over", "under", "even", "idle"]


class FairStanding(msgspec.Struct, frozen=True, kw_only=True):
    """One share identifier of a fair-share queue. Fractions are of the queue's capacity (0-1).

    `entry` is the policy's entry it falls under: itself, a prefix ending in `*`, or empty for the default
    weight. A row whose own name ends in `*` is such a prefix entry: the sum of those it `covers`. `target` is
    what the weights give it while the same shares are active. `past` is its past use as instances, averaged
    over the decay window; AWS does not tell it, it is worked out from the jobs seen. `rank` is its place
    in line for the next free capacity among the shares that wait, from 1.
    """

    name: str
    entry: str = ""
    weight: float = 1.0
    target: float = 0.0
    used: int = 0
    used_fraction: float = 0.0
    past: float = 0.0
    rank: int | None = None
    verdict: Verdict = "idle"
    line: Line = Line()
    covers: tuple[str, ...] = ()

    @property
    def is_prefix(self) -> bool:
        return self.name.endswith("*")

    @property
    def claim(self) -> float:
        """What the scheduler compares: use, past and present, times the weight factor; lower goes first."""
        return (self.past + self.used) * self.weight


def fair_standings(
    policy: FairsharePolicy,
    jobs: Iterable[ServiceJob],
    capacity: int,
    snapshot: JobQueueSnapshot | None = None,
    past: Mapping[str, float] | None = None,
) -> list[FairStanding]:
    """The shares that have jobs, those that the policy names in full, and its prefix entries, by name.

    `past` is each share's decayed past use in instances (instance-seconds over the decay window).
    """
    found = lines(jobs)
    past = past or {}
    told = snapshot_use(snapshot)
    named = [e.share_identifier for e in policy.share_distribution if not e.share_identifier.endswith("*")]
    weights = {share: weight_of(policy, share) for share in {*named, *found}}
    active = {share for share in found if weights[share] > 0}
    total = sum(1 / weights[share] for share in active)
    rows: list[FairStanding] = []
    for share in sorted(weights):
        line = found.get(share, Line())
        used = told.get(share, line.used)
        target = 1 / weights[share] / total if share in active else 0.0
        entry = entry_of(policy, share)
        rows.append(
            FairStanding(
                name=share,
                entry=entry.share_identifier if entry else "",
                weight=weights[share],
                target=target,
                used=used,
                used_fraction=used / capacity if capacity else 0.0,
                past=past.get(share, 0.0),
                verdict=_verdict(used, target * capacity, line),
                line=line,
            )
        )
    waiting = sorted((row for row in rows if row.line.queued), key=_need)
    ranks = {row.name: rank for rank, row in enumerate(waiting, 1)}
    rows = [msgspec.structs.replace(row, rank=ranks.get(row.name)) for row in rows]
    prefixes = [entry for entry in policy.share_distribution if entry.share_identifier.endswith("*")]
    rows += [_prefix_row(entry, rows, capacity) for entry in prefixes]
    return sorted(rows, key=lambda row: row.name)


def _prefix_row(entry: ShareAttributes, rows: Iterable[FairStanding], capacity: int) -> FairStanding:
    name = entry.share_identifier
    members = [row for row in rows if row.entry == name and not row.is_prefix]
    line = together([row.line for row in members])
    used, target = sum(row.used for row in members), sum(row.target for row in members)
    return FairStanding(
        name=name,
        entry=name,
        weight=entry.weight_factor,
        target=target,
        used=used,
        used_fraction=used / capacity if capacity else 0.0,
        past=sum(row.past for row in members),
        verdict=_verdict(used, target * capacity, line),
        line=line,
        covers=tuple(row.name for row in members),
    )


def _need(row: FairStanding) -> tuple[float, int, str]:
    return (row.claim, row.line.oldest_queued_at or 0, row.name)


def _verdict(used: int, target: float, line: Line) -> Verdict:
    """Over or under by an instance at least; who asks for nothing more is not under."""
    if not line.active and not used:
        return "idle"
    if used >= target + 1:
        return "over"
    return "under" if line.queued and used <= target - 1 else "even"


# ---- in words


def decay_words(share_decay_seconds: int) -> str:
    """What the decay window means."""
    window = span_words(share_decay_seconds or 600)
    which = f"{window} (the default)" if not share_decay_seconds else window
    return f"Past use fades over {which}: what ran longer ago hardly counts."


def reservation_words(reservation: int, active: int, capacity: int) -> str:
    """What the compute reservation keeps back now."""
    if not reservation:
        return "No compute reservation: active shares may use all of the capacity."
    part = (reservation / 100) ** active if active else 0.0
    kept = int(capacity * part)
    if not active:
        return f"A reservation of {reservation} % is kept for other shares once one is active."
    return (
        f"Reservation {reservation} %: with {active} active share{'s' if active != 1 else ''} "
        f"{part:.0%} of the capacity ({kept} of {capacity}) is kept for shares not active yet."
    )


def span_words(seconds: int) -> str:
    """`600` as `10 min`, `86400` as `1 day`; what is not whole stays in the smaller unit."""
    for size, word in ((86_400, "day"), (3_600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            number = seconds // size
            return f"{number} {word}{'s' if word == 'day' and number != 1 else ''}"
    return f"{seconds} s"
