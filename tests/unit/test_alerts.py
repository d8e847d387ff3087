"""The alerts of the home screen: each rule, and the order of harm."""

from tui.model.alerts import QueueFacts, alerts
from tui.model.units import HOUR


def texts(*queues: QueueFacts) -> list[str]:
    return [f"{alert.queue}: {alert.text}" for alert in alerts(queues)]


def test_a_healthy_queue_is_silent() -> None:
    healthy = QueueFacts(
        name="q", queued=3, running=2, capacity=8, in_use=8, failed_24h=1, oldest_wait_ms=HOUR
    )
    assert texts(healthy) == []


def test_what_is_unknown_raises_no_alarm() -> None:
    assert texts(QueueFacts(name="q", enabled=False)) == []


def test_the_most_harmful_comes_first() -> None:
    said = texts(
        QueueFacts(name="slow", queued=1, running=1, capacity=8, in_use=8, oldest_wait_ms=7 * HOUR),
        QueueFacts(name="lossy", failed_24h=12),
        QueueFacts(name="off", enabled=False, queued=1),
        QueueFacts(name="broken", status="INVALID", status_reason="environment gone", queued=2),
    )
    assert said == [
        "broken: INVALID: environment gone; 2 jobs wait",
        "off: DISABLED: it takes no new jobs; 1 job waits to finish",
        "lossy: 12 jobs failed in the last 24 h",
        "slow: the oldest job has waited 7h",
    ]


def test_idle_capacity_while_jobs_wait() -> None:
    stuck = QueueFacts(name="q", queued=2, running=0, capacity=8, in_use=0)
    assert texts(stuck) == ["q: nothing runs, yet 2 jobs wait and 8 instances are free"]
