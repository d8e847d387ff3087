"""The resources behind the queues, as a tree: what hangs on what, in which state, how full."""

from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import Screen

from tui.aws import resources
from tui.aws.problems import Problem
from tui.model.blueprint_file import TEARDOWN_MARK
from tui.model.existing import Existing
from tui.screens.base import LiveScreen
from tui.screens.fact_sheet import FactSheet
from tui.screens.problem_text import paragraphs
from tui.screens.resources.facts import sections
from tui.screens.resources.tree import Node, tree, use_of
from widgets.gauge import LABEL_CELLS, gauge_text
from widgets.table import Cell, Column, VirtualTable

if TYPE_CHECKING:
    from tui.aws.session import Aws
    from tui.live.changes import Changed
    from tui.screens.base import Live

LOADING = "Asking AWS for environments, queues, policies and quota shares…"
EMPTY = """No service environments and no training queues here.
n sets up a queue with all behind it."""
READ_ONLY_EMPTY = "No service environments and no training queues here."

NOTHING_TO_EDIT = "A quota policy has nothing to change: edit its quota shares."
NO_SHARES = "Only a queue with quota management has quota shares."

SETTLING_SECONDS, CALM_SECONDS = 2.0, 20.0
"""How often everything is read: while AWS is at work on something, and otherwise."""

GAUGE_CELLS = 14
COLUMNS = (
    Column("resource", "RESOURCE", 22, max_width=60, weight=2),
    Column("kind", "KIND", 8),
    Column("state", "STATE", 9),
    Column("use", "IN USE", GAUGE_CELLS),
    Column("queued", "QUEUED", 6, align="right"),
    Column("running", "RUN", 4, align="right"),
    Column("note", "", 22, weight=1, drop=1),
)
_KINDS = {"environment": "env", "queue": "queue", "policy": "policy", "share": "share"}


class ResourcesScreen(LiveScreen):
    """Environments, queues, policies and quota shares. `enter` opens what hangs on a line."""

    DEFAULT_CSS = """
    ResourcesScreen {
        & #resources { height: 1fr; }
        & #resource { height: auto; max-height: 45%; min-height: 4; border-top: solid $panel; padding: 0 1; }
        & #resource FactSheet { height: auto; }
    }
    """
    BINDINGS = [
        Binding("n", "set_up", "set up a queue", id="resources.set_up"),
        Binding("e", "edit", "edit", id="resources.edit"),
        Binding("u", "state", "enable/disable", id="resources.state"),
        Binding("a", "add", "add", id="resources.add"),
        Binding("d,delete", "delete", "delete", key_display="d", id="resources.delete"),
        Binding("t", "tags", "tags", id="resources.tags"),
        Binding("D", "drain", "drain", id="resources.drain"),
        Binding("X", "tear_down", "tear down", id="resources.tear_down"),
        Binding("x", "export", "export", id="resources.export"),
        Binding("I", "roles", "IAM roles", id="resources.roles"),
        Binding("y", "copy", "copy ARN", show=False, id="resources.copy"),
        Binding("escape,q", "back", "back", key_display="esc", id="back"),
    ]
    CHANGES = frozenset({"set_up", "edit", "state", "add", "delete", "tags", "drain", "tear_down", "roles"})
    """Actions that change something in AWS."""

    def __init__(self, live: "Live") -> None:
        super().__init__(live)
        self.existing: Existing | None = None
        self._tree: dict[str, Node] = {}
        self._reading = False
        self._read_again = False
        self._age = 0.0
        self._problem: Problem | None = None

    # ---- layout

    def body(self) -> ComposeResult:
        yield VirtualTable(COLUMNS, self._cells, empty=LOADING, markable=False, id="resources")
        with VerticalScroll(id="resource"):
            yield FactSheet()

    def on_mount(self) -> None:
        self.query_one("#resources").focus()
        self.query_one("#resource").display = False

    def on_screen_resume(self) -> None:
        self.read()

    # ---- reading

    def read(self, *, whole: bool = True) -> None:
        """Read everything anew, unless that is under way; then once more after it. Not `whole`: tags of quota
        shares, which take a call each, are taken to be as they were."""
        if self._reading:
            self._read_again = True
            return
        self._reading, self._read_again, self._age = True, False, 0.0
        quota = {name for name, picture in self.live.store.queues.items() if picture.policy_kind == "quota"}
        before = None if whole else self.existing
        self.live.poller.act(partial(_read, known=quota, before=before), self._has_read)

    def _has_read(self, found: Existing | Problem) -> None:
        self._reading = False
        if isinstance(found, Problem):
            self._problem = found
        else:
            self._problem = None
            self.existing = found
        if self.is_attached:
            self.paint(None)
            if self._read_again:
                self.read()

    def tick(self) -> None:
        settling = any(not node.settled for node in self._tree.values())
        self._age += 1.0
        if self._age >= (SETTLING_SECONDS if settling else CALM_SECONDS):
            self.read(whole=False)
        self.paint(None)

    # ---- painting

    def paint(self, change: "Changed | None") -> None:
        table = self.query_one("#resources", VirtualTable)
        if self.existing is None:
            table.empty = paragraphs(self._problem) if self._problem else LOADING
            return
        self._tree = {node.key: node for node in tree(self.existing)}
        table.empty = READ_ONLY_EMPTY if self.live.settings.read_only else EMPTY
        table.show(list(self._tree))
        self._paint_node()
        self.refresh_bindings()

    def _paint_node(self) -> None:
        node, pane = self.selected, self.query_one("#resource")
        pane.display = node is not None
        if node is not None and self.existing is not None:
            self.query_one(FactSheet).show(sections(node, self.existing, self.live.store.queues))

    def _cells(self, key: str) -> tuple[Cell, ...]:
        node = self._tree.get(key)
        if node is None or self.existing is None:
            return ()
        use = use_of(node, self.existing, self.live.store.queues)
        policy = node.kind == "policy"
        return (
            (f"{node.guides}{node.name}", "strong" if node.kind in ("environment", "queue") else ""),
            (_KINDS[node.kind], "muted"),
            _state(node),
            gauge_text(use.used, use.limit, GAUGE_CELLS, label_width=LABEL_CELLS)
            if use.limit
            else ("" if policy else "-", "muted"),
            "" if policy else str(use.queued) if use.queued else ("-", "muted"),
            "" if policy else str(use.running) if use.running else ("-", "muted"),
            (_note(node, self.existing), "muted"),
        )

    # ---- what the user does

    @property
    def selected(self) -> Node | None:
        """The resource under the cursor."""
        key = self.query_one("#resources", VirtualTable).cursor_key
        return self._tree.get(key) if key is not None else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in self.CHANGES and self.live.settings.read_only:
            return False
        if not self.is_attached:
            return super().check_action(action, parameters)
        node = self.selected
        match action:
            case "edit" | "delete" | "tags" | "copy":
                return node is not None
            case "state":
                return node is not None and node.kind != "policy"
            case "drain" | "export":
                return node is not None and bool(node.queue)
            case "tear_down":
                return bool(self._tearable())
            case _:
                return super().check_action(action, parameters)

    @on(VirtualTable.Highlighted, "#resources")
    def another(self) -> None:
        self._paint_node()
        self.refresh_bindings()

    @on(VirtualTable.Selected, "#resources")
    def open_node(self) -> None:
        """A queue's jobs, the share policies of a policy or share; an environment has nothing more."""
        node = self.selected
        if node is None or not node.queue or node.queue not in self.live.store.queues:
            return
        if node.kind == "queue":
            from tui.screens.queue import QueueScreen

            self.app.push_screen(QueueScreen(self.live, node.queue))
        else:
            from tui.screens.policies.screen import PoliciesScreen

            share = node.name if node.kind == "share" else ""
            self.app.push_screen(PoliciesScreen(self.live, node.queue, share))

    async def _push(self, screen: Screen[bool] | None, otherwise: str = "") -> None:
        """A dialog, or the reason why there is none; whatever is done in it shows at once."""
        if screen is None:
            self.notify(otherwise, severity="warning", markup=False)
        else:
            await self.app.push_screen(screen, lambda done: self.read())

    async def action_edit(self) -> None:
        if (node := self.selected) is not None and self.existing is not None:
            from tui.screens.resources.opening import edit_dialog

            await self._push(edit_dialog(self.live, self.existing, node), NOTHING_TO_EDIT)

    async def action_add(self) -> None:
        if self.existing is not None:
            from tui.screens.resources.opening import AddChoice

            await self.app.push_screen(AddChoice(self.selected), self._add)

    async def _add(self, kind: str | None) -> None:
        if kind and self.existing is not None:
            from tui.screens.resources.opening import add_dialog

            await self._push(add_dialog(self.live, self.existing, kind, self.selected), NO_SHARES)

    async def action_state(self) -> None:
        if (node := self.selected) is not None and self.existing is not None:
            from tui.screens.resources.state_dialogs import StateDialog

            await self._push(StateDialog(self.live, self.existing, node))

    async def action_delete(self) -> None:
        if (node := self.selected) is not None and self.existing is not None:
            from tui.screens.resources.state_dialogs import DeleteDialog

            await self._push(DeleteDialog(self.live, self.existing, node))

    async def action_tags(self) -> None:
        if (node := self.selected) is not None:
            from tui.screens.resources.tags_dialog import TagsDialog

            await self._push(TagsDialog(self.live, node))

    async def action_drain(self) -> None:
        if (node := self.selected) is not None and node.queue:
            from tui.screens.resources.drain import DrainScreen

            await self._push(DrainScreen(self.live, node.queue))

    async def action_set_up(self) -> None:
        from tui.screens.resources.wizard import SetUpScreen

        await self._push(SetUpScreen(self.live, self.existing or Existing()))

    async def action_tear_down(self) -> None:
        if queue := self._tearable():
            from tui.screens.resources.tear_down import TearDownScreen

            await self._push(TearDownScreen(self.live, queue))

    def _tearable(self) -> str:
        """The queue that the line belongs to, or did before a tear-down that was stopped."""
        node = self.selected
        return (node.queue or node.resource.tags.get(TEARDOWN_MARK, "")) if node is not None else ""

    async def action_export(self) -> None:
        if (node := self.selected) is not None and node.queue:
            from tui.screens.resources.export import ExportScreen

            await self._push(ExportScreen(self.live, node.queue))

    async def action_roles(self) -> None:
        from tui.screens.resources.roles import RolesScreen

        await self._push(RolesScreen(self.live))

    def action_copy(self) -> None:
        if (node := self.selected) is not None:
            self.app.copy_to_clipboard(node.arn)
            self.notify(f"Copied {node.arn}", markup=False)

    def action_back(self) -> None:
        self.dismiss()


def _read(aws: "Aws", known: set[str], before: Existing | None) -> Existing:
    """Everything, with the quota shares of all queues that have some."""
    found = resources.read(aws, known, jobs=False, before=before)
    quota = {policy.arn for policy in found.policies if policy.quota_share_policy is not None}
    names = {queue.job_queue_name for queue in found.queues if queue.scheduling_policy_arn in quota}
    return found if names <= known else resources.read(aws, names, jobs=False)


def _state(node: Node) -> Cell:
    if not node.settled:
        return (node.status.lower(), "warn")
    if node.status == "INVALID":
        return ("invalid", "bad")
    if not node.state:
        return ("", "muted")
    return ("enabled", "good") if node.state == "ENABLED" else ("disabled", "warn")


def _note(node: Node, existing: Existing) -> str:
    """A few words about it, where there is room."""
    from tui.model.plan_setup import limits_text
    from tui.model.queues import JobQueue, QuotaShare, SchedulingPolicy, ServiceEnvironment

    if TEARDOWN_MARK in node.resource.tags:
        return f"tear-down of {node.resource.tags[TEARDOWN_MARK]} begun"
    match node.resource:
        case ServiceEnvironment() as environment:
            return limits_text(environment.capacity_limits)
        case JobQueue() as queue:
            limit = ", time limit" if queue.job_state_time_limit_actions else ""
            kind = "" if queue.scheduling_policy_arn else ", FIFO"
            return f"priority {queue.priority}{kind}{limit}"
        case SchedulingPolicy() as policy:
            kind = "quota management" if policy.quota_share_policy else "fair-share"
            others = [
                q.job_queue_name for q in existing.queues_under(policy) if q.job_queue_name != node.queue
            ]
            also = f", also {', '.join(others)}" if others and node.queue else ""
            return f"{kind}{also}" if node.queue else f"{kind}, not used"
        case QuotaShare() as share:
            return share.resource_sharing_configuration.strategy.lower().replace("_", " ")
