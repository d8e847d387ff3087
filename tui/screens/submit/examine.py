"""A draft examined: the jobs it stands for, and what is wrong, by field. Slow at first: for a worker."""

import msgspec

from tui.aws.problems import problem_from
from tui.aws.validation import check_request, instance_types
from tui.model.payload_text import PAYLOAD, FieldProblem, lines_of
from tui.model.queues import PolicyKind
from tui.model.submission import Submission, problems_with_lines, request_of
from tui.model.submission_rules import check
from tui.model.sweep import copies, sweep
from tui.model.training_form import field_of
from tui.screens.submit.draft import COPIES, FORM, SWEEP, TEXT, Draft, Errors, base_submission, used_rules

LISTED = 4
"""So many problems of a request are listed under its text."""

_FIELDS = {
    "jobName": "name",
    "jobQueue": "queue",
    "schedulingPriority": "priority",
    "shareIdentifier": "share",
    "quotaShareName": "quota_share",
    "timeoutConfig": "attempt_seconds",
    "preemptionConfiguration": "preemptions",
    "tags": "tags",
}


class Examined(msgspec.Struct, frozen=True):
    """The jobs to submit, in order, and what is wrong with them, by the key of the field."""

    submissions: tuple[Submission, ...]
    errors: Errors


def examine(
    draft: Draft,
    kind: PolicyKind | None,
    share_names: frozenset[str] | None = None,
    disabled: bool = False,
) -> Examined:
    """`kind`, `share_names` (quota shares) and `disabled` tell of the queue; None where it is unknown."""
    base, errors = base_submission(draft, kind)
    submissions = _several(draft, base, errors)
    if disabled:
        errors.setdefault("queue", "it is disabled: it takes no new jobs")
    text_problems: list[str] = [errors["text"]] if "text" in errors else []
    if draft.is_built:
        for problem in _problems(draft, submissions, kind, share_names):
            key = key_of(problem.field, draft)
            if key == "text":
                text_problems += [] if "text" in errors else [_in_text(problem)]
            else:
                errors.setdefault(
                    key, problem.message if key else f"{_short(problem.field)}: {problem.message}"
                )
    else:
        for problem in check(base, kind, share_names):
            if (key := key_of(problem.field, draft)) not in ("", "text"):
                errors.setdefault(key, problem.message)
    if text_problems:
        unique = list(dict.fromkeys(text_problems))
        more = [f"and {len(unique) - LISTED} more"] if len(unique) > LISTED else []
        errors["text"] = "\n".join(unique[:LISTED] + more)
    return Examined(submissions, errors)


def examined(
    draft: Draft, kind: PolicyKind | None, share_names: frozenset[str] | None, disabled: bool
) -> tuple[Examined, tuple[str, ...]]:
    """`examine`, whatever happens, and the instance types that AWS's models know."""
    try:
        return examine(draft, kind, share_names, disabled), instance_types()
    except Exception as exc:  # a mistake of ours must not pass for a request that is fine
        return Examined((), {"": problem_from(exc).cause}), ()


def _several(draft: Draft, base: Submission, errors: Errors) -> tuple[Submission, ...]:
    job = draft.job
    try:
        if job["many"] == COPIES:
            return _with_tokens(draft, copies(base, _whole(job["count"])))
        if job["many"] == SWEEP:
            values = [value.strip() for value in job["sweep_values"].split(",") if value.strip()]
            return _with_tokens(draft, sweep(base, job["hyperparameter"].strip(), values))
    except ValueError as error:
        key = "count" if job["many"] == COPIES else "sweep_values"
        if job["many"] == SWEEP and not job["hyperparameter"].strip():
            key = "hyperparameter"
        errors.setdefault(key, str(error))
    return (base,)


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{text.strip()!r} is not a whole number") from None


def _with_tokens(draft: Draft, submissions: list[Submission]) -> tuple[Submission, ...]:
    """Each with the token its name got first: a second attempt makes no second job."""
    return tuple(
        msgspec.structs.replace(
            submission, client_token=draft.tokens.get(submission.job_name, submission.client_token)
        )
        for submission in submissions
        if submission.job_name not in draft.made
    )


def _problems(
    draft: Draft,
    submissions: tuple[Submission, ...],
    kind: PolicyKind | None,
    share_names: frozenset[str] | None,
) -> list[FieldProblem]:
    """Each of them once; jobs that differ by a name or a value mostly share theirs."""
    found: dict[FieldProblem, None] = {}
    for submission in submissions:
        found |= dict.fromkeys(check(submission, kind, share_names))
        found |= dict.fromkeys(check_request(request_of(submission)))
    problems = list(found)
    return problems_with_lines(problems, lines_of(draft.text)) if draft.source == TEXT else problems


def key_of(path: str, draft: Draft) -> str:
    """The key of the field behind a path in the request; "" if no field shows it."""
    if path.startswith(PAYLOAD):
        if draft.source == TEXT:
            return "text"
        return (field_of(path) or "") if draft.source == FORM else ""
    if path.startswith("retryStrategy.evaluateOnExit["):
        used = used_rules(draft.job)
        index = int(path.partition("[")[2].partition("]")[0])
        return used[index] if index < len(used) else ""
    if path.startswith("retryStrategy"):
        return "attempts"
    return _FIELDS.get(path.partition(".")[0].partition("[")[0], "")


def _in_text(problem: FieldProblem) -> str:
    at = f"line {problem.line}: " if problem.line else ""
    name = _short(problem.field)
    return f"{at}{name}: {problem.message}" if name else f"{at}{problem.message}"


def _short(path: str) -> str:
    return path.removeprefix(PAYLOAD).removeprefix(".")
