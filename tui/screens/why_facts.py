"""Why a job waits, what is before it, who holds the capacity and when it may start: as labelled facts."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from tui.live.picture import QueuePicture
from tui.model.estimates import Curve, elapsed_ms
from tui.model.jobs import FINISHED, QUEUED, RUNNING, ServiceJob, Status, age_ms
from tui.model.units import DAY, clock, count, duration
from tui.scheduling.capacity import Ledger, units_of
from tui.scheduling.cluster import Limits, Task
from tui.scheduling.explain import Explanation, Reason, explain
from tui.scheduling.forecast import StartRange
from tui.screens.forecasts import limits_of, neighbours, told_state
from tui.screens.job_facts import Fact, Section, are, jobs_text
from tui.screens.job_table import instances_text
from tui.screens.shares import share_uses
from tui.screens.start_times import Forecast

NAMED = 4
"""Jobs named; of more, how many."""

LACKING = "CAPACITY:"
"""How Batch's reason begins when it is SageMaker that has no instances."""

NEXT = (Reason.CAPACITY, Reason.RESERVATION)


class Why:
    """One job's wait, as of AWS's time `now_ms`. `utc` is how times are written."""

    def __init__(
        self,
        picture: QueuePicture,
        queues: Mapping[str, QueuePicture],
        job: ServiceJob,
        forecast: Forecast | None,
        now_ms: int,
        *,
        utc: bool = False,
    ) -> None:
        self.picture, self.job, self.forecast, self.now_ms, self.utc = picture, job, forecast, now_ms, utc
        self.state, self.untold = told_state(picture, now_ms)
        self.others = neighbours(picture, queues, now_ms)
        self.limits: Limits = limits_of(picture)
        self.enabled = all(environment.state != "DISABLED" for environment in picture.environments)
        self.explanation: Explanation = explain(
            job.job_id, self.state, self.limits, self.others, now_ms, environment_enabled=self.enabled
        )
        self._all = {key: each for queue in queues.values() for key, each in queue.active.items()}

    @property
    def waits(self) -> bool:
        return self.job.status in QUEUED and not self.job.is_terminated

    def sections(self) -> list[Section]:
        """Everything there is to say, the most wanted first."""
        parts = [Section("Why it waits" if self.waits else "It does not wait", tuple(self._why()))]
        if self.waits:
            parts += [
                Section("Start", tuple(self._start())),
                Section("Line", tuple(self._line())),
                Section("Capacity", tuple(self._capacity())),
                Section("Preemption", (("Stops others", *self._preemption()),)),
            ]
        return parts

    # ---- why

    def _why(self) -> Iterable[Fact]:
        yield "Reason", self._sentence(), ""
        if self.waits and self.limits and self.explanation.help:
            yield "What helps", self.explanation.help, ""
        first = self._all.get(self.explanation.first)
        if self.waits and self.explanation.ahead and first is not None:
            yield "The first one", self._described(first), ""
        if self.waits and not self.explanation.ahead and self.explanation.reason in NEXT:
            yield "It is next", self._starts_when(), ""
        if self.job.status_reason and self.job.status not in FINISHED:
            yield "AWS says", self.job.status_reason, "warn"
            if self.job.status_reason.startswith(LACKING):
                yield "", "SageMaker itself has no such instances free; Batch keeps trying.", ""

    def _sentence(self) -> str:
        job = self.job
        if job.status in FINISHED:
            return f"It is over: {job.status}."
        if job.is_terminated:
            return "Its termination has been requested: it will not start again."
        if job.status == Status.SCHEDULED:
            return (
                "Batch has given it its capacity and handed it to SageMaker, "
                "which has yet to provide the instances."
            )
        if job.status in RUNNING:
            return "It has its capacity, and runs."
        if not self.limits:
            return "It waits; what its service environment allows has not been read."
        sentence = self.explanation.sentence
        if job.status != Status.RUNNABLE:
            sentence = f"Batch has accepted it, and its scheduler has not looked at it yet. {sentence}"
        return sentence

    def _starts_when(self) -> str:
        """What has to happen, for a job at the front of its line that lacks capacity."""
        task = next(task for task in self.state.waiting if task.id == self.job.job_id)
        running = [task for queue in (self.state, *self.others) for task in queue.running]
        missing, holders = _missing(task, running, self.limits)
        if self.state.fairshare is not None:
            unless = ", if no other share is ahead of its own by then"
        elif self.state.quota_shares is not None:
            unless = ", if that leaves its quota share enough"
        elif any(queue.waiting for queue in self.others):
            unless = ", unless another queue on this environment takes it first"
        else:
            unless = ""
        if not holders or missing <= 0:
            return f"It starts as soon as its policy lets it{unless}."
        if sum(holder.quantity for holder in holders) - min(holder.quantity for holder in holders) < missing:
            verb = "has" if len(holders) == 1 else "have"
            return f"It starts when {self._names([holder.id for holder in holders])} {verb} ended{unless}."
        if min(holder.quantity for holder in holders) >= missing:
            return f"It starts when any one of the {len(holders)} jobs that hold capacity has ended{unless}."
        return f"It starts when {missing} more instance{'s' * (missing > 1)} {are(missing)} free{unless}."

    # ---- its place

    def _line(self) -> Iterable[Fact]:
        told, ours = self.picture.positions.get(self.job.job_id), self.explanation.position
        if not self.enabled:
            yield "Position", str(told or ours or "unknown"), ""
            return
        if told:
            yield "Position", f"{told} of the queue in dispatch order, as AWS tells", ""
        elif ours:
            yield "Position", f"about {count(ours)} of the queue; AWS tells the first 100 only", ""
        else:
            yield "Position", "unknown", ""
        ahead = self.explanation.ahead
        share = f" of share {self.job.share}" if self.job.share else ""
        yield "Ahead of it", f"{jobs_text(ahead)}{share}" if ahead else f"nobody{share}", ""
        if age := age_ms(self.job, self.now_ms):
            yield "Waits for", duration(age), ""
        if self.job.job_id in self.untold:
            yield "Not sure", "The priorities of its share are not all read; its place is a guess.", "warn"

    # ---- when

    def _start(self) -> Iterable[Fact]:
        forecast = self.forecast
        if not self.limits:
            yield "Starts", "…", "muted"
            return
        if self.explanation.reason is Reason.STARTS_NOW:
            yield "Starts", "now", "good"
            return
        if self.explanation.reason is Reason.NEVER:
            yield "Starts", "never, as things are", "bad"
            return
        found = forecast.starts.get(self.job.job_id) if forecast else None
        if forecast is None or found is None:
            yield "Starts", self._unknown(), "warn" if forecast else "muted"
            return
        yield "Starts", self._range(found), "accent"
        yield "Most likely", f"about {self._time(found.usual)}, {self._in(found.usual)}", ""
        curves = [forecast.curves[key] for key in self._holders() if key in forecast.curves]
        bases = Counter(str(curve.basis) for curve in curves)
        named = [text for text, _ in bases.most_common(NAMED)]
        if len(bases) > NAMED:
            named.append(f"{len(bases) - NAMED} more")
        if named:
            yield "Based on", "; ".join(named), ""
        fifo = self.picture.policy_kind == "fifo"
        yield (
            "Supposing",
            "that jobs last as long as those did"
            + ("" if fifo else ", and that as much is submitted as in the last hours"),
            "muted",
        )

    def _range(self, found: StartRange) -> str:
        if found.latest is None:
            return f"{self._time(found.earliest)} or later"
        return f"probably between {self._time(found.earliest)} and {self._time(found.latest)} "

    def _unknown(self) -> str:
        forecast = self.forecast
        if forecast is None:
            return "…"
        if not self.enabled:
            return "unknown: nothing starts while the service environment is disabled"
        if self.job.job_id in self.untold:
            return "unknown: the priorities of the jobs before it are not all read"
        without = [key for key in self._holders() if key not in forecast.curves]
        if without and len(without) == len(self._holders()):
            return "unknown: too few jobs of this queue have ended to tell how long those that run will last"
        if without:
            return f"unknown: no job that has ended tells how long {self._names(without)} will last"
        return "unknown: it may be more than a day off, or is behind too many others"

    # ---- who has the capacity

    def _holders(self) -> list[str]:
        """The running jobs whose capacity it could use, in this queue and those beside it."""
        task = next((task for task in self.state.waiting if task.id == self.job.job_id), None)
        wanted = set(units_of(task.unit, self.limits)) if task else set[str]()
        running = [task for queue in (self.state, *self.others) for task in queue.running]
        return [task.id for task in running if wanted & set(units_of(task.unit, self.limits))]

    def _capacity(self) -> Iterable[Fact]:
        running = [task for queue in (self.state, *self.others) for task in queue.running]
        ledger = Ledger(self.limits, running)
        for unit in units_of(self.job.instance_type, self.limits):
            name = "Instances" if unit == "NUM_INSTANCES" else unit
            yield name, f"{ledger.used[unit]} of {self.limits[unit]} in use", ""
        held = [
            f"{use.name} {use.used}" + (f" (+{use.borrowed} borrowed)" if use.borrowed else "")
            for use in sorted(share_uses(self.picture), key=lambda use: -use.used)
            if use.used
        ]
        if held:
            yield "Held by shares", _some(held, 6), ""
        for queue in self.others:
            if queue.running:
                used = sum(task.quantity for task in queue.running)
                yield "Held by queue", f"{queue.name} {used}", ""
        for label, text in zip(("Ends first", *[""] * NAMED), self._ends(), strict=False):
            yield label, text, ""

    def _ends(self) -> list[str]:
        """The running jobs, the first to end first."""
        forecast = self.forecast
        curves: Mapping[str, Curve] = forecast.curves if forecast else {}
        rows: list[tuple[int, str]] = []
        for key in self._holders():
            job = self._all[key]
            elapsed = elapsed_ms(job, self.now_ms)
            rest = curves[key].estimate(elapsed) if key in curves else None
            text = f"{job.job_name}  {instances_text(job)}, for {duration(elapsed)}"
            if rest is None:
                rows.append((10 * DAY + elapsed, f"{text}, ends unknown"))
            else:
                ends = self._time(self.now_ms + rest.median_ms)
                late = self._time(self.now_ms + rest.p90_ms)
                rows.append((rest.median_ms, f"{text}, ends ~{ends} (9 in 10: by {late})"))
        rows.sort()
        return [text for _, text in rows[:NAMED]]

    # ---- preemption

    def _preemption(self) -> tuple[str, str]:
        if self.picture.policy_kind != "quota":
            return "No: in this queue what runs is left alone, whatever the priority.", ""
        victims = self.explanation.victims
        if victims:
            return f"Yes: {self._names(victims)} {'stops' if len(victims) == 1 else 'stop'} for it.", "warn"
        share = next(
            (each for each in self.picture.quota_shares if each.quota_share_name == self.job.share), None
        )
        inside = share and share.preemption_configuration
        if not (inside and inside.in_share_preemption == "ENABLED"):
            return "No: its quota share has nothing lent out to take back, and does not preempt inside.", ""
        mates = [key for key, job in self.picture.active.items() if job.share == self.job.share]
        unread = [key for key in mates if key not in self.picture.priorities]
        if unread:
            return f"Unknown: the priorities of {jobs_text(len(unread))} of its share are not read.", "warn"
        return "Not now: no job of its share with a lower priority would make room for it.", ""

    # ---- words

    def _described(self, job: ServiceJob) -> str:
        return f"{job.job_name}  {instances_text(job)}, waits for {duration(age_ms(job, self.now_ms))}"

    def _names(self, ids: Sequence[str]) -> str:
        return _some([self._all[key].job_name if key in self._all else key for key in ids], NAMED)

    def _time(self, ms: int) -> str:
        text = clock(ms, utc=self.utc)
        return text[11:16] if abs(ms - self.now_ms) < DAY else text[5:16]

    def _in(self, ms: int) -> str:
        return f"in {duration(ms - self.now_ms)}" if ms > self.now_ms else "any moment"


def _missing(task: Task, running: Sequence[Task], limits: Limits) -> tuple[int, list[Task]]:
    """How many more instances have to be free for the task, and who holds those that count."""
    ledger = Ledger(limits, running)
    lacks = {unit: ledger.used[unit] + task.quantity - limits[unit] for unit in units_of(task.unit, limits)}
    unit = max(lacks, key=lambda unit: lacks[unit], default="")
    holders = [other for other in running if unit in units_of(other.unit, limits)]
    return lacks.get(unit, 0), holders


def _some(names: Sequence[str], most: int) -> str:
    if len(names) > most:
        return f"{', '.join(names[:most])} and {count(len(names) - most)} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
