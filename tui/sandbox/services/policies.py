"""IAM policy documents, and what they allow."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal

import msgspec

from tui.sandbox.errors import AwsError

Decision = Literal["allowed", "explicitDeny", "implicitDeny"]
Statement = dict[str, Any]
Context = Mapping[str, str]

# What AWS's own managed policies amount to here, by name.
_MANAGED = {
    "AdministratorAccess": ("*",),
    "PowerUserAccess": ("batch:*", "sagemaker:*", "s3:*", "logs:*", "cloudwatch:*", "sts:*"),
    "AmazonSageMakerFullAccess": (
        "sagemaker:*",
        "s3:*",
        "logs:*",
        "cloudwatch:*",
        "ecr:*",
        "ec2:Describe*",
        "ec2:*NetworkInterface*",
        "iam:GetRole",
        "iam:ListRoles",
        "iam:PassRole",
        "kms:DescribeKey",
        "kms:ListAliases",
    ),
    "AWSBatchFullAccess": ("batch:*", "cloudwatch:Get*", "logs:*", "iam:PassRole"),
    "AmazonS3FullAccess": ("s3:*",),
    "AmazonS3ReadOnlyAccess": ("s3:Get*", "s3:List*"),
    "CloudWatchLogsFullAccess": ("logs:*", "cloudwatch:*"),
    "CloudWatchReadOnlyAccess": (
        "cloudwatch:Get*",
        "cloudwatch:List*",
        "logs:Get*",
        "logs:Describe*",
        "logs:Filter*",
    ),
    "ReadOnlyAccess": ("*:Get*", "*:List*", "*:Describe*", "*:Filter*"),
    "IAMFullAccess": ("iam:*",),
}


def managed_statements(arn: str) -> list[Statement]:
    """The statements of a policy of AWS's own; none of those the sandbox does not know."""
    actions = _MANAGED.get(arn.rpartition("/")[2], ())
    return [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}] if actions else []


def parse_document(text: str) -> list[Statement]:
    """The statements of a policy document. Raises AwsError (MalformedPolicyDocument)."""
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise _malformed("This policy contains invalid Json") from None
    statements = document.get("Statement") if isinstance(document, dict) else None
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise _malformed("Syntax errors in policy.")
    for statement in statements:
        if not isinstance(statement, dict) or statement.get("Effect") not in ("Allow", "Deny"):
            raise _malformed("Syntax errors in policy.")
        if not ("Action" in statement or "NotAction" in statement):
            raise _malformed("Policy statement must contain actions.")
    return statements


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicyDocument", message)


def decide(
    statements: Iterable[Statement], action: str, resource: str, context: Context | None = None
) -> Decision:
    """IAM's evaluation: a matching Deny wins, then a matching Allow, else it is denied implicitly."""
    decision: Decision = "implicitDeny"
    for statement in statements:
        if _applies(statement, action, resource, context or {}):
            if statement["Effect"] == "Deny":
                return "explicitDeny"
            decision = "allowed"
    return decision


def missing_context(statements: Iterable[Statement], action: str, context: Context) -> list[str]:
    """The condition keys of statements about this action that the context has no value for."""
    return sorted(
        {
            key
            for statement in statements
            if _matches(statement, "Action", action.lower(), fold=True)
            for _, key, _ in _conditions(statement)
            if key not in context
        }
    )


def _applies(statement: Statement, action: str, resource: str, context: Context) -> bool:
    return (
        _matches(statement, "Action", action.lower(), fold=True)
        and _matches(statement, "Resource", resource, fold=False)
        and all(_holds(*condition, context) for condition in _conditions(statement))
    )


def _matches(statement: Statement, element: str, value: str, *, fold: bool) -> bool:
    """Whether `Action` or `Resource` (or their `Not…` twin) of a statement takes the value in."""
    if element in statement:
        return _any(statement[element], value, fold)
    if f"Not{element}" in statement:
        return not _any(statement[f"Not{element}"], value, fold)
    return element == "Resource"  # trust policies have none


def _any(patterns: Any, value: str, fold: bool) -> bool:
    if value == "*":  # asked about all resources: any resource of the statement will do
        return True
    return any(_glob(p.lower() if fold else p).fullmatch(value) for p in _strings(patterns))


def _conditions(statement: Statement) -> Iterator[tuple[str, str, list[str]]]:
    condition = statement.get("Condition")
    for operator, keys in condition.items() if isinstance(condition, dict) else ():
        for key, values in keys.items() if isinstance(keys, dict) else ():
            yield operator, key, _strings(values)


def _holds(operator: str, key: str, values: list[str], context: Context) -> bool:
    """One condition. Operators that the sandbox does not know never hold."""
    optional = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    if key not in context:
        return optional
    value = context[key]
    match operator:
        case "StringEquals" | "ArnEquals" | "Bool":
            return value in values
        case "StringEqualsIgnoreCase":
            return value.lower() in (item.lower() for item in values)
        case "StringNotEquals":
            return value not in values
        case "StringLike" | "ArnLike":
            return any(_glob(item).fullmatch(value) for item in values)
        case "StringNotLike" | "ArnNotLike":
            return not any(_glob(item).fullmatch(value) for item in values)
        case _:
            return False


def _strings(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [str(item) for item in items]


@lru_cache(maxsize=2048)
def _glob(pattern: str) -> re.Pattern[str]:
    """IAM's wildcards: `*` any run of characters, `?` any one."""
    parts = (
        ".*" if part == "*" else "." if part == "?" else re.escape(part)
        for part in re.split(r"([*?])", re.sub(r"\*+", "*", pattern))
    )
    return re.compile("".join(parts), re.DOTALL)
