"""The keys that make jobs: submit, clone, resubmit failed ones. Read-only, they are not there."""

from collections.abc import Sequence

from textual.binding import Binding

from tui.aws.problems import Problem
from tui.model.jobs import ServiceJobDetail
from tui.screens.base import LiveScreen


class SubmitKey(LiveScreen):
    """`s` opens the submit dialog for the queue that `submit_queue` tells."""

    BINDINGS = [Binding("s", "submit", "submit", id="queue.submit")]

    def submit_queue(self) -> str:
        """The queue to submit to; empty if there is none."""
        raise NotImplementedError

    def made(self, job_ids: Sequence[str]) -> None:
        """AWS has taken these new jobs."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("submit", "clone", "resubmit") and self.live.settings.read_only:
            return False
        if action == "submit" and self.is_mounted and not self.submit_queue():
            return False
        return super().check_action(action, parameters)

    async def action_submit(self) -> None:
        from tui.screens.submit.open import new_job

        if queue := self.submit_queue():
            await self.app.push_screen(new_job(self.live, queue, self.made))


class CloneKey(LiveScreen):
    """`c` opens the submit dialog with the job that `job_to_clone` tells."""

    BINDINGS = [Binding("c", "clone", "clone", id="job.clone")]
    _cloning = False

    def job_to_clone(self) -> str | None:
        """The id of the job to make another one of."""
        raise NotImplementedError

    def made(self, job_ids: Sequence[str]) -> None:
        """AWS has taken these new jobs."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        nothing = self.is_mounted and self.job_to_clone() is None
        if action == "clone" and (nothing or self.live.settings.read_only):
            return False
        return super().check_action(action, parameters)

    def action_clone(self) -> None:
        """Describe it first: a listing tells neither request nor priority."""
        from tui.aws import batch

        job_id = self.job_to_clone()
        if job_id is None or self._cloning:
            return
        self._cloning = True
        self.live.poller.act(
            lambda aws: batch.describe_job(aws, job_id), self._described, queue=self.queue_name
        )

    def _described(self, found: ServiceJobDetail | Problem) -> None:
        from tui.screens.submit.open import clone

        self._cloning = False
        if not self.is_current:
            return
        if isinstance(found, Problem):
            self.notify(f"Not cloned. {found}", severity="error", markup=False)
        else:
            self.app.push_screen(clone(self.live, found, self.made))
