"""Carries plans out: sets queues up and tears them down, step by step, until AWS says that each is done.

    setup(aws, blueprint, progress, cancelled)         # both block: for workers and headless commands,
    teardown(aws, "vision", progress, cancelled)       # never on the UI thread

`progress: Callable[[Progress], None]` is told after every change, in the worker's thread; `cancelled` is a
`threading.Event`: once set, nothing new is begun. Both return the last `Progress` and raise nothing of AWS's:
`Progress.problem` is the `Problem` that ended them. Nothing is remembered between two runs; the next one
computes its plan from what exists, and goes on. To show a plan before it is carried out:
`resources.read(aws, {queue})`, then `plan.setup_steps(blueprint, existing)` or
`plan.teardown_steps(queue, existing)`.
"""
