"""Keeps track of what the user asked for: sends it, marks its jobs, records and tells what came of it.

Everything here runs in the UI thread; the calls are made in the poller's workers.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import msgspec

from tui.actions.commands import Answer, Call, Command, Requeue, SetPriority, Submit, Terminate
from tui.actions.outcomes import NotDone, Result
from tui.actions.run import CLOSED, Run
from tui.actions.words import entry, pending_text, result_text
from tui.aws.problems import READ_ONLY, Problem
from tui.aws.session import Aws
from tui.live.audit import AuditLog, Entry, Who, os_user
from tui.live.engine import Deliver
from tui.live.poller import Poller
from tui.live.store import Store, Unsubscribe
from tui.model.submission import Submission

OnResult = Callable[[Result], None]
Tell = Callable[[str, bool], None]
"""Says a sentence to the user; True if something went wrong."""

FEW = 5
"""Up to this many calls go at once; more keep to the poller's budget."""


class Actions:
    """The one way to act on jobs. Each method returns at once; `done` gets the `Result` in the UI thread.

    `pending(job_id)` is a word for a job's row while an action on it is under way; `subscribe` tells the
    ids whose word changed. `tell` shows a toast; `user` is who we say did it. With `read_only`
    everything is refused.
    """

    def __init__(
        self,
        store: Store,
        poller: Poller,
        deliver: Deliver,
        tell: Tell,
        *,
        read_only: bool = False,
        audit: AuditLog | None = None,
    ) -> None:
        self.read_only = read_only
        self.drafts: dict[tuple[str, str], str] = {}
        """What was typed into a dialog and not sent, by dialog and field: it stands there again."""
        self._store = store
        self._poller = poller
        self._deliver = deliver
        self._tell = tell
        self._audit = audit or AuditLog(failed=lambda text: deliver(lambda: tell(text, True)))
        self.user = os_user()
        self._pending: dict[str, str] = {}
        self._subscribers: list[Callable[[frozenset[str]], None]] = []
        self._runs: list[Run] = []

    # ---- what can be done

    def submit(self, submissions: Sequence[Submission], done: OnResult | None = None) -> None:
        """Make a job of each submission: exactly one, however often it has to be sent."""
        self.perform([Submit(submission=submission) for submission in submissions], done)

    def set_priority(self, priorities: Mapping[str, int], done: OnResult | None = None) -> None:
        """Give jobs, by id, another scheduling priority (0-9999)."""
        commands: list[Command] = []
        for job_id, priority in priorities.items():
            found = self._store.find(job_id)
            commands.append(
                SetPriority(
                    job_id=job_id,
                    priority=priority,
                    name=found[1].job_name if found else job_id,
                    queue=found[0].name if found else "",
                    before=found[0].priorities.get(job_id) if found else None,
                )
            )
        self.perform(commands, done)

    def terminate(self, job_ids: Iterable[str], reason: str, done: OnResult | None = None) -> None:
        """Cancel jobs that wait and stop jobs that run; `reason` becomes their status reason."""
        commands: list[Command] = []
        for job_id in job_ids:
            found = self._store.find(job_id)
            commands.append(
                Terminate(
                    job_id=job_id,
                    reason=reason,
                    name=found[1].job_name if found else job_id,
                    queue=found[0].name if found else "",
                    status=found[1].status if found else "",
                )
            )
        self.perform(commands, done)

    def requeue(
        self, submissions: Mapping[str, Submission], reason: str, done: OnResult | None = None
    ) -> None:
        """Submit jobs, by the id of the old one, anew, then stop the old ones."""
        commands: list[Command] = []
        for job_id, submission in submissions.items():
            found = self._store.find(job_id)
            commands.append(
                Requeue(
                    job_id=job_id,
                    submission=submission,
                    reason=reason,
                    name=submission.job_name,
                    queue=found[0].name if found else submission.job_queue,
                    status=found[1].status if found else "",
                )
            )
        self.perform(commands, done)

    def perform(self, commands: Sequence[Command], done: OnResult | None = None) -> None:
        """Carry out commands. One with the key of an earlier one is dropped: it is the same command."""
        unique = tuple({command.key: command for command in commands}.values())
        run = Run(unique)
        self._runs.append(run)
        if self.read_only:
            run.abandon(READ_ONLY)
        if run.over:  # there may be nothing to do, too
            self._finish(run, done)
            return
        self._mark(run)
        self._send(run, done)

    # ---- what is under way

    def pending(self, job_id: str) -> str | None:
        """A word or two for what is under way with a job; None if nothing is."""
        return self._pending.get(job_id)

    @property
    def under_way(self) -> int:
        """Commands without an outcome."""
        return sum(len(run.open) for run in self._runs)

    def subscribe(self, callback: Callable[[frozenset[str]], None]) -> Unsubscribe:
        """Call `callback` with the ids of jobs whose `pending` changed. The answer ends it."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback) if callback in self._subscribers else None

    def close(self) -> None:
        """The program ends: what is under way gets an outcome in the audit log, if not a known one."""
        for run in tuple(self._runs):
            run.abandon(CLOSED)
            self._record(run)
        self._runs.clear()
        self._audit.close()

    # ---- inside

    def _send(self, run: Run, done: OnResult | None) -> None:
        if run not in self._runs:
            return
        calls = run.round()
        for call in calls:
            jobs = tuple(command.job_id for command in call.commands if not isinstance(command, Submit))
            self._poller.act(
                lambda aws, call=call: self._carry(aws, call),
                partial(self._answered, run, call, done),
                queue=call.commands[0].queue or None,
                job_ids=jobs,
                bulk=len(calls) > FEW,
            )

    @staticmethod
    def _carry(aws: Aws, call: Call) -> tuple[Answer, ...]:
        return call(aws)

    def _answered(
        self, run: Run, call: Call, done: OnResult | None, answers: tuple[Answer, ...] | Problem
    ) -> None:
        if run not in self._runs:
            return
        round_over = run.answer(call, call.refused(answers) if isinstance(answers, Problem) else answers)
        self._note_priorities(run, call)
        self._unmark(command.key for command in call.commands if command.key in run.outcomes)
        if not round_over:
            return
        delay = run.delay()
        if delay is None:
            self._finish(run, done)
        else:
            again = threading.Timer(delay, self._deliver, (lambda: self._send(run, done),))
            again.daemon = True
            again.start()

    def _finish(self, run: Run, done: OnResult | None) -> None:
        self._unmark(command.key for command in run.commands)
        self._record(run)
        self._runs.remove(run)
        text = result_text(run.commands, run.result)
        if text:
            self._tell(text, not run.result.all_done)
        if done is not None:
            done(run.result)

    def record(self, entries: Iterable[Entry]) -> None:
        """Write lines to the audit log, completed by who did it and where. May be called from any thread."""
        identity = self._store.identity
        who = Who(arn=identity.arn if identity else "", profile=self._store.profile or "", user=self.user)
        region = self._store.region
        self._audit.write([msgspec.structs.replace(entry, who=who, region=region) for entry in entries])

    def _record(self, run: Run) -> None:
        self.record(entry(command, run.outcomes[command.key]) for command in run.commands)

    def _mark(self, run: Run) -> None:
        words = {c.key: pending_text(c) for c in run.commands if not isinstance(c, Submit)}
        self._pending |= words
        self._announce(frozenset(words))

    def _unmark(self, keys: Iterable[str]) -> None:
        self._announce(frozenset(key for key in keys if self._pending.pop(key, None) is not None))

    def _announce(self, keys: frozenset[str]) -> None:
        if keys:
            for callback in tuple(self._subscribers):
                callback(keys)

    def _note_priorities(self, run: Run, call: Call) -> None:
        """A priority that AWS has just accepted is known without asking again."""
        for command in call.commands:
            if not isinstance(command, SetPriority) or isinstance(run.outcomes.get(command.key), NotDone):
                continue
            found = self._store.find(command.job_id)
            detail = found[0].details.get(command.job_id) if found else None
            if found and detail and command.key in run.outcomes:
                changed = msgspec.structs.replace(detail, scheduling_priority=command.priority)
                self._store.merge_details(found[0].name, [changed])
