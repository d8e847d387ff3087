"""The table of queues: its columns, and the cells of one queue. Knows no screen and no I/O."""

from collections.abc import Iterable
from dataclasses import replace

from tui.live.picture import QueuePicture
from tui.model.alerts import QueueFacts
from tui.model.units import HOUR, duration
from widgets.gauge import LABEL_CELLS, gauge_text
from widgets.table import Cell, Column

GAUGE_CELLS = 14
COLUMNS = (
    Column("queue", "QUEUE", 12, max_width=40, weight=2, cut="middle"),
    Column("policy", "POLICY", 9, drop=1),
    Column("state", "STATE", 5),
    Column("capacity", "CAPACITY", GAUGE_CELLS),
    Column("queued", "QUEUED", 6, align="right"),
    Column("run", "RUN", 3, align="right"),
    Column("failed", "FAIL24H", 7, align="right"),
    Column("oldest", "OLDEST", 7, align="right"),
    Column("wait", "WAIT p50", 8, align="right", drop=2),
)
WIDE_GAUGE_CELLS = 28

WIDE = 110
"""From this many cells on the gauges are long."""
NAME_CELLS = 24
"""Names of queues get so much room before the policy does."""


def columns(names: Iterable[str], width: int) -> tuple[Column, ...]:
    """The columns for these queues on a terminal `width` cells wide."""
    longest = max(map(len, names), default=0)
    widths = {"queue": max(COLUMNS[0].width, min(longest, NAME_CELLS)), "capacity": gauge_cells(width)}
    return tuple(replace(column, width=widths.get(column.key, column.width)) for column in COLUMNS)


def gauge_cells(width: int) -> int:
    return WIDE_GAUGE_CELLS if width >= WIDE else GAUGE_CELLS


def cells(picture: QueuePicture, now_ms: int, width: int) -> tuple[Cell, ...]:
    """One queue's row, on a terminal `width` cells wide."""
    figures = picture.figures
    known = picture.loaded
    oldest_ms = figures.oldest_waiting_ms(now_ms)
    long = oldest_ms is not None and oldest_ms >= 6 * HOUR
    failed = f"{figures.failed_24h}{'+' if figures.failed_capped else ''}"
    return (
        (picture.name, "strong"),
        policy_text(picture),
        state_cell(picture),
        gauge_text(figures.used, figures.limit, gauge_cells(width), label_width=LABEL_CELLS)
        if figures.limit
        else ("no limit known", "muted"),
        str(figures.queued) if known else ("…", "muted"),
        str(figures.running) if known else ("…", "muted"),
        (failed, "bad" if figures.failed_24h else "muted") if known else ("…", "muted"),
        (duration(oldest_ms), "warn") if long else duration(oldest_ms),
        duration(figures.wait_p50_ms),
    )


def policy_text(picture: QueuePicture) -> str:
    """`fifo`, `fair · 6` or `quota · 4`: the policy and how many shares it names."""
    kind = picture.policy_kind
    if kind == "fair" and picture.policy and picture.policy.fairshare_policy:
        return f"fair · {len(picture.policy.fairshare_policy.share_distribution)}"
    if kind == "quota":
        return f"quota · {len(picture.quota_shares)}"
    return kind or "…"


def state_cell(picture: QueuePicture) -> Cell:
    """on or off; the status where it is not VALID, which matters more."""
    queue = picture.queue
    if queue.status and queue.status != "VALID":
        return queue.status.lower(), "bad" if queue.status == "INVALID" else "warn"
    return ("on", "good") if queue.state == "ENABLED" else ("off", "warn")


def facts(picture: QueuePicture, now_ms: int) -> QueueFacts:
    """What the alerts need to know of this queue; unknown until it was read."""
    queue, figures, known = picture.queue, picture.figures, picture.loaded
    environments = picture.environments
    off = [env.service_environment_name for env in environments if env.state == "DISABLED"]
    return QueueFacts(
        name=picture.name,
        enabled=queue.state != "DISABLED",
        status=queue.status,
        status_reason=queue.status_reason,
        environment=", ".join(off),
        environment_ok=not off,
        queued=figures.queued if known else None,
        running=figures.running if known else None,
        capacity=figures.limit if environments else None,
        in_use=figures.used if known else None,
        oldest_wait_ms=figures.oldest_waiting_ms(now_ms) if known else None,
        failed_24h=figures.failed_24h if known else None,
    )
