"""A blueprint as a file, read and written: TOML, JSON or YAML."""

import json
import tomllib
from collections.abc import Mapping
from typing import Any, Literal, cast

import msgspec

from tui.model.blueprint import Blueprint, Environment, Policy, Queue, Share
from tui.model.existing import Existing
from tui.model.payload_text import FieldProblem, parse_payload, yaml_text
from tui.model.resource_changes import QUEUE_TYPE, plain
from tui.model.shape import converted

Format = Literal["toml", "json", "yaml"]
WHOLE = "file"
"""The field of problems that are about the file as a whole."""

TEARDOWN_MARK = "queuedeck:teardown"
"""The tag by which a tear-down finds again what belonged to a queue that is gone. Its value is the queue."""


def format_of(name: str, text: str = "") -> Format:
    """The format of a file: by its suffix, else by how its text begins."""
    suffix = name.rpartition(".")[2].lower()
    if suffix in ("toml", "json"):
        return cast(Format, suffix)
    if suffix in ("yaml", "yml"):
        return "yaml"
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return "json"
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return "yaml"
    return "toml"


def read_blueprint(text: str, form: Format) -> Blueprint | list[FieldProblem]:
    """The blueprint that a file describes, or what is wrong with the file. What AWS allows is for `check`."""
    document = _document(text, form)
    if isinstance(document, FieldProblem):
        return [document]
    unknown = _unknown(document, Blueprint, "")
    if unknown:
        return unknown
    try:
        return converted(document, Blueprint)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        return [FieldProblem(where.strip("`.") or WHOLE, what[:1].lower() + what[1:])]


def _document(text: str, form: Format) -> dict[str, Any] | FieldProblem:
    if form == "toml":
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            return FieldProblem(WHOLE, f"not valid TOML: {error}")
    if not text.strip():
        return FieldProblem(WHOLE, "it is empty: describe a queue in it")
    found = parse_payload(text)
    return FieldProblem(WHOLE, found.message, found.line) if isinstance(found, FieldProblem) else found


def _unknown(value: Any, shape: Any, path: str) -> list[FieldProblem]:
    """Members that a blueprint does not have: a typing error must not be overlooked."""
    if isinstance(shape, msgspec.inspect.StructType):
        if not isinstance(value, dict):
            return []
        fields = {field.encode_name: field.type for field in shape.fields}
        found: list[FieldProblem] = []
        for name, member in cast(dict[str, Any], value).items():
            where = f"{path}.{name}" if path else name
            if name in fields:
                found += _unknown(member, fields[name], where)
            else:
                found.append(FieldProblem(where, f"there is no such member; there are {', '.join(fields)}"))
        return found
    if isinstance(shape, msgspec.inspect.VarTupleType):
        items = cast(list[Any], value) if isinstance(value, list) else []
        return [p for n, item in enumerate(items) for p in _unknown(item, shape.item_type, f"{path}[{n}]")]
    if isinstance(shape, msgspec.inspect.UnionType):
        structs = [kind for kind in shape.types if isinstance(kind, msgspec.inspect.StructType)]
        return _unknown(value, structs[0], path) if structs else []
    if isinstance(shape, msgspec.inspect.Type):
        return []
    return _unknown(value, msgspec.inspect.type_info(shape), path)


def blueprint_of(existing: Existing, queue: str) -> Blueprint | None:
    """The blueprint of a training queue that exists; None if there is no such queue."""
    found = existing.queue(queue)
    if found is None or found.job_queue_type not in (QUEUE_TYPE, ""):
        return None
    order = sorted(found.service_environment_order, key=lambda item: item.order)
    environment = existing.environment(order[0].service_environment) if order else None
    policy = existing.policy(found.scheduling_policy_arn) if found.scheduling_policy_arn else None
    return Blueprint(
        service_environment=Environment(
            service_environment_name=environment.service_environment_name,
            capacity_limits=environment.capacity_limits,
            state="DISABLED" if environment.state == "DISABLED" else "ENABLED",
            tags=own_tags(environment.tags),
        )
        if environment
        else Environment(),
        scheduling_policy=Policy(
            name=policy.name,
            fairshare_policy=policy.fairshare_policy,
            quota_share_policy=policy.quota_share_policy,
            tags=own_tags(policy.tags),
        )
        if policy
        else None,
        job_queue=Queue(
            job_queue_name=found.job_queue_name,
            priority=found.priority,
            state="DISABLED" if found.state == "DISABLED" else "ENABLED",
            job_state_time_limit_actions=found.job_state_time_limit_actions,
            tags=own_tags(found.tags),
        ),
        quota_shares=tuple(
            Share(
                quota_share_name=share.quota_share_name,
                capacity_limits=share.capacity_limits,
                resource_sharing_configuration=share.resource_sharing_configuration,
                preemption_configuration=share.preemption_configuration,
                state="DISABLED" if share.state == "DISABLED" else "ENABLED",
                tags=own_tags(share.tags),
            )
            for share in existing.quota_shares.get(found.job_queue_name, ())
            if share.status != "DELETING"
        ),
    )


def own_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that people gave: not AWS's, and not our mark."""
    return {k: v for k, v in tags.items() if not k.lower().startswith("aws:") and k != TEARDOWN_MARK}


def document_of(blueprint: Blueprint) -> dict[str, Any]:
    """The blueprint as the file has it: what is empty is left out, the rest is written out."""
    return cast(dict[str, Any], _without_empty(plain(blueprint)))


def file_text(blueprint: Blueprint, form: Literal["json", "yaml"] = "yaml") -> str:
    """The file that `read_blueprint` reads back as the same."""
    document = document_of(blueprint)
    if form == "json":
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return yaml_text(document)


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        members = {key: _without_empty(item) for key, item in cast(dict[str, Any], value).items()}
        return {key: item for key, item in members.items() if item not in ({}, [], "")}
    if isinstance(value, list):
        return [_without_empty(item) for item in cast(list[Any], value)]
    return value
