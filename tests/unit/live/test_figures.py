"""The tally behind the figures: whatever order changes come in, the sums are those of the jobs."""

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.live.jobs import job
from tui.live.figures import STARTS_KEPT, Tally
from tui.model.jobs import QUEUED, RUNNING, ServiceJob, Status

versions = st.builds(
    lambda number, status, started, stopped: job(
        number,
        status.value,
        started_at=None if status in QUEUED else started,
        stopped_at=stopped if status in (Status.SUCCEEDED, Status.FAILED) else None,
    ),
    st.integers(0, 9),
    st.sampled_from(list(Status)),
    st.integers(2_000, 3_000),
    st.integers(3_000, 4_000),
)


@given(st.lists(st.tuples(versions, st.booleans())))
def test_the_sums_are_those_of_the_jobs(steps: list[tuple[ServiceJob, bool]]) -> None:
    tally = Tally()
    jobs: dict[str, ServiceJob] = {}
    for new, keep in steps:
        tally.replace(jobs.get(new.job_id), new if keep else None)
        if keep:
            jobs[new.job_id] = new
        else:
            jobs.pop(new.job_id, None)
    assert tally.active == {i: j for i, j in jobs.items() if j.status in QUEUED | RUNNING}
    since = 3_500
    failed = [j for j in jobs.values() if j.status == "FAILED" and (j.stopped_at or 0) >= since]
    assert tally.failed_since(since) == len(failed)
    starts = [j.started_at - (j.created_at or 0) for j in jobs.values() if j.started_at is not None]
    assert sorted(tally.waits_since(0)) == sorted(starts)


def test_only_the_latest_starts_are_kept() -> None:
    tally = Tally()
    for number in range(STARTS_KEPT + 50):
        tally.replace(None, job(number, "SUCCEEDED", created_at=0, started_at=number + 1, stopped_at=9_999))
    waits = tally.waits_since(0)
    assert len(waits) == STARTS_KEPT
    assert min(waits) == 51
