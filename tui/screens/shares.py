"""The panel of shares: who holds the capacity of one queue, a gauge to each."""

from collections.abc import Sequence

from tui.live.picture import QueuePicture
from tui.model.shares import ShareUse, fair_shares, quota_shares
from tui.model.units import duration
from widgets.gauge import LABEL_CELLS, gauge_text
from widgets.table import Cell, Column, VirtualTable

GAUGE_CELLS = 18
FAIR_COLUMNS = (
    Column("share", "SHARE", 10, max_width=24, weight=1, cut="middle"),
    Column("weight", "WEIGHT", 6, align="right"),
    Column("use", "IN USE / TARGET", GAUGE_CELLS),
    Column("running", "RUN", 4, align="right"),
    Column("queued", "QUEUED", 6, align="right"),
    Column("oldest", "OLDEST", 7, align="right", drop=1),
)
QUOTA_COLUMNS = (
    Column("share", "SHARE", 10, max_width=24, weight=1, cut="middle"),
    Column("use", "IN USE / QUOTA", GAUGE_CELLS),
    Column("borrowed", "BORROWS", 7, align="right"),
    Column("rule", "STRATEGY", 15, drop=2),
    Column("running", "RUN", 4, align="right"),
    Column("queued", "QUEUED", 6, align="right"),
    Column("oldest", "OLDEST", 7, align="right", drop=1),
)


def share_uses(picture: QueuePicture) -> list[ShareUse]:
    """The shares of the queue as its policy defines them; none for FIFO."""
    jobs = picture.active.values()
    if picture.policy_kind == "quota":
        return quota_shares(picture.quota_shares, jobs)
    policy = picture.policy.fairshare_policy if picture.policy else None
    return fair_shares(policy, jobs, picture.figures.limit) if policy else []


class SharesPanel(VirtualTable):
    """A table of shares. `update_from` a picture; `enter` on one is `Selected` with its name."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(FAIR_COLUMNS, self._share_cells, markable=False, id=id)
        self._uses: dict[str, ShareUse] = {}
        self._now_ms = 0

    def update_from(self, picture: QueuePicture, now_ms: int) -> None:
        """Show the shares of this queue at AWS's time `now_ms`."""
        self._uses = {use.name: use for use in share_uses(picture)}
        self._now_ms = now_ms
        self.display = bool(self._uses)
        columns = QUOTA_COLUMNS if picture.policy_kind == "quota" else FAIR_COLUMNS
        if self.columns != columns:
            self.columns = columns
        self.show(list(self._uses))

    def _share_cells(self, name: str) -> Sequence[Cell]:
        use = self._uses[name]
        by_key: dict[str, Cell] = {
            "share": (name, "strong") if use.state == "ENABLED" else (f"{name} {use.state.lower()}", "warn"),
            "weight": f"{use.weight:g}" if use.weight is not None else "",
            "use": gauge_text(use.used, round(use.limit, 1), GAUGE_CELLS, label_width=LABEL_CELLS),
            "borrowed": (f"+{use.borrowed}", "warn") if use.borrowed else ("-", "muted"),
            "rule": (use.rule.lower().replace("_", " "), "muted"),
            "running": str(use.running) if use.running else ("-", "muted"),
            "queued": str(use.queued) if use.queued else ("-", "muted"),
            "oldest": duration(
                None if use.oldest_queued_at is None else max(0, self._now_ms - use.oldest_queued_at)
            ),
        }
        return [by_key[column.key] for column in self.columns]
