"""Submitting through throttles, 500s and dropped connections: one submission, one job."""

from collections.abc import Callable

from tui.aws.batch import Submitted
from tui.aws.session import Aws
from tui.model.submission import Submission


def submit_surely(
    aws: Aws,
    submission: Submission,
    deadline_s: float = 60.0,
    *,
    waiting: Callable[[int, str], None] | None = None,
) -> Submitted:
    """Submit, and repeat with the same client token while the failure may pass, for `deadline_s` seconds.

    `waiting(tries, title of the problem)` is told before each wait. Raises the last `AwsProblem`.
    """
    raise NotImplementedError
