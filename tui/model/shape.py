"""The base of every value that mirrors a shape of an AWS API."""

import msgspec


class Shape(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A frozen value whose fields are the members of an AWS shape, in snake_case.

    The wire's camelCase names are msgspec's business: `msgspec.convert(response, JobQueue)` reads a
    boto3 response, `msgspec.json.encode(queue)` writes the JSON that AWS would send. Every field has
    a default: AWS leaves out even members its own model calls required (`startedAt` of a queued job).
    Times are epoch milliseconds, as Batch sends them.
    """
