"""The keys about a job, for every screen that shows some. Read-only, those that act are not there."""

from typing import TYPE_CHECKING

from textual.binding import Binding

from tui.screens.base import LiveScreen

if TYPE_CHECKING:
    from tui.screens.action_dialog import ActionDialog


class JobActions(LiveScreen):
    """A screen whose jobs can be acted on. A subclass tells which (`targets`), and may follow what
    is done. Without any, the keys are not there."""

    BINDINGS = [
        Binding("p", "priority", "priority", id="job.priority"),
        Binding("x", "cancel", "cancel", id="job.cancel"),
        Binding("X", "requeue", "stop and requeue", show=False, id="job.requeue"),
        Binding("w", "why", "why", id="job.why"),
    ]
    ACTIONS = frozenset({"priority", "cancel", "requeue"})
    """Those that change something in AWS."""

    def targets(self) -> list[str]:
        """Ids of the jobs an action is about, in the order they are shown."""
        raise NotImplementedError

    def job_in_question(self) -> str | None:
        """The one job that `w` asks about."""
        return next(iter(self.targets()), None)

    def acted(self) -> None:
        """An action on all of them is done."""

    def pending_changed(self, job_ids: frozenset[str]) -> None:
        """An action on these jobs began, or came to an end."""

    def on_mount(self) -> None:
        self._leave_actions = self.live.actions.subscribe(self.pending_changed)

    def on_unmount(self) -> None:
        self._leave_actions()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in self.ACTIONS and self.live.settings.read_only:
            return False
        if action in self.ACTIONS and self.is_mounted:
            return bool(self.targets())
        if action == "why" and self.is_mounted:
            return self.job_in_question() is not None
        return super().check_action(action, parameters)

    async def action_priority(self) -> None:
        from tui.screens.reprioritise import ReprioritiseDialog

        await self._open(ReprioritiseDialog)

    async def action_cancel(self) -> None:
        from tui.screens.cancel import CancelDialog

        await self._open(CancelDialog)

    async def action_requeue(self) -> None:
        from tui.screens.cancel import RequeueDialog

        await self._open(RequeueDialog)

    async def action_why(self) -> None:
        from tui.screens.why import WhyDialog

        if self.queue_name and (job_id := self.job_in_question()):
            await self.app.push_screen(WhyDialog(self.live, self.queue_name, job_id))

    async def _open(self, dialog: "type[ActionDialog]") -> None:
        targets = self.targets()
        if not self.queue_name or not targets:
            return
        made = dialog(self.live, self.queue_name, targets)
        if made.jobs:
            await self.app.push_screen(made, lambda done: self.acted() if done else None)
        else:
            what = "the job is" if len(targets) == 1 else "the jobs are"
            self.notify(f"Nothing to do: {what} {made.LEFT_OUT}.", severity="warning")
