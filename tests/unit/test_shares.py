"""Who holds the capacity: targets by weight, quotas, borrowing."""

from tui.model.jobs import CapacityUsage, ServiceJob
from tui.model.queues import (
    CapacityLimit,
    FairsharePolicy,
    QuotaShare,
    ResourceSharing,
    ShareAttributes,
)
from tui.model.shares import fair_shares, quota_shares, weight_of


def job(share: str, status: str, instances: int = 1, at: int = 0, quota: bool = False) -> ServiceJob:
    return ServiceJob(
        status=status,
        created_at=at,
        capacity_usage=(CapacityUsage(capacity_unit="ml.g5.xlarge", quantity=instances),),
        share_identifier="" if quota else share,
        quota_share_name=share if quota else "",
    )


POLICY = FairsharePolicy(
    share_distribution=(
        ShareAttributes(share_identifier="prod", weight_factor=0.5),
        ShareAttributes(share_identifier="lab*", weight_factor=2.0),
        ShareAttributes(share_identifier="idle", weight_factor=1.0),
    )
)


def test_weights_follow_names_prefixes_and_the_default() -> None:
    assert [weight_of(POLICY, share) for share in ("prod", "lab-a", "other")] == [0.5, 2.0, 1.0]


def test_fair_targets_divide_the_capacity_among_shares_with_jobs() -> None:
    jobs = [job("prod", "RUNNING", 4), job("lab-a", "RUNNABLE", at=5), job("lab-a", "RUNNABLE", at=3)]
    rows = {row.name: row for row in fair_shares(POLICY, jobs, capacity=10)}
    assert list(rows) == ["idle", "lab-a", "prod"]
    assert rows["prod"].limit == 8.0  # 1/0.5 against 1/2: four to one
    assert rows["lab-a"].limit == 2.0
    assert rows["idle"].limit == 0.0
    assert (rows["prod"].used, rows["prod"].running) == (4, 1)
    assert (rows["lab-a"].queued, rows["lab-a"].oldest_queued_at) == (2, 3)


def test_quota_shares_show_what_is_borrowed_and_what_is_gone() -> None:
    shares = [
        QuotaShare(
            quota_share_name="dev",
            capacity_limits=(CapacityLimit(max_capacity=2, capacity_unit="ml.g5.xlarge"),),
            resource_sharing_configuration=ResourceSharing(strategy="LEND_AND_BORROW"),
            state="ENABLED",
        )
    ]
    jobs = [job("dev", "RUNNING", 5, quota=True), job("old", "RUNNABLE", quota=True)]
    dev, old = quota_shares(shares, jobs)
    assert (dev.used, dev.limit, dev.borrowed, dev.rule) == (5, 2.0, 3, "LEND_AND_BORROW")
    assert (old.name, old.state, old.queued) == ("old", "DELETED", 1)
