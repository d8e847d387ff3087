"""Enable, disable and delete one resource: what that means for it is said before anything is sent."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from tui.model import resource_changes
from tui.model.existing import Existing
from tui.model.queues import JobQueue, QuotaShare, SchedulingPolicy, ServiceEnvironment
from tui.model.resource_changes import Change
from tui.screens.job_facts import are, jobs_text
from tui.screens.resources.change_dialog import ChangeDialog, Mistakes
from tui.screens.resources.tree import WORDS, Node, Use, use_of
from widgets.fields import TextField

if TYPE_CHECKING:
    from tui.screens.base import Live


class NodeDialog(ChangeDialog):
    """A dialog about one resource, as it was when the tree was read."""

    BINDINGS = [Binding("ctrl+s", "send", "do it", id="change.send")]

    def __init__(self, live: "Live", existing: Existing, node: Node) -> None:
        super().__init__(live, node.queue)
        self.existing = existing
        self.node = node

    @property
    def use(self) -> Use:
        return use_of(self.node, self.existing, self.live.store.queues)

    def before(self, change: Change) -> str:
        return str(resource_changes.plain(self.node.resource))


def disable(resource: object, *, state: str = "DISABLED") -> Change | None:
    """The call that disables (or enables) a resource; None for one that has no state."""
    match resource:
        case ServiceEnvironment():
            return resource_changes.update_environment(resource.service_environment_name, state=state)
        case JobQueue():
            return resource_changes.update_queue(resource.job_queue_name, state=state)
        case QuotaShare():
            return resource_changes.update_share(resource.quota_share_arn, state=state)
        case _:
            return None


class StateDialog(NodeDialog):
    """Enables what is disabled, disables what is enabled."""

    @property
    def wanted(self) -> str:
        return "ENABLED" if self.node.state == "DISABLED" else "DISABLED"

    def title_text(self) -> str:
        verb = "Enable" if self.wanted == "ENABLED" else "Disable"
        return f"{verb} {WORDS[self.node.kind]} {self.node.name}"

    @property
    def done_word(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return "Enabled" if self.wanted == "ENABLED" else "Disabled"

    def changes(self, values: Mapping[str, str]) -> list[Change]:
        change = disable(self.node.resource, state=self.wanted)
        return [change] if change is not None else []

    def says(self, changes: Sequence[Change]) -> Content:
        use = self.use
        jobs = f"{use.queued} queued and {jobs_text(use.running, 'running')}"
        if self.wanted == "ENABLED":
            text = f"It takes and starts jobs again ({jobs} now)."
        else:
            text = {
                "environment": "Nothing starts in it any more. What is queued stays so, what runs goes on to "
                f"its end: {jobs}.",
                "queue": f"It takes no new jobs. Those in it go on: {jobs}.",
                "share": f"It takes no new jobs. Those in it go on: {jobs}.",
                "policy": "",
            }[self.node.kind]
        return Content(f"{self.node.state} → {self.wanted}\n{text}\nctrl+s does it.")


class DeleteDialog(NodeDialog):
    """Disables a resource if it must be, and deletes it. Its name has to be typed."""

    done_word = "Deleting"

    def title_text(self) -> str:
        return f"Delete {WORDS[self.node.kind]} {self.node.name}"

    def fields(self) -> ComposeResult:
        yield TextField(
            "typed", "Type its name", required=True, hint=f"{self.node.name}, so that it is no other."
        )

    def in_the_way(self) -> str:
        """What AWS would refuse it for; empty if nothing."""
        match self.node.resource:
            case ServiceEnvironment() as environment:
                users = [queue.job_queue_name for queue in self.existing.queues_on(environment)]
                what = "the queues in it"
            case SchedulingPolicy() as policy:
                users = [queue.job_queue_name for queue in self.existing.queues_under(policy)]
                what = "the queues that use it"
            case JobQueue() as queue:
                shares = self.existing.quota_shares.get(queue.job_queue_name, ())
                users, what = [share.quota_share_name for share in shares], "its quota shares"
            case QuotaShare():
                users, what = [], ""
        if not users:
            return ""
        return f"{what} ({', '.join(users)}). Delete them first, or tear a whole queue down with X"

    def changes(self, values: Mapping[str, str]) -> list[Change]:
        if why := self.in_the_way():
            raise Mistakes({"typed": why})
        if values.get("typed", "").strip() != self.node.name:
            raise Mistakes({"typed": f"type {self.node.name}"})
        resource = self.node.resource
        first = disable(resource) if self.node.state == "ENABLED" else None
        return [*([first] if first else []), _deletion(resource)]

    def preview(self) -> None:
        super().preview()
        why = self.in_the_way()
        use = self.use
        jobs = use.queued + use.running if self.node.kind in ("queue", "share") else 0
        lines = [
            Content.styled(f"✗ In the way: {why}.", "$text-error")
            if why
            else Content(
                "It is deleted." if self.node.state != "ENABLED" else "It is disabled, then deleted."
            )
        ]
        if jobs:
            lines.append(
                Content.styled(
                    f"⚠ Its {jobs_text(jobs, 'active')} {are(jobs)} terminated.", "$text-warning bold"
                )
            )
        self.show_says(Content("\n").join(lines))


def _deletion(resource: object) -> Change:
    match resource:
        case ServiceEnvironment():
            return resource_changes.delete_environment(resource.service_environment_name)
        case JobQueue():
            return resource_changes.delete_queue(resource.job_queue_name)
        case QuotaShare():
            return resource_changes.delete_share(resource.quota_share_arn)
        case SchedulingPolicy():
            return resource_changes.delete_policy(resource.arn)
        case _:
            raise TypeError(resource)
