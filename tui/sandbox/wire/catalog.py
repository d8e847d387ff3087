"""The services of the endpoint: how they are addressed, and the words they refuse with."""

import msgspec


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """One service as the wire knows it.

    `name` is botocore's and IAM's prefix is `prefix`; `scope` is the service in a signature. `invalid` is
    the code for parameters that break the model; each of the others is the code and HTTP status for
    a caller who is too fast, not allowed or holds old credentials, and for a failure of the service.
    """

    name: str
    scope: str
    prefix: str
    invalid: str = "ValidationException"
    throttled: tuple[str, int, str] = ("ThrottlingException", 400, "Rate exceeded")
    failed: tuple[str, int] = ("InternalFailure", 500)
    denied: tuple[str, int] = ("AccessDeniedException", 400)
    expired: tuple[str, int] = ("ExpiredTokenException", 400)


_XML = {"denied": ("AccessDenied", 403), "expired": ("ExpiredToken", 403)}
_TOO_FAST = ("Throttling", 400, "Rate exceeded")

SERVICES = (
    Traits(
        name="batch",
        scope="batch",
        prefix="batch",
        invalid="ClientException",
        throttled=("TooManyRequestsException", 429, "Too Many Requests"),
        failed=("ServerException", 500),
        denied=("AccessDeniedException", 403),
        expired=("ExpiredTokenException", 403),
    ),
    Traits(name="sagemaker", scope="sagemaker", prefix="sagemaker"),
    Traits(
        name="logs",
        scope="logs",
        prefix="logs",
        invalid="InvalidParameterException",
        failed=("ServiceUnavailableException", 500),
    ),
    Traits(
        name="cloudwatch",
        scope="monitoring",
        prefix="cloudwatch",
        invalid="ValidationError",
        throttled=_TOO_FAST,
        failed=("InternalServiceError", 500),
        **_XML,
    ),
    Traits(name="sts", scope="sts", prefix="sts", invalid="ValidationError", throttled=_TOO_FAST, **_XML),
    Traits(
        name="iam",
        scope="iam",
        prefix="iam",
        invalid="ValidationError",
        throttled=_TOO_FAST,
        failed=("ServiceFailure", 500),
        **_XML,
    ),
    Traits(
        name="s3",
        scope="s3",
        prefix="s3",
        invalid="InvalidRequest",
        throttled=("SlowDown", 503, "Please reduce your request rate."),
        failed=("InternalError", 500),
        **_XML,
    ),
)

BY_SCOPE = {traits.scope: traits for traits in SERVICES}
BY_NAME = {traits.name: traits for traits in SERVICES}
