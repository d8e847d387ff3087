"""Bars of time on one axis, and links into the console."""

from tui.model import links
from tui.model.timeline import Lane, Span, Timeline
from tui.screens.job.axis import bar, chart, ticks_of

MINUTE = 60_000


def span(start: int, end: int | None, kind: str = "running") -> Span:
    return Span(label=kind, start=start * MINUTE, end=None if end is None else end * MINUTE, kind=kind)


def test_each_cell_has_the_span_that_takes_most_of_it() -> None:
    spans = [span(0, 25, "waiting"), span(25, 30, "starting"), span(30, 100)]
    assert bar(spans, 0, 100 * MINUTE, 10) == ["waiting"] * 3 + ["running"] * 7


def test_an_end_that_took_no_time_is_seen_all_the_same() -> None:
    cells = bar([span(0, 100), span(100, 100, "bad")], 0, 100 * MINUTE, 10)
    assert cells == ["running"] * 9 + ["bad"]


def test_what_lasts_reaches_to_the_end() -> None:
    assert bar([span(50, None)], 0, 100 * MINUTE, 4) == ["", "", "running", "running"]


def test_ticks_are_round_times_of_the_day() -> None:
    start = 1_700_000_000_000
    ticks = ticks_of(start, start + 7_200_000, 6, utc=True)
    assert [text for _, text in ticks] == ["22:30", "23:00", "23:30", "00:00"]
    assert len(ticks_of(start, start + 40 * 86_400_000, 6, utc=True)) <= 6
    assert ticks_of(start, start + 1_000, 6, utc=True)


def test_every_line_of_a_chart_fits() -> None:
    told = Timeline(
        start=0,
        end=100 * MINUTE,
        lanes=(
            Lane(title="Batch", spans=(span(0, 60), span(60, None, "waiting"))),
            Lane(title="Attempt 1", spans=()),
        ),
    )
    for width in (40, 60, 80, 200):
        lines = chart(told, width, utc=True)[:-1]
        assert all(line.cell_length <= width for line in lines)
        assert lines[0].plain.startswith("Batch ")
        assert lines[0].plain.endswith("1h 40m")


def test_console_pages_are_of_the_region_and_partition() -> None:
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:training-job/train-1"
    assert links.training_job_page(arn).startswith("https://eu-west-1.console.aws.amazon.com/sagemaker/")
    assert links.training_job_page(arn).endswith("#/jobs/train-1")
    assert "$3FlogStreamNameFilter$3Dtrain-1" in links.logs_page(arn)
    china = "arn:aws-cn:sagemaker:cn-north-1:1:training-job/x"
    assert links.training_job_page(china).startswith("https://cn-north-1.console.amazonaws.cn/")
    assert links.s3_page("s3://bucket/a b/c", arn).endswith(
        "/s3/buckets/bucket?region=eu-west-1&prefix=a%20b/c"
    )
    assert links.s3_page("file:///x", arn) == ""
    assert links.training_job_page("") == "https://.console.aws.amazon.com/sagemaker/home?region=#/jobs/"
