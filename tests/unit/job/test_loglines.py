"""The store of log lines: order, once, splices, the bound on memory; and the scan that follows it."""

import random
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from tui.model.loglines import Entry, LogLines, entries_of
from widgets.logscan import Scan

HOSTS = ("algo-1", "algo-2", "algo-3")


def apply(texts: list[str], new: LogLines, splice: tuple[int, int, int]) -> list[str]:
    """The list of texts that follows the splice, as a view would."""
    at, removed, inserted = splice
    fresh = [new.line(index).text for index in range(at, at + inserted)]
    return [*texts[:at], *fresh, *texts[at + removed :]]


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 2), st.lists(st.integers(0, 50), min_size=1, max_size=40)),
        max_size=12,
    ),
    st.sampled_from([0, 3_000]),
)
@settings(max_examples=150, deadline=None)
def test_lines_are_in_order_and_a_splice_tells_every_difference(
    batches: list[tuple[bool, int, list[int]]], limit: int
) -> None:
    lines, followed, added = LogLines(hosts=HOSTS), list[str](), 0
    for number, (older, source, times) in enumerate(batches):
        entries = [Entry(t, source, f"{number}.{i} at {t}") for i, t in enumerate(sorted(times))]
        added += len(entries)
        lines, splice = lines.merged(entries, older=older, limit=limit)
        followed = apply(followed, lines, splice)
        texts = [line.text for line in lines]
        assert texts == followed
        assert [line.time for line in lines] == sorted(line.time for line in lines)
        assert len(lines) == len(texts) == added - lines.dropped
        assert all(lines.line(index).text == text for index, text in enumerate(texts))
    for time in range(52):
        expected = sum(line.time < time for line in lines)
        assert lines.first_at(time) == expected


def test_lines_of_one_time_keep_the_order_of_their_stream() -> None:
    lines = LogLines(hosts=HOSTS)
    lines, _ = lines.merged([Entry(5, 0, "c"), Entry(5, 0, "d")])
    lines, _ = lines.merged([Entry(5, 0, "a"), Entry(5, 0, "b")], older=True)
    lines, _ = lines.merged([Entry(5, 0, "e")])
    assert "".join(line.text for line in lines) == "abcde"


def test_a_long_log_is_small_and_stays_within_its_bound() -> None:
    chance = random.Random(1)
    lines = LogLines(hosts=HOSTS)
    for page in range(60):
        entries = [
            Entry(page * 1000 + i, 0, f"INFO epoch {page} step {i} loss={chance.random():.4f} lr=3e-4")
            for i in range(1000)
        ]
        lines, _ = lines.merged(entries, limit=400_000)
    assert lines.size <= 400_000
    assert lines.dropped > 10_000
    assert lines.dropped + len(lines) == 60_000
    assert lines.line(len(lines) - 1).text.startswith("INFO epoch 59 step 999")


def test_huge_lines_have_blocks_of_their_own() -> None:
    lines, _ = LogLines(hosts=HOSTS).merged([Entry(i, 0, "x" * 1_000_000) for i in range(3)])
    assert [len(lines.run(index)[2]) for index in range(3)] == [1, 1, 1]
    assert lines.size < 30_000


def test_an_event_with_line_breaks_is_several_lines() -> None:
    assert [entry.text for entry in entries_of(1, 0, "a\n\n b\n")] == ["a", "", " b"]
    assert [entry.text for entry in entries_of(1, 0, "")] == [""]


@given(
    st.lists(st.tuples(st.booleans(), st.lists(st.integers(0, 60), min_size=1, max_size=30)), max_size=10),
    st.integers(0, 3),
)
@settings(max_examples=150, deadline=None)
def test_a_scan_follows_the_lines(batches: list[tuple[bool, list[int]]], steps: int) -> None:
    pattern = re.compile("[05]$")

    def keep(host: str, text: str) -> object:
        return pattern.search(text)

    lines, scan = LogLines(hosts=HOSTS), Scan(keep)
    scan.reset(0)
    for older, times in batches:
        lines, splice = lines.merged([Entry(t, 0, str(t)) for t in sorted(times)], older=older, limit=2_000)
        scan.splice(*splice)
        for _ in range(steps):
            scan.step(lines, 0)
    while not scan.complete:
        scan.step(lines, 0)
    assert list(scan.matches) == [i for i, line in enumerate(lines) if pattern.search(line.text)]
