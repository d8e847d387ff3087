"""Share policies: what each share is entitled to and has; edits, and that they do what the preview says."""

import pytest
from textual.pilot import Pilot

from tests.conftest import MakeSandbox
from tests.screens.clusters import fair_queue, holding, quota_queue, submit
from tests.screens.driving import open_queue, running_app, screen_text, shows, until
from tui.app import QueuedeckApp
from tui.screens.policies.fair_dialogs import FairDialog
from tui.screens.policies.quota_dialogs import QuotaDialog
from tui.screens.policies.screen import PoliciesScreen
from tui.settings import Settings
from widgets.table import VirtualTable

FROZEN = 0.001


async def open_policies(app: QueuedeckApp, pilot: Pilot[None], queue: str) -> VirtualTable:
    await open_queue(app, pilot, queue)
    await until(pilot, lambda: app.live.store.queues[queue].policy_kind is not None)
    await pilot.press("S")
    await until(pilot, lambda: isinstance(app.screen, PoliciesScreen) and app.screen.view is not None)
    return app.screen.query_one("#policy-shares", VirtualTable)


def name_of(app: QueuedeckApp, queue: str, job_id: str) -> str:
    return app.live.store.queues[queue].jobs[job_id].job_name


@pytest.mark.parametrize("size", [(80, 24), (120, 34), (140, 45)])
async def test_fair_shares(make_sandbox: MakeSandbox, size: tuple[int, int]) -> None:
    async with running_app(make_sandbox("demo", speed=FROZEN), size=size) as (app, pilot):
        table = await open_policies(app, pilot, "research")
        text = await shows(
            pilot, "fair-share by research-fair", "Past use fades over", "WEIGHT", "TARGET", "▲ over"
        )
        assert "forecast*" in table.keys
        assert all(len(line) <= size[0] for line in text.splitlines())
        table.cursor_key = "forecast*"
        await shows(pilot, "covers", "forecasting")
        table.cursor_key = "llm"
        await shows(pilot, "llm: over its target by", "llm, instances; ┄ target", "-3 h", "now")
        await pilot.press("t")
        await shows(pilot, "-6 h")


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_quota_shares(make_sandbox: MakeSandbox, size: tuple[int, int]) -> None:
    async with running_app(make_sandbox("demo", speed=FROZEN), size=size) as (app, pilot):
        table = await open_policies(app, pilot, "vision-prod")
        await shows(pilot, "quota management by vision-quotas", "IN USE / OWN", "BORROWS", "lend+borrow")
        table.cursor_key = "prod"
        await shows(pilot, "borrowed", "front job", "preemptions")
        table.cursor_key = "ci"
        await shows(pilot, "reserve: what it has idle")


async def test_sorting_and_drill_down(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=FROZEN)) as (app, pilot):
        table = await open_policies(app, pilot, "research")
        await pilot.press("o", *["j"] * 6, "enter")
        await shows(pilot, "QUEUED▼")
        assert table.keys[0] == "llm"
        await pilot.press("o", "enter")
        await shows(pilot, "QUEUED▲")
        assert table.keys[-1] == "llm"
        await pilot.press("G", "enter")
        await until(pilot, lambda: bool(app.screen.query("#jobs")))
        await shows(pilot, "share:=llm")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, PoliciesScreen))


async def test_read_only_has_no_keys_that_change_anything(make_sandbox: MakeSandbox) -> None:
    settings = Settings(interval=1.0, read_only=True)
    async with running_app(make_sandbox("demo", speed=FROZEN), settings=settings) as (app, pilot):
        await open_policies(app, pilot, "vision-prod")
        for key in ("e", "a", "d", "E"):
            await pilot.press(key)
            assert isinstance(app.screen, PoliciesScreen)
        assert "e edit share" not in screen_text(pilot)


async def test_a_fifo_queue_has_no_share_policies(make_sandbox: MakeSandbox) -> None:
    async with running_app(make_sandbox("demo", speed=FROZEN)) as (app, pilot):
        await open_queue(app, pilot, "finetune")
        await pilot.press("S")
        assert bool(app.screen.query("#jobs"))


async def test_a_weight_changes_the_order_as_previewed(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=FROZEN)
    fair_queue(
        sandbox,
        "fair",
        4,
        shareDistribution=[
            {"shareIdentifier": "a", "weightFactor": 1.0},
            {"shareIdentifier": "b", "weightFactor": 1.0},
        ],
    )
    for number in range(12):
        for share in ("a", "b"):
            submit(sandbox, "fair", f"{share}-{number}", shareIdentifier=share, seconds=50_000)
    sandbox.skip(600)
    async with running_app(sandbox, size=(120, 34)) as (app, pilot):
        table = await open_policies(app, pilot, "fair")
        picture = app.live.store.queues["fair"]
        await until(pilot, lambda: len(picture.positions) == 20)
        table.cursor_key = "b"
        await pilot.press("e")
        await shows(pilot, "Weight of b", "Nothing differs")
        await pilot.press("ctrl+u", *"0.5")
        await shows(pilot, "1 → 0.5", "50 % → 67 %", "50 % → 33 %", "Next 10 to start: a 5, b 5 → b ")
        dialog = app.screen
        assert isinstance(dialog, FairDialog)
        promised = dict(dialog._effects.next_after)
        assert 0 < promised["a"] < 5 < promised["b"]
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, PoliciesScreen))
        await until(pilot, lambda: app.live.store.queues["fair"].figures and _mix(app, 10) == promised)
        # and so it goes: what ends now makes room for b
        batch = sandbox.client("batch")
        for job in batch.list_service_jobs(jobQueue="fair", jobStatus="RUNNING")["jobSummaryList"]:
            batch.terminate_service_job(jobId=job["jobId"], reason="makes room")
        sandbox.skip(120)
        held = holding(sandbox, "fair")
        assert len(held) == 4
        assert sum(name.startswith("b") for name in held) > sum(name.startswith("a") for name in held)


def _mix(app: QueuedeckApp, first: int) -> dict[str, int]:
    picture = app.live.store.queues["fair"]
    counts: dict[str, int] = {}
    for job_id, position in picture.positions.items():
        if position <= first and job_id in picture.jobs:
            share = picture.jobs[job_id].share
            counts[share] = counts.get(share, 0) + 1
    return counts


async def test_the_reservation_starts_jobs_as_previewed(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=FROZEN)
    fair_queue(sandbox, "fair", 8, computeReservation=50)
    for number in range(10):
        submit(sandbox, "fair", f"a-{number}", shareIdentifier="a")
    sandbox.skip(60)
    before = holding(sandbox, "fair")
    assert len(before) == 4
    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        await open_policies(app, pilot, "fair")
        await shows(pilot, "Reservation 50 %: with 1 active share")
        await pilot.press("E", "tab", "ctrl+u", *"100")
        await shows(pilot, "it is 0 to 99 percent")
        await pilot.press("ctrl+u", *"0")
        await shows(pilot, "No compute reservation", "at once.")
        dialog = app.screen
        assert isinstance(dialog, FairDialog)
        promised = {name_of(app, "fair", job_id) for job_id in dialog._effects.starts}
        assert len(promised) == 4
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, PoliciesScreen))
        sandbox.skip(60)
        assert holding(sandbox, "fair") - before == promised


async def test_entries_are_added_and_removed_and_may_not_overlap(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=FROZEN)
    fair_queue(sandbox, "fair", 4, shareDistribution=[{"shareIdentifier": "team*", "weightFactor": 0.5}])
    submit(sandbox, "fair", "x", shareIdentifier="free")
    batch = sandbox.client("batch")

    def entries() -> dict[str, float]:
        (arn,) = (p["arn"] for p in batch.list_scheduling_policies()["schedulingPolicies"])
        (policy,) = batch.describe_scheduling_policies(arns=[arn])["schedulingPolicies"]
        found = policy["fairsharePolicy"].get("shareDistribution", [])
        return {entry["shareIdentifier"]: entry["weightFactor"] for entry in found}

    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        table = await open_policies(app, pilot, "fair")
        await pilot.press("a", *"team1", "ctrl+s")
        await shows(pilot, "it overlaps with team*")
        await pilot.press("ctrl+u", *"free", "enter", "ctrl+u", *"2", "ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, PoliciesScreen))
        assert entries() == {"team*": 0.5, "free": 2.0}
        table.cursor_key = "team*"
        await until(pilot, lambda: "free" in _named(app))
        await pilot.press("d")
        await shows(pilot, "Remove team* from the policy")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, PoliciesScreen))
        assert entries() == {"free": 2.0}
        await until(pilot, lambda: "team*" not in table.keys)


def _named(app: QueuedeckApp) -> list[str]:
    policy = app.live.store.queues["fair"].policy
    fair = policy.fairshare_policy if policy else None
    return [entry.share_identifier for entry in fair.share_distribution] if fair else []


async def test_a_policy_that_somebody_else_changed_is_not_overwritten(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=FROZEN)
    fair_queue(sandbox, "fair", 4, shareDistribution=[{"shareIdentifier": "a", "weightFactor": 1.0}])
    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        await open_policies(app, pilot, "fair")
        await pilot.press("e", "ctrl+u", *"3")
        await shows(pilot, "1 → 3")
        batch = sandbox.client("batch")
        arn = app.live.store.queues["fair"].queue.scheduling_policy_arn
        theirs = {"shareDistribution": [{"shareIdentifier": "b", "weightFactor": 9.0}]}
        batch.update_scheduling_policy(arn=arn, fairsharePolicy=theirs)
        await pilot.press("ctrl+s")
        await shows(pilot, "Not done: UpdateSchedulingPolicy fair-policy.", "would replace all of it")
        (policy,) = batch.describe_scheduling_policies(arns=[arn])["schedulingPolicies"]
        assert [e["shareIdentifier"] for e in policy["fairsharePolicy"]["shareDistribution"]] == ["b"]


async def test_a_borrow_limit_preempts_as_previewed(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=FROZEN)
    shares = {"prod": {"limit": 4, "strategy": "LEND_AND_BORROW"}, "dev": {"limit": 4, "strategy": "LEND"}}
    quota_queue(sandbox, "quota", 8, shares)
    for number in range(8):
        name = f"job-{number}"
        submit(sandbox, "quota", name, quotaShareName="prod", schedulingPriority=10 - number)
    sandbox.skip(60)
    before = holding(sandbox, "quota")
    assert len(before) == 8
    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        table = await open_policies(app, pilot, "quota")
        table.cursor_key = "prod"
        await shows(pilot, "4 borrowed")
        await pilot.press("e")
        await shows(pilot, "Quota share prod", "Borrow limit %")
        await until(pilot, lambda: len(app.live.store.queues["quota"].priorities) == 8)
        await pilot.press("tab", "tab", *"0")
        await shows(pilot, "borrow limit any → 0 %", "⚠ Preempts", "is preempted")
        dialog = app.screen
        assert isinstance(dialog, QuotaDialog)
        promised = {name_of(app, "quota", job_id) for job_id in dialog._effects.preempted}
        assert len(promised) == 4
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, PoliciesScreen))
        sandbox.skip(300)
        assert before - holding(sandbox, "quota") == promised
        app.live.poller.refresh_now()
        await shows(pilot, "prod: uses 4 of its 4", "4 known in the last 24 h")


async def test_limits_below_use_and_above_the_environment_are_told(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=FROZEN)
    quota_queue(sandbox, "quota", 4, {"prod": {"limit": 4}})
    for number in range(3):
        submit(sandbox, "quota", f"job-{number}", quotaShareName="prod")
    sandbox.skip(60)
    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        await open_policies(app, pilot, "quota")
        await pilot.press("e", "ctrl+u", *"1")
        await shows(pilot, "1 is below the 3 that prod uses now", "⚠ Preempts")
        await pilot.press("ctrl+u", *"9")
        await shows(pilot, "shares would own 9, but the environment allows 4")
        await pilot.press("ctrl+u", *"x")
        await shows(pilot, "it is a whole number of instances")
        await pilot.press("escape")
        await shows(pilot, "Leave, and forget what was changed here?")
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, PoliciesScreen))


async def test_a_share_is_added_and_deleted_with_its_name_typed(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=20)
    quota_queue(sandbox, "quota", 4, {"prod": {"limit": 2}})
    batch = sandbox.client("batch")

    def names() -> list[str]:
        return [share["quotaShareName"] for share in batch.list_quota_shares(jobQueue="quota")["quotaShares"]]

    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        table = await open_policies(app, pilot, "quota")
        await pilot.press("a", *"prod", "enter", *"2", "ctrl+s")
        await shows(pilot, "there is a quota share prod already")
        await pilot.press("ctrl+u", *"dev", "ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, PoliciesScreen))
        assert names() == ["dev", "prod"]
        await until(pilot, lambda: "dev" in table.keys)
        table.cursor_key = "dev"
        await pilot.press("d")
        await shows(pilot, "Delete quota share dev", "No job is in it.")
        await pilot.press("ctrl+s")
        await shows(pilot, "type dev")
        await pilot.press(*"dev", "ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, PoliciesScreen))
        await until(pilot, lambda: names() == ["prod"])


async def test_a_refusal_is_shown_in_awss_words_and_nothing_is_lost(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=FROZEN, faults="denied=batch:UpdateQuotaShare")
    quota_queue(sandbox, "quota", 4, {"prod": {"limit": 2}})
    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        await open_policies(app, pilot, "quota")
        await pilot.press("e", "ctrl+u", *"3", "ctrl+s")
        await shows(pilot, "Not done: UpdateQuotaShare prod.", "batch:UpdateQuotaShare")
        assert app.screen.query_one(".field--control").value == "3"  # pyright: ignore


async def test_what_is_half_done_is_said(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(speed=20, faults="denied=batch:DeleteQuotaShare")
    quota_queue(sandbox, "quota", 4, {"prod": {"limit": 2}})
    async with running_app(sandbox, size=(80, 24)) as (app, pilot):
        await open_policies(app, pilot, "quota")
        await pilot.press("d", *"prod", "ctrl+s")
        await shows(pilot, "Done: UpdateQuotaShare prod.", "Not done: DeleteQuotaShare prod.")
        await pilot.press("escape", "y")
        await shows(pilot, "disabled")
