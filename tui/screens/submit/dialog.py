"""The submit dialog: pages of fields, a preview of the exact request, and one way to send it."""

import copy
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.timer import Timer
from textual.widgets import Button

from tui.live.picture import QueuePicture
from tui.screens.submit.draft import SWEEP, Draft, Errors, base_submission
from tui.screens.submit.examine import Examined
from tui.screens.submit.job import types_for
from tui.screens.submit.json_editor import JsonPage
from tui.screens.submit.kept import forget, keep
from tui.screens.submit.pages import PagedScreen
from tui.screens.submit.sdk import SdkRuns
from tui.screens.submit.source import CodePage
from tui.screens.submit.state import StateBar, first_wrong, ready_text, shown_errors
from tui.screens.submit.training import TrainingPage
from tui.screens.submit.training_source import carried_over
from widgets.form import Field

if TYPE_CHECKING:
    from tui.actions import Result
    from tui.live.changes import Changed
    from tui.screens.base import Live

PAUSE = 0.25
"""Seconds without a key before what is typed is examined."""

OnMade = Callable[[Sequence[str]], None]


class SubmitScreen(PagedScreen):
    """From a draft to jobs in a queue. `made` gets the ids of the jobs once AWS has taken them.

    `pristine` is the draft as it was before anything was typed (None: nothing was yet); `key` is where it is
    kept meanwhile.
    """

    DEFAULT_CSS = "SubmitScreen #policy-note { color: $text-muted; margin-left: 22; height: auto; }"
    BINDINGS = [
        Binding("ctrl+s", "submit", "submit", id="submit.send"),
        Binding("ctrl+o", "load", "load", id="submit.load"),
        Binding("ctrl+t", "save", "save as template", id="submit.save"),
        Binding("ctrl+y", "copy_command", "copy as AWS CLI", id="submit.copy"),
        Binding("f1", "app.help", "help", show=False),
        Binding("escape", "back", "close", id="back"),
    ]

    def __init__(
        self, live: "Live", draft: Draft, pristine: Draft | None, key: str, made: OnMade | None = None
    ) -> None:
        super().__init__(live, draft.job["queue"])
        self.draft = draft
        self.sdk = SdkRuns(self)
        self._pristine = pristine or draft
        self._is_new = pristine is None
        self._key = key
        self._made = made
        self._touched: set[str] = set()
        self._insist = False
        self._then: list[Callable[[Examined], None]] = []
        self._sending = False
        self._refused = ""
        self._asked = 0
        self._shown = 0
        self.examined = Examined((), {})
        self._pause: Timer | None = None
        self._types: tuple[str, ...] = ()

    # ---- layout

    def bottom(self) -> ComposeResult:
        yield StateBar()

    def on_mount(self) -> None:
        self.show_draft()
        if self._is_new:
            self.read_draft()
            self._pristine = copy.copy(self.draft)
        self.job.field("name").focus_control()
        self.examine()

    @property
    def picture(self) -> QueuePicture | None:
        """The queue that is chosen."""
        return self.live.store.queues.get(self.draft.job["queue"])

    def show_draft(self) -> None:
        """Put the draft into the fields."""
        self.job.offer_queues(list(self.live.store.queues), self.draft.job["queue"])
        self.job.fill(self.draft.job)
        self.extras.fill(self.draft.job)
        self.training.write(self.draft)

    def read_draft(self) -> None:
        """Take what stands in the fields."""
        self.draft.job = self.job.values | self.extras.values
        self.training.read(self.draft)

    def paint(self, change: "Changed | None") -> None:
        if self.is_mounted and (change is None or change.listed or change.of(self.draft.job["queue"])):
            self.job.offer_queues(list(self.live.store.queues), self.draft.job["queue"])
            self._adapt()

    def watch_queue(self) -> None:
        self.live.poller.watch(self.draft.job["queue"] or None)

    def _adapt(self) -> None:
        """Show the fields that this queue and these choices have a use for."""
        picture, job = self.picture, self.draft.job
        self.job.adapt(picture, job)
        self.extras.adapt(picture.policy_kind if picture else None, job)
        self.training.form.adapt()
        self.training.offer_instance_types(types_for(picture, self._types))
        if job["many"] == SWEEP:
            base, _ = base_submission(self.draft, None)
            request = base.payload if isinstance(base.payload, dict) else {}
            self.job.offer_hyperparameters([str(name) for name in request.get("HyperParameters") or {}])

    # ---- what is typed

    @on(Field.Changed)
    def field_changed(self, event: Field.Changed) -> None:
        field = event.field
        if field.key == "source":
            self._choose_source(field.value)
        if field.has_focus_within:
            self._touched.add(field.key)
            self._refused = ""
        if field.key.endswith("_python"):
            self.sdk.look()
        if field.key in ("queue", "many", "spot", "source"):
            self.examine()
            self.watch_queue()
        else:
            self.examine_soon()

    @on(JsonPage.Changed)
    def text_changed(self) -> None:
        self.examine_soon()

    def examine_soon(self) -> None:
        if self._pause is None:
            self._pause = self.set_timer(PAUSE, self.examine)
        else:
            self._pause.reset()

    def _choose_source(self, source: str) -> None:
        if source == self.draft.source:
            return
        self.read_draft()
        if wrong := carried_over(self.draft, source):
            self.notify(f"It cannot be shown so yet. {wrong}", severity="warning", markup=False)
        self.training.write(self.draft)

    def examine(self, then: Callable[[Examined], None] | None = None) -> None:
        """Look at all that is typed: the fields to show at once, the rest in a worker.

        `then` gets what was found, once it is on the screen.
        """
        self._then += [then] if then else []
        if self._pause is not None:
            self._pause.stop()
            self._pause = None
        self.read_draft()
        self._adapt()
        self._asked += 1
        asked, draft, picture = self._asked, copy.copy(self.draft), self.picture
        kind = picture.policy_kind if picture else None
        shares = frozenset(s.quota_share_name for s in picture.quota_shares) if picture else frozenset[str]()
        disabled = picture is not None and picture.queue.state == "DISABLED"

        def work() -> None:
            from tui.screens.submit.examine import examined

            found, types = examined(draft, kind, shares or None, disabled)
            self.call_later(self._show_examined, asked, found, types)

        self.run_worker(work, thread=True, group="examine", exit_on_error=False)

    def _show_examined(self, asked: int, found: Examined, types: tuple[str, ...]) -> None:
        if asked != self._asked or not self.is_attached:
            return
        self.examined = found
        self._shown = asked
        if types != self._types:
            self._types = types
            self.training.offer_instance_types(types_for(self.picture, types))
        for submission in found.submissions if len(found.submissions) > 1 else ():
            self.draft.tokens.setdefault(submission.job_name, submission.client_token)
        self.preview.show(found.submissions, self.draft.is_built)
        self._show_errors()
        waiting, self._then = self._then, []
        for then in waiting:
            then(found)

    # ---- what is wrong

    def _show_errors(self) -> None:
        errors = self.examined.errors
        has_text = bool(self.draft.text.strip())
        self.show_errors(shown_errors(self.fields, errors, self._touched, self._insist, has_text))
        self.say_state()

    def say_state(self) -> None:
        """The line beside the button: what AWS refused, else what is under way, missing or wrong."""
        text, kind = self._refused, "-wrong"
        if self._sending:
            text, kind = "Sending… esc closes; a message will tell what came of it.", ""
        elif self.sdk.under_way:
            text, kind = self.sdk.step, ""
        elif not text:
            text, kind = ready_text(self.examined, self.fields, self.draft, self._insist)
        self.query_one(StateBar).say(text, kind)

    async def _go_to_wrong(self) -> None:
        found = first_wrong(self.fields, self.examined.errors)
        if found is not None:
            await self.show_field(found)
        elif self.training.text is not None and "text" in self.examined.errors:
            await self.show_text(self.training.text)

    # ---- what the user does

    @on(Button.Pressed, "#submit")
    def action_submit(self) -> None:
        """Send it if nothing is wrong with it; a second time while it is under way does nothing."""
        if self._sending or self.sdk.under_way:
            return
        self._insist = True
        self._refused = ""
        self.read_draft()
        if not self.draft.is_built:
            self.sdk.build(then=self.action_submit)
            return
        self.examine(then=self._send)

    def _send(self, found: Examined) -> None:
        if found.errors:
            self.call_later(self._go_to_wrong)
        if found.errors or self._sending:
            return
        self._sending = True
        self.keep()  # it outlives the dialog, whatever happens
        self.say_state()
        self.live.actions.submit(found.submissions, self._sent)

    def _sent(self, result: "Result") -> None:
        from tui.screens.action_dialog import failures_text

        self._sending = False
        if result.all_done:
            self.forget()
            if self.is_attached:
                self.dismiss()
            if self._made is not None:
                self._made([outcome.job_id for outcome in result.done])
            return
        self.draft.made |= {outcome.name for outcome in result.done}
        self.keep()
        if self.is_attached:
            self._refused = failures_text(result)
            self.examine()

    @on(TrainingPage.FindImage)
    def find_image(self) -> None:
        asking().find_image(self)

    @on(CodePage.Ready)
    def code_page_ready(self) -> None:
        self.sdk.look()
        self.examine()

    @on(CodePage.Build)
    def build_asked(self) -> None:
        self.read_draft()
        self.sdk.build()

    def refuse(self, text: str) -> None:
        """Show why something that was asked for did not work, until something is typed."""
        self._refused = text
        self.say_state()

    def show_wrong(self, errors: Errors) -> None:
        """Errors found by other means than the examination."""
        self.examined = Examined(self.examined.submissions, self.examined.errors | errors)
        self._insist = True
        self._show_errors()
        self.call_later(self._go_to_wrong)

    def action_load(self) -> None:
        asking().load_document(self)

    def action_save(self) -> None:
        asking().save_template(self)

    def action_copy_command(self) -> None:
        """What is typed, not what was examined last: keys may have come since."""
        self.examine(then=lambda found: asking().copy_command(self, found))

    def action_back(self) -> None:
        if self.sdk.under_way:
            self.sdk.cancel()
            return
        self.read_draft()
        if self._sending or self.draft.typed() == self._pristine.typed():
            if not self._sending:
                self.forget()
            self.dismiss()
            return
        asking().leave(self)

    def keep(self) -> None:
        """Keep what is typed until queuedeck ends."""
        keep(self.live, self._key, self.draft, self._pristine)

    def forget(self) -> None:
        """Nothing is to be kept any more."""
        forget(self.live, self._key)


def asking() -> ModuleType:
    """What the dialog asks beside its pages, imported when it is needed."""
    from tui.screens.submit import asking

    return asking
