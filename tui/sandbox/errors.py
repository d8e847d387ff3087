"""What the endpoint refuses, in AWS's words."""


class AwsError(Exception):
    """An error of an AWS service: `code` as the model names it, `message` as clients read it.

    `status` is the HTTP status: 4xx blames the caller, 5xx the service.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def client_error(message: str) -> AwsError:
    """Batch's `ClientException`: the request is wrong, or not possible now."""
    return AwsError("ClientException", message)
