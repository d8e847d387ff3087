"""Dialogs that change the quota shares of a queue: edit one, add one, delete one."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from tui.live.priorities import Priorities
from tui.model import resource_changes
from tui.model.blueprint import Share
from tui.model.blueprint_check import MAX_SHARES
from tui.model.plan_setup import share_differences
from tui.model.queues import QuotaShare
from tui.model.quota_standing import QuotaStanding, quota_standings
from tui.model.resource_changes import Change
from tui.screens.forecasts import limits_of, state_of
from tui.screens.job_facts import are, jobs_text
from tui.screens.job_table import instances_text
from tui.screens.policies.effects import Effects, effects, effects_words
from tui.screens.policies.quota_form import (
    same_borrowing,
    share_fields,
    show_borrow,
    wanted_share,
)
from tui.screens.resources.change_dialog import ChangeDialog, Mistakes
from widgets.fields import TextField
from widgets.table import Cell, Column

if TYPE_CHECKING:
    from tui.live.picture import QueuePicture
    from tui.screens.base import Live


class QuotaDialog(ChangeDialog):
    """Quota shares of a queue are changed; the table shows the jobs that start or stop by it."""

    COLUMNS = (
        Column("name", "JOB", 16, weight=3, max_width=50),
        Column("share", "SHARE", 8, weight=1, max_width=20),
        Column("priority", "PRI", 4, align="right"),
        Column("instances", "INSTANCES", 20, drop=1),
        Column("what", "BECAUSE OF IT", 13),
    )

    def __init__(self, live: "Live", queue: str) -> None:
        super().__init__(live, queue)
        self._effects = Effects()
        self._reader: Priorities | None = None

    @property
    def picture(self) -> "QueuePicture":
        return self.live.store.queues[self.queue]

    @property
    def units(self) -> list[str]:
        """The units that the environment counts."""
        return list(limits_of(self.picture))

    def shares_after(self, values: Mapping[str, str]) -> tuple[QuotaShare, ...]:
        """The quota shares as they would be. Raises `Mistakes`."""
        raise NotImplementedError

    def on_mount(self) -> None:
        # Who is preempted goes by the priorities, which AWS tells one job at a time.
        active = sorted(self.picture.active.values(), key=lambda job: job.created_at or 0)
        self._reader = Priorities(
            self.live.store, self.live.poller, self.queue, [job.job_id for job in active], self.soon
        )

    def on_unmount(self) -> None:
        if self._reader:
            self._reader.stop()

    # ---- the preview

    def look(self, values: Mapping[str, str]) -> None:
        show_borrow(self.form.fields, values)
        picture, now_ms = self.picture, self.live.store.now_ms()
        try:
            after = self.shares_after(values)
        except Mistakes:
            after = picture.quota_shares
        state = replace(state_of(picture, now_ms), quota_shares=after)
        self._effects = effects(picture, self.live.store.queues, state, now_ms)

    def rows(self) -> list[str]:
        return [*self._effects.preempted, *self._effects.starts]

    def cells(self, key: str) -> tuple[Cell, ...]:
        job = self.picture.jobs.get(key)
        if job is None:
            return ()
        priority = self.picture.priorities.get(key)
        preempted = key in self._effects.preempted
        return (
            (job.job_name, "strong"),
            job.share,
            str(priority) if priority is not None else ("·", "muted"),
            instances_text(job),
            ("is preempted", "warn") if preempted else ("starts", "good"),
        )

    def effect_lines(self, changes: Sequence[Change]) -> list[tuple[str, str]]:
        lines = effects_words(self.picture, self._effects) if changes else []
        if self._reader and self._reader.left:
            lines.append((f"Reading priorities: {self._reader.left} jobs to go.", "dim"))
        return lines

    def says(self, changes: Sequence[Change]) -> Content:
        return Content("\n").join(Content.styled(text, style) for text, style in self.effect_lines(changes))


class ShareDialog(QuotaDialog):
    """A quota share is edited; with no name, a new one is added."""

    def __init__(self, live: "Live", queue: str, share: str = "") -> None:
        super().__init__(live, queue)
        self._name = share
        self.done_word = "Updated" if share else "Added"

    def title_text(self) -> str:
        return f"Quota share {self._name}" if self._name else f"Add a quota share to {self.queue}"

    @property
    def share(self) -> QuotaShare:
        """What is there now."""
        found = (s for s in self.picture.quota_shares if s.quota_share_name == self._name)
        return next(found, QuotaShare(state="ENABLED"))

    @property
    def _standings(self) -> dict[str, QuotaStanding]:
        picture = self.picture
        return {row.name: row for row in quota_standings(picture.quota_shares, picture.active.values())}

    def _free(self) -> dict[str, int]:
        """What of each unit belongs to no share."""
        free = dict(limits_of(self.picture))
        for share in self.picture.quota_shares:
            for limit in share.capacity_limits:
                free[limit.capacity_unit] = free.get(limit.capacity_unit, 0) - limit.max_capacity
        return free

    def fields(self) -> ComposeResult:
        if not self._name:
            yield TextField(
                "name", "Name", required=True, hint="Up to 128 letters, digits, hyphens and underscores."
            )
        yield from share_fields(self.share, self.units, self._free())

    def _wanted(self, values: Mapping[str, str]) -> Share:
        name = self._name or values.get("name", "").strip()
        there = {share.quota_share_name for share in self.picture.quota_shares}
        if not self._name:
            if not name:
                raise Mistakes({"name": "give a name"})
            if name in there:
                raise Mistakes({"name": f"there is a quota share {name} already"})
            if len(there) >= MAX_SHARES:
                raise Mistakes({"name": f"the queue has {len(there)} shares; {MAX_SHARES} is the most"})
        return wanted_share(name, values, self.units)

    def shares_after(self, values: Mapping[str, str]) -> tuple[QuotaShare, ...]:
        wanted = self._wanted(values)
        share = replace(
            self.share,
            quota_share_name=wanted.quota_share_name,
            capacity_limits=wanted.capacity_limits,
            resource_sharing_configuration=wanted.resource_sharing_configuration,
            preemption_configuration=wanted.preemption_configuration,
            state=wanted.state,
        )
        others = [s for s in self.picture.quota_shares if s.quota_share_name != wanted.quota_share_name]
        return (*others, share)

    def changes(self, values: Mapping[str, str]) -> list[Change]:
        wanted = self._wanted(values)
        if not self._name:
            return [resource_changes.create_share(self.queue, wanted)]
        share = self.share
        limits = wanted.capacity_limits
        same_limits = {limit.capacity_unit: limit.max_capacity for limit in limits} == {
            limit.capacity_unit: limit.max_capacity for limit in share.capacity_limits
        }
        sharing, preemption = wanted.resource_sharing_configuration, wanted.preemption_configuration
        same_sharing = same_borrowing(sharing, share.resource_sharing_configuration)
        same_preemption = preemption == share.preemption_configuration
        if same_limits and same_sharing and same_preemption and wanted.state == share.state:
            return []
        return [
            resource_changes.update_share(
                share.quota_share_arn,
                capacity_limits=None if same_limits else limits,
                sharing=None if same_sharing else sharing,
                preemption=None if same_preemption else preemption,
                state=None if wanted.state == share.state else wanted.state,
            )
        ]

    def before(self, change: Change) -> str:
        share = replace(self.share, tags={})
        return str(resource_changes.plain(share)) if self._name else ""

    def effect_lines(self, changes: Sequence[Change]) -> list[tuple[str, str]]:
        lines: list[tuple[str, str]] = []
        if changes and self._name:
            differences = share_differences(self.share, self._wanted(self.form.values))
            lines.append(("; ".join(differences.values()), "$text-primary"))
        lines += [(text, "$text-warning") for text in self._warnings()] if changes else []
        return [*lines, *super().effect_lines(changes)]

    def _warnings(self) -> list[str]:
        """Limits below what is in use, and more promised than there is."""
        try:
            after = self.shares_after(self.form.values)
        except Mistakes:
            return []
        found: list[str] = []
        now = self._standings.get(self._name)
        wanted = {limit.capacity_unit: limit.max_capacity for limit in after[-1].capacity_limits}
        for unit in now.units if now else ():
            if wanted.get(unit.unit, 0) < min(unit.used, unit.limit):
                then = wanted.get(unit.unit, 0)
                found.append(f"⚠ {unit.unit}: {then} is below the {unit.used} that {self._name} uses now.")
        for unit, allowed in limits_of(self.picture).items():
            owned = sum(
                limit.max_capacity
                for share in after
                for limit in share.capacity_limits
                if limit.capacity_unit == unit
            )
            if owned > allowed:
                found.append(f"⚠ {unit}: shares would own {owned}, but the environment allows {allowed}.")
        return found


class DeleteShareDialog(QuotaDialog):
    """Disables a quota share and deletes it. Its jobs are terminated with it, so the name has to be typed."""

    BINDINGS = [Binding("ctrl+s", "send", "delete", id="change.send")]
    done_word = "Deleting"

    def __init__(self, live: "Live", queue: str, share: str) -> None:
        super().__init__(live, queue)
        self._name = share

    def title_text(self) -> str:
        return f"Delete quota share {self._name}"

    def fields(self) -> ComposeResult:
        yield TextField(
            "typed", "Type its name", required=True, hint=f"{self._name}, so that it is no other."
        )

    @property
    def share(self) -> QuotaShare | None:
        return next((s for s in self.picture.quota_shares if s.quota_share_name == self._name), None)

    def _jobs(self) -> int:
        return sum(job.share == self._name for job in self.picture.active.values())

    def shares_after(self, values: Mapping[str, str]) -> tuple[QuotaShare, ...]:
        return tuple(s for s in self.picture.quota_shares if s.quota_share_name != self._name)

    def changes(self, values: Mapping[str, str]) -> list[Change]:
        if values.get("typed", "").strip() != self._name:
            raise Mistakes({"typed": f"type {self._name}"})
        share = self.share
        if share is None:
            return []
        arn = share.quota_share_arn
        disable = [] if share.state == "DISABLED" else [resource_changes.update_share(arn, state="DISABLED")]
        return [*disable, resource_changes.delete_share(arn)]

    def before(self, change: Change) -> str:
        return str(resource_changes.plain(self.share)) if self.share else ""

    def preview(self) -> None:
        super().preview()
        jobs = self._jobs()
        ends = f"⚠ Its {jobs_text(jobs, 'active')} {are(jobs)} terminated." if jobs else "No job is in it."
        text = Content.styled(f"It is disabled, then deleted. {ends}", "$text-warning" if jobs else "")
        says = self.query_one("#says")
        says.display = True
        if self.share is not None:
            self.show_says(Content("\n").join([text, self.says([])]) if self.says([]).plain else text)
