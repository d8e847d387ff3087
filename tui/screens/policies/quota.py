"""A queue with quota management as the share policies screen shows it."""

from collections.abc import Mapping
from typing import Any

from tui.live.picture import QueuePicture, job_id_of
from tui.model.quota_standing import QuotaStanding, UnitStanding, quota_standings
from tui.model.units import DAY, clock, duration
from tui.screens.job_facts import Fact, Section
from tui.screens.policies.views import Around, Chart, SharesView, kept_ago, number
from widgets.gauge import LABEL_CELLS, gauge_text
from widgets.table import Cell, Column

GAUGE_CELLS = 14
SPARK_CELLS = 24
LATELY_MS = DAY

COLUMNS = (
    Column("share", "SHARE", 9, max_width=26, weight=2, cut="middle"),
    Column("use", "IN USE / OWN", GAUGE_CELLS),
    Column("lent", "LENT", 4, align="right"),
    Column("borrowed", "BORROWS", 7, align="right"),
    Column("strategy", "STRATEGY", 11),
    Column("in_share", "IN-SHARE", 8, drop=2),
    Column("preempted", "PREEMPTED", 9, align="right", drop=1),
    Column("queued", "QUEUED", 6, align="right"),
    Column("running", "RUN", 3, align="right"),
    Column("oldest", "OLDEST", 7, align="right"),
    Column("history", "LAST HOURS", SPARK_CELLS, drop=3),
)

STRATEGIES = {"RESERVE": "reserve", "LEND": "lend", "LEND_AND_BORROW": "lend+borrow"}


class QuotaView(SharesView):
    """Quota shares: what each owns, uses, lends and borrows, and what was taken back lately."""

    columns = COLUMNS

    def __init__(self, picture: QueuePicture, around: Around) -> None:
        super().__init__(picture, around)
        self.rows = {row.name: row for row in quota_standings(picture.quota_shares, picture.active.values())}
        self.preempted = preemptions(picture, around)

    @property
    def names(self) -> list[str]:
        return list(self.rows)

    def headline(self) -> str:
        allowed = {
            limit.capacity_unit: limit.max_capacity
            for environment in self.picture.environments
            for limit in environment.capacity_limits
        }
        owned: dict[str, int] = {}
        for row in self.rows.values():
            for unit in row.units:
                owned[unit.unit] = owned.get(unit.unit, 0) + unit.limit
        parts = [_unit_words(unit, most, owned.get(unit, 0)) for unit, most in sorted(allowed.items())]
        return "What lenders leave idle goes to borrowers, first in first out.\n" + (
            "; ".join(parts) + "." if parts else "The service environment's limits are not known yet."
        )

    def cells(self, name: str) -> Mapping[str, Cell]:
        row = self.rows[name]
        state = "" if row.share.state in ("ENABLED", "") else row.share.state.lower()
        if row.share.status not in ("VALID", ""):
            state = row.share.status.lower()
        strategy = row.share.resource_sharing_configuration.strategy
        return {
            "share": (name, "warn" if state else "strong"),
            "use": gauge_text(row.used, row.limit, GAUGE_CELLS, lent=row.lent, label_width=LABEL_CELLS),
            "lent": number(row.lent),
            "borrowed": self._borrowed(row),
            "strategy": (state, "warn") if state else STRATEGIES.get(strategy, strategy),
            "in_share": "on" if _in_share(row) else ("off", "muted"),
            "preempted": number(len(self.preempted.get(name, ()))),
            "queued": number(row.line.queued),
            "running": number(row.line.running),
            "oldest": duration(_waits(row, self.around.now_ms)),
            "history": (self.around.spark(name, SPARK_CELLS), "accent"),
        }

    def _borrowed(self, row: QuotaStanding) -> Cell:
        most = row.borrow_most
        if most == 0 and not row.borrowed:
            return ("-", "muted")
        text = f"{row.borrowed}/{'∞' if most is None else most}"
        return (text, "warn") if row.borrowed else text

    def sort_key(self, name: str, column: str) -> Any:
        row = self.rows[name]
        keys: dict[str, Any] = {
            "use": row.used / row.limit if row.limit else float(row.used),
            "lent": row.lent,
            "borrowed": row.borrowed,
            "strategy": row.share.resource_sharing_configuration.strategy,
            "in_share": _in_share(row),
            "preempted": len(self.preempted.get(name, ())),
            "queued": row.line.queued,
            "running": row.line.running,
            "oldest": kept_ago(row.line.oldest_queued_at, self.around.now_ms),
        }
        return keys.get(column, name)

    def chart(self, name: str) -> Chart:
        row = self.rows[name]
        most = row.borrow_most
        reach = self.picture.figures.limit if most is None else row.limit + most
        return Chart(max(reach, row.limit), row.limit, "its own")

    def sections(self, name: str) -> list[Section]:
        row = self.rows[name]
        facts: list[Fact] = [(unit.unit, _unit_facts(unit), "") for unit in row.units]
        facts += self._front(name)
        facts += self._waiting(row)
        facts += self._lately(name)
        facts.append(("strategy", _strategy_words(row), ""))
        in_share = "on, by priority" if _in_share(row) else "off"
        facts.append(("in-share preempt.", in_share, "" if _in_share(row) else "muted"))
        return [Section(f"{name}: {_stands_words(row)}", tuple(facts))]

    def _front(self, name: str) -> list[Fact]:
        snapshot = self.picture.snapshot
        fronts = (
            snapshot.front_of_quota_shares.quota_shares if snapshot and snapshot.front_of_quota_shares else {}
        )
        front = next(iter(fronts.get(name, ())), None)
        if front is None:
            return [("front job", "none waits", "muted")]
        job = self.picture.jobs.get(job_id_of(front.job_arn))
        since = front.earliest_time_at_position
        there = f", at the front for {duration(max(0, self.around.now_ms - since))}" if since else ""
        return [("front job", f"{job.job_name if job else job_id_of(front.job_arn)}{there}", "")]

    def _waiting(self, row: QuotaStanding) -> list[Fact]:
        if not row.line.queued:
            return []
        asked = " + ".join(f"{amount} × {kind}" for kind, amount in sorted(row.line.asked.items()))
        waits = duration(_waits(row, self.around.now_ms))
        return [("waiting", f"{row.line.queued}: {asked}; the oldest for {waits}", "")]

    def _lately(self, name: str) -> list[Fact]:
        found = self.preempted.get(name, ())
        if not found:
            return [("preemptions", "none known in the last 24 h", "muted")]
        lines = [f"{len(found)} known in the last 24 h"]
        lines += [f"{clock(at, utc=self.around.utc)[11:16]}  {job}" for at, job in found[:3]]
        return [("preemptions", "\n".join(lines), "warn")]


def preemptions(picture: QueuePicture, around: Around) -> dict[str, list[tuple[int, str]]]:
    """By share, when which job had to make room in the last 24 h, the latest first: as far as jobs were
    described."""
    since = around.now_ms - LATELY_MS
    found: dict[str, list[tuple[int, str]]] = {}
    described: set[str] = set()
    for job_id, detail in picture.details.items():
        summary = detail.preemption_summary
        for attempt in summary.recent_preempted_attempts if summary else ():
            if attempt.stopped_at is not None and attempt.stopped_at >= since:
                described.add(job_id)
                found.setdefault(detail.share, []).append((attempt.stopped_at, detail.job_name))
    for event in around.events:
        seen = event.queue == picture.name and event.at >= since and event.job_id not in described
        if seen and event.kind == "preempted":
            found.setdefault(event.share, []).append((event.at, event.job_name))
    for jobs in found.values():
        jobs.sort(reverse=True)
    return found


def _in_share(row: QuotaStanding) -> bool:
    return row.share.preemption_configuration.in_share_preemption == "ENABLED"


def _waits(row: QuotaStanding, now_ms: int) -> int | None:
    return None if row.line.oldest_queued_at is None else max(0, now_ms - row.line.oldest_queued_at)


def _unit_words(unit: str, allowed: int, owned: int) -> str:
    if owned == allowed:
        return f"{unit}: all {allowed} belong to shares"
    if owned < allowed:
        return f"{unit}: {owned} of {allowed} belong to shares, {allowed - owned} to none"
    return f"{unit}: shares own {owned}, but the environment allows {allowed}"


def _unit_facts(unit: UnitStanding) -> str:
    parts = [f"{unit.used} of {unit.limit} in use"]
    if unit.borrowed:
        most = "no limit" if unit.borrow_most is None else f"at most {unit.borrow_most}"
        parts.append(f"{unit.borrowed} borrowed ({most})")
    if unit.lent:
        parts.append(f"~{unit.lent} lent")
    if unit.free:
        parts.append(f"{unit.free} free")
    return ", ".join(parts)


def _strategy_words(row: QuotaStanding) -> str:
    strategy = row.share.resource_sharing_configuration.strategy
    match strategy:
        case "RESERVE":
            return "reserve: what it has idle stays idle"
        case "LEND":
            return "lend what is idle, not borrow"
        case "LEND_AND_BORROW":
            percent = row.share.resource_sharing_configuration.borrow_limit
            if percent is None or percent < 0:
                return "lend what is idle, borrow all that others have idle"
            return f"lend what is idle, borrow up to {percent} % of its own ({row.borrow_most})"
        case _:
            return strategy


def _stands_words(row: QuotaStanding) -> str:
    if row.share.state == "DELETED":
        return "not there any more; jobs still name it"
    if row.borrowed:
        return f"uses {row.used} of its {row.limit}: {row.borrowed} borrowed"
    if row.lent:
        return f"uses {row.used} of its {row.limit}, lends ~{row.lent}"
    return f"uses {row.used} of its {row.limit}"
