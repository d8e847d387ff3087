"""What the submit dialog holds, as text, and the submission it stands for. Pure: no screen, no AWS."""

from collections.abc import Mapping
from typing import Any

import msgspec

from tui.model.jobs import EvaluateOnExit, RetryStrategy
from tui.model.queues import PolicyKind
from tui.model.submission import FieldProblem, Submission, new_token
from tui.model.submission import parse_payload as parse
from tui.model.training_form import TrainingForm, pairs_of, payload
from tui.screens.submit.training_values import form_from, training_defaults

Errors = dict[str, str]
"""What is wrong, by the key of the field; the key "" is for what has no field."""

FORM, TEXT, FOLDER, SCRIPT = "form", "text", "folder", "script"
"""Where the training job comes from."""

RULES = ("rule1", "rule2", "rule3", "rule4", "rule5")
SDK_RULES = (
    "RETRY Received status from SageMaker:InternalServerError: "
    "We encountered an internal error. Please try again.",
    "EXIT *",
)
"""The retry rules of the SageMaker SDK (`DEFAULT_SAGEMAKER_TRAINING_RETRY_CONFIG`)."""

ONE, COPIES, SWEEP = "one", "copies", "sweep"
"""How many jobs."""


class Draft(msgspec.Struct):
    """Everything typed into the dialog, by the keys of its fields.

    `token` is the client token of the job to be: made with the draft, kept through every retry, and made
    anew after a success only. Of several jobs each has its own in `tokens`, by name; `made` names those
    that exist already, when others failed. `built` is what the SDK made of `built_from`.
    """

    job: dict[str, str]
    training: dict[str, str] = msgspec.field(default_factory=training_defaults)
    original: dict[str, Any] = {}
    source: str = FORM
    text: str = ""
    folder: dict[str, str] = {}
    script: dict[str, str] = {}
    built: Submission | None = None
    built_from: dict[str, str] = {}
    token: str = msgspec.field(default_factory=new_token)
    tokens: dict[str, str] = {}
    made: set[str] = set()

    @property
    def code(self) -> dict[str, str]:
        """The fields of the SDK's way that is chosen; empty for the other ways."""
        return {FOLDER: self.folder, SCRIPT: self.script}.get(self.source, {})

    @property
    def is_built(self) -> bool:
        """Does the payload stand for what the fields say? Always, but for the SDK's ways."""
        return self.source in (FORM, TEXT) or (self.built is not None and self.built_from == self.code)

    def typed(self) -> tuple[object, ...]:
        """What the user would lose."""
        return (self.job, self.training, self.original, self.source, self.text, self.folder, self.script)


def job_defaults(queue: str) -> dict[str, str]:
    """A new job: as the SageMaker SDK would submit it."""
    return job_values(
        Submission(
            job_queue=queue,
            retry_strategy=RetryStrategy(1, tuple(_rule(text) for text in SDK_RULES)),
            attempt_duration_seconds=86_400,
        )
    )


def job_values(submission: Submission) -> dict[str, str]:
    """The fields that are not the training job's."""
    retry = submission.retry_strategy
    rules = retry.evaluate_on_exit if retry else ()
    return {
        "queue": submission.job_queue,
        "name": submission.job_name,
        "share": submission.share_identifier,
        "quota_share": submission.quota_share_name,
        "priority": _text(submission.scheduling_priority),
        "many": ONE,
        "count": "2",
        "hyperparameter": "",
        "sweep_values": "",
        "attempts": _text(retry.attempts) if retry else "",
        **_no_rules(),
        **{key: f"{rule.action} {rule.on_status_reason}" for key, rule in zip(RULES, rules, strict=False)},
        "attempt_seconds": _text(submission.attempt_duration_seconds),
        "preemptions": _text(submission.preemption_retries),
        "tags": "\n".join(f"{key}={value}" for key, value in submission.tags.items()),
    }


def _no_rules() -> dict[str, str]:
    return dict.fromkeys(RULES, "")


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def base_submission(draft: Draft, kind: PolicyKind | None) -> tuple[Submission, Errors]:
    """The one submission behind the draft, as far as it can be read, and what cannot be.

    Fields that the queue's policy (`kind`) has no use for are left out, not lost. For the SDK's ways the
    payload is what the SDK built; until then it is empty.
    """
    errors: Errors = {}
    job = draft.job
    return (
        Submission(
            job_name=job["name"].strip(),
            job_queue=job["queue"],
            payload=_payload(draft, errors),
            scheduling_priority=_number(job, "priority", errors),
            share_identifier=job["share"].strip() if kind in ("fair", None) else "",
            quota_share_name=job["quota_share"].strip() if kind in ("quota", None) else "",
            retry_strategy=_retry(job, errors),
            attempt_duration_seconds=_number(job, "attempt_seconds", errors),
            preemption_retries=_number(job, "preemptions", errors) if kind in ("quota", None) else None,
            tags=_pairs(job, "tags", errors) | _built_tags(draft),
            client_token=draft.token,
        ),
        errors,
    )


def training_form(draft: Draft) -> tuple[TrainingForm, Errors]:
    """The guided form as the model has it."""
    return form_from(draft.training, draft.original)


def _payload(draft: Draft, errors: Errors) -> dict[str, Any] | str:
    if draft.source == TEXT:
        found = parse(draft.text)
        if isinstance(found, FieldProblem):
            errors["text"] = f"line {found.line}: {found.message}" if found.line else found.message
            return draft.text
        return found
    if draft.source == FORM:
        form, wrong = training_form(draft)
        errors.update(wrong)
        return payload(form)
    if not draft.is_built or draft.built is None:
        errors[""] = "the SageMaker SDK has not built the request of this code yet: ctrl+b builds it"
        return {}
    return draft.built.payload


def _built_tags(draft: Draft) -> dict[str, str]:
    return draft.built.tags if draft.source in (FOLDER, SCRIPT) and draft.built and draft.is_built else {}


def _retry(job: Mapping[str, str], errors: Errors) -> RetryStrategy | None:
    attempts = _number(job, "attempts", errors)
    rules: list[EvaluateOnExit] = []
    for key in RULES:
        if text := job[key].strip():
            rules.append(_rule(text))
            if rules[-1].action not in ("RETRY", "EXIT"):
                errors[key] = "begin with RETRY or EXIT, then a pattern that may end in *"
    if attempts is None and not rules:
        return None
    if attempts is None and "attempts" not in errors:
        errors["attempts"] = "rules need a number of attempts"
    return RetryStrategy(attempts or 1, tuple(rules))


def _rule(text: str) -> EvaluateOnExit:
    action, _, pattern = text.strip().partition(" ")
    return EvaluateOnExit(action.upper(), pattern.strip())


def used_rules(job: Mapping[str, str]) -> list[str]:
    """The fields of the rules that are sent, in order: an empty one between two is passed over."""
    return [key for key in RULES if job[key].strip()]


def _number(values: Mapping[str, str], key: str, errors: Errors) -> int | None:
    text = values[key].strip()
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        errors[key] = f"{text!r} is not a whole number"
        return None


def _pairs(values: Mapping[str, str], key: str, errors: Errors) -> dict[str, str]:
    found = pairs_of(values[key])
    if isinstance(found, str):
        errors[key] = found
        return {}
    return found
