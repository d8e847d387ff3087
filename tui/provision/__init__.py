"""Carries plans out: sets queues up and tears them down, step by step, until AWS says that each is done.

    setup(aws, blueprint, progress, cancelled)         # both block: for workers and headless commands,
    teardown(aws, "vision", progress, cancelled)       # never on the UI thread

`progress: Callable[[Progress], None]` is told after every change, in the worker's thread; `cancelled` is a
`threading.Event`: once set, nothing new is begun. Both return the last `Progress` and raise nothing of AWS's:
`Progress.problem` is the `Problem` that ended them. Nothing is remembered between two runs; the next one
computes its plan from what exists, and goes on. To show a plan before it is carried out:
`plan_setup.setup_steps(blueprint, read_for_setup(aws, blueprint))` or
`plan_teardown.teardown_steps(queue, read_for_teardown(aws, queue))`.
"""

import math
import threading

from tui.aws import resources
from tui.aws.patient import PatientAws
from tui.aws.session import Aws
from tui.model.blueprint import Blueprint
from tui.model.existing import Existing
from tui.model.plan_setup import setup_steps
from tui.model.plan_teardown import teardown_steps
from tui.provision.progress import Progress
from tui.provision.run import PATIENCE, Logged, Run, Told

__all__ = ["Progress", "read_for_setup", "read_for_teardown", "setup", "teardown"]


def read_for_setup(aws: Aws, blueprint: Blueprint, before: Existing | None = None) -> Existing:
    """What exists, as far as a set-up is concerned."""
    queue, environment = blueprint.job_queue.job_queue_name, blueprint.service_environment
    name = environment.service_environment_name
    return resources.read(aws, {queue}, environment=name, jobs=False, before=before)


def read_for_teardown(aws: Aws, queue: str, before: Existing | None = None) -> Existing:
    """What exists, as far as a tear-down is concerned."""
    return resources.read(aws, {queue}, before=before)


def setup(
    aws: Aws,
    blueprint: Blueprint,
    progress: Told,
    cancelled: threading.Event,
    *,
    logged: Logged | None = None,
    patience: float = PATIENCE,
) -> Progress:
    """Create, adopt and update until everything is there and VALID. `check` the blueprint first.

    `logged` is told of every call made, for the audit log. `patience`: seconds without any movement.
    """
    patient = PatientAws(aws, cancelled)
    return Run(
        patient,
        blueprint.job_queue.job_queue_name,
        lambda before: read_for_setup(patient, blueprint, before),
        lambda existing: setup_steps(blueprint, existing),
        progress,
        cancelled,
        logged=logged,
        patience=patience,
    ).carry_out()


def teardown(
    aws: Aws,
    queue: str,
    progress: Told,
    cancelled: threading.Event,
    *,
    drain: bool = False,
    logged: Logged | None = None,
    patience: float = PATIENCE,
) -> Progress:
    """Disable and delete until nothing of the queue is left. With `drain` its jobs are waited for, without
    end: `patience` does not count then."""
    patient = PatientAws(aws, cancelled)
    return Run(
        patient,
        queue,
        lambda before: read_for_teardown(patient, queue, before),
        lambda existing: teardown_steps(queue, existing, drain=drain),
        progress,
        cancelled,
        logged=logged,
        patience=math.inf if drain else patience,
    ).carry_out()
