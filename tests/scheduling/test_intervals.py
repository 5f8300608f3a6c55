"""Interval algebra does what sets of seconds do."""

from collections.abc import Iterable
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoothbox.scheduling.intervals import Interval, clip, covers, merge, overlaps, subtract

from .drawing import STEADY

seconds = st.integers(-20, 40)
spans = st.lists(st.builds(Interval, seconds, seconds), max_size=8)  # some are empty, some are backwards
merged = spans.map(merge)
stretch = st.tuples(seconds, st.integers(1, 15)).map(lambda pair: Interval(pair[0], pair[0] + pair[1]))


def time_of(intervals: Iterable[tuple[int, int]]) -> set[int]:
    return {second for start, end in intervals for second in range(start, end)}


def is_tidy(intervals: list[Interval]) -> bool:
    return all(start < end for start, end in intervals) and all(a.end < b.start for a, b in pairwise(intervals))


@STEADY
@given(spans)
def test_merging_keeps_exactly_the_same_seconds(intervals: list[Interval]) -> None:
    assert time_of(merge(intervals)) == time_of(intervals)


@STEADY
@given(spans)
def test_merged_intervals_are_sorted_and_neither_touch_nor_overlap(intervals: list[Interval]) -> None:
    assert is_tidy(merge(intervals))


@STEADY
@given(spans, st.randoms(use_true_random=False))
def test_merging_does_not_depend_on_the_order(intervals: list[Interval], random: Random) -> None:
    shuffled = random.sample(intervals, len(intervals))
    assert merge(shuffled) == merge(intervals)


def test_merging_joins_intervals_that_touch() -> None:
    assert merge([(5, 9), (1, 5), (20, 30), (22, 25), (40, 40)]) == [(1, 9), (20, 30)]


@STEADY
@given(merged, merged)
def test_subtracting_leaves_exactly_the_other_seconds(intervals: list[Interval], away: list[Interval]) -> None:
    left = subtract(intervals, away)
    assert time_of(left) == time_of(intervals) - time_of(away)
    assert is_tidy(left)


@STEADY
@given(spans, st.builds(Interval, seconds, seconds))
def test_clipping_keeps_the_seconds_within_the_bounds(intervals: list[Interval], bounds: Interval) -> None:
    assert time_of(clip(intervals, bounds)) == time_of(intervals) & time_of([bounds])


@STEADY
@given(spans, stretch)
def test_clipping_joins_nothing_and_leaves_no_empty_piece(intervals: list[Interval], bounds: Interval) -> None:
    kept = [interval for interval in intervals if time_of([interval]) & time_of([bounds])]
    pieces = clip(intervals, bounds)
    assert [time_of([piece]) for piece in pieces] == [time_of([interval]) & time_of([bounds]) for interval in kept]


@STEADY
@given(spans, stretch)
def test_one_interval_covers_a_stretch_when_it_has_all_its_seconds(intervals: list[Interval], it: Interval) -> None:
    assert covers(intervals, *it) == any(time_of([it]) <= time_of([interval]) for interval in intervals)


@STEADY
@given(spans, stretch)
def test_merged_intervals_cover_a_stretch_when_together_they_have_all_its_seconds(
    intervals: list[Interval], it: Interval
) -> None:
    assert covers(merge(intervals), *it) == (time_of([it]) <= time_of(intervals))


@STEADY
@given(spans, stretch)
def test_intervals_overlap_a_stretch_when_they_share_a_second(intervals: list[Interval], it: Interval) -> None:
    assert overlaps(intervals, *it) == bool(time_of(intervals) & time_of([it]))


@pytest.mark.parametrize(
    ("start", "end", "answer"),
    [(0, 10, False), (0, 11, True), (19, 30, True), (20, 30, False), (12, 15, True), (5, 25, True)],
)
def test_half_open_intervals_that_only_touch_do_not_overlap(start: int, end: int, answer: bool) -> None:
    assert overlaps([(10, 20)], start, end) is answer
