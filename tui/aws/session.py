"""Clients for a profile, a region and an endpoint: built lazily, off the UI thread.

Everything the user did not give is botocore's own resolution: `AWS_PROFILE`, `AWS_REGION`,
`AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_BATCH`, `AWS_CA_BUNDLE`, proxies, the config files, SSO, roles.
Credentials are never read by us. botocore's session is used, not boto3's: it is the same client without the
time and memory of boto3's resource layer.
"""
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false

import os
import threading
from typing import Any

import msgspec

from tui import __version__
from tui.aws.clock import ServerClock
from tui.aws.problems import (
    READ_ONLY,
    AwsProblem,
    known_profiles,
    no_region,
    problem_from,
    unknown_profile,
    unknown_region,
)

POOL_CONNECTIONS = 16
"""Connections kept open for each service: at least as many as there are worker threads."""

CONNECT_TIMEOUT = 5
READ_TIMEOUT = 20


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """What the user chose; None leaves it to botocore's own resolution."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None


class Aws:
    """One account and region, as seen through one connection. All methods are thread-safe.

    `clock` follows AWS's time with every answer. With `read_only` the operations that change something
    raise `AwsProblem` with the code `ReadOnly`.
    """

    def __init__(
        self,
        connection: Connection | None = None,
        *,
        read_only: bool = False,
        clock: ServerClock | None = None,
    ) -> None:
        self.connection = connection or Connection()
        self.read_only = read_only
        self.clock = clock or ServerClock()
        self.calls = 0
        self._lock = threading.RLock()
        self._session: Any = None
        self._clients: dict[str, Any] = {}

    def check(self) -> None:
        """Raise `AwsProblem` for what no call could survive: unknown profile, no region, unknown region."""
        try:
            session = self._the_session()
            profile = self.profile_name
            if profile is not None and profile not in session.available_profiles:
                raise AwsProblem(unknown_profile(profile, known_profiles()))
            region = session.get_config_variable("region")
            if not region:
                raise AwsProblem(no_region())
            known = _known_regions(session)
            if region not in known:
                raise AwsProblem(unknown_region(str(region), known))
        except AwsProblem:
            raise
        except Exception as exc:
            raise AwsProblem(problem_from(exc, "", self.connection.profile)) from exc

    @property
    def region(self) -> str:
        """The region in use, empty if none is set."""
        return str(self._the_session().get_config_variable("region") or "")

    @property
    def profile_name(self) -> str | None:
        """The profile in use, None if none was chosen (botocore then reads `default`)."""
        name = self.connection.profile or self._the_session().profile
        return str(name) if name else None

    def client(self, service: str) -> Any:
        """The botocore client of a service (`batch`, `sts`, …); the same one each time."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._build(service)
            return self._clients[service]

    def call(self, service: str, operation: str, **arguments: Any) -> dict[str, Any]:
        """Call an operation by its AWS name: `call("batch", "DescribeJobQueues", maxResults=100)`.

        Raises `AwsProblem` for every failure.
        """
        from botocore import xform_name
        from botocore.exceptions import ConnectionClosedError

        try:
            method = getattr(self.client(service), xform_name(operation))
            try:
                return method(**arguments)
            except ConnectionClosedError:
                # A kept connection that the other side has just closed. All our calls can be repeated (a
                # submission carries its client token) but these: what is done is refused the second time.
                if operation.startswith(("Create", "Delete")):
                    raise
                return method(**arguments)
        except Exception as exc:
            raise AwsProblem(problem_from(exc, f"{service}:{operation}", self._profile_hint())) from exc

    def forbid_if_read_only(self) -> None:
        """Raise `AwsProblem` (code `ReadOnly`) when nothing may be changed."""
        if self.read_only:
            raise AwsProblem(READ_ONLY)

    def renew(self) -> None:
        """Forget session and clients. The next call reads config files and credentials again."""
        with self._lock:
            self._session = None
            self._clients = {}

    def _the_session(self) -> Any:
        with self._lock:
            if self._session is None:
                import botocore.session

                from tui.aws.models import quicken

                session: Any = botocore.session.Session(profile=self.connection.profile)
                # botocore alone knows AWS_DEFAULT_REGION only; the AWS CLI reads this first.
                region = self.connection.region or os.environ.get("AWS_REGION")
                if region:
                    session.set_config_variable("region", region)
                quicken(session)
                self._session = session
            return self._session

    def _build(self, service: str) -> Any:
        from botocore.config import Config

        from tui.aws.strangers import refuse_strangers

        config: Any = Config(
            max_pool_connections=POOL_CONNECTIONS,
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            # The poller paces itself and asks again at its own time. A hidden retry would hold a worker,
            # spend calls the budget does not know of, and delay the word about the failure.
            retries={"total_max_attempts": 1, "mode": "standard"},
            user_agent_extra=f"queuedeck/{__version__}",
        )
        client: Any = self._the_session().create_client(
            service, endpoint_url=self.connection.endpoint_url, config=config
        )
        client.meta.events.register("before-parse", refuse_strangers)
        client.meta.events.register("after-call", self._answered)
        return client

    def _answered(self, http_response: Any = None, **_: Any) -> None:
        self.calls += 1
        date = http_response.headers.get("date") if http_response is not None else None
        if date:
            self.clock.observe(str(date))

    def _profile_hint(self) -> str | None:
        try:
            return self.profile_name
        except Exception:
            return self.connection.profile


def _known_regions(session: Any) -> list[str]:
    return sorted(
        {
            str(region)
            for partition in session.get_available_partitions()
            for region in session.get_available_regions("batch", partition)
        }
    )
