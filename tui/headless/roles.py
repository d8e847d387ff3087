"""`queuedeck roles`: the role to call Batch with, and the one that training jobs run under."""

import argparse
import json
from collections.abc import Callable, Iterable, Sequence

from tui.actions.words import role_entry
from tui.aws import roles
from tui.aws.identity import caller_identity
from tui.aws.problems import AwsProblem
from tui.aws.session import Aws
from tui.headless import connection, provisioning
from tui.headless.recording import recorder
from tui.live.audit import Entry
from tui.model.roles import (
    CALLER_NAME,
    EXECUTION_NAME,
    Level,
    RoleSpec,
    caller_role,
    execution_role,
    permissions,
)


@connection.told
def main(arguments: Sequence[str]) -> int:
    """Run the command. Exit code 0: both are as wanted; 1: one is not; 2: the command is wrong."""
    parser = argparse.ArgumentParser(
        prog="queuedeck roles",
        description="Make the two IAM roles of training queues, or adopt those that exist: one to call Batch "
        "with, one that SageMaker runs jobs under. They may do no more than needed, unless --broad.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--caller", metavar="NAME", default=CALLER_NAME, help=f"default {CALLER_NAME}")
    add("--execution", metavar="NAME", default=EXECUTION_NAME, help=f"default {EXECUTION_NAME}")
    add("--level", choices=("view", "operate", "administer"), default="administer", help="of the caller")
    add(
        "--bucket",
        metavar="NAME",
        action="append",
        default=[],
        help="jobs read and write it; may be repeated",
    )
    add("--broad", action="store_true", help="the policies of AWS's examples: all of Batch and SageMaker")
    add("--dry-run", action="store_true", help="write the documents and what would be done, do nothing")
    add("--yes", action="store_true", help="do not ask")
    connection.add_options(parser)
    options = parser.parse_args(arguments)
    aws, _ = connection.connect(vars(options), changes=not options.dry_run)
    asks = not options.dry_run and not options.yes
    if asks and not provisioning.interactive():
        raise connection.UsageError("nobody can be asked: add --yes, or --dry-run")
    specs = _specs(aws, options)
    for spec in specs:
        _show(spec, connection.patiently(lambda spec=spec: roles.role(aws, spec.name)))
    if options.dry_run:
        return connection.DONE
    if asks and not provisioning.ask("Do this? [y/N] ", "y"):
        connection.complain("nothing was done")
        return connection.FAILED
    record = recorder(aws)
    good = [_ensure(aws, spec, record) for spec in specs]
    _tell_denied(aws, specs, options.level)
    return connection.DONE if all(good) else connection.FAILED


def _specs(aws: Aws, options: argparse.Namespace) -> tuple[RoleSpec, RoleSpec]:
    identity = connection.patiently(lambda: caller_identity(aws))
    breadth = "broad" if options.broad else "least"
    caller = caller_role(
        identity.account,
        partition=identity.partition,
        name=options.caller,
        breadth=breadth,
        level=options.level,
        execution_role=options.execution,
    )
    runs = execution_role(
        partition=identity.partition, name=options.execution, breadth=breadth, buckets=tuple(options.bucket)
    )
    return caller, runs


def _show(spec: RoleSpec, found: roles.Role | None) -> None:
    if found is not None:
        provisioning.tell(f"{'complete' if found.ours else 'adopt'}  role {spec.name}")
        return
    provisioning.tell(f"create   role {spec.name}: {spec.description}")
    provisioning.tell(f"trust    {json.dumps(spec.trust)}")
    if spec.inline is not None:
        provisioning.tell(f"inline   {json.dumps(spec.inline)}")
    for arn in spec.attached:
        provisioning.tell(f"attach   {arn}")


def _ensure(aws: Aws, spec: RoleSpec, record: Callable[[Iterable[Entry]], None]) -> bool:
    """Make or adopt it; whether it is as wanted."""
    try:
        result = roles.ensure(aws, spec)
    except AwsProblem as failure:
        record([role_entry(spec, failure.problem)])
        raise
    record([role_entry(spec, result)])
    verb = "created" if result.made else "completed" if result.completed else "adopted"
    provisioning.tell(f"{verb} role {spec.name}: {result.role.arn}")
    for words in result.differences:
        connection.complain(f"role {spec.name}: {words}")
    return not result.differences


def _tell_denied(aws: Aws, specs: tuple[RoleSpec, RoleSpec], level: Level) -> None:
    caller, runs = (roles.role(aws, spec.name) for spec in specs)
    if caller is None or runs is None:
        return
    account, partition = caller.arn.split(":")[4], caller.arn.split(":")[1]
    asked = permissions(
        level,
        account=account,
        passed_role=runs.arn,
        partition=partition,
    )
    for permission in roles.denied(aws, caller.arn, asked):
        connection.complain(f"role {caller.name} may not call {permission.action} on {permission.resource}")
