"""CloudWatch Logs filter patterns for unstructured text."""

import re
from collections.abc import Callable

from tui.sandbox.errors import AwsError

Matcher = Callable[[str], bool]

_TERM = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))')


def matcher(pattern: str) -> Matcher:
    """Whether a line matches: all plain terms, one of the `?` terms if any, none of the `-` terms.

    `%…%` is a regular expression. Patterns for JSON and space-delimited events match nothing: the log has
    none. Raises AwsError (InvalidParameterException) for a pattern that cannot be read.
    """
    pattern = pattern.strip()
    if not pattern:
        return lambda _: True
    if pattern[0] in "{[":
        return lambda _: False
    if len(pattern) > 2 and pattern[0] == pattern[-1] == "%":
        return _expression(pattern[1:-1])
    required: list[str] = []
    optional: list[str] = []
    excluded: list[str] = []
    lists = {"": required, "?": optional, "-": excluded}
    for sign, quoted, plain in _TERM.findall(pattern):
        lists[sign].append(re.sub(r"\\(.)", r"\1", quoted) if quoted else plain)
    return lambda line: (
        all(term in line for term in required)
        and (not optional or any(term in line for term in optional))
        and not any(term in line for term in excluded)
    )


def _expression(text: str) -> Matcher:
    """AWS's subset of regular expressions has no groups or alternation with repetition: nor do we."""
    if len(text) > 512 or re.search(r"[)][*+?{]", text):
        raise AwsError("InvalidParameterException", "Invalid filter pattern")
    try:
        compiled = re.compile(text)
    except re.error:
        raise AwsError("InvalidParameterException", "Invalid filter pattern") from None
    return lambda line: compiled.search(line) is not None
