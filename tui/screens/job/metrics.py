"""The metrics of the chosen attempt as plots on one axis of time: the training's own, and the hosts'."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.aws.training import HOST_METRICS
from tui.model.metrics import Series
from tui.model.units import DAY, clock
from tui.screens.job.tab import JobTab
from tui.screens.problem_text import paragraphs
from widgets.plot import Curve, Plot, number_text

if TYPE_CHECKING:
    from tui.model.timeline import Run
    from tui.screens.job.desk import JobDesk

NO_ATTEMPT = "No attempt yet: there is nothing to measure before SageMaker trains."
_MINUTE = 60_000


class MetricsTab(JobTab):
    """`j` and `k` choose a plot, `h` and `l` move the cursor through time in all of them, `z` zooms one."""

    DEFAULT_CSS = """
    MetricsTab #metrics-status { height: auto; max-height: 5; padding: 0 1; color: $text-muted; }
    MetricsTab #plots { layout: grid; grid-size: 1; grid-rows: 10; grid-gutter: 0 2; }
    MetricsTab #plots { padding: 0 1; scrollbar-size-vertical: 1; }
    MetricsTab.-zoomed #plots { grid-size: 1; grid-rows: 1fr; }
    MetricsTab.-zoomed Plot { display: none; }
    MetricsTab.-zoomed Plot.-chosen { display: block; height: 1fr; }
    """

    BINDINGS = [
        Binding("down,j", "choose(1)", "next plot", show=False, id="metrics.next"),
        Binding("up,k", "choose(-1)", "plot before", show=False, id="metrics.previous"),
        Binding("right,l", "cursor(1)", "cursor to later", show=False, id="metrics.later"),
        Binding("left,h", "cursor(-1)", "cursor", key_display="← →", id="metrics.earlier"),
        Binding("shift+right,L", "cursor(10)", "much later", show=False, id="metrics.much_later"),
        Binding("shift+left,H", "cursor(-10)", "much earlier", show=False, id="metrics.much_earlier"),
        Binding("home,g", "end(False)", "the start", show=False, id="metrics.start"),
        Binding("end,G", "end(True)", "the end", show=False, id="metrics.end"),
        Binding("enter,z", "zoom", "zoom", key_display="enter", id="metrics.zoom"),
    ]

    def __init__(self, desk: "JobDesk", id: str) -> None:
        super().__init__(desk, id)
        self._plots: dict[str, Plot] = {}
        self._chosen = 0
        self._cursor: float | None = None
        self._training_job = ""

    def compose(self) -> ComposeResult:
        yield Static("", id="metrics-status", markup=False)
        yield Plots(id="plots")

    def shown(self) -> None:
        self.query_one("#plots").focus()

    # ── What it shows ────────────────────────────────────────────────────────────────────────────

    def paint(self) -> None:
        run = self.desk.run
        if run is None or not run.training_job:
            self._say(NO_ATTEMPT)
            return
        if run.training_job != self._training_job:
            self._training_job = run.training_job
            self._forget()
        metrics, tail = self.desk.metrics(), self.desk.tail()
        if metrics is not None and not self.desk.live.poller.paused:
            metrics.tick(self.desk.now_ms, self.desk.ended_at(run))
        across = self._across(run)
        if tail is not None:
            for name in tail.scraper.names:
                self._show(f"training {name}", name, "", self._training_curves(tail.series, name), across)
        points = metrics.points if metrics is not None else {}
        for metric in HOST_METRICS:
            if metric in points:
                curves = [
                    Curve(host, found) for host, found in sorted(points[metric].items(), key=_host_order)
                ]
                self._show(f"host {metric}", metric, "%", curves, across)
        self._say("\n".join(self._said(run)))

    def _training_curves(self, series: dict[tuple[str, str], Series], name: str) -> list[Curve]:
        found = {host: each for (metric, host), each in series.items() if metric == name}
        return [Curve(host, each.points) for host, each in sorted(found.items(), key=_host_order)]

    def _show(
        self, key: str, title: str, unit: str, curves: list[Curve], across: tuple[float, float]
    ) -> None:
        plot = self._plots.get(key)
        if plot is None:
            least = 0.0 if unit else None
            plot = self._plots[key] = Plot(title, unit=unit, x_label=self._time_label, least=least)
            plot.cursor = self._cursor
            plots = self.query_one("#plots")
            # The training's own metrics stand before those of the hosts.
            place = sum(other.startswith("training") for other in self._plots) - 1
            before = place if not unit and place < len(plots.children) else None
            plots.mount(plot, before=before)
            self._choose(self._chosen)
        plot.show(curves, across, note="no value in the log yet" if not unit else "")

    def _across(self, run: "Run") -> tuple[float, float]:
        """From when the attempt began to when it ended, or now."""
        start = (run.training and run.training.training_start_time) or run.begins or 0
        end = self.desk.ended_at(run) or self.desk.now_ms
        return float(start), float(max(end, start + _MINUTE))

    def _time_label(self, ms: float) -> str:
        run = self.desk.run
        low, high = self._across(run) if run is not None else (ms, ms)
        text = clock(int(ms), utc=self.desk.utc)
        return text[5:16] if high - low > DAY else text[11:]

    def _said(self, run: "Run") -> list[str]:
        """Final metrics, and why something is missing."""
        said: list[str] = []
        training, metrics, tail = run.training, self.desk.metrics(), self.desk.tail()
        if training is not None and training.final_metric_data_list:
            final = (
                f"{each.metric_name} {number_text(each.value)}" for each in training.final_metric_data_list
            )
            said.append(("Final: " if training.over else "Latest: ") + "   ".join(final))
        if training is None:
            problem = self.desk.training.problems.get(run.attempt.training_job_arn)
            said.append(paragraphs(problem) if problem else "Asking SageMaker for the training job…")
        elif metrics is not None and metrics.problem is not None:
            said.append(f"Hosts: {metrics.problem}")
        elif metrics is not None and not metrics.loaded:
            said.append("Asking CloudWatch for the hosts' metrics…")
        elif metrics is not None and not metrics.points:
            said.append(
                "CloudWatch has no metrics of its hosts (yet): the first come a minute after it trains."
            )
        if metrics is not None and metrics.left_out:
            said.append(f"{metrics.left_out} more hosts are not shown.")
        if tail is not None:
            if tail.status.problem is not None:
                said.append(f"Log: {tail.status.problem}")
            elif not tail.scraper.names:
                said.append("The request defines no metrics that could be read from the log.")
            said += [f"{name}: its regex is not applied: {why}" for name, why in tail.scraper.faults.items()]
        return said

    def _say(self, text: str) -> None:
        static = self.query_one("#metrics-status", Static)
        if static.content != text:
            static.update(text)

    def _forget(self) -> None:
        """Another attempt: other plots."""
        for plot in self._plots.values():
            plot.remove()
        self._plots.clear()
        self._chosen, self._cursor = 0, None

    # ── What the user does ───────────────────────────────────────────────────────────────────────

    @property
    def _in_order(self) -> list[Plot]:
        return [plot for plot in self.query(Plot) if plot in self._plots.values()]

    def _choose(self, number: int) -> None:
        plots = self._in_order
        self._chosen = max(0, min(number, len(plots) - 1))
        for place, plot in enumerate(plots):
            plot.set_class(place == self._chosen, "-chosen")
        if plots and not self.has_class("-zoomed"):
            plots[self._chosen].scroll_visible(animate=False)

    def action_choose(self, by: int) -> None:
        self._choose(self._chosen + by)

    def action_zoom(self) -> None:
        self.toggle_class("-zoomed")
        self._choose(self._chosen)

    def action_cursor(self, steps: int) -> None:
        run, plots = self.desk.run, self._in_order
        if run is None or not plots:
            return
        low, high = self._across(run)
        step = (high - low) / plots[self._chosen].columns
        at = high if self._cursor is None else self._cursor
        at += steps * step
        self._set_cursor(None if at >= high else max(low, at))

    def action_end(self, last: bool) -> None:
        run = self.desk.run
        if run is not None:
            self._set_cursor(None if last else self._across(run)[0])

    def _set_cursor(self, at: float | None) -> None:
        self._cursor = at
        for plot in self._plots.values():
            plot.cursor = at

    def copied(self) -> tuple[str, str] | None:
        """The chosen plot's values, one line each."""
        plots = self._in_order
        if not plots:
            return None
        lines = [f"{clock(int(x), utc=True)}Z\t{name}\t{y:g}" for name, x, y in plots[self._chosen].values()]
        return "\n".join(lines), f"{len(lines):,} values"


class Plots(VerticalScroll, can_focus=True, inherit_bindings=False):
    """Holds the plots, and the keyboard. The arrow keys are the tab's: they choose rather than scroll."""


def _host_order(item: tuple[str, object]) -> tuple[int, str]:
    number = item[0].rpartition("-")[2]
    return (int(number) if number.isdecimal() else 0, item[0])
