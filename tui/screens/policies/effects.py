"""What another policy or another limit would do to the jobs of a queue, by our scheduler."""

from collections.abc import Mapping, Sequence

import msgspec

from tui.live.picture import QueuePicture
from tui.scheduling.cluster import Limits, QueueState
from tui.scheduling.preview import edit_preview
from tui.scheduling.scheduler import front
from tui.screens.forecasts import limits_of, neighbours, state_of

NEXT = 10
"""Of so many jobs at the front the shares are counted."""
NAMED = 3
"""Jobs named in full; of more, how many."""


class Effects(msgspec.Struct, frozen=True, kw_only=True):
    """Ids of jobs that would start, or be preempted, because of a change; and whose jobs are next in line,
    by share, before and after."""

    starts: tuple[str, ...] = ()
    preempted: tuple[str, ...] = ()
    next_before: dict[str, int] = {}
    next_after: dict[str, int] = {}


def effects(
    picture: QueuePicture,
    queues: Mapping[str, QueuePicture],
    after: QueueState,
    now_ms: int,
    limits: Limits | None = None,
) -> Effects:
    """What changes at AWS's time `now_ms` if the queue were `after`, and the environment had `limits`."""
    before = state_of(picture, now_ms)
    old = limits_of(picture)
    new = old if limits is None else limits
    found = edit_preview(before, after, old, new, now_ms, neighbours(picture, queues, now_ms))
    return Effects(
        starts=found.starts,
        preempted=found.preempted,
        next_before=_shares(picture, front(before, old, most=NEXT)),
        next_after=_shares(picture, front(after, new, most=NEXT)),
    )


def _shares(picture: QueuePicture, job_ids: Sequence[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for job_id in job_ids:
        if (job := picture.jobs.get(job_id)) is not None:
            counts[job.share] = counts.get(job.share, 0) + 1
    return counts


def named(picture: QueuePicture, job_ids: Sequence[str]) -> str:
    """The jobs by name, the first few of them."""
    jobs = [picture.jobs.get(job_id) for job_id in job_ids[:NAMED]]
    words = ", ".join(job.job_name for job in jobs if job is not None)
    more = len(job_ids) - NAMED
    return f"{words} and {more} more" if more > 0 else words


def effects_words(picture: QueuePicture, found: Effects) -> list[tuple[str, str]]:
    """The effects as lines of text, each with the name of a style."""
    lines: list[tuple[str, str]] = []
    if found.preempted:
        lines.append((f"⚠ Preempts {named(picture, found.preempted)}.", "$text-warning bold"))
    if found.starts:
        when = "once they have stopped" if found.preempted else "at once"
        lines.append((f"Starts {named(picture, found.starts)} {when}.", "$text-success"))
    if not lines:
        lines.append(("Nothing starts or stops at once by it.", "dim"))
    if found.next_before != found.next_after:
        lines.append((f"Next {NEXT} to start: {_mix(found.next_before)} → {_mix(found.next_after)}.", ""))
    return lines


def _mix(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{share} {count}" for share, count in ordered) or "none"
