"""A busy account: four queues, all three policies, a day of history, and no end of new jobs.

The day before the start is played by the simulation itself, so that every number fits every other.
"""

from functools import partial

from tui.model.units import HOUR, MINUTE
from tui.sandbox.batch import environments, queues
from tui.sandbox.scenarios import building
from tui.sandbox.scenarios.catalogue import (
    ACCESS_DENIED,
    BAD_SHAPE,
    HUGGING_FACE,
    INTERNAL,
    KILLED,
    NCCL,
    NO_MODULE,
    OUT_OF_MEMORY,
    TENSORFLOW,
    Kind,
)
from tui.sandbox.scenarios.people import Submitters
from tui.sandbox.world import World

SPEED = 40.0
"""The demo's pace: three minutes of watching are two hours of the cluster's life."""

HISTORY = 24 * HOUR

SMALL, MEDIUM = "ml.g5.xlarge", "ml.g5.12xlarge"
LARGE, HUGE = "ml.p4d.24xlarge", "ml.p5.48xlarge"

_LEARNING = (("epochs", ("3", "5", "10")), ("learning_rate", ("1e-4", "3e-4", "2e-5")), ("seed", ("7", "42")))
_TUNING = (
    ("model_id", ("meta-llama/Llama-3.1-8B", "mistralai/Mistral-7B-v0.3", "Qwen/Qwen2.5-14B")),
    ("per_device_train_batch_size", ("2", "4", "8")),
    ("gradient_accumulation_steps", ("4", "8", "16")),
    ("lora_r", ("16", "64")),
)

_learning = partial(Kind, parameters=_LEARNING)
_tuning = partial(Kind, parameters=_TUNING, image=HUGGING_FACE, project="llm")

# fmt: off
VISION = (
    _learning(
        stem="detector-retrain", share="prod", often=3, counts=(2, 4), minutes=170,
        priorities=(5, 7, 9), owners=("amara", "lucia"), fails=0.08, attempts=2,
        failures=(OUT_OF_MEMORY, INTERNAL, ACCESS_DENIED),
    ),
    _learning(
        stem="segmenter-v7", share="prod", often=2, units=(MEDIUM,), counts=(1, 2), minutes=240,
        priorities=(3, 5), owners=("jonas",), script="train_segmenter.py",
    ),
    _learning(
        stem="aug-sweep", share="research", often=4, counts=(1, 2, 3), minutes=200,
        priorities=(1, 2, 4), owners=("priya", "tomas"), fails=0.1,
    ),
    Kind(
        stem="autolabel-shard", share="labelling", often=0.7, burst=5, minutes=80, priorities=(4,),
        owners=("labelling-bot",), script="autolabel.py", image=TENSORFLOW, fails=0.03,
        failures=(ACCESS_DENIED, KILLED),
    ),
    Kind(
        stem="release-eval", share="eval", often=1, counts=(1, 2), minutes=90, priorities=(5,),
        owners=("release-bot",), script="evaluate.py", fails=0.05,
    ),
)

SMOKE = (
    Kind(
        stem="ci-smoke", share="ci", minutes=8, priorities=(9,), owners=("amara", "jonas", "lucia"),
        fails_every=2, failures=(BAD_SHAPE, NO_MODULE, OUT_OF_MEMORY, KILLED), preemption_retries=0,
    ),
)

RESEARCH = (
    _tuning(
        stem="llama3-8b-pretrain", share="llm", often=5, units=(LARGE,), counts=(2, 4), minutes=330,
        priorities=(1, 5), owners=("wei", "sofia"), script="pretrain.py",
        failures=(NCCL, INTERNAL, KILLED), fails=0.1, attempts=3, starved=0.15,
    ),
    _learning(
        stem="whisper-finetune", share="audio", often=1.5, units=(MEDIUM,), counts=(1, 2),
        minutes=190, image=HUGGING_FACE, project="audio", owners=("mateo",),
    ),
    _learning(
        stem="diffusion-xl", share="vision", often=1.5, units=(LARGE,), counts=(1, 2), minutes=260,
        owners=("priya",), starved=0.1,
    ),
    _learning(
        stem="ppo-locomotion", share="robotics", often=1.5, units=(MEDIUM,), minutes=120,
        project="robotics", owners=("hana", "oleg"), fails=0.12,
    ),
    Kind(
        stem="protein-fold", share="bio", often=1, units=(LARGE,), counts=(1, 2), minutes=290,
        project="bio", owners=("ines",), script="fold.py", failures=(KILLED, ACCESS_DENIED),
    ),
    _learning(
        stem="forecast-tft", share="forecasting", often=1.5, units=(SMALL, MEDIUM), minutes=60,
        project="forecasting", owners=("emil",), image=TENSORFLOW,
    ),
)

FINETUNE = (
    _tuning(
        stem="llama3-70b-sft", often=2, units=(HUGE,), counts=(2, 4), minutes=280, owners=("wei",),
        script="sft.py", starved=0.6, attempts=2, failures=(NCCL, INTERNAL, OUT_OF_MEMORY),
        fails=0.12,
    ),
    _tuning(
        stem="mistral-dpo", often=2, units=(LARGE,), counts=(1, 2), minutes=160,
        owners=("sofia", "noah"), script="dpo.py",
    ),
    _learning(
        stem="reranker-distill", often=2, units=(MEDIUM,), minutes=110, image=HUGGING_FACE,
        project="search", owners=("lena",), fails=0.1,
    ),
)

NIGHTLY = (
    _learning(
        stem="churn-nightly", units=(SMALL,), counts=(1, 2), minutes=150, project="forecasting",
        image=TENSORFLOW, owners=("scheduler-bot",), failures=(ACCESS_DENIED,),
    ),
    _learning(
        stem="ranker-nightly", units=(MEDIUM,), counts=(1, 2), minutes=240, project="search",
        owners=("scheduler-bot",), failures=(ACCESS_DENIED, KILLED),
    ),
)
# fmt: on


def load(world: World, jobs: int | None) -> None:
    """Set the account up a day ago and let the day pass. `jobs` does not apply: the day makes its own."""
    world.begin_before(HISTORY)
    _vision(world)
    _research(world)
    _finetune(world)
    _nightly(world)
    world.run_until(world.started_at, limit=1_000_000)


def _vision(world: World) -> None:
    building.environment(world, "vision-gpus", {SMALL: 30, MEDIUM: 6}, {"team": "vision"})
    policy = building.quota_policy(world, "vision-quotas")
    building.queue(
        world,
        "vision-prod",
        "vision-gpus",
        10,
        schedulingPolicyArn=policy,
        tags={"team": "vision", "cost-centre": "4711"},
    )
    building.share(
        world, "vision-prod", "prod", {SMALL: 10, MEDIUM: 4}, "LEND_AND_BORROW", 100, preempts=True
    )
    building.share(world, "vision-prod", "research", {SMALL: 6, MEDIUM: 2}, "LEND_AND_BORROW", 200)
    building.share(world, "vision-prod", "labelling", {SMALL: 8}, "LEND")
    building.share(world, "vision-prod", "eval", {SMALL: 4}, "RESERVE")
    building.share(world, "vision-prod", "ci", {SMALL: 2}, "RESERVE")
    building.settle(world)
    Submitters(world, "vision-prod", VISION, gap_minutes=12, backlog=15).start()
    Submitters(world, "vision-prod", SMOKE, gap_minutes=12, steady=True).start()


def _research(world: World) -> None:
    building.environment(world, "research-gpus", {"NUM_INSTANCES": 16}, {"team": "research"})
    weights = {"llm": 1.0, "audio": 0.5, "vision": 0.5, "robotics": 0.5, "bio": 0.25, "forecast*": 0.5}
    policy = building.fair_policy(world, "research-fair", weights, decay=3600, reservation=0)
    building.queue(
        world, "research", "research-gpus", 5, schedulingPolicyArn=policy, tags={"team": "research"}
    )
    Submitters(world, "research", RESEARCH, gap_minutes=20, backlog=28).start()


def _finetune(world: World) -> None:
    building.environment(world, "finetune-gpus", {"NUM_INSTANCES": 12}, {"team": "llm"})
    building.queue(
        world,
        "finetune",
        "finetune-gpus",
        5,
        tags={"team": "llm"},
        jobStateTimeLimitActions=[
            {
                "reason": "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
                "state": "RUNNABLE",
                "maxTimeSeconds": 1_500,
                "action": "TERMINATE",
            }
        ],
    )
    Submitters(world, "finetune", FINETUNE, gap_minutes=30, backlog=14).start()


def _nightly(world: World) -> None:
    """A queue that was switched off, with its environment, while jobs were in it."""
    building.environment(world, "nightly-gpus", {"NUM_INSTANCES": 8}, {"team": "platform"})
    building.queue(world, "nightly", "nightly-gpus", 1, tags={"team": "platform"})
    Submitters(world, "nightly", NIGHTLY, gap_minutes=60, backlog=4).start()
    world.after(HISTORY - 7 * HOUR, queues.update, world, {"jobQueue": "nightly", "state": "DISABLED"})
    off = {"serviceEnvironment": "nightly-gpus", "state": "DISABLED"}
    world.after(HISTORY - 7 * HOUR + MINUTE, environments.update, world, off)
