"""Retry strategies: does a failed attempt get another one?"""

import re
from fnmatch import fnmatchcase

from tui.model.jobs import RetryStrategy

_REPORTED = re.compile(r"Received status from SageMaker:\s*")


def wants_retry(strategy: RetryStrategy | None, tries: int, reason: str) -> bool:
    """Whether a job goes back to RUNNABLE after its `tries`-th attempt ended for `reason`.

    The first rule of evaluateOnExit whose pattern fits decides; if none fits, the job is retried.
    """
    if strategy is None or tries >= strategy.attempts:
        return False
    for rule in strategy.evaluate_on_exit:
        if _fits(rule.on_status_reason, reason):
            return rule.action.upper() == "RETRY"
    return True


def _fits(pattern: str, reason: str) -> bool:
    """A glob where only `*` is special. AWS's texts and its SDK differ in the space after the prefix."""
    pattern, reason = (_REPORTED.sub("Received status from SageMaker:", text) for text in (pattern, reason))
    return fnmatchcase(reason, pattern.replace("[", "[[]").replace("?", "[?]"))
