"""What IAM policies allow."""

import json
from typing import Any

import pytest

from tui.sandbox.errors import AwsError
from tui.sandbox.services.policies import decide, managed_statements, missing_context, parse_document


def statements(*given: dict[str, Any]) -> list[dict[str, Any]]:
    return parse_document(json.dumps({"Version": "2012-10-17", "Statement": list(given)}))


def allow(action: str | list[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def test_allow_deny_and_wildcards() -> None:
    policy = statements(
        allow(["batch:Describe*", "batch:submit?erviceJob"]),
        allow("s3:GetObject", "arn:aws:s3:::bucket/*"),
        {"Effect": "Deny", "Action": "batch:DescribeJobs", "Resource": "*"},
    )
    assert decide(policy, "batch:DescribeJobQueues", "*") == "allowed"
    assert decide(policy, "batch:SubmitServiceJob", "arn:aws:batch:x") == "allowed"
    assert decide(policy, "batch:DescribeJobs", "*") == "explicitDeny"
    assert decide(policy, "batch:UpdateServiceJob", "*") == "implicitDeny"
    assert decide(policy, "s3:GetObject", "arn:aws:s3:::bucket/a/b") == "allowed"
    assert decide(policy, "s3:GetObject", "arn:aws:s3:::other/a") == "implicitDeny"


def test_not_action_and_not_resource() -> None:
    policy = statements({"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:secret/*"})
    assert decide(policy, "batch:ListServiceJobs", "arn:open/a") == "allowed"
    assert decide(policy, "iam:GetRole", "arn:open/a") == "implicitDeny"
    assert decide(policy, "batch:ListServiceJobs", "arn:secret/a") == "implicitDeny"


def test_conditions_need_their_context() -> None:
    service = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    policy = statements(allow("iam:PassRole", Condition=service))
    assert decide(policy, "iam:PassRole", "*") == "implicitDeny"
    assert missing_context(policy, "iam:PassRole", {}) == ["iam:PassedToService"]
    context = {"iam:PassedToService": "sagemaker.amazonaws.com"}
    assert decide(policy, "iam:PassRole", "*", context) == "allowed"
    assert decide(policy, "iam:PassRole", "*", {"iam:PassedToService": "ec2.amazonaws.com"}) == "implicitDeny"


def test_policies_of_awss_own() -> None:
    full = managed_statements("arn:aws:iam::aws:policy/AmazonSageMakerFullAccess")
    assert decide(full, "sagemaker:DescribeTrainingJob", "*") == "allowed"
    assert decide(full, "batch:SubmitServiceJob", "*") == "implicitDeny"
    assert managed_statements("arn:aws:iam::aws:policy/Unheard") == []


@pytest.mark.parametrize(
    "document", ["", "no", "[]", "{}", '{"Statement": []}', '{"Statement": [{"Effect": "Maybe"}]}']
)
def test_bad_documents_are_refused(document: str) -> None:
    with pytest.raises(AwsError, match="MalformedPolicyDocument"):
        parse_document(document)


def test_a_pattern_of_many_stars_is_quick() -> None:
    policy = statements(allow("a" + "*a" * 3 + "*" * 500 + "b"))
    assert decide(policy, "a" * 200, "*") == "implicitDeny"
