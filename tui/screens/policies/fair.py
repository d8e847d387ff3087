"""A fair-share queue as the share policies screen shows it."""

from collections.abc import Mapping, Sequence
from typing import Any

from tui.live.picture import QueuePicture
from tui.model.fair_standing import (
    FairStanding,
    Verdict,
    decay_words,
    fair_standings,
    reservation_words,
    span_words,
)
from tui.model.queues import FairsharePolicy
from tui.model.units import clock, duration
from tui.scheduling.fairshare import window_seconds
from tui.screens.forecasts import past_usage
from tui.screens.job_facts import Fact, Section
from tui.screens.policies.views import Around, Chart, SharesView, kept_ago, number, percent
from widgets.gauge import LABEL_CELLS, gauge_text
from widgets.table import Cell, Column

GAUGE_CELLS = 12
SPARK_CELLS = 24

COLUMNS = (
    Column("share", "SHARE", 9, max_width=26, weight=2),
    Column("weight", "WEIGHT", 6, align="right"),
    Column("target", "TARGET", 6, align="right"),
    Column("used", "USED", 5, align="right"),
    Column("use", "IN USE", GAUGE_CELLS),
    Column("past", "PAST ~", 6, align="right", drop=2),
    Column("queued", "QUEUED", 6, align="right"),
    Column("running", "RUN", 3, align="right"),
    Column("oldest", "OLDEST", 7, align="right"),
    Column("standing", "STANDS", 6),
    Column("next", "NEXT", 4, align="right", drop=1),
    Column("history", "LAST HOURS", SPARK_CELLS, drop=3),
)

_STANDS: dict[Verdict, Cell] = {
    "over": ("▲ over", "warn"),
    "under": ("▼ under", "bad"),
    "even": ("even", "good"),
    "idle": ("idle", "muted"),
}
_ORDER: dict[Verdict, int] = {"under": 0, "over": 1, "even": 2, "idle": 3}


class FairView(SharesView):
    """Share identifiers and prefix entries, with what the weights give them and what they have."""

    columns = COLUMNS

    def __init__(self, picture: QueuePicture, policy: FairsharePolicy, around: Around) -> None:
        super().__init__(picture, around)
        self.policy = policy
        window = window_seconds(policy.share_decay_seconds)
        usage = past_usage(picture.jobs.values(), around.now_ms, policy.share_decay_seconds)
        self.capacity = picture.figures.limit
        self.rows = {
            row.name: row
            for row in fair_standings(
                policy,
                picture.active.values(),
                self.capacity,
                picture.snapshot,
                {share: used / window for share, used in usage.items()},
            )
        }

    @property
    def names(self) -> list[str]:
        return list(self.rows)

    @property
    def active(self) -> int:
        """Shares that have jobs: of the snapshot, if it tells."""
        return sum(row.line.active for row in self.rows.values() if not row.is_prefix)

    def headline(self) -> str:
        decay = decay_words(self.policy.share_decay_seconds)
        return f"{decay}\n{reservation_words(self.policy.compute_reservation, self.active, self.capacity)}"

    def members(self, name: str) -> Sequence[str]:
        row = self.rows.get(name)
        return row.covers if row is not None and row.is_prefix else (name,)

    def cells(self, name: str) -> Mapping[str, Cell]:
        row = self.rows[name]
        target = round(row.target * self.capacity, 1)
        style = "accent" if row.is_prefix else "strong"
        return {
            "share": (name, style if row.line.active or row.used else "muted"),
            "weight": f"{row.weight:g}" if row.entry else (f"({row.weight:g})", "muted"),
            "target": percent(row.target) if row.target else ("-", "muted"),
            "used": percent(row.used_fraction) if row.used else ("-", "muted"),
            "use": gauge_text(row.used, target, GAUGE_CELLS, label_width=LABEL_CELLS)
            if row.used or target
            else ("-", "muted"),
            "past": f"{row.past:.1f}" if row.past >= 0.05 else ("-", "muted"),
            "queued": number(row.line.queued),
            "running": number(row.line.running),
            "oldest": duration(_waits(row, self.around.now_ms)),
            "standing": _STANDS[row.verdict],
            "next": f"{row.rank}." if row.rank else ("-", "muted"),
            "history": (self.around.spark(name, SPARK_CELLS), "accent"),
        }

    def sort_key(self, name: str, column: str) -> Any:
        row = self.rows[name]
        keys: dict[str, Any] = {
            "weight": row.weight,
            "target": row.target,
            "used": row.used_fraction,
            "use": row.used,
            "past": row.past,
            "queued": row.line.queued,
            "running": row.line.running,
            "oldest": kept_ago(row.line.oldest_queued_at, self.around.now_ms),
            "standing": _ORDER[row.verdict],
            "next": row.rank or len(self.rows) + 1,
        }
        return keys.get(column, name)

    def chart(self, name: str) -> Chart:
        return Chart(self.capacity, self.rows[name].target * self.capacity, "target")

    def sections(self, name: str) -> list[Section]:
        row = self.rows[name]
        title = f"{name}: {_stands_words(row, self.capacity)}"
        window = span_words(window_seconds(self.policy.share_decay_seconds))
        facts: list[Fact] = [
            ("weight factor", self._weight_words(row), ""),
            ("target", f"{percent(row.target)} of {self.capacity}: {row.target * self.capacity:.1f}", ""),
            ("in use", f"{percent(row.used_fraction)}: {row.used}{_kinds(row)}", ""),
            ("past use ~", f"{row.past:.1f} over the last {window}, worked out from the jobs seen", "muted"),
        ]
        if row.covers:
            facts.append(("covers", ", ".join(row.covers), ""))
        facts += _waiting(row, self.around)
        return [Section(title, tuple(facts))]

    def _weight_words(self, row: FairStanding) -> str:
        if not row.entry:
            return f"{row.weight:g}, the default: the policy has no entry for it"
        if row.entry != row.name:
            return f"{row.weight:g}, by the entry {row.entry}"
        if row.is_prefix and not row.covers:
            return f"{row.weight:g}, for identifiers that begin so; none is active"
        return f"{row.weight:g} (a lower one gets more)"


def _waits(row: FairStanding, now_ms: int) -> int | None:
    return None if row.line.oldest_queued_at is None else max(0, now_ms - row.line.oldest_queued_at)


def _kinds(row: FairStanding) -> str:
    kinds = " + ".join(f"{amount} × {kind}" for kind, amount in sorted(row.line.held.items()))
    return f" ({kinds})" if kinds else ""


def _stands_words(row: FairStanding, capacity: int) -> str:
    match row.verdict:
        case "over":
            return f"over its target by {row.used - row.target * capacity:.1f}"
        case "under":
            return f"under its target by {row.target * capacity - row.used:.1f}"
        case "even":
            return "at its target, or asks for no more"
        case "idle":
            return "no jobs now"


def _waiting(row: FairStanding, around: Around) -> list[Fact]:
    if not row.line.queued:
        return [("waiting", "nothing", "muted")]
    asked = " + ".join(f"{amount} × {kind}" for kind, amount in sorted(row.line.asked.items()))
    oldest = row.line.oldest_queued_at
    facts: list[Fact] = [("waiting", f"{row.line.queued}: {asked}", "")]
    if oldest is not None:
        waits = duration(_waits(row, around.now_ms))
        facts.append(("oldest", f"{waits}, since {clock(oldest, utc=around.utc)}", ""))
    if row.rank is not None:
        facts.append(("next free capacity", "goes to it" if row.rank == 1 else f"{row.rank}. in line", ""))
    return facts
