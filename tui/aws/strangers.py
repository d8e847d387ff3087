"""Answers that AWS did not write: a hotel's sign-in page, a proxy's notice.

Botocore reads such a page as an answer without members: there would be no queues, and no jobs in them.
"""

import re
from typing import Any

from tui.aws.problems import AwsProblem, Problem
from tui.model.text import clean, one_line

_KINDS = ("json", "cbor", "xml")
_TITLE = re.compile(rb"<title[^>]*>(.{1,200}?)</title", re.IGNORECASE | re.DOTALL)
_SERVER_ERROR = 500
_PROXY_REFUSED = 407


def refuse_strangers(response_dict: dict[str, Any], **_: Any) -> None:
    """For botocore's event `before-parse`. Raises `AwsProblem`.

    AWS marks every answer with headers of its own; what imitates AWS may not, but says that it sends data. A
    server error is one, whoever says so.
    """
    headers, status = response_dict["headers"], int(response_dict["status_code"])
    if status >= _SERVER_ERROR or any(name.lower().startswith("x-amz") for name in headers):
        return
    kind = str(headers.get("content-type", "")).lower()
    if "html" not in kind and any(word in kind for word in _KINDS):
        return
    body = response_dict["body"]
    found = _TITLE.search(body) if isinstance(body, bytes) else None
    title = one_line(clean(found.group(1).decode("utf-8", "replace"))) if found else ""
    what = f"A page named {title!r}" if title else "An answer"
    if status == _PROXY_REFUSED:
        raise AwsProblem(
            Problem(
                code="ProxyError",
                title="Proxy wants a sign-in",
                cause=f"{what} came from a proxy, with status {status}, instead of AWS's.",
                next_step="Give user and password in HTTPS_PROXY or HTTP_PROXY; queuedeck keeps trying.",
                retryable=True,
            )
        )
    raise AwsProblem(
        Problem(
            code="NotAws",
            title="Somebody else answers",
            cause=f"{what} came, with status {status}, that is not one of AWS's.",
            next_step="Sign in to the network, or check proxy, VPN and endpoint URL; queuedeck keeps trying.",
            retryable=True,
        )
    )
