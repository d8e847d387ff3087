"""A job queue: made, or its priority, environment, policy, state and time limit changed."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content

from tui.model import resource_changes
from tui.model.blueprint import Queue
from tui.model.blueprint_check import MAX_QUEUES, NO_CAPACITY, name_mistakes
from tui.model.existing import Existing
from tui.model.fair_standing import span_words
from tui.model.queues import NUM_INSTANCES, JobQueue, JobStateTimeLimitAction, SchedulingPolicy
from tui.model.resource_changes import Change
from tui.screens.policies.fair_dialogs import seconds_in
from tui.screens.resources.change_dialog import ChangeDialog, Mistakes
from widgets.fields import ChoiceField, TextField

if TYPE_CHECKING:
    from tui.screens.base import Live

STATES = (("enabled", "ENABLED"), ("disabled: takes no new jobs", "DISABLED"))


class QueueDialog(ChangeDialog):
    """Edits a queue; with none, makes a new one on an environment that is there."""

    def __init__(self, live: "Live", existing: Existing, queue: JobQueue | None = None) -> None:
        super().__init__(live, queue.job_queue_name if queue else "")
        self.existing = existing
        self.there = queue
        self.done_word = "Updated" if queue else "Created"

    def title_text(self) -> str:
        return f"Job queue {self.queue}" if self.there else "New job queue"

    def fields(self) -> ComposeResult:
        there = self.there
        if there is None:
            yield TextField(
                "name", "Name", required=True, hint="Up to 128 letters, digits, hyphens and underscores."
            )
        yield ChoiceField(
            "environment",
            "Environment",
            [(e.service_environment_name, e.service_environment_arn) for e in self.existing.environments],
            value=self._environment(there),
            hint="Where its jobs run. It cannot be changed while jobs of the queue run.",
        )
        yield ChoiceField(
            "policy",
            "Scheduling policy",
            self._policies(),
            value=there.scheduling_policy_arn if there else "",
            hint="A policy can be replaced by one of its kind only, and not be added to a FIFO queue later.",
        )
        yield TextField(
            "priority",
            "Priority",
            value=str(there.priority) if there else "1",
            hint="Among the queues of one environment the one with the highest priority goes first.",
            required=True,
        )
        limit = there.job_state_time_limit_actions if there else ()
        yield TextField(
            "time_limit",
            "Time limit",
            value=str(limit[0].max_time_seconds) if limit else "",
            placeholder="none",
            hint="10m to 24h: a job that SageMaker has no instances for so long is ended. Empty: none.",
        )
        yield ChoiceField("state", "State", STATES, value=there.state if there else "ENABLED")

    def _environment(self, queue: JobQueue | None) -> str:
        order = sorted(queue.service_environment_order, key=lambda item: item.order) if queue else []
        found = self.existing.environment(order[0].service_environment) if order else None
        return found.service_environment_arn if found else ""

    def _policies(self) -> list[tuple[str, str]]:
        """Those the queue may have: of its own kind, if it is there already."""
        there = self.there
        now = self.existing.policy(there.scheduling_policy_arn) if there else None
        if there is not None and not there.scheduling_policy_arn:
            return [("none: FIFO", "")]
        fitting = [p for p in self.existing.policies if now is None or _kind(p) == _kind(now)]
        named = [(f"{policy.name} ({_kind(policy)})", policy.arn) for policy in fitting]
        return named if there is not None else [("none: FIFO", ""), *named]

    def changes(self, values: Mapping[str, str]) -> list[Change]:
        errors: dict[str, str] = {}
        priority = values.get("priority", "").strip()
        if not priority.isdecimal():
            errors["priority"] = "it is a whole number, 0 or more"
        actions = self._actions(values.get("time_limit", ""), errors)
        if not values.get("environment"):
            errors["environment"] = "there is no service environment: make one first"
        if errors:
            raise Mistakes(errors)
        if self.there is not None:
            return self._updates(self.there, int(priority), actions, values)
        return [self._creation(int(priority), actions, values)]

    def _updates(
        self,
        there: JobQueue,
        priority: int,
        actions: tuple[JobStateTimeLimitAction, ...],
        values: Mapping[str, str],
    ) -> list[Change]:
        environment, policy, state = values["environment"], values.get("policy", ""), values.get("state", "")
        same = (
            priority == there.priority,
            environment == self._environment(there),
            policy == there.scheduling_policy_arn,
            state == there.state,
            actions == there.job_state_time_limit_actions,
        )
        if all(same):
            return []
        return [
            resource_changes.update_queue(
                self.queue,
                priority=None if same[0] else priority,
                environment=None if same[1] else environment,
                policy_arn=None if same[2] else policy,
                state=None if same[3] else state,
                time_limit_actions=None if same[4] else actions,
            )
        ]

    def _creation(
        self, priority: int, actions: tuple[JobStateTimeLimitAction, ...], values: Mapping[str, str]
    ) -> Change:
        name = values.get("name", "").strip()
        for _, message in name_mistakes(name, "name"):
            raise Mistakes({"name": message})
        if self.existing.queue(name) is not None:
            raise Mistakes({"name": f"there is a job queue {name} already"})
        if len(self.existing.queues) >= MAX_QUEUES:
            raise Mistakes({"name": f"a region has at most {MAX_QUEUES} queues"})
        if why := self._misfit(values):
            raise Mistakes({"environment": why})
        wanted = Queue(
            job_queue_name=name,
            priority=priority,
            state="DISABLED" if values.get("state") == "DISABLED" else "ENABLED",
            job_state_time_limit_actions=actions,
        )
        return resource_changes.create_queue(wanted, values["environment"], values.get("policy", ""))

    def _misfit(self, values: Mapping[str, str]) -> str:
        """Why the environment cannot serve such a queue; empty if it can."""
        environment = self.existing.environment(values["environment"])
        policy = self.existing.policy(values["policy"]) if values.get("policy") else None
        if environment is None:
            return "it is not there any more"
        others = self.existing.queues_on(environment)
        names = ", ".join(queue.job_queue_name for queue in others)
        kinds = {_kind(found) for q in others if (found := self.existing.policy(q.scheduling_policy_arn))}
        quota = policy is not None and _kind(policy) == "quota"
        if others and (quota or "quota" in kinds):
            return f"{names} is on it: with quota management an environment serves one queue"
        if quota and any(limit.capacity_unit == NUM_INSTANCES for limit in environment.capacity_limits):
            return "it counts NUM_INSTANCES: quota management needs instance types"
        return ""

    def _actions(self, text: str, errors: dict[str, str]) -> tuple[JobStateTimeLimitAction, ...]:
        if not text.strip():
            return ()
        seconds = seconds_in(text)
        if seconds is None or not 600 <= seconds <= 86_400:
            errors["time_limit"] = "it is 10m to 24h (600 to 86400 seconds), or nothing"
            return ()
        action = JobStateTimeLimitAction(
            reason=NO_CAPACITY, state="RUNNABLE", max_time_seconds=seconds, action="TERMINATE"
        )
        return (action,)

    def says(self, changes: Sequence[Change]) -> Content:
        there = self.there
        if there is None or not changes:
            return Content("")
        request = changes[0].request
        lines: list[str] = []
        if "priority" in request:
            lines.append(f"priority {there.priority} → {request['priority']}")
        if "state" in request:
            then = ": takes no new jobs, those in it go on" if request["state"] == "DISABLED" else ""
            lines.append(f"state {there.state} → {request['state']}{then}")
        if "schedulingPolicyArn" in request:
            lines.append(
                f"policy {resource_changes.name_in(there.scheduling_policy_arn)} → "
                f"{resource_changes.name_in(request['schedulingPolicyArn'])}"
            )
        if "serviceEnvironmentOrder" in request:
            lines.append(
                f"environment {resource_changes.name_in(self._environment(there))} → "
                f"{resource_changes.name_in(self.form.values['environment'])}"
            )
        if "jobStateTimeLimitActions" in request:
            before, after = there.job_state_time_limit_actions, request["jobStateTimeLimitActions"]
            was = span_words(before[0].max_time_seconds) if before else "none"
            then = span_words(after[0]["maxTimeSeconds"]) if after else "none"
            lines.append(f"time limit {was} → {then}")
        return Content.styled("\n".join(lines), "$text-primary")

    def before(self, change: Change) -> str:
        return str(resource_changes.plain(self.there)) if self.there else ""


def _kind(policy: SchedulingPolicy) -> str:
    return "quota" if policy.quota_share_policy is not None else "fair-share"
