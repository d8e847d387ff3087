"""Who am I: the identity that AWS sees behind the credentials."""

import msgspec

from tui.aws.session import Aws
from tui.model.text import clean


class Identity(msgspec.Struct, frozen=True):
    """sts:GetCallerIdentity."""

    account: str = ""
    arn: str = ""
    user_id: str = ""

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn`, `aws-us-gov`; the first if the ARN does not tell."""
        return self.arn.split(":")[1] if self.arn.count(":") >= 5 else "aws"


def caller_identity(aws: Aws) -> Identity:
    """The account and principal in use. Needs no permission. Raises `AwsProblem`."""
    answer = aws.call("sts", "GetCallerIdentity")
    return Identity(
        account=clean(str(answer.get("Account") or "")),
        arn=clean(str(answer.get("Arn") or "")),
        user_id=clean(str(answer.get("UserId") or "")),
    )
