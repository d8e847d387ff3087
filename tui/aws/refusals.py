"""What AWS itself answers when it does not do what it was asked."""

import re
from typing import Any

from tui.aws.problems import Problem, profile_option
from tui.model.text import clean, one_line

_THROTTLES = frozenset(
    {
        "TooManyRequestsException",
        "TooManyRequests",
        "ThrottlingException",
        "Throttling",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "SlowDown",
        "LimitExceededException",
    }
)
_DENIALS = frozenset({"AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "Forbidden", "403"})
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_INVALID = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "InvalidToken",
        "AuthFailure",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "IncompleteSignature",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
    }
)
_GENERAL = _THROTTLES | _EXPIRED | _INVALID
"""What says the same whichever call it answers."""

_SKEW = frozenset({"RequestTimeTooSkewed", "RequestInTheFuture"})
_SKEW_TEXT = re.compile(r"signature (expired|not yet current)|is now (earlier|later) than", re.IGNORECASE)
_ACTION = re.compile(r"not authorized to perform:? ([a-zA-Z0-9-]+:[A-Za-z0-9*]+)")
_MISSING = re.compile(r"not (be )?found|does(n't| not) exist|no such|unknown", re.IGNORECASE)
_JOB_QUEUE = re.compile(r"\bjob ?queue\b", re.IGNORECASE)
_SERVER_STATUS = 500
_SERVER_CODES = frozenset({"ServerException", "InternalFailure", "ServiceUnavailable"})
_SECRETS = re.compile(r"\s*The (Canonical String|String-to-Sign) .*", re.IGNORECASE)
"""What AWS adds when a signature does not match: the whole request, session token included."""

LONGEST = 500
"""Characters of AWS's own words that are shown."""


def refusal(exc: Any, operation: str, profile: str | None) -> Problem:
    """The Problem behind a botocore `ClientError`: a code, a message and an HTTP status."""
    response: dict[str, Any] = exc.response
    error: dict[str, Any] = response.get("Error") or {}
    code = one_line(clean(str(error.get("Code") or "")))
    # Batch's own error shape says `message`, which botocore leaves outside of `Error`.
    message = _shown(error.get("Message") or response.get("message") or "")
    meta: dict[str, Any] = response.get("ResponseMetadata") or {}
    status = int(meta.get("HTTPStatusCode") or 0)
    if code in _SKEW or (code in _INVALID | _EXPIRED and _SKEW_TEXT.search(message)):
        return Problem(
            code="ClockSkew",
            title="Clock is wrong",
            cause=f"AWS refused the request's time: {message}",
            next_step="Set this machine's clock (for instance with `timedatectl set-ntp true`).",
            retryable=True,
        )
    asked = operation.rpartition(":")[2]
    if asked and asked != exc.operation_name and status < _SERVER_STATUS and code not in _GENERAL:
        # Botocore makes calls of its own to get credentials: AssumeRole, GetRoleCredentials.
        return Problem(
            code="CredentialsFailed",
            title="Credentials not available",
            cause=f"{clean(exc.operation_name)} was refused: {message or code}",
            next_step=f"Try `aws sts get-caller-identity{profile_option(profile)}`: it uses the same ones.",
        )
    if code == "OptInRequired":
        return Problem(
            code="RegionDisabled",
            title="Region not enabled",
            cause=message or "The account has not opted in to this region.",
            next_step="Enable it in the account's settings, or choose another with --region.",
        )
    if code in _DENIALS:
        found = _ACTION.search(message)
        action = found.group(1) if found else operation
        return Problem(
            code="AccessDenied",
            title=f"Not allowed: {action or 'this call'}",
            cause=message or f"These credentials may not call {action}.",
            next_step=f"Ask for the IAM permission {action}." if action else "Ask for the IAM permission.",
            action=action,
        )
    if code in _EXPIRED:
        return Problem(
            code="ExpiredToken",
            title="Credentials expired",
            cause="The session token of the AWS credentials has expired.",
            next_step=f"Renew them, with `aws sso login{profile_option(profile)}` if they come from SSO; "
            "queuedeck goes on by itself.",
        )
    if code in _INVALID:
        return Problem(
            code="InvalidToken",
            title="Credentials not accepted",
            cause=f"AWS does not accept the credentials: {message or code}",
            next_step=f"Check them with `aws sts get-caller-identity{profile_option(profile)}`. "
            "A region that the account has not enabled says the same.",
        )
    if code in _THROTTLES or status == 429:
        return Problem(
            code="Throttled",
            title="Throttled",
            cause="AWS receives more calls from this account and region than it allows.",
            next_step="queuedeck slows down and goes on by itself; a longer interval helps.",
            retryable=True,
        )
    if status >= _SERVER_STATUS or code in _SERVER_CODES:
        return Problem(
            code="ServerError",
            title="AWS has a problem",
            cause=f"{code or status}: {message}" if message else f"{code or status}",
            next_step="Nothing to do here; queuedeck keeps trying. The AWS Health Dashboard may know more.",
            retryable=True,
        )
    if _MISSING.search(message):
        return _not_found(message)
    return Problem(
        code="InvalidRequest" if code in {"ClientException", "ValidationException"} else code or "Refused",
        title="AWS refused the request",
        cause=message or code,
        next_step="Correct the request and try again.",
    )


def job_refusal(code: str, message: str) -> Problem:
    """The Problem behind one job's error in the answer to a call about many jobs."""
    text = _shown(message)
    if code in _THROTTLES or code in _SERVER_CODES:
        cause = f"{code}: {text}" if text else code
        return Problem(
            code="Throttled" if code in _THROTTLES else "ServerError",
            title="AWS has a problem with this job",
            cause=cause,
            next_step="queuedeck tries again.",
            retryable=True,
        )
    if _MISSING.search(text):
        return _not_found(text)
    return Problem(
        code="AccessDenied" if code in _DENIALS else "InvalidRequest",
        title="AWS refused this job",
        cause=text or code,
        next_step="Look at the job's state.",
    )


def _shown(message: Any) -> str:
    text = one_line(clean(_SECRETS.sub("", one_line(str(message)))))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _not_found(message: str) -> Problem:
    if _JOB_QUEUE.search(message):
        return Problem(
            code="UnknownQueue",
            title="Unknown job queue",
            cause=message,
            next_step="Check its name, the region and the account.",
        )
    return Problem(
        code="NotFound",
        title="Not found",
        cause=message,
        next_step="It may have been deleted, or be older than AWS Batch remembers.",
    )
