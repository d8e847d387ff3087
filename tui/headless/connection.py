"""What every headless command needs: the options that say which AWS, and a connection that works."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

from tui.aws.problems import AwsProblem
from tui.aws.session import Aws, Connection
from tui.live.backoff import Backoff
from tui.settings import Settings, SettingsError, load

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds in which a question is asked again."""

DONE, FAILED, WRONG = 0, 1, 2
"""Exit codes: all done; it ran, and something was not done; the command or a setting is wrong."""


class UsageError(Exception):
    """The command cannot be carried out as given. One line; exit code 2."""


Main = Callable[[Sequence[str]], int]


def told(main: Main) -> Main:
    """A command whose failures are told in a line each, and end it with their exit codes."""

    @wraps(main)
    def run(arguments: Sequence[str]) -> int:
        try:
            return main(arguments)
        except UsageError as error:
            complain(str(error))
            return WRONG
        except AwsProblem as failure:
            complain(str(failure.problem))
        except KeyboardInterrupt:
            complain("interrupted")
        return FAILED

    return run


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `queuedeck` itself that say where AWS is."""
    add = parser.add_argument
    add("--profile", help="AWS profile (default: AWS's own resolution)")
    add("--region", help="AWS region")
    add("--endpoint-url", metavar="URL", help="endpoint for every AWS service")
    add("--read-only", action="store_true", default=None, help="refuse to change anything")


def connect(options: dict[str, Any], *, changes: bool = True) -> tuple[Aws, Settings]:
    """The connection that the options, the environment and the config file choose. Takes its own options
    out of `options`. Raises UsageError, also if nothing may be changed and the command `changes` something.
    """
    names = ("profile", "region", "endpoint_url", "read_only")
    try:
        settings = load({name: options.pop(name, None) for name in names})
    except SettingsError as error:
        raise UsageError(str(error)) from None
    connection = Connection(
        profile=settings.profile, region=settings.region, endpoint_url=settings.endpoint_url
    )
    aws = Aws(connection, read_only=settings.read_only)
    try:
        aws.check()
        if changes:
            aws.forbid_if_read_only()
    except AwsProblem as failure:
        raise UsageError(str(failure.problem)) from None
    return aws, settings


def patiently(call: Callable[[], T]) -> T:
    """The answer of a call that reads, asked again for a while if it may succeed later. Raises AwsProblem."""
    deadline, backoff = time.monotonic() + PATIENCE, Backoff()
    while True:
        try:
            return call()
        except AwsProblem as failure:
            delay = backoff.failed(failure.problem, first=0.5, longest=8.0)
            if not failure.problem.retryable or time.monotonic() + delay > deadline:
                raise
        time.sleep(delay)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def complain(text: str) -> None:
    """Each line with the program's name before it, on standard error."""
    sys.stderr.write("".join(f"queuedeck: {line}\n" for line in text.splitlines()))
