"""How shares stand: targets, verdicts, prefixes; lending and borrowing by unit; words."""

from typing import Any

from tui.model.fair_standing import (
    decay_words,
    fair_standings,
    reservation_words,
    span_words,
)
from tui.model.jobs import CapacityUsage, ServiceJob
from tui.model.queues import (
    CapacityLimit,
    FairsharePolicy,
    FairshareUsage,
    FairshareUtilization,
    JobQueueSnapshot,
    QueueUtilization,
    QuotaShare,
    ResourceSharing,
    ShareAttributes,
)
from tui.model.quota_standing import borrow_most, quota_standings
from tui.model.shares import entry_of

UNIT = "ml.g5.xlarge"


def job(share: str, status: str, count: int = 1, unit: str = UNIT, **more: Any) -> ServiceJob:
    usage = (CapacityUsage(capacity_unit=unit, quantity=count),)
    return ServiceJob(
        **{
            "job_id": f"{share}-{status}-{count}-{more}",
            "status": status,
            "share_identifier": share,
            "capacity_usage": usage,
            "created_at": 1_000,
        }
        | more
    )


def policy(**weights: float) -> FairsharePolicy:
    entries = (
        ShareAttributes(share_identifier=name.replace("_", "*"), weight_factor=w)
        for name, w in weights.items()
    )
    return FairsharePolicy(share_distribution=tuple(entries))


def test_targets_go_by_inverse_weight_among_the_active() -> None:
    jobs = [job("a", "RUNNING", 6), job("b", "RUNNABLE", 1), job("b", "RUNNING", 2)]
    rows = {row.name: row for row in fair_standings(policy(a=1.0, b=0.25, idle=0.1), jobs, 10)}
    assert rows["a"].target == 0.2
    assert rows["b"].target == 0.8
    assert rows["idle"].target == 0
    assert (rows["a"].verdict, rows["b"].verdict, rows["idle"].verdict) == ("over", "under", "idle")
    assert rows["b"].rank == 1
    assert rows["a"].rank is None


def test_who_asks_for_nothing_more_is_not_under() -> None:
    rows = fair_standings(policy(a=1.0, b=1.0), [job("a", "RUNNING", 9), job("b", "RUNNING", 1)], 10)
    assert [row.verdict for row in rows] == ["over", "even"]


def test_a_prefix_is_the_sum_of_those_it_covers() -> None:
    jobs = [job("team1", "RUNNING", 3), job("team2", "RUNNABLE", 1), job("other", "RUNNING", 1)]
    rows = {row.name: row for row in fair_standings(policy(team_=0.5), jobs, 8)}
    assert list(rows) == ["other", "team*", "team1", "team2"]
    assert rows["team*"].covers == ("team1", "team2")
    assert rows["team*"].used == 3
    assert rows["team*"].line.queued == 1
    assert rows["team1"].entry == "team*"
    assert rows["other"].entry == ""
    assert rows["other"].weight == 1.0
    assert rows["team*"].target == rows["team1"].target + rows["team2"].target


def test_use_comes_from_the_snapshot_where_it_tells() -> None:
    usage = FairshareUsage(share_identifier="a", capacity_usage=(CapacityUsage(quantity=5),))
    utilization = FairshareUtilization(active_share_count=1, top_capacity_utilization=(usage,))
    snapshot = JobQueueSnapshot(queue_utilization=QueueUtilization(fairshare_utilization=utilization))
    jobs = [job("a", "RUNNING", 4), job("b", "RUNNING", 1)]
    rows = {row.name: row for row in fair_standings(policy(a=1.0), jobs, 10, snapshot)}
    assert (rows["a"].used, rows["a"].used_fraction) == (5, 0.5)
    assert rows["b"].used == 1


def test_the_next_in_line_is_who_has_had_least_of_what_it_is_entitled_to() -> None:
    jobs = [job("a", "RUNNABLE"), job("b", "RUNNABLE"), job("b", "RUNNING", 2)]
    even = fair_standings(policy(a=1.0, b=1.0), jobs, 10)
    assert [row.rank for row in even] == [1, 2]
    past = fair_standings(policy(a=1.0, b=1.0), jobs, 10, past={"a": 5.0})
    assert [row.rank for row in past] == [2, 1]
    weighed = fair_standings(policy(a=1.0, b=0.1), jobs, 10, past={"a": 1.0})
    assert [row.rank for row in weighed] == [2, 1]


def test_the_longest_entry_wins() -> None:
    assert entry_of(policy(team_=0.5, team1=2.0), "team1") == ShareAttributes(
        share_identifier="team1", weight_factor=2.0
    )
    assert entry_of(policy(team_=0.5), "te") is None


def test_words() -> None:
    assert decay_words(0) == "Past use fades over 10 min (the default): what ran longer ago hardly counts."
    assert "7 days" in decay_words(604_800)
    assert "25% of the capacity (4 of 16)" in reservation_words(50, 2, 16)
    assert "No compute reservation" in reservation_words(0, 2, 16)
    assert [span_words(s) for s in (45, 90, 3_600, 86_400)] == ["45 s", "90 s", "1 h", "1 day"]


def quota(name: str, strategy: str, limit: int | None = None, **units: int) -> QuotaShare:
    limits = ((unit.replace("_", "."), most) for unit, most in units.items())
    return QuotaShare(
        quota_share_name=name,
        capacity_limits=tuple(CapacityLimit(max_capacity=most, capacity_unit=unit) for unit, most in limits),
        resource_sharing_configuration=ResourceSharing(strategy=strategy, borrow_limit=limit),
        state="ENABLED",
    )


def quota_job(share: str, status: str, count: int, unit: str) -> ServiceJob:
    return job("", status, count, unit, quota_share_name=share, job_id=f"{share}{status}{unit}")


def test_what_is_borrowed_is_laid_on_the_lenders() -> None:
    shares = [
        quota("prod", "LEND_AND_BORROW", 50, ml_a_x=4),
        quota("one", "LEND", ml_a_x=3),
        quota("two", "LEND", ml_a_x=1),
        quota("own", "RESERVE", ml_a_x=4),
    ]
    rows = {row.name: row for row in quota_standings(shares, [quota_job("prod", "RUNNING", 6, "ml.a.x")])}
    assert (rows["prod"].used, rows["prod"].limit, rows["prod"].borrowed) == (6, 4, 2)
    assert rows["prod"].borrow_most == 2
    assert rows["one"].lent + rows["two"].lent == 2
    assert rows["one"].lent >= rows["two"].lent
    assert rows["own"].lent == 0
    assert rows["one"].units[0].free == 3 - rows["one"].lent


def test_units_are_counted_apart() -> None:
    shares = [quota("s", "LEND_AND_BORROW", None, ml_a_x=2, ml_b_x=2)]
    jobs = [quota_job("s", "RUNNING", 3, "ml.a.x"), quota_job("s", "RUNNABLE", 5, "ml.b.x")]
    (row,) = quota_standings(shares, jobs)
    assert {unit.unit: (unit.used, unit.asked, unit.borrowed) for unit in row.units} == {
        "ml.a.x": (3, 0, 1),
        "ml.b.x": (0, 5, 0),
    }
    assert row.borrow_most is None
    assert row.borrowed == 1


def test_a_share_that_is_gone_shows_while_jobs_name_it() -> None:
    (row,) = quota_standings([], [quota_job("gone", "RUNNING", 1, UNIT)])
    assert row.share.state == "DELETED"
    assert row.used == 1


def test_borrow_limits() -> None:
    assert borrow_most(quota("s", "LEND"), 8) == 0
    assert borrow_most(quota("s", "LEND_AND_BORROW", 0), 8) == 0
    assert borrow_most(quota("s", "LEND_AND_BORROW", 25), 8) == 2
    assert borrow_most(quota("s", "LEND_AND_BORROW", -1), 8) is None
