"""Several jobs from one submission: a count of copies, or one for each value of a hyperparameter."""

import re
from collections.abc import Sequence
from typing import Any, cast

from msgspec.structs import replace

from tui.model.submission import FieldProblem, Submission, new_token, parse_payload, suffixed

MAX_JOBS = 1000
"""The most jobs made at once: at 5 submissions a second, AWS's limit, they take over three minutes."""


def copies(submission: Submission, n: int) -> list[Submission]:
    """`n` jobs named `<name>-1` … `<name>-n`, each with its own token. `n` = 1 is the submission itself.

    Raises ValueError (a sentence) for n < 1 or more than MAX_JOBS.
    """
    _check_count(n)
    if n == 1:
        return [submission]
    width = len(str(n))
    return [_sibling(submission, f"-{number:0{width}}") for number in range(1, n + 1)]


def sweep(submission: Submission, hyperparameter: str, values: Sequence[str]) -> list[Submission]:
    """One job for each value of a hyperparameter, named `<name>-<value>`, each with its own token.

    Raises ValueError (a sentence) for no values, a value given twice, or a payload that cannot be read.
    """
    if not hyperparameter:
        raise ValueError("name the hyperparameter to sweep over")
    if not values:
        raise ValueError(f"give the values of {hyperparameter}, with commas between them")
    if twice := sorted({value for value in values if values.count(value) > 1}):
        raise ValueError(f"{hyperparameter} has the value {twice[0]!r} twice")
    _check_count(len(values))
    payload = _object(submission)
    found: Any = payload.get("HyperParameters") or {}
    if not isinstance(found, dict):
        raise ValueError("HyperParameters is not an object, so nothing can be swept over")
    parameters = cast(dict[str, Any], found)
    suffixes = _suffixes(values)
    return [
        replace(
            _sibling(submission, suffix),
            payload=payload | {"HyperParameters": parameters | {hyperparameter: value}},
        )
        for suffix, value in zip(suffixes, values, strict=True)
    ]


def _check_count(n: int) -> None:
    if not 1 <= n <= MAX_JOBS:
        raise ValueError(f"{n} jobs: choose between 1 and {MAX_JOBS:,}")


def _object(submission: Submission) -> dict[str, Any]:
    payload = submission.payload
    parsed = parse_payload(payload) if isinstance(payload, str) else payload
    if isinstance(parsed, FieldProblem):
        raise ValueError(str(parsed))
    return parsed


def _sibling(submission: Submission, suffix: str) -> Submission:
    return replace(submission, job_name=suffixed(submission.job_name, suffix), client_token=new_token())


def _suffixes(values: Sequence[str]) -> list[str]:
    """`-<value>` as a job name allows it; with a number before it if two values would read the same."""
    names = [re.sub(r"[^A-Za-z0-9_-]+", "_", value).strip("_")[:40] for value in values]
    if all(names) and len(set(names)) == len(names):
        return [f"-{name}" for name in names]
    return [f"-{number}-{name}" if name else f"-{number}" for number, name in enumerate(names, 1)]
