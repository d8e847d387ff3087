"""Priorities as people say them, and the numbers they become."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.priority import (
    HIGHEST,
    LOWEST,
    Above,
    Absolute,
    Bottom,
    Placed,
    Relative,
    Top,
    WishError,
    parse_wish,
    resolve,
)
from tui.model.queues import CapacityLimit, FairsharePolicy, QuotaShare
from tui.scheduling.cluster import QueueState, Task
from tui.scheduling.scheduler import front


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("9", Absolute(9)),
        (" 0 ", Absolute(0)),
        ("9999", Absolute(9999)),
        ("+2", Relative(2)),
        ("- 3", Relative(-3)),
        ("Top", Top()),
        ("bottom", Bottom()),
        ("above 4", Above(4)),
        ("above#12", Above(12)),
    ],
)
def test_what_can_be_said(text: str, wish: object) -> None:
    assert parse_wish(text) == wish


@pytest.mark.parametrize("text", ["", "  ", "10000", "1.5", "1,000", "above", "above 0", "up", "+", "٣٣٣٣٣"])
def test_what_makes_no_sense_is_refused_with_what_does(text: str) -> None:
    with pytest.raises(WishError):
        parse_wish(text)


def test_steps_stop_at_the_ends() -> None:
    jobs = {"a": Placed(priority=9_998), "b": Placed(priority=1)}
    assert resolve(Relative(5), ["a"], jobs) == {"a": HIGHEST}
    assert resolve(Relative(-5), ["b"], jobs) == {"b": LOWEST}


def test_an_unknown_priority_cannot_be_changed_by_a_step() -> None:
    with pytest.raises(WishError, match="not known"):
        resolve(Relative(1), ["a"], {"a": Placed()})


def test_above_a_job_of_another_share_is_refused() -> None:
    jobs = {"a": Placed(share="x", priority=1), "b": Placed(share="y", priority=1)}
    with pytest.raises(WishError, match="priority counts within a share"):
        resolve(Above(1), ["a"], jobs, ["b", "a"])
    with pytest.raises(WishError, match="no place 3"):
        resolve(Above(3), ["a"], jobs, ["b", "a"])


TASKS = st.lists(
    st.tuples(st.sampled_from("xy"), st.integers(1, 9_998), st.integers(0, 5)), min_size=2, max_size=12
)


def _state(tasks: dict[str, Placed], quota: bool) -> QueueState:
    return QueueState(
        name="q",
        fairshare=None if quota else FairsharePolicy(),
        quota_shares=tuple(
            QuotaShare(
                quota_share_name=share, capacity_limits=(CapacityLimit(max_capacity=4, capacity_unit="u"),)
            )
            for share in "xy"
        )
        if quota
        else None,
        waiting=tuple(
            Task(
                id=key,
                quantity=1,
                unit="u",
                share=job.share,
                priority=job.priority or 0,
                created_at=job.created_at,
            )
            for key, job in sorted(tasks.items(), key=lambda item: item[1].created_at)
        ),
    )


def _line(jobs: dict[str, Placed], share: str, quota: bool) -> list[str]:
    order = front(_state(jobs, quota), {"u": 8}, most=None)
    return [key for key in order if jobs[key].share == share]


@given(TASKS, st.booleans(), st.data())
def test_top_bottom_and_above_do_what_they_say_in_the_scheduler(
    rows: list[tuple[str, int, int]], quota: bool, data: st.DataObject
) -> None:
    jobs = {
        f"j{n}": Placed(share=share, priority=priority, created_at=10 * age + n)
        for n, (share, priority, age) in enumerate(rows)
    }
    target = data.draw(st.sampled_from(sorted(jobs)))
    share = jobs[target].share

    def after(wish: Top | Bottom | Above) -> list[str]:
        order = front(_state(jobs, quota), {"u": 8}, most=None)
        wanted = resolve(wish, [target], jobs, order)
        job = jobs[target]
        moved = Placed(share=job.share, priority=wanted[target], created_at=job.created_at)
        return _line({**jobs, target: moved}, share, quota)

    assert after(Top())[0] == target
    assert after(Bottom())[-1] == target
    order = front(_state(jobs, quota), {"u": 8}, most=None)
    other = data.draw(st.sampled_from([key for key in order if jobs[key].share == share]))
    line = after(Above(order.index(other) + 1))
    if other != target:
        assert line.index(target) < line.index(other)
        between = line[line.index(target) + 1 : line.index(other)]
        # Nobody else is overtaken, but those of the very priority that this takes.
        assert all(jobs[key].priority == jobs[other].priority for key in between)
