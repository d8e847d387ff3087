"""The audit log of headless commands: who did it is asked once, a failure to write is told."""

from collections.abc import Callable, Iterable

import msgspec

from tui.aws.identity import Identity, caller_identity
from tui.aws.problems import AwsProblem
from tui.aws.session import Aws
from tui.headless.connection import complain, patiently
from tui.live.audit import Entry, Who, append, audit_path, os_user


def recorder(aws: Aws) -> Callable[[Iterable[Entry]], None]:
    """What writes entries, completed by who did it and where."""
    who = Who(arn=_identity_of(aws).arn, profile=aws.profile_name or "", user=os_user())

    def record(entries: Iterable[Entry]) -> None:
        try:
            append(
                audit_path(),
                [msgspec.structs.replace(entry, who=who, region=aws.region) for entry in entries],
            )
        except OSError as error:
            complain(f"the audit log cannot be written: {error}")

    return record


def _identity_of(aws: Aws) -> Identity:
    """Who acts; empty if that cannot be asked."""
    try:
        return patiently(lambda: caller_identity(aws))
    except AwsProblem:
        return Identity()
