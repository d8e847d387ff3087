"""What is wrong with a blueprint is told before anything is sent."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.provision import builders
from tests.unit.provision.builders import EMPTY, G5, another_queue, built, fair, fifo, quota
from tui.model.blueprint import Blueprint, ShareAnswer
from tui.model.blueprint_check import check, conflicts, mistakes, overlap
from tui.model.blueprint_warnings import warnings
from tui.model.existing import Existing
from tui.model.jobs import CapacityUsage
from tui.model.queues import CapacityLimit, JobQueue, JobStateTimeLimitAction, ServiceEnvironment


def _told(blueprint: Blueprint, existing: Existing = EMPTY) -> dict[str, str]:
    return {problem.field: problem.message for problem in check(blueprint, existing)}


@pytest.mark.parametrize("blueprint", [fifo(), fair(), quota()], ids=["fifo", "fair", "quota"])
def test_the_wizards_blueprints_are_good(blueprint: Blueprint) -> None:
    assert check(blueprint, EMPTY) == []
    assert check(blueprint, built(blueprint)) == []
    assert warnings(blueprint, EMPTY) == []


@pytest.mark.parametrize("name", ["", "a b", "x" * 129, "ä", "a/b"])
def test_names(name: str) -> None:
    assert "jobQueue.jobQueueName" in _told(fifo(queue=name, environment="env"))
    assert "serviceEnvironment.serviceEnvironmentName" in _told(fifo(environment=name or "a b"))


@pytest.mark.parametrize(
    ("limits", "field"),
    [
        ([("cpu", 1)], "serviceEnvironment.capacityLimits[0].capacityUnit"),
        ([(G5, 1), (G5, 2)], "serviceEnvironment.capacityLimits[1].capacityUnit"),
        ([(G5, 1), ("NUM_INSTANCES", 2)], "serviceEnvironment.capacityLimits"),
        ([(G5, -1)], "serviceEnvironment.capacityLimits[0].maxCapacity"),
        ([(f"ml.g5.{n}xlarge", 1) for n in range(6)], "serviceEnvironment.capacityLimits"),
    ],
)
def test_capacity_limits(limits: list[tuple[str, int]], field: str) -> None:
    given = tuple(CapacityLimit(max_capacity=most, capacity_unit=unit) for unit, most in limits)
    blueprint = fifo()
    wrong = replace(
        blueprint, service_environment=replace(blueprint.service_environment, capacity_limits=given)
    )
    assert field in _told(wrong)


def test_quota_management_needs_instance_types() -> None:
    told = _told(quota(instance_type=""))
    assert "serviceEnvironment.capacityLimits[0].capacityUnit" in told
    assert "quotaShares[0].capacityLimits[0].capacityUnit" in told


def test_a_share_is_of_the_environments_types() -> None:
    blueprint = quota()
    share = replace(
        blueprint.quota_shares[0],
        capacity_limits=(CapacityLimit(max_capacity=1, capacity_unit="ml.p5.48xlarge"),),
    )
    told = _told(replace(blueprint, quota_shares=(share,)))
    assert told == {"quotaShares[0].capacityLimits[0].capacityUnit": f"the environment has {G5} only"}


def test_more_shares_than_a_queue_may_have() -> None:
    shares = tuple(ShareAnswer(name=f"share{n}", capacity=1) for n in range(21))
    assert _told(quota(shares=shares)) == {"quotaShares": "there are 21; a queue has at most 20"}
    # or together with those that are there
    existing = built(quota(shares=shares[:20]))
    told = _told(quota(shares=(ShareAnswer(name="one-more", capacity=1),)), existing)
    assert "with the 20 others of vision there are 21" in told["quotaShares"]


def test_share_names_are_there_once() -> None:
    shares = (ShareAnswer(name="a", capacity=1), ShareAnswer(name="a", capacity=1))
    assert _told(quota(shares=shares)) == {"quotaShares[1].quotaShareName": "a is there twice"}


def test_borrowing_belongs_to_those_who_borrow() -> None:
    blueprint = quota()
    share = blueprint.quota_shares[1]
    sharing = replace(share.resource_sharing_configuration, borrow_limit=10)
    wrong = replace(blueprint, quota_shares=(replace(share, resource_sharing_configuration=sharing),))
    assert "quotaShares[0].resourceSharingConfiguration.borrowLimit" in _told(wrong)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("UserA*", "UserA1", True),
        ("UserA1", "UserA*", True),
        ("User*", "UserA*", True),
        ("UserA*", "UserB*", False),
        ("UserA", "UserA1", False),
        ("*", "x", True),
    ],
)
def test_overlap_of_share_prefixes(first: str, second: str, expected: bool) -> None:
    assert overlap(first, second) is expected
    shares = (ShareAnswer(name=first), ShareAnswer(name=second))
    told = _told(fair(shares=shares))
    assert ("schedulingPolicy.fairsharePolicy.shareDistribution[1].shareIdentifier" in told) is expected


_IDENTIFIERS = st.from_regex(r"[ab]{0,3}\*|[ab]{1,3}", fullmatch=True)


@given(_IDENTIFIERS, _IDENTIFIERS)
def test_entries_overlap_exactly_if_some_identifier_belongs_to_both(first: str, second: str) -> None:
    def covers(entry: str, name: str) -> bool:
        return name.startswith(entry[:-1]) if entry.endswith("*") else name == entry

    names = [first.rstrip("*") or "a", second.rstrip("*") or "a"]
    both = any(covers(first, name) and covers(second, name) for name in names)
    assert overlap(first, second) == both == overlap(second, first)


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({"share_decay_seconds": 604_801}, "shareDecaySeconds"),
        ({"compute_reservation": 100}, "computeReservation"),
        ({"shares": (ShareAnswer(name="a", weight=0.0),)}, "shareDistribution[0].weightFactor"),
        ({"shares": (ShareAnswer(name="a-b"),)}, "shareDistribution[0].shareIdentifier"),
    ],
)
def test_fair_share_ranges(changes: dict[str, Any], member: str) -> None:
    assert f"schedulingPolicy.fairsharePolicy.{member}" in _told(fair(**changes))


def test_a_policy_is_of_one_kind() -> None:
    blueprint = fair()
    assert blueprint.scheduling_policy is not None
    none = replace(blueprint.scheduling_policy, fairshare_policy=None)
    assert "schedulingPolicy" in _told(replace(blueprint, scheduling_policy=none))


def test_time_limit_actions() -> None:
    blueprint = fifo()
    action = JobStateTimeLimitAction(reason="x", state="RUNNING", max_time_seconds=60, action="CANCEL")
    queue = replace(blueprint.job_queue, job_state_time_limit_actions=(action,))
    told = _told(replace(blueprint, job_queue=queue))
    members = ("reason", "state", "action", "maxTimeSeconds")
    assert set(told) == {f"jobQueue.jobStateTimeLimitActions[0].{member}" for member in members}


def test_tags() -> None:
    assert "tags" in _told(fifo(tags={str(n): "" for n in range(51)}))
    assert "tags.aws:x" in _told(fifo(tags={"aws:x": "1"}))


# ---- with what exists


def test_limits_of_the_region() -> None:
    environments = tuple(ServiceEnvironment(service_environment_name=f"e{n}") for n in range(50))
    queues = tuple(JobQueue(job_queue_name=f"q{n}") for n in range(50))
    told = _told(fifo(), Existing(environments=environments, queues=queues))
    assert "at most 50" in told["serviceEnvironment.serviceEnvironmentName"]
    assert "at most 50" in told["jobQueue.jobQueueName"]


def test_an_environment_that_is_not_there_needs_limits() -> None:
    assert "serviceEnvironment.capacityLimits" in _told(fifo(capacity=0))
    assert _told(fifo(capacity=0), built(fifo())) == {}


def test_names_taken_by_others() -> None:
    existing = built(fair())
    taken = quota(policy="research-policy")
    assert "is a fair-share policy" in _told(taken, existing)["schedulingPolicy.name"]
    ec2 = builders.with_queue(built(fifo()), job_queue_type="EKS")
    assert "of the type EKS" in _told(fifo(), ec2)["jobQueue.jobQueueName"]


def test_a_queue_keeps_its_kind() -> None:
    assert "stays one" in _told(fair(queue="nightly"), built(fifo()))["schedulingPolicy"]
    assert "cannot be removed" in _told(fifo(queue="research"), built(fair()))["schedulingPolicy"]
    told = _told(quota(queue="research"), built(fair()))
    assert "only by one of its kind" in told["schedulingPolicy"]


def test_quota_management_keeps_an_environment_to_itself() -> None:
    told = _told(fifo(environment="vision-env", capacity=0), built(quota()))
    assert "serves vision already" in told["serviceEnvironment.serviceEnvironmentName"]
    told = _told(quota(environment="nightly-env"), built(fifo(instance_type=G5)))
    assert "serves nightly already" in told["serviceEnvironment.serviceEnvironmentName"]
    # others may share
    assert _told(fifo(queue="late", environment="nightly-env", capacity=0), built(fifo())) == {}


def test_quota_management_on_an_environment_that_counts_instances() -> None:
    existing = replace(built(fifo()), queues=())
    told = _told(quota(environment="nightly-env", capacity=0), existing)
    assert "NUM_INSTANCES" in told["serviceEnvironment.serviceEnvironmentName"]


@pytest.mark.parametrize("change", [builders.with_environment, builders.with_queue])
def test_what_is_invalid_is_named(change: Any) -> None:
    assert any(
        "INVALID" in message for message in _told(fifo(), change(built(fifo()), status="INVALID")).values()
    )


def test_a_limit_below_what_is_in_use_is_a_warning() -> None:
    used = {"vision": (CapacityUsage(capacity_unit=G5, quantity=4),)}
    shares = {("vision", "prod"): (CapacityUsage(capacity_unit=G5, quantity=3),)}
    existing = replace(built(quota()), usage=used, share_usage=shares)
    smaller = quota(
        capacity=2, shares=(ShareAnswer(name="prod", capacity=2), ShareAnswer(name="dev", capacity=1))
    )
    assert conflicts(smaller, existing) == []
    told = {problem.field: problem.message for problem in warnings(smaller, existing)}
    assert f"{G5} 2 is below the 4 in use" in told["serviceEnvironment.capacityLimits"]
    assert f"{G5} 2 is below the 3 in use" in told["quotaShares[0].capacityLimits"]
    assert "promised 3" in told["quotaShares"]


def test_what_an_edit_does_to_other_queues_is_a_warning() -> None:
    existing = another_queue(built(fair()), policy="research-policy")
    told = {p.field: p.message for p in warnings(fair(capacity=9, shares=()), existing)}
    assert "also serves other" in told["serviceEnvironment.capacityLimits"]
    assert "also orders other" in told["schedulingPolicy"]


def test_a_quota_queue_without_shares_takes_no_jobs() -> None:
    assert [p.field for p in warnings(quota(shares=()), EMPTY)] == ["quotaShares"]
    assert mistakes(quota(shares=())) == []
