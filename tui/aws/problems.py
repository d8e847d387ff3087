"""Every failure as a `Problem`: what happened in plain words, and what to do next.

botocore is imported inside `problem_from` only: by the time something failed it is loaded anyway, and
the first frame must not pay for it.
"""
# pyright: reportMissingTypeStubs=false

from typing import Any

import msgspec

from tui.model.text import clean, one_line


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One failure, ready to be shown.

    `code` is stable and short (`AccessDenied`, `Throttled`), for programs; `title` fits a status line;
    `cause` and `next_step` are sentences. `retryable` says that the same call may succeed later with
    nothing changed by the user. `action` is the IAM action that was refused (`batch:ListServiceJobs`).
    `fatal` marks a configuration error: nothing can work until it is corrected and queuedeck restarted.
    """

    code: str
    title: str
    cause: str
    next_step: str
    retryable: bool = False
    action: str = ""
    fatal: bool = False

    def __str__(self) -> str:
        cause = self.cause if self.cause.endswith((".", "!", "?")) or not self.cause else f"{self.cause}."
        return f"{self.title}: {cause} {self.next_step}".strip()


class AwsProblem(Exception):
    """The one exception that leaves `tui.aws`; it carries a `Problem`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


CONNECTION_CODES = frozenset(
    {
        "NoCredentials",
        "PartialCredentials",
        "CredentialsFailed",
        "SsoExpired",
        "LoginExpired",
        "ExpiredToken",
        "InvalidToken",
        "ClockSkew",
        "RegionDisabled",
        "Unreachable",
        "NotAws",
        "ProxyError",
        "TlsError",
    }
)
"""Codes that say nothing about one call: every other call of the connection would fail likewise."""

CREDENTIAL_CODES = frozenset(
    {
        "NoCredentials",
        "PartialCredentials",
        "CredentialsFailed",
        "SsoExpired",
        "LoginExpired",
        "ExpiredToken",
        "InvalidToken",
    }
)
"""Codes after which the credentials are worth reading again: the user may have renewed them."""

READ_ONLY = Problem(
    code="ReadOnly",
    title="Read-only",
    cause="queuedeck was started with --read-only, so it changes nothing.",
    next_step="Restart it without --read-only to act on jobs.",
)


class _Kind(msgspec.Struct, frozen=True, kw_only=True):
    """Exceptions of botocore, by name, that mean the same to a user.

    `next_step` may hold `{profile}`, the option that names the profile in use; no `cause`: their own words.
    """

    names: tuple[str, ...]
    code: str
    title: str
    next_step: str
    cause: str = ""
    retryable: bool = False
    fatal: bool = False


_KINDS = (
    _Kind(
        names=("NoCredentialsError", "NoAuthTokenError"),
        code="NoCredentials",
        title="No credentials",
        cause="No AWS credentials in the environment, the config files or the instance.",
        next_step="Sign in with `aws sso login{profile}`, or run `aws configure{profile}`.",
    ),
    _Kind(
        names=("PartialCredentialsError",),
        code="PartialCredentials",
        title="Incomplete credentials",
        next_step="Set it in the environment, or correct ~/.aws/credentials.",
    ),
    _Kind(
        names=("SSOError", "TokenRetrievalError"),
        code="SsoExpired",
        title="SSO session expired",
        cause="The AWS SSO session has expired, or there has been no sign-in yet.",
        next_step="Run `aws sso login{profile}` elsewhere; queuedeck goes on by itself.",
    ),
    _Kind(
        names=("LoginError",),
        code="LoginExpired",
        title="Sign-in expired",
        next_step="Run `aws login{profile}` elsewhere; queuedeck goes on by itself.",
    ),
    _Kind(
        names=("CredentialRetrievalError", "MetadataRetrievalError", "RefreshWithMFAUnsupportedError"),
        code="CredentialsFailed",
        title="Credentials not available",
        next_step="Try `aws sts get-caller-identity{profile}`: it uses the same ones.",
        retryable=True,
    ),
    _Kind(
        names=("ConfigParseError", "ConfigNotFound", "InvalidConfigError"),
        code="BadConfig",
        title="AWS config not readable",
        next_step="Correct the file (~/.aws/config or ~/.aws/credentials) and start again.",
        fatal=True,
    ),
    _Kind(
        names=("ProxyConnectionError", "InvalidProxiesConfigError"),
        code="ProxyError",
        title="Proxy not reachable",
        next_step="Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY; queuedeck keeps trying.",
        retryable=True,
    ),
    _Kind(
        names=("SSLError",),
        code="TlsError",
        title="TLS failed",
        next_step="Check the endpoint URL, the machine's clock, and AWS_CA_BUNDLE behind a proxy.",
        retryable=True,
    ),
    _Kind(
        names=("ReadTimeoutError",),
        code="Timeout",
        title="AWS does not answer",
        next_step="Check the network, VPN or VPC endpoint; queuedeck keeps trying.",
        retryable=True,
    ),
    _Kind(
        names=("ConnectionError", "HTTPClientError", "IncompleteReadError"),
        code="Unreachable",
        title="AWS not reachable",
        next_step="Check the network and the endpoint URL; queuedeck keeps trying.",
        retryable=True,
    ),
    _Kind(
        names=("ParamValidationError", "ValidationError"),
        code="InvalidRequest",
        title="Invalid request",
        next_step="Correct the value and try again.",
    ),
)
"""The first that fits counts: a proxy's error is a connection's, too."""


def problem_from(exc: BaseException, operation: str = "", profile: str | None = None) -> Problem:
    """The Problem behind any exception of an AWS call.

    `operation` is `service:Operation`, as IAM names it (`batch:ListServiceJobs`); `profile` is named in
    the sign-in command.
    """
    from botocore import exceptions as boto

    if isinstance(exc, AwsProblem):
        return exc.problem
    if isinstance(exc, boto.ClientError):
        from tui.aws.refusals import refusal

        return refusal(exc, operation, profile)
    text = one_line(clean(str(exc))).removeprefix("Parameter validation failed: ")
    details: dict[str, Any] = getattr(exc, "kwargs", {})
    match exc:
        case boto.NoRegionError():
            return no_region()
        case boto.ProfileNotFound():
            return unknown_profile(str(details.get("profile", profile or "")))
        case boto.InvalidRegionError() | boto.UnknownRegionError():
            return unknown_region(str(details.get("region_name", "")))
        case boto.PartialCredentialsError():
            text = f"The credentials lack {clean(str(details.get('cred_var', 'a value')))}."
        case ValueError() if "endpoint" in text.lower():
            return Problem(
                code="BadEndpoint",
                title="Invalid endpoint URL",
                cause=text,
                next_step="Give a URL such as http://127.0.0.1:8471 with --endpoint-url or AWS_ENDPOINT_URL.",
                fatal=True,
            )
        case _:
            pass
    for kind in _KINDS:
        if isinstance(exc, tuple(getattr(boto, name) for name in kind.names)):
            return Problem(
                code=kind.code,
                title=kind.title,
                cause=kind.cause or text,
                next_step=kind.next_step.replace("{profile}", profile_option(profile)),
                retryable=kind.retryable,
                fatal=kind.fatal,
            )
    return Problem(
        code="Unexpected",
        title="Unexpected failure",
        cause=f"{type(exc).__name__}: {text}" if text else type(exc).__name__,
        next_step="If it stays, report it with the words above.",
        retryable=True,
    )


def no_region() -> Problem:
    return Problem(
        code="NoRegion",
        title="No region",
        cause="No AWS region is set.",
        next_step="Give --region, set AWS_REGION, or run `aws configure set region us-east-1`.",
        fatal=True,
    )


def unknown_profile(name: str, known: list[str] | None = None) -> Problem:
    """A profile that no AWS config file has; `known` are those they have (read now if not given)."""
    names = known_profiles() if known is None else known
    listed = (
        f"Known profiles: {', '.join(clean(n) for n in names)}." if names else "No profile is configured."
    )
    return Problem(
        code="UnknownProfile",
        title=f"Unknown profile {clean(name)!r}",
        cause=f"The AWS config files have no profile {clean(name)!r}.",
        next_step=f"{listed} Choose one with --profile or AWS_PROFILE.",
        fatal=True,
    )


def known_profiles() -> list[str]:
    """The profiles in the AWS config files, sorted; none if the files cannot be read."""
    import botocore.session
    from botocore.exceptions import BotoCoreError

    session: Any = botocore.session.Session()
    try:
        # Naming none keeps a wrong AWS_PROFILE out of the way.
        return sorted(session.full_config.get("profiles", {}))
    except BotoCoreError:
        return []


def unknown_queue(name: str, known: list[str], region: str) -> str:
    """One line: there is no such training queue, and which there are, the nearest ones if some are near."""
    import difflib

    near = difflib.get_close_matches(name, known, n=3) or sorted(known)[:10]
    there = f"there are: {', '.join(near)}" if near else "there is none"
    return f"no training queue {clean(name)!r} in {region}; {there} (--queue)"


def unknown_region(name: str, known: list[str] | None = None) -> Problem:
    """A region that botocore does not know, with the nearest ones it does know."""
    import difflib

    near = difflib.get_close_matches(name, known or [], n=3)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    return Problem(
        code="UnknownRegion",
        title=f"Unknown region {clean(name)!r}",
        cause=f"botocore knows no region {clean(name)!r} with AWS Batch.",
        next_step=f"{hint}Give --region or AWS_REGION; for a newer region, update boto3.",
        fatal=True,
    )


def profile_option(profile: str | None) -> str:
    """The option that names the profile in use, for the end of an AWS CLI command."""
    return f" --profile {clean(profile)}" if profile else ""
