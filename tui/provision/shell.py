"""Changes of resources as the AWS CLI commands that make them, ready to be pasted into a POSIX shell."""

import json
import re
import shlex
from collections.abc import Iterable

from tui.model.resource_changes import Change


def shell_text(
    changes: Iterable[Change],
    *,
    profile: str | None = None,
    region: str | None = None,
    endpoint_url: str | None = None,
) -> str:
    """One line a change. Profile, region and endpoint are named if the user chose them for queuedeck.

    The lines do not wait: between two that depend on each other AWS needs a moment.
    """
    aws = ["aws"]
    for option, value in (("--profile", profile), ("--region", region), ("--endpoint-url", endpoint_url)):
        aws += [option, value] if value else []
    return "\n".join(
        shlex.join([*aws, "batch", _command(change.operation), "--cli-input-json", _json(change)])
        for change in changes
    )


def _command(operation: str) -> str:
    """`CreateJobQueue` → `create-job-queue`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", operation).lower()


def _json(change: Change) -> str:
    return json.dumps(change.request, ensure_ascii=False)
