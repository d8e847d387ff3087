"""Plans: what is done first, what waits, what is adopted, what is in the way; no state but what exists."""

from msgspec.structs import replace

from tests.unit.provision.builders import (
    EMPTY,
    G5,
    another_queue,
    built,
    fair,
    fifo,
    quota,
    with_environment,
    with_policy,
    with_queue,
    with_share,
)
from tui.model.blueprint import ShareAnswer
from tui.model.blueprint_file import TEARDOWN_MARK
from tui.model.existing import Existing
from tui.model.plan import Step, blocked, complete
from tui.model.plan_setup import setup_steps
from tui.model.plan_teardown import teardown_steps


def _shown(steps: tuple[Step, ...]) -> list[tuple[str, str, bool, list[str]]]:
    return [(s.key, s.state, s.ready, [change.operation for change in s.changes]) for s in steps]


def _ready(steps: tuple[Step, ...]) -> list[str]:
    return [f"{step.changes[0].operation} {step.name}" for step in steps if step.ready]


def test_from_nothing_environment_and_policy_come_first() -> None:
    assert _shown(setup_steps(quota(), EMPTY)) == [
        ("service environment vision-env", "todo", True, ["CreateServiceEnvironment"]),
        ("scheduling policy vision-policy", "todo", True, ["CreateSchedulingPolicy"]),
        ("job queue vision", "todo", False, ["CreateJobQueue"]),
        ("quota share prod", "todo", False, ["CreateQuotaShare"]),
        ("quota share dev", "todo", False, ["CreateQuotaShare"]),
    ]


def test_the_requests_are_complete_before_anything_exists() -> None:
    requests = [step.changes[0].request for step in setup_steps(quota(tags={"team": "v"}), EMPTY)]
    assert requests[2] == {
        "jobQueueName": "vision",
        "jobQueueType": "SAGEMAKER_TRAINING",
        "state": "ENABLED",
        "priority": 1,
        "serviceEnvironmentOrder": [
            {
                "order": 1,
                "serviceEnvironment": "arn:aws:batch:us-east-1:123456789012:service-environment/vision-env",
            }
        ],
        "schedulingPolicyArn": "arn:aws:batch:us-east-1:123456789012:scheduling-policy/vision-policy",
        "tags": {"team": "v"},
    }
    assert requests[3] == {
        "quotaShareName": "prod",
        "jobQueue": "vision",
        "capacityLimits": [{"maxCapacity": 3, "capacityUnit": G5}],
        "resourceSharingConfiguration": {"strategy": "LEND_AND_BORROW"},
        "preemptionConfiguration": {"inSharePreemption": "ENABLED"},
        "state": "ENABLED",
        "tags": {"team": "v"},
    }


def test_the_queue_waits_until_its_environment_is_valid() -> None:
    there = built(fifo())
    creating = replace(with_environment(there, status="CREATING"), queues=())
    first, queue = setup_steps(fifo(), creating)
    assert (first.state, first.detail) == ("doing", "CREATING")
    assert (queue.state, queue.ready) == ("todo", False)
    assert setup_steps(fifo(), replace(there, queues=()))[1].ready


def test_shares_wait_until_the_queue_is_valid() -> None:
    there = replace(built(quota()), quota_shares={"vision": ()})
    assert not setup_steps(quota(), with_queue(there, status="CREATING"))[3].ready
    assert _ready(setup_steps(quota(), there)) == ["CreateQuotaShare prod", "CreateQuotaShare dev"]


def test_what_is_there_as_wanted_is_adopted() -> None:
    for blueprint in (fifo(), fair(), quota()):
        steps = setup_steps(blueprint, built(blueprint))
        assert {step.state for step in steps} == {"adopted"}
        assert complete(steps)


def test_an_environment_without_limits_is_adopted_whatever_it_holds() -> None:
    assert complete(setup_steps(fifo(capacity=0), built(fifo(capacity=7))))


def test_differences_are_updated_and_said() -> None:
    shares = (
        ShareAnswer(name="prod", capacity=2, strategy="LEND_AND_BORROW", borrow_limit=50),
        ShareAnswer(name="dev", capacity=1, strategy="LEND"),
    )
    wanted = quota(capacity=8, priority=5, shares=shares, tags={"team": "v"})
    environment, policy, queue, prod, dev = setup_steps(wanted, built(quota()))
    assert environment.detail == f"capacity 4 × {G5} → 8 × {G5}, tags"
    assert environment.changes[0].request == {
        "serviceEnvironment": "vision-env",
        "capacityLimits": [{"maxCapacity": 8, "capacityUnit": G5}],
    }
    assert [change.operation for change in policy.changes] == ["TagResource"]
    assert queue.changes[0].request == {"jobQueue": "vision", "priority": 5}
    assert prod.detail == (
        f"capacity 3 × {G5} → 2 × {G5}, borrow limit any → 50 %, in-share preemption ENABLED → DISABLED, tags"
    )
    assert dev.detail == "tags"


def test_weights_are_updated_as_a_whole() -> None:
    shares = (ShareAnswer(name="llm", weight=0.25), ShareAnswer(name="video", weight=1.0))
    _, policy, _ = setup_steps(fair(shares=shares), built(fair()))
    assert policy.detail == ("weight of audio* 2 → none, weight of llm 0.5 → 0.25, weight of video none → 1")
    assert policy.changes[0].operation == "UpdateSchedulingPolicy"


def test_what_was_disabled_is_enabled_again() -> None:
    there = with_queue(with_environment(built(fifo()), state="DISABLED"), state="DISABLED")
    steps = setup_steps(fifo(), there)
    assert [step.detail for step in steps] == ["state DISABLED → ENABLED"] * 2


def test_one_that_is_being_deleted_is_waited_for() -> None:
    for change in (with_environment, with_queue):
        steps = setup_steps(fifo(), change(built(fifo()), status="DELETING"))
        waiting = [step for step in steps if step.state == "doing"]
        assert [step.detail for step in waiting] == ["one of this name is being deleted"]


def test_conflicts_block_the_step_they_are_about() -> None:
    steps = setup_steps(quota(policy="research-policy"), built(fair()))
    assert [step.key for step in blocked(steps)] == ["scheduling policy research-policy"]
    steps = setup_steps(fair(queue="nightly"), built(fifo()))
    assert [step.key for step in blocked(steps)] == ["scheduling policy nightly-policy"]
    steps = setup_steps(fifo(queue="research", capacity=4), built(fair()))
    assert [step.key for step in blocked(steps)] == ["job queue research"]


def test_a_set_up_takes_the_mark_of_a_tear_down_away() -> None:
    there = with_environment(built(fifo()), tags={TEARDOWN_MARK: "nightly"})
    environment, _ = setup_steps(fifo(), there)
    assert [change.operation for change in environment.changes] == ["UntagResource"]


# ---- tear-down


def _marked(existing: Existing, queue: str) -> Existing:
    marked = with_environment(existing, tags={TEARDOWN_MARK: queue})
    return with_policy(marked, tags={TEARDOWN_MARK: queue}) if existing.policies else marked


def test_a_tear_down_marks_what_it_must_find_again() -> None:
    steps = teardown_steps("vision", built(quota()))
    assert [step.key for step in steps] == [
        "quota share prod",
        "quota share dev",
        "job queue vision",
        "scheduling policy vision-policy",
        "service environment vision-env",
    ]
    assert _ready(steps) == ["TagResource vision-policy", "TagResource vision-env"]


def test_the_queue_is_closed_before_its_shares() -> None:
    there = _marked(built(quota()), "vision")
    assert _ready(teardown_steps("vision", there)) == ["UpdateJobQueue vision"]
    assert _ready(teardown_steps("vision", with_queue(there, state="DISABLED", status="UPDATING"))) == []
    closed = with_queue(there, state="DISABLED")
    assert _ready(teardown_steps("vision", closed)) == ["UpdateQuotaShare prod", "UpdateQuotaShare dev"]
    half = with_share(closed, "prod", state="DISABLED")
    assert _ready(teardown_steps("vision", half)) == ["DeleteQuotaShare prod", "UpdateQuotaShare dev"]


def test_the_queue_goes_when_its_shares_are_gone() -> None:
    there = with_queue(_marked(built(quota()), "vision"), state="DISABLED")
    without = replace(there, quota_shares={"vision": ()})
    assert _ready(teardown_steps("vision", without)) == ["DeleteJobQueue vision"]


def test_policy_and_environment_go_when_the_queue_is_gone() -> None:
    there = replace(_marked(built(quota()), "vision"), queues=(), quota_shares={})
    assert _ready(teardown_steps("vision", there)) == [
        "DeleteSchedulingPolicy vision-policy",
        "UpdateServiceEnvironment vision-env",
    ]
    disabled = with_environment(there, state="DISABLED")
    assert _ready(teardown_steps("vision", disabled))[1] == "DeleteServiceEnvironment vision-env"


def test_without_a_queue_only_what_is_marked_goes() -> None:
    assert teardown_steps("vision", replace(built(quota()), queues=())) == ()
    assert teardown_steps("nobody", built(quota())) == ()


def test_what_another_queue_uses_is_kept() -> None:
    there = another_queue(built(fair()), policy="research-policy")
    steps = teardown_steps("research", there)
    assert [(s.key, s.state, s.detail) for s in steps[1:]] == [
        ("scheduling policy research-policy", "done", "other uses it"),
        ("service environment research-env", "done", "other uses it"),
    ]
    assert _ready(steps) == ["UpdateJobQueue research"]
    # neither once the queue is gone, whatever is marked
    later = _marked(replace(there, queues=there.queues[1:]), "research")
    assert {step.state for step in teardown_steps("research", later)} == {"done"}


def test_jobs_are_in_the_way() -> None:
    there = replace(built(quota()), active_jobs={"vision": 1})
    steps = teardown_steps("vision", there)
    assert [step.key for step in blocked(steps)] == [
        "quota share prod",
        "quota share dev",
        "job queue vision",
    ]
    assert "1 job has not ended" in blocked(steps)[0].why


def test_draining_closes_the_queue_and_waits_for_its_jobs() -> None:
    there = replace(_marked(built(quota()), "vision"), active_jobs={"vision": 3})
    steps = teardown_steps("vision", there, drain=True)
    assert not blocked(steps)
    assert _ready(steps) == ["UpdateJobQueue vision"]
    waiting = teardown_steps("vision", with_queue(there, state="DISABLED"), drain=True)
    assert _ready(waiting) == []
    assert {(s.state, s.detail) for s in waiting[:3]} == {("doing", "3 jobs have not ended")}


def test_queues_of_other_types_are_not_touched() -> None:
    there = with_queue(built(fifo()), job_queue_type="EKS")
    (step,) = teardown_steps("nightly", there)
    assert (step.state, step.changes) == ("blocked", ())
    assert "EKS" in step.why


def test_a_policy_that_says_nothing_gets_the_weights() -> None:
    _, policy, _ = setup_steps(fair(), with_policy(built(fair()), fairshare_policy=None))
    assert [change.operation for change in policy.changes] == ["UpdateSchedulingPolicy"]
