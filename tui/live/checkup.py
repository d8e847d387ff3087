"""The whole of the doctor's round: settings, files, terminal, then the connection to AWS."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from tui.aws.doctor import examine
from tui.aws.session import Aws, Connection
from tui.live.audit import audit_path
from tui.model.checkup import Check, terminal
from tui.model.roles import Level
from tui.settings import Settings, config_path


def checkup(
    settings: Settings,
    size: tuple[int, int] | None,
    encoding: str,
    *,
    level: Level | None = None,
    role_arn: str = "",
    environ: Mapping[str, str] | None = None,
) -> Iterator[Check]:
    """Every check, one after the other; those of AWS block. With its own connection: what a start now would
    find. Without a `level` it is what the settings allow: view if they are read-only, else administer."""
    yield from local(size, encoding, environ)
    connection = Connection(
        profile=settings.profile, region=settings.region, endpoint_url=settings.endpoint_url
    )
    aws = Aws(connection, read_only=settings.read_only)
    chosen: Level = level or ("view" if settings.read_only else "administer")
    yield from examine(aws, level=chosen, role_arn=role_arn)


def local(
    size: tuple[int, int] | None, encoding: str, environ: Mapping[str, str] | None = None
) -> Iterator[Check]:
    """The checks that need no network."""
    yield from terminal(os.environ if environ is None else environ, size, encoding)
    config = config_path()
    there = f"{config}" if config.exists() else f"{config}, which is not there: defaults hold"
    yield Check(section="Files", name="Config file", state="ok", detail=there)
    yield _audit(audit_path())


def _audit(path: Path) -> Check:
    """The audit log, or the nearest folder above it that is there, has to take our lines."""
    nearest = next(each for each in (path, *path.parents) if each.exists())
    if os.access(nearest, os.W_OK):
        return Check(section="Files", name="Audit log", state="ok", detail=str(path))
    return Check(
        section="Files",
        name="Audit log",
        state="missing",
        detail=f"{path} cannot be written",
        next_step=f"Make {nearest} writable, or set XDG_STATE_HOME.",
    )
