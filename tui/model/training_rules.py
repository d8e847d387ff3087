"""SageMaker's rules for a training job in a queue that its API model leaves out.

Sources: the CreateTrainingJob, ResourceConfig, StoppingCondition and AlgorithmSpecification references.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from tui.model.payload_text import PAYLOAD, FieldProblem

_Part = dict[str, Any]
_Found = Iterator[tuple[str, str]]


def check_training(payload: Mapping[str, Any]) -> list[FieldProblem]:
    """What is missing or contradicts itself. Members of a wrong type are passed over in silence."""
    found: list[FieldProblem] = []
    for member, wanted, rule in _RULES:
        part = payload.get(member)
        if part is None:
            found.append(FieldProblem(f"{PAYLOAD}.{member}", f"it is missing: {wanted}"))
        elif isinstance(part, dict):
            found += [
                FieldProblem(f"{PAYLOAD}.{member}.{field}", message)
                for field, message in rule(cast(_Part, part), payload)
            ]
    return found


def _algorithm(algorithm: _Part, payload: Mapping[str, Any]) -> _Found:
    image, name = algorithm.get("TrainingImage"), algorithm.get("AlgorithmName")
    if not image and not name:
        yield "TrainingImage", "give a training image (or an AlgorithmName)"
    elif image and name:
        yield "AlgorithmName", "give TrainingImage or AlgorithmName, not both"


def _resources(resources: _Part, payload: Mapping[str, Any]) -> _Found:
    groups = resources.get("InstanceGroups")
    if isinstance(groups, list) and groups:
        for index, group in enumerate(cast(list[Any], groups)):
            count = cast(dict[str, Any], group).get("InstanceCount") if isinstance(group, dict) else None
            yield from _at_least_one(f"InstanceGroups[{index}].InstanceCount", count)
        if "InstanceType" in resources or "InstanceCount" in resources:
            yield "InstanceGroups", "give InstanceGroups, or InstanceType and InstanceCount"
        return
    if not resources.get("InstanceType"):
        yield "InstanceType", "it is missing: choose an instance type"
    if resources.get("InstanceCount") is None:
        yield "InstanceCount", "it is missing: 1 for training on one instance"
    yield from _at_least_one("InstanceCount", resources.get("InstanceCount"))


def _at_least_one(field: str, count: Any) -> _Found:
    if type(count) is int and count < 1:
        yield field, f"{count} instances train nothing: it must be at least 1"


def _stopping(stopping: _Part, payload: Mapping[str, Any]) -> _Found:
    runtime, wait = stopping.get("MaxRuntimeInSeconds"), stopping.get("MaxWaitTimeInSeconds")
    spot = payload.get("EnableManagedSpotTraining") is True
    field = "MaxWaitTimeInSeconds"
    if spot and wait is None:
        yield field, "spot training needs it: the most seconds to wait for capacity and train"
    if not spot and wait is not None:
        yield field, "only spot training takes it"
    if spot and type(wait) is int and type(runtime) is int and wait < runtime:
        yield field, f"{wait} is less than MaxRuntimeInSeconds, {runtime}"


_RULES = (
    ("AlgorithmSpecification", "say which image or algorithm trains", _algorithm),
    ("ResourceConfig", "say on which instances it trains", _resources),
    ("StoppingCondition", "give a MaxRuntimeInSeconds", _stopping),
)
