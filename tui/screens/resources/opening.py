"""Which dialog edits which resource, and which one adds to it."""

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen, Screen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.model.existing import Existing
from tui.model.queues import JobQueue, QuotaShare, SchedulingPolicy, ServiceEnvironment
from tui.screens.resources.tree import Node
from widgets.choices import Choices

if TYPE_CHECKING:
    from tui.screens.base import Live


def edit_dialog(live: "Live", existing: Existing, node: Node) -> Screen[bool] | None:
    """The dialog for a resource; None if there is nothing to change in it."""
    match node.resource:
        case ServiceEnvironment() as environment:
            from tui.screens.resources.environment_dialog import EnvironmentDialog

            return EnvironmentDialog(live, existing, environment)
        case JobQueue() as queue:
            from tui.screens.resources.queue_dialog import QueueDialog

            return QueueDialog(live, existing, queue)
        case SchedulingPolicy() as policy:
            if policy.fairshare_policy is None:
                return None
            from tui.screens.resources.policy_dialog import PolicyDialog

            return PolicyDialog(live, existing, policy)
        case QuotaShare():
            return _share_dialog(live, node.queue, node.name)


def add_dialog(live: "Live", existing: Existing, kind: str, node: Node | None) -> Screen[bool] | None:
    """The dialog that makes a new resource."""
    match kind:
        case "environment":
            from tui.screens.resources.environment_dialog import EnvironmentDialog

            return EnvironmentDialog(live, existing)
        case "queue":
            from tui.screens.resources.queue_dialog import QueueDialog

            return QueueDialog(live, existing)
        case "policy":
            from tui.screens.resources.policy_dialog import PolicyDialog

            return PolicyDialog(live, existing)
        case _:
            return _share_dialog(live, node.queue, "") if node is not None else None


def _share_dialog(live: "Live", queue: str, share: str) -> Screen[bool] | None:
    picture = live.store.queues.get(queue)
    if picture is None or picture.policy_kind != "quota":
        return None
    from tui.screens.policies.quota_dialogs import ShareDialog

    return ShareDialog(live, queue, share)


class AddChoice(ModalScreen[str | None]):
    """What to add: answers its kind, None for esc."""

    DEFAULT_CSS = """
    AddChoice OptionList { width: 52; height: auto; border: round $primary; background: $surface; }
    """
    BINDINGS = [Binding("escape,q", "dismiss(None)", "cancel", id="dialog.cancel")]

    def __init__(self, node: Node | None) -> None:
        super().__init__()
        self._node = node

    def compose(self) -> ComposeResult:
        options = [
            Option("a service environment", "environment"),
            Option("a scheduling policy", "policy"),
            Option("a job queue on what is there", "queue"),
        ]
        node = self._node
        if node is not None and node.queue:
            options.append(Option(f"a quota share to {node.queue}", "share"))
        choice = Choices(*options, markup=False)
        choice.border_title = "Add"
        choice.border_subtitle = "n in the tree sets up all at once · esc"
        yield choice

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)
