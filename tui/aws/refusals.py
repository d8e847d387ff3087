"""What AWS itself answers when it does not do what it was asked."""

import re
from typing import Any

from tui.aws.problems import Problem, command
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
_SKEW = frozenset({"RequestTimeTooSkewed", "RequestInTheFuture"})
_SKEW_TEXT = re.compile(r"signature (expired|not yet current)|is now (earlier|later) than", re.IGNORECASE)
_ACTION = re.compile(r"not authorized to perform:? ([a-zA-Z0-9-]+:[A-Za-z0-9*]+)")
_MISSING = re.compile(r"not (be )?found|does(n't| not) exist|no such|unknown", re.IGNORECASE)
_JOB_QUEUE = re.compile(r"\bjob ?queue\b", re.IGNORECASE)
_SERVER_STATUS = 500
_SERVER_CODES = frozenset({"ServerException", "InternalFailure", "ServiceUnavailable"})


def refusal(exc: Any, operation: str, profile: str | None) -> Problem:
    """The Problem behind a botocore `ClientError`: a code, a message and an HTTP status."""
    response: dict[str, Any] = exc.response
    error: dict[str, Any] = response.get("Error") or {}
    code = str(error.get("Code") or "")
    # Batch's own error shape says `message`, which botocore leaves outside of `Error`.
    message = one_line(clean(str(error.get("Message") or response.get("message") or "")))
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
            next_step=f"Renew them, with `{command('aws sso login', profile)}` if they come from SSO; "
            "queuedeck goes on by itself.",
        )
    if code in _INVALID:
        return Problem(
            code="InvalidToken",
            title="Credentials not accepted",
            cause=f"AWS does not accept the credentials: {message or code}",
            next_step=f"Check them with `{command('aws sts get-caller-identity', profile)}`.",
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
    text = one_line(clean(message))
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
