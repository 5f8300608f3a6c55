"""Stored hours to the ones that scheduling reckons with."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec

from smoothbox.contract.hours import DayHours, Span
from smoothbox.scheduling.hours import WallInterval


@lru_cache(maxsize=2048)
def weekly(stored: str) -> Mapping[int, tuple[WallInterval, ...]]:
    """The weekly hours of a stored JSON text, by weekday."""
    days = msgspec.json.decode(stored, type=tuple[DayHours, ...])
    return {day.day_of_week: wall_intervals(day.intervals) for day in days}


@lru_cache(maxsize=2048)
def one_day(stored: str) -> tuple[WallInterval, ...]:
    """The intervals of a stored date exception."""
    return wall_intervals(msgspec.json.decode(stored, type=tuple[Span, ...]))


def wall_intervals(spans: Iterable[Span]) -> tuple[WallInterval, ...]:
    """Texts to minutes after midnight."""
    return tuple(WallInterval(_minutes(span.start), _minutes(span.end)) for span in spans)


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])
