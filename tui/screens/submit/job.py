"""The pages of the dialog that are Batch's own: the job, and its retries and tags."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from textual.app import ComposeResult
from textual.widgets import Static

from tui.live.picture import QueuePicture
from tui.model.queues import PolicyKind
from tui.model.training_form import KNOWN_INSTANCE_TYPES
from tui.screens.submit.draft import COPIES, ONE, RULES, SDK_RULES, SWEEP
from widgets.combo import ComboField, Offer
from widgets.fields import ChoiceField, LinesField, TextField
from widgets.form import Form

POLICY = {
    "fifo": "FIFO: jobs start in the order they were submitted",
    "fair": "fair-share: the job runs under a share identifier",
    "quota": "quota management: the job runs in a quota share",
    None: "its scheduling policy has not been read yet",
}
PRIORITY = {
    "fifo": "0 to 9999. This queue is FIFO: it takes the priority, and ignores it",
    "fair": "0 to 9999; higher goes first within its share identifier",
    "quota": "0 to 9999; higher goes first within its quota share",
    None: "0 to 9999; higher goes first within its share",
}
HOW_MANY = (
    ("One job", ONE),
    ("Several alike", COPIES),
    ("One for each value of a hyperparameter", SWEEP),
)
OFFERED_RULES: tuple[Offer, ...] = (
    (SDK_RULES[0], ""),
    ("RETRY Received status from SageMaker: InternalServerError*", ""),
    ("RETRY Received status from SageMaker: AlgorithmError*", ""),
    (SDK_RULES[1], ""),
)


class JobPage(Form):
    """Queue, name, share, priority, and how many."""

    def content(self) -> ComposeResult:
        yield ChoiceField("queue", "Job queue", (), required=True, hint="the training queue to submit to")
        yield Static("", id="policy-note", markup=False)
        yield TextField(
            "name", "Job name", required=True, hint="up to 128 letters, digits, hyphens and underscores"
        )
        yield ComboField(
            "share",
            "Share identifier",
            required=True,
            hint="whose part of the queue it uses: letters and digits; ↓ shows those known",
        )
        yield ComboField(
            "quota_share", "Quota share", required=True, hint="the quota share of the queue; ↓ shows them"
        )
        yield TextField("priority", "Priority", placeholder="not given")
        yield ChoiceField("many", "How many", HOW_MANY, hint="each job gets a client token of its own")
        yield TextField("count", "Number of jobs", required=True, hint="named …-1, …-2 and so on")
        yield ComboField(
            "hyperparameter",
            "Hyperparameter",
            required=True,
            hint="the one that differs; ↓ shows those of the training job",
        )
        yield TextField(
            "sweep_values", "Its values", required=True, hint="with commas between: 0.1, 0.01, 0.001"
        )

    def adapt(self, picture: QueuePicture | None, values: Mapping[str, str]) -> None:
        """Show the fields that this queue, and this number of jobs, have a use for."""
        kind = picture.policy_kind if picture else None
        self.show_fields(["share"], kind == "fair")
        self.show_fields(["quota_share"], kind == "quota")
        self.show_fields(["count"], values["many"] == COPIES)
        self.show_fields(["hyperparameter", "sweep_values"], values["many"] == SWEEP)
        self.field("priority").hint = PRIORITY[kind]
        note = self.query_one("#policy-note", Static)
        text = policy_note(picture, kind)
        if note.content != text:
            note.update(text)
        if picture:
            _combo(self, "share").offer(known_shares(picture))
            _combo(self, "quota_share").offer(known_quota_shares(picture))

    def offer_queues(self, names: list[str], kept: str) -> None:
        """The queues there are; one that is kept in a draft stays, even if AWS does not list it."""
        field = self.field("queue")
        assert isinstance(field, ChoiceField)
        found = names if not kept or kept in names else [*names, kept]
        field.offer([(name, name) for name in found])

    def offer_hyperparameters(self, names: list[str]) -> None:
        _combo(self, "hyperparameter").offer([(name, "") for name in names])


class ExtrasPage(Form):
    """What ends an attempt and what follows it; tags."""

    def content(self) -> ComposeResult:
        yield TextField(
            "attempts",
            "Attempts",
            placeholder="1",
            hint="1 to 10: how often it may be tried, the first included",
        )
        for number, key in enumerate(RULES, 1):
            yield ComboField(
                key,
                f"Rule {number}",
                OFFERED_RULES,
                placeholder="RETRY or EXIT, and a status reason that may end in *",
                hint="the first rule that matches the status reason decides; empty: no rule",
            )
        yield TextField(
            "attempt_seconds",
            "Attempt time-out",
            placeholder="none",
            hint="seconds after which Batch ends an attempt",
        )
        yield TextField(
            "preemptions",
            "Preemption retries",
            placeholder="no limit",
            hint="preemptions it survives before it is terminated; 0: the first one ends it",
        )
        yield LinesField(
            "tags", "Tags", placeholder="team=vision", hint="key=value, one a line; up to 50 on the Batch job"
        )

    def adapt(self, kind: PolicyKind | None, values: Mapping[str, str]) -> None:
        self.show_fields(["preemptions"], kind == "quota")
        for before, key in pairwise(RULES):
            self.show_fields([key], bool(values[key].strip() or values[before].strip()))


def policy_note(picture: QueuePicture | None, kind: PolicyKind | None) -> str:
    if picture is None:
        return "this queue is not among those AWS listed"
    return POLICY[kind]


def known_shares(picture: QueuePicture) -> list[Offer]:
    """Share identifiers the policy names, then those that jobs were seen with."""
    policy = picture.policy.fairshare_policy if picture.policy else None
    named = {
        entry.share_identifier: f"weight {entry.weight_factor:g}"
        for entry in (policy.share_distribution if policy else ())
        if not entry.share_identifier.endswith("*")
    }
    seen = sorted({job.share_identifier for job in picture.jobs.values() if job.share_identifier})
    return list((named | {share: "seen" for share in seen if share not in named}).items())


def known_quota_shares(picture: QueuePicture) -> list[Offer]:
    """The quota shares of the queue, with what they allow."""
    offers: list[Offer] = []
    for share in picture.quota_shares:
        limits = ", ".join(f"{limit.max_capacity} × {limit.capacity_unit}" for limit in share.capacity_limits)
        strategy = share.resource_sharing_configuration.strategy.lower().replace("_", " ")
        state = "" if share.state in ("", "ENABLED") else f", {share.state.lower()}"
        offers.append((share.quota_share_name, f"{limits}, {strategy}{state}"))
    return offers


def types_for(picture: QueuePicture | None, known: Sequence[str]) -> list[str]:
    """Instance types to offer: those the queue's environments and jobs use, then all others."""
    own: list[str] = []
    if picture is not None:
        own += [limit.capacity_unit for env in picture.environments for limit in env.capacity_limits]
        own += sorted({job.instance_type for job in picture.jobs.values()})
    return list(dict.fromkeys([*(n for n in own if n.startswith("ml.")), *KNOWN_INSTANCE_TYPES, *known]))


def _combo(form: Form, key: str) -> ComboField:
    field = form.field(key)
    assert isinstance(field, ComboField)
    return field
