"""SageMaker's rules for a training job in a queue that its API model leaves out.

Sources: the CreateTrainingJob, ResourceConfig, StoppingCondition and AlgorithmSpecification references.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from tui.model.payload_text import PAYLOAD, FieldProblem


def check_training(payload: Mapping[str, Any]) -> list[FieldProblem]:
    """What is missing or contradicts itself. Members of a wrong type are passed over in silence."""
    return [
        FieldProblem(f"{PAYLOAD}.{field}", message)
        for rule in (_algorithm, _resources, _stopping)
        for field, message in rule(payload)
    ]


_Found = Iterator[tuple[str, str]]


def _algorithm(payload: Mapping[str, Any]) -> _Found:
    algorithm = payload.get("AlgorithmSpecification")
    if algorithm is None:
        yield "AlgorithmSpecification", "it is missing: say which image or algorithm trains"
    if not isinstance(algorithm, dict):
        return
    algorithm = cast(dict[str, Any], algorithm)
    image, name = algorithm.get("TrainingImage"), algorithm.get("AlgorithmName")
    if not image and not name:
        yield "AlgorithmSpecification.TrainingImage", "give a training image (or an AlgorithmName)"
    elif image and name:
        yield "AlgorithmSpecification.AlgorithmName", "give TrainingImage or AlgorithmName, not both"


def _resources(payload: Mapping[str, Any]) -> _Found:
    resources = payload.get("ResourceConfig")
    if resources is None:
        yield "ResourceConfig", "it is missing: say on which instances it trains"
    if not isinstance(resources, dict):
        return
    resources = cast(dict[str, Any], resources)
    groups = resources.get("InstanceGroups")
    if isinstance(groups, list) and groups:
        for index, group in enumerate(cast(list[Any], groups)):
            count = cast(dict[str, Any], group).get("InstanceCount") if isinstance(group, dict) else None
            yield from _at_least_one(f"ResourceConfig.InstanceGroups[{index}].InstanceCount", count)
        if "InstanceType" in resources or "InstanceCount" in resources:
            yield "ResourceConfig.InstanceGroups", "give InstanceGroups, or InstanceType and InstanceCount"
        return
    if not resources.get("InstanceType"):
        yield "ResourceConfig.InstanceType", "it is missing: choose an instance type"
    if resources.get("InstanceCount") is None:
        yield "ResourceConfig.InstanceCount", "it is missing: 1 for training on one instance"
    yield from _at_least_one("ResourceConfig.InstanceCount", resources.get("InstanceCount"))


def _at_least_one(field: str, count: Any) -> _Found:
    if type(count) is int and count < 1:
        yield field, f"{count} instances train nothing: it must be at least 1"


def _stopping(payload: Mapping[str, Any]) -> _Found:
    stopping = payload.get("StoppingCondition")
    if stopping is None:
        yield "StoppingCondition", "it is missing: give a MaxRuntimeInSeconds"
    if not isinstance(stopping, dict):
        return
    stopping = cast(dict[str, Any], stopping)
    runtime, wait = stopping.get("MaxRuntimeInSeconds"), stopping.get("MaxWaitTimeInSeconds")
    spot = payload.get("EnableManagedSpotTraining") is True
    field = "StoppingCondition.MaxWaitTimeInSeconds"
    if spot and wait is None:
        yield field, "spot training needs it: the most seconds to wait for capacity and train"
    if not spot and wait is not None:
        yield field, "only spot training takes it"
    if spot and type(wait) is int and type(runtime) is int and wait < runtime:
        yield field, f"{wait} is less than MaxRuntimeInSeconds, {runtime}"
