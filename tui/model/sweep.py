"""Several jobs from one submission: a count of copies, or one for each value of a hyperparameter."""

from collections.abc import Sequence

from tui.model.submission import Submission


def copies(submission: Submission, n: int) -> list[Submission]:
    """`n` jobs named `<name>-1` … `<name>-n`, each with its own token. `n` = 1 is the submission itself.

    Raises ValueError (a sentence) for n < 1 or more than MAX_JOBS.
    """
    raise NotImplementedError


def sweep(submission: Submission, hyperparameter: str, values: Sequence[str]) -> list[Submission]:
    """One job for each value of a hyperparameter, named `<name>-<value>`, each with its own token.

    Raises ValueError (a sentence) for no values, a value given twice, or a payload that cannot be read.
    """
    raise NotImplementedError
