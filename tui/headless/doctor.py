"""`queuedeck doctor`: is everything there that queuedeck needs?"""

import argparse
import os
import sys
from collections.abc import Sequence

import msgspec

from tui.headless import connection
from tui.live.checkup import checkup, local
from tui.model.checkup import Check, summary, verdict
from tui.settings import SettingsError, load

SIGNS = {"ok": "✓ ok     ", "missing": "✗ MISSING", "unknown": "? unknown"}


@connection.told
def main(arguments: Sequence[str]) -> int:
    """Run the command. Exit code 0: nothing is missing; 1: something is; 2: the configuration is wrong."""
    parser = argparse.ArgumentParser(
        prog="queuedeck doctor",
        description="Check terminal, files, connection, identity, clock and permissions. Changes nothing.",
        epilog="Exit codes: 0 nothing is missing, 1 something is, 2 the configuration is wrong.",
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="write the checks as JSON")
    parser.add_argument(
        "--level",
        choices=("view", "operate", "administer"),
        help="what has to be allowed (default: administer; view with --read-only)",
    )
    parser.add_argument(
        "--role", default="", metavar="ARN", help="the role that training jobs run under, for iam:PassRole"
    )
    connection.add_options(parser)
    options = vars(parser.parse_args(arguments))
    as_json, level, role = options.pop("json"), options.pop("level"), options.pop("role")
    checks: list[Check] = []
    section = last_step = ""
    size = os.get_terminal_size() if sys.stdout.isatty() else None
    try:
        found = checkup(load(options), size, _encoding(), level=level, role_arn=role)
    except SettingsError as error:
        wrong = Check(section="Files", name="Settings", state="missing", detail=str(error), fatal=True)
        found = iter([*local(size, _encoding()), wrong])
    for check in found:
        checks.append(check)
        if as_json:
            continue
        if check.section != section:
            section = check.section
            connection.say(section)
        _say(check, last_step)
        last_step = check.next_step
    code = verdict(checks)
    if as_json:
        answer = {"exit_code": code, "summary": summary(checks), "checks": checks}
        connection.say(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    else:
        connection.say(f"\n{summary(checks)}")
    return code


def _say(check: Check, last_step: str) -> None:
    connection.say(f"  {SIGNS[check.state]}  {check.name:<32}  {check.detail}".rstrip())
    if check.next_step and check.state != "ok" and check.next_step != last_step:
        connection.say(f"{'':15}→ {check.next_step}")


def _encoding() -> str:
    return sys.stdout.encoding or ""
