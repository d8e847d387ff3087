"""The table of jobs: its columns, and the cells of one job. Knows no screen and no I/O."""

from tui.live.picture import QueuePicture
from tui.model.jobs import QUEUED, RUNNING, ServiceJob, age_ms, ran_ms, waited_ms
from tui.model.units import DAY, clock, duration
from tui.screens.job_facts import STATUS_STYLES, reason_line
from widgets.table import Cell, Column

COLUMNS = (
    Column("position", "#", 3, align="right"),
    Column("name", "JOB", 22, max_width=60, weight=3, cut="middle"),
    Column("status", "STATUS", 9),
    Column("share", "SHARE", 8, max_width=20, weight=2, drop=1, cut="middle"),
    Column("priority", "PRI", 4, align="right", drop=2),
    Column("instances", "INSTANCES", 20, drop=6),
    Column("age", "AGE", 7, align="right", drop=5),
    Column("waited", "WAITED", 7, align="right"),
    Column("ran", "RAN", 7, align="right"),
    Column("starts", "STARTS ~", 8, align="right", drop=4),
    Column("reason", "REASON", 18, weight=4, drop=7),
)

SORTED = frozenset(column.key for column in COLUMNS) - {"starts"}
"""The columns to sort by. Starts are guesses, and those of few jobs: `#` is the order they come in."""


def columns(picture: QueuePicture) -> tuple[Column, ...]:
    """The columns that mean something in this queue: a FIFO queue knows neither shares nor priorities."""
    if picture.policy_kind == "fifo":
        return tuple(column for column in COLUMNS if column.key not in ("share", "priority"))
    return COLUMNS


def cells(
    picture: QueuePicture,
    job: ServiceJob,
    now_ms: int,
    pending: str | None = None,
    starts_at: int | None = None,
    *,
    guessed: bool = True,
    utc: bool = False,
) -> tuple[Cell, ...]:
    """One job's row, in the order of `columns(picture)`. `pending` is the action under way on it, `starts_at`
    when it will probably start (epoch ms; None: nobody can tell, or not `guessed` yet)."""
    by_key = _cells(picture, job, now_ms)
    by_key["starts"] = starts_cell(job, starts_at, now_ms, guessed=guessed, utc=utc)
    if pending:
        by_key["status"] = (pending, "accent")
    return tuple(by_key[column.key] for column in columns(picture))


def _cells(picture: QueuePicture, job: ServiceJob, now_ms: int) -> dict[str, Cell]:
    priority = picture.priorities.get(job.job_id)
    position = picture.positions.get(job.job_id)
    waiting = job.status in QUEUED
    status = f"{job.status}!" if job.is_terminated and job.status in QUEUED | RUNNING else job.status
    return {
        "position": str(position) if position and waiting else ("-", "muted"),
        "name": (job.job_name, "strong") if not job.stopped_at else job.job_name,
        "status": (status, STATUS_STYLES.get(job.status, "")),
        "share": job.share or ("-", "muted"),
        "priority": str(priority) if priority is not None else ("·", "muted"),
        "instances": instances_text(job),
        "age": (duration(age_ms(job, now_ms)), "muted"),
        "waited": duration(waited_ms(job, now_ms)),
        "ran": duration(ran_ms(job, now_ms)),
        "reason": (reason_line(job.status_reason), "bad" if job.status == "FAILED" else "muted"),
    }


def starts_cell(job: ServiceJob, starts_at: int | None, now_ms: int, *, guessed: bool, utc: bool) -> Cell:
    """`12:58`; `+2d 3h` from a day on; `?` for a waiting job of which nobody can tell, `…` until one has."""
    if job.status not in QUEUED or job.is_terminated:
        return ("-", "muted")
    if starts_at is None:
        return ("?" if guessed else "…", "muted")
    if starts_at - now_ms >= DAY:
        return f"+{duration(starts_at - now_ms)}"
    return clock(starts_at, utc=utc)[11:16]


def instances_text(job: ServiceJob) -> str:
    """`4 × ml.g5.xlarge`; several kinds joined by +."""
    return " + ".join(f"{usage.quantity:g} × {usage.capacity_unit}" for usage in job.capacity_usage) or "-"
