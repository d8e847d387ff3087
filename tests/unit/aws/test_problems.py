"""Failures that need no endpoint: each has a plain cause and a next step."""

import subprocess
import sys
from pathlib import Path

import pytest
from botocore import exceptions as boto

from tui.aws.problems import AwsProblem, problem_from
from tui.aws.session import Aws, Connection

CLIENT = {"endpoint_url": "https://x", "error": "e"}

CASES = [
    (boto.NoCredentialsError(), "NoCredentials", "aws sso login --profile dev"),
    (
        boto.PartialCredentialsError(provider="env", cred_var="aws_secret_access_key"),
        "PartialCredentials",
        "environment",
    ),
    (boto.UnauthorizedSSOTokenError(), "SsoExpired", "aws sso login --profile dev"),
    (boto.SSOTokenLoadError(error_msg="no cache"), "SsoExpired", "aws sso login --profile dev"),
    (boto.TokenRetrievalError(provider="sso", error_msg="expired"), "SsoExpired", "aws sso login"),
    (boto.LoginRefreshRequired(), "LoginExpired", "aws login --profile dev"),
    (boto.CredentialRetrievalError(provider="p", error_msg="m"), "CredentialsFailed", "get-caller-identity"),
    (boto.NoRegionError(), "NoRegion", "AWS_REGION"),
    (boto.InvalidRegionError(region_name="us east"), "UnknownRegion", "--region"),
    (boto.ConfigParseError(path="/x", error="bad"), "BadConfig", "~/.aws/config"),
    (boto.EndpointConnectionError(**CLIENT), "Unreachable", "network"),
    (boto.ConnectTimeoutError(**CLIENT), "Unreachable", "network"),
    (boto.ConnectionClosedError(**CLIENT), "Unreachable", "network"),
    (boto.ReadTimeoutError(**CLIENT), "Timeout", "VPN"),
    (boto.ProxyConnectionError(proxy_url="http://p", error="e"), "ProxyError", "HTTPS_PROXY"),
    (boto.InvalidProxiesConfigError(), "ProxyError", "HTTPS_PROXY"),
    (boto.SSLError(**CLIENT), "TlsError", "AWS_CA_BUNDLE"),
    (boto.ParamValidationError(report="Invalid length"), "InvalidRequest", "Correct"),
    (ValueError("Invalid endpoint: foo"), "BadEndpoint", "--endpoint-url"),
    (KeyError("x"), "Unexpected", "report"),
]


@pytest.mark.parametrize(("exc", "code", "step"), CASES, ids=[f"{type(c[0]).__name__}" for c in CASES])
def test_failures_of_the_client(exc: Exception, code: str, step: str) -> None:
    problem = problem_from(exc, "batch:ListServiceJobs", "dev")
    assert problem.code == code
    assert step in problem.next_step
    assert problem.title
    assert problem.cause


def refusal(
    code: str, message: str = "", status: int = 400, operation: str = "ListServiceJobs"
) -> boto.ClientError:
    return boto.ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},
        operation,
    )


@pytest.mark.parametrize(
    ("exc", "code", "retryable"),
    [
        (refusal("ExpiredTokenException", "expired", 403), "ExpiredToken", False),
        (refusal("UnrecognizedClientException", "invalid", 403), "InvalidToken", False),
        (
            refusal("SignatureDoesNotMatch", "Signature expired: 2 is now earlier than 3", 403),
            "ClockSkew",
            True,
        ),
        (refusal("InvalidSignatureException", "Signature not yet current", 403), "ClockSkew", True),
        (refusal("InvalidSignatureException", "does not match", 403), "InvalidToken", False),
        (refusal("AccessDeniedException", "", 403), "AccessDenied", False),
        (refusal("OptInRequired", "needs a subscription", 403), "RegionDisabled", False),
        (refusal("ForbiddenException", "No access", 403, "GetRoleCredentials"), "CredentialsFailed", False),
        (refusal("AccessDenied", "not authorized", 403, "AssumeRole"), "CredentialsFailed", False),
        (refusal("ExpiredToken", "expired", 400, "AssumeRole"), "ExpiredToken", False),
        (refusal("Throttling", "slower", 400, "AssumeRole"), "Throttled", True),
        (refusal("TooManyRequestsException", "", 429), "Throttled", True),
        (refusal("Whatever", "", 429), "Throttled", True),
        (refusal("ServerException", "oops", 500), "ServerError", True),
        (refusal("503", "", 503), "ServerError", True),
        (refusal("ClientException", "jobQueue nope does not exist"), "UnknownQueue", False),
        (refusal("ClientException", "Service job 1 not found"), "NotFound", False),
        (refusal("ClientException", "priority out of range"), "InvalidRequest", False),
    ],
)
def test_refusals_of_aws(exc: boto.ClientError, code: str, retryable: bool) -> None:
    problem = problem_from(exc, "batch:ListServiceJobs")
    assert (problem.code, problem.retryable) == (code, retryable)


def test_access_denied_names_the_action_that_iam_named_or_else_the_call() -> None:
    words = "User: arn:x is not authorized to perform: iam:PassRole on resource: r"
    said = refusal("AccessDeniedException", words, 403, "SubmitServiceJob")
    assert problem_from(said, "batch:SubmitServiceJob").action == "iam:PassRole"
    silent = refusal("AccessDeniedException", "", 403, "SubmitServiceJob")
    assert problem_from(silent, "batch:SubmitServiceJob").action == "batch:SubmitServiceJob"


def test_what_aws_says_is_made_harmless() -> None:
    problem = problem_from(refusal("ClientException", "a\x1b[2Jb\nc"))
    assert problem.cause == "a␛[2Jb c"
    assert problem_from(refusal("Evil\x1b[2J", "")).code == "Evil␛[2J"
    assert problem_from(refusal("Evil\x1b[2J", "")).cause == "Evil␛[2J"


def test_a_request_that_aws_repeats_is_not_shown_for_it_holds_the_session_token() -> None:
    said = refusal(
        "SignatureDoesNotMatch",
        "The signature does not match. Consult the documentation.\n\nThe Canonical String for this request "
        "should have been\n'POST\nx-amz-security-token:SECRET\n'\n\nThe String-to-Sign should be x",
        403,
    )
    cause = problem_from(said, "batch:ListServiceJobs").cause
    assert cause.endswith("Consult the documentation.")
    assert "SECRET" not in cause


def test_a_message_without_end_is_cut() -> None:
    assert len(problem_from(refusal("ClientException", "a" * 5_000)).cause) < 600


def check(connection: Connection) -> AwsProblem:
    with pytest.raises(AwsProblem) as caught:
        Aws(connection).check()
    return caught.value


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config").write_text("[default]\n[profile ml-prod]\nregion = eu-west-1\n[profile lab]\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))


@pytest.mark.usefixtures("config")
class TestCheck:
    def test_an_unknown_profile_lists_the_known(self, monkeypatch: pytest.MonkeyPatch) -> None:
        problem = check(Connection(profile="ml-pord", region="us-east-1")).problem
        assert (problem.code, problem.fatal) == ("UnknownProfile", True)
        assert "default, lab, ml-prod" in problem.next_step
        monkeypatch.setenv("AWS_PROFILE", "gone")
        problem = check(Connection(region="us-east-1")).problem
        assert "'gone'" in problem.title
        assert "default, lab, ml-prod" in problem.next_step

    def test_no_region(self) -> None:
        problem = check(Connection()).problem
        assert (problem.code, problem.fatal) == ("NoRegion", True)

    def test_an_unknown_region_names_the_nearest(self) -> None:
        problem = check(Connection(region="us-esat-1")).problem
        assert (problem.code, problem.fatal) == ("UnknownRegion", True)
        assert "us-east-1" in problem.next_step

    def test_the_region_comes_from_the_option_the_environment_or_the_profile(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert Aws(Connection(profile="ml-prod")).region == "eu-west-1"
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-1")
        assert Aws().region == "us-west-1"
        monkeypatch.setenv("AWS_REGION", "us-west-2")
        assert Aws().region == "us-west-2"
        assert Aws(Connection(region="us-east-2")).region == "us-east-2"
        Aws(Connection(profile="lab")).check()

    def test_a_config_file_that_cannot_be_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "config").write_text("[default\nregion")
        problem = check(Connection(region="us-east-1")).problem
        assert (problem.code, problem.fatal) == ("BadConfig", True)


def test_importing_the_live_picture_does_not_import_botocore() -> None:
    modules = "tui.live.poller, tui.live.view, tui.live.journal, tui.aws.batch"
    code = f"import sys, {modules}; sys.exit('botocore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
