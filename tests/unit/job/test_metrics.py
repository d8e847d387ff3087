"""Metric definitions applied to lines, and series in bounded memory."""

import random

import pytest

from tui.model.metrics import MOST_POINTS, Scraper, Series, explodes
from tui.model.training import MetricDefinition


def test_each_definition_reads_its_value() -> None:
    scraper = Scraper(
        [
            MetricDefinition(name="loss", regex=r"loss=([0-9.]+)"),
            MetricDefinition(name="acc", regex=r"acc: ([0-9.]+)"),
        ]
    )
    assert [tuple(each) for each in scraper.read(5, "algo-1", "loss=0.5 acc: 0.9")] == [
        ("loss", "algo-1", 5, 0.5),
        ("acc", "algo-1", 5, 0.9),
    ]
    assert scraper.read(5, "algo-1", "loss=1.2.3 nothing") == []
    assert scraper.read(5, "algo-1", "x" * 5_000 + "loss=0.5") == []


def test_values_that_are_no_numbers_are_left_out() -> None:
    scraper = Scraper([MetricDefinition(name="loss", regex=r"loss=(\S+)")])
    assert scraper.read(0, "h", "loss=nan") == scraper.read(0, "h", "loss=inf") == []
    assert scraper.read(0, "h", "loss=1e-3")[0].value == 1e-3


@pytest.mark.parametrize("regex", ["(a+)+$", r"(\w*)*x", "(a|aa)+$", "((a{1,})b?)*c", "(x+x+)+y"])
def test_regexes_that_could_take_for_ever_are_not_applied(regex: str) -> None:
    assert explodes(regex)


@pytest.mark.parametrize(
    "regex",
    [
        r"loss: ([0-9.]+)",
        r"\(a+\)+ (\d+)",
        r"epoch (\d+).*loss=([0-9\\.]+)",
        r"[(+]+([0-9]+)[*)]+",
        r"(abc)+ ([0-9]+)",
        r".*#012(?:x)? accuracy=(\d+(?:\.\d+)?)",
    ],
)
def test_ordinary_regexes_are_applied(regex: str) -> None:
    assert not explodes(regex)


def test_a_series_is_in_order_and_bounded() -> None:
    chance = random.Random(2)
    times = list(range(0, 400_000, 10))
    chance.shuffle(times)
    series = Series()
    for time in times:
        series.add(time, time / 1000)
    points = series.points
    assert len(points) <= MOST_POINTS
    assert [point.time for point in points] == sorted(point.time for point in points)
    assert all(abs(point.value * 1000 - point.time) <= series.bucket for point in points)
    assert series.last is not None
    assert series.last.time == 399_990
