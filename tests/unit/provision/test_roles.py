"""The documents of the two roles."""

import pytest

from tui.model.roles import LINKED_SERVICE, caller_role, execution_role, least_statements, permissions

ACCOUNT = "123456789012"
PASSED = f"arn:aws:iam::{ACCOUNT}:role/run"


def test_trust() -> None:
    caller = caller_role(ACCOUNT).trust["Statement"][0]
    assert caller["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    runs = execution_role().trust["Statement"][0]
    assert runs["Principal"] == {"Service": "sagemaker.amazonaws.com"}


def test_the_broad_ones_are_those_of_the_examples() -> None:
    document = caller_role(ACCOUNT, breadth="broad").inline
    assert document is not None
    assert {"Effect": "Allow", "Action": ["batch:*"], "Resource": "*"} in document["Statement"]
    broad = execution_role(breadth="broad")
    assert broad.inline is None
    assert broad.attached == ("arn:aws:iam::aws:policy/AmazonSageMakerFullAccess",)


def test_the_least_ones_pass_one_role_to_sagemaker_only() -> None:
    document = caller_role(ACCOUNT, level="operate", execution_role="run").inline
    assert document is not None
    passing = [statement for statement in document["Statement"] if "iam:PassRole" in statement["Action"]]
    assert passing == [
        {
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": PASSED,
            "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        }
    ]


def test_levels_grow() -> None:
    view, operate, administer = (
        {action for statement in least_statements(level, PASSED) for action in statement["Action"]}
        for level in ("view", "operate", "administer")
    )
    assert view < operate < administer
    assert not any(action.startswith("batch:Create") for action in operate)
    assert "iam:CreateServiceLinkedRole" in administer


def test_the_least_execution_role_keeps_to_its_buckets() -> None:
    document = execution_role(buckets=("data",)).inline
    assert document is not None
    resources = [s["Resource"] for s in document["Statement"] if s["Action"][0].startswith("s3:")]
    assert resources == [["arn:aws:s3:::data"], ["arn:aws:s3:::data/*"]]


@pytest.mark.parametrize("partition", ["aws", "aws-cn"])
def test_every_permission_is_one_question(partition: str) -> None:
    asked = permissions("administer", account=ACCOUNT, passed_role=PASSED, partition=partition)
    assert not any("*" in permission.action for permission in asked)
    linked = next(p for p in asked if p.action == "iam:CreateServiceLinkedRole")
    assert linked.resource.startswith(
        f"arn:{partition}:iam::{ACCOUNT}:role/aws-service-role/{LINKED_SERVICE}/"
    )
