"""The filter language of the job table, from text to a predicate.

Terms stand side by side and must all hold:

    llama              the name, status, share, instance type or reason contains it (any case)
    /sft-0[0-9]+$/     the same places match a regular expression
    status:running     a field contains it; a trailing * matches a prefix, "=text" the whole
    age>1h  pri>=5     a number or a duration compares
    !status:failed     not

Quote what has blanks: reason:"no space left".
"""

import re
from collections.abc import Callable

from tui.model.jobs import ServiceJob, age_ms, ran_ms, waited_ms
from tui.model.units import DAY, HOUR, MINUTE, SECOND


class FilterError(ValueError):
    """The filter cannot be read. The text says which term and what is allowed."""


class Facts:
    """What a filter may ask beyond the job itself: the time, and what was described of the job."""

    def __init__(self, now_ms: Callable[[], int], priority: Callable[[str], int | None]) -> None:
        self.now_ms = now_ms
        self.priority = priority


Predicate = Callable[[ServiceJob], bool]
_TextField = Callable[[ServiceJob], str]
_NumberField = Callable[[ServiceJob, Facts], float | None]

TEXT_FIELDS: dict[str, _TextField] = {
    "name": lambda job: job.job_name,
    "id": lambda job: job.job_id,
    "status": lambda job: job.status,
    "share": lambda job: job.share,
    "type": lambda job: job.instance_type,
    "reason": lambda job: job.status_reason,
}
NUMBER_FIELDS: dict[str, _NumberField] = {
    "pri": lambda job, facts: facts.priority(job.job_id),
    "instances": lambda job, facts: job.instances,
}
DURATION_FIELDS: dict[str, _NumberField] = {
    "age": lambda job, facts: age_ms(job, facts.now_ms()),
    "waited": lambda job, facts: waited_ms(job, facts.now_ms()),
    "ran": lambda job, facts: ran_ms(job, facts.now_ms()),
}
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    "=": lambda a, b: a == b,
}
_FREE = ("name", "status", "share", "type", "reason")
LONGEST_MS = 100 * 365 * DAY
_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
# One term: an optional !, then /regex/, or text in which quotes may hold blanks.
_TERM = re.compile(r"""!?/(?:\\.|[^/\\])*/(?=\s|$)|(?:"[^"]*"|[^\s"])+""")
_COMPARISON = re.compile(r"^([a-z]+)(>=|<=|>|<|=)(.+)$")


def parse(text: str, facts: Facts) -> Predicate | None:
    """The predicate for a filter, None for an empty one. Raises FilterError."""
    if text.count('"') % 2:
        raise FilterError('a quote " is not closed')
    terms = [_term(match.group(), facts) for match in _TERM.finditer(text)]
    if not terms:
        return None
    if len(terms) == 1:
        return terms[0]
    return lambda job: all(term(job) for term in terms)


def _term(text: str, facts: Facts) -> Predicate:
    if text.startswith("!"):
        if len(text) == 1:
            raise FilterError("! needs something to deny, as in !status:failed")
        inner = _term(text[1:], facts)
        return lambda job: not inner(job)
    if text.startswith("/"):
        return _regex(text)
    bare = text.lower()
    if comparison := _COMPARISON.match(bare):
        name, sign, value = comparison.groups()
        return _comparison(name, sign, value, facts)
    name, colon, value = text.partition(":")
    if colon and '"' not in name:
        return _field(name.lower(), value.replace('"', ""), facts)
    wanted = text.replace('"', "").lower()
    fields = [TEXT_FIELDS[field] for field in _FREE]
    return lambda job: any(wanted in field(job).lower() for field in fields)


def _regex(text: str) -> Predicate:
    if len(text) < 2 or not text.endswith("/"):
        raise FilterError(f"{text} is not closed: a regular expression stands between / and /")
    try:
        pattern = re.compile(text[1:-1], re.IGNORECASE)
    except re.error as error:
        raise FilterError(f"{text} is not a regular expression: {error}") from None
    fields = [TEXT_FIELDS[field] for field in _FREE]
    return lambda job: any(pattern.search(field(job)) for field in fields)


def _field(name: str, value: str, facts: Facts) -> Predicate:
    if name in NUMBER_FIELDS or name in DURATION_FIELDS:
        return _comparison(name, "=", value, facts)
    if name not in TEXT_FIELDS:
        raise FilterError(
            f"no field {name}: say {', '.join((*TEXT_FIELDS, *NUMBER_FIELDS, *DURATION_FIELDS))}"
        )
    if not value:
        raise FilterError(f"{name}: needs a value")
    field, wanted = TEXT_FIELDS[name], value.lower()
    if wanted.startswith("="):
        return lambda job: field(job).lower() == wanted[1:]
    if wanted.endswith("*"):
        return lambda job: field(job).lower().startswith(wanted[:-1])
    return lambda job: wanted in field(job).lower()


def _comparison(name: str, sign: str, value: str, facts: Facts) -> Predicate:
    compare = _COMPARE[sign]
    if name in DURATION_FIELDS:
        field, limit = DURATION_FIELDS[name], parse_duration(value)
    elif name in NUMBER_FIELDS:
        field, limit = NUMBER_FIELDS[name], _number(name, value)
    else:
        known = ", ".join((*NUMBER_FIELDS, *DURATION_FIELDS))
        raise FilterError(f"{name} cannot be compared with {sign}: {known} can")

    def holds(job: ServiceJob) -> bool:
        found = field(job, facts)
        return found is not None and compare(found, limit)

    return holds


def _number(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise FilterError(f"{name} compares with a number, not {value!r}") from None


def parse_duration(text: str) -> int:
    """`90s`, `15m`, `1h30m`, `2d` as milliseconds. Raises FilterError."""
    parts = re.fullmatch(r"(?:\d+(?:\.\d+)?[smhdw])+", text)
    if not parts:
        raise FilterError(f"{text!r} is not a duration: say 90s, 15m, 1h30m or 2d")
    ms = sum(float(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+(?:\.\d+)?)([smhdw])", text))
    if ms > LONGEST_MS:
        raise FilterError(f"{text[:20]!r} is longer than anything lasts")
    return int(ms)
