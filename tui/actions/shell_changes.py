"""Changes to resources as AWS CLI commands, ready to be pasted into a POSIX shell."""

import json
import re
import shlex
from collections.abc import Sequence

from tui.model.resource_changes import Change

_WORD = re.compile(r"(?<!^)(?=[A-Z])")


def changes_text(
    changes: Sequence[Change],
    *,
    profile: str | None = None,
    region: str | None = None,
    endpoint_url: str | None = None,
) -> str:
    """One line a change, in their order. Profile, region and endpoint are named if the user chose them."""
    aws = ["aws"]
    for option, value in (("--profile", profile), ("--region", region), ("--endpoint-url", endpoint_url)):
        aws += [option, value] if value else []
    return "\n".join(
        shlex.join(
            [
                *aws,
                "batch",
                _WORD.sub("-", change.operation).lower(),
                "--cli-input-json",
                json.dumps(change.request, ensure_ascii=False),
            ]
        )
        for change in changes
    )
