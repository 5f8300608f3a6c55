"""Interval algebra on UTC seconds. Every interval is half-open: [start, end)."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Interval(NamedTuple):
    """From `start` up to, and without, `end`: UTC seconds."""

    start: int
    end: int


def merge(intervals: Iterable[tuple[int, int]]) -> list[Interval]:
    """The same time as sorted intervals that neither overlap nor touch; empty ones fall away."""
    ordered = sorted([pair for pair in intervals if pair[0] < pair[1]])
    if not ordered:
        return []
    merged: list[Interval] = []
    first, last = ordered[0]
    for start, end in ordered:
        if start > last:
            merged.append(Interval(first, last))
            first = start
        if end > last:  # noqa: PLR1730 -- max() would make the whole walk half as fast
            last = end
    return [*merged, Interval(first, last)]


def subtract(intervals: Sequence[Interval], away: Sequence[Interval]) -> list[Interval]:
    """What is left of merged intervals when merged `away` is taken out of them."""
    left: list[Interval] = []
    position = 0
    for start, end in intervals:
        while position < len(away) and away[position].end <= start:
            position += 1
        cursor, ahead = start, position
        while ahead < len(away) and away[ahead].start < end:
            if cursor < away[ahead].start:
                left.append(Interval(cursor, away[ahead].start))
            cursor = max(cursor, away[ahead].end)
            ahead += 1
        if cursor < end:
            left.append(Interval(cursor, end))
    return left


def meet(one: Interval, other: Interval) -> Interval:
    """The time that both have; its end is not after its start when they have none."""
    return Interval(max(one.start, other.start), min(one.end, other.end))


def clip(intervals: Iterable[Interval], bounds: Interval) -> list[Interval]:
    """The parts of the intervals that lie within the bounds."""
    pairs = ((max(start, bounds.start), min(end, bounds.end)) for start, end in intervals)
    return [Interval(start, end) for start, end in pairs if start < end]


def covers(intervals: Iterable[Interval], start: int, end: int) -> bool:
    """Whether one of the intervals holds all of [start, end)."""
    return any(a <= start and end <= b for a, b in intervals)


def overlaps(intervals: Iterable[tuple[int, int]], start: int, end: int) -> bool:
    """Whether any of the intervals shares time with [start, end)."""
    return any(a < end and start < b and a < b for a, b in intervals)
