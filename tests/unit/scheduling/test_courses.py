"""Possible courses of events: runs and submissions drawn from what was seen."""

import threading
from collections import Counter
from statistics import mean

from tests.unit.scheduling.cluster_sim import task
from tui.model.estimates import Basis, Curve
from tui.model.units import HOUR, MINUTE
from tui.scheduling.forecast import Course
from tui.screens.courses import COURSES, Recent, played

BASIS = Basis(kind="name", name="train", runs=20)


def courses(curve: Curve | None = None, elapsed: int = 0, recent: list[Recent] | None = None) -> list[Course]:
    curves = {} if curve is None else {f"job-{n}": curve for n in range(50)}
    return list(played(curves, dict.fromkeys(curves, elapsed), recent or [], 0, threading.Event()))


def test_the_same_picture_gives_the_same_courses() -> None:
    curve = Curve((HOUR, 2 * HOUR), (0.5, 0.0), BASIS)
    assert courses(curve) == courses(curve)
    assert len(courses(curve)) == COURSES


def test_a_run_of_certain_length_ends_when_it_has_to() -> None:
    for course in courses(Curve((HOUR,), (0.0,), BASIS), elapsed=50 * MINUTE):
        assert set(course.run_ms.values()) == {10 * MINUTE}


def test_it_is_the_whole_run_that_may_be_longer_and_not_just_its_rest() -> None:
    """A run that is about to end, as far as the curve knows, may well last longer than that."""
    times = tuple(MINUTE * n for n in range(50, 70))
    curve = Curve(times, tuple(1 - n / 20 for n in range(1, 21)), BASIS)
    left = sorted(ms for course in courses(curve, elapsed=68 * MINUTE) for ms in course.run_ms.values())
    assert left[0] >= 0
    assert left[len(left) * 9 // 10] > 2 * MINUTE  # of the curve itself no run lasts more than one more


def test_submissions_come_as_often_as_they_came_and_bursts_stay_bursts() -> None:
    burst = [(2 * HOUR + 5 * MINUTE, task(id=f"burst-{n}")) for n in range(5)]
    single = [(n * HOUR + 30 * MINUTE, task(id=f"single-{n}")) for n in range(12)]
    seen = Recent(queue="q", span_ms=12 * HOUR, tasks=tuple(sorted((*burst, *single), key=lambda at: at[0])))
    played = courses(recent=[seen])
    numbers = [len(course.arrivals) for course in played]
    assert 24 < mean(numbers) < 44  # 17 in 12 hours
    assert len(set(numbers)) > 3
    for course in played:
        assert {name for name, _ in course.arrivals} <= {"q"}
        ids = [each.id for _, each in course.arrivals]
        assert len(set(ids)) == len(ids)
        assert all(0 <= each.created_at < 24 * HOUR for _, each in course.arrivals)
        at = Counter(each.created_at for _, each in course.arrivals if each.id.startswith("burst"))
        assert set(at.values()) <= {5}


def test_a_queue_where_nothing_came_expects_nothing() -> None:
    assert all(not course.arrivals for course in courses(recent=[Recent(queue="q", span_ms=HOUR)]))
