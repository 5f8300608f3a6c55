"""Opening hours as they are stored, the ones that scheduling reckons with, and the rule that they do not overlap."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final

import msgspec

from smoothbox.contract.hours import DayHours, Span
from smoothbox.operations.refusals import Refusals
from smoothbox.scheduling.hours import MINUTES_A_DAY, WallInterval

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MOST_NAMED: Final = 20  # overlaps within one day


@lru_cache(maxsize=2048)
def weekly(stored: str) -> Mapping[int, tuple[WallInterval, ...]]:
    """The weekly hours of a stored JSON text, by weekday."""
    days = msgspec.json.decode(stored, type=tuple[DayHours, ...])
    return {day.day_of_week: wall_intervals(day.intervals) for day in days}


@lru_cache(maxsize=2048)
def one_day(stored: str) -> tuple[WallInterval, ...]:
    """The intervals of a stored date exception."""
    return wall_intervals(spans(stored))


def spans(stored: str) -> tuple[Span, ...]:
    """The intervals of a stored date exception as a body has them."""
    return msgspec.json.decode(stored, type=tuple[Span, ...])


def stored_week(days: Iterable[DayHours]) -> str:
    """Weekly hours as they are stored: by weekday and time, without the days that are closed."""
    open_days = sorted((day for day in days if day.intervals), key=lambda day: day.day_of_week)
    return _json([DayHours(day.day_of_week, _in_order(day.intervals)) for day in open_days])


def stored_day(intervals: Iterable[Span]) -> str:
    """The intervals of a date exception as they are stored: by time."""
    return _json(_in_order(intervals))


def clashes(intervals: Iterable[Span]) -> Iterator[str]:
    """What is wrong with the intervals of one day: a few words for the first of those that begin before another has ended."""
    return islice(_overlaps(intervals), _MOST_NAMED)


def clashes_of_week(days: Sequence[DayHours]) -> Iterator[tuple[int, str]]:
    """What is wrong with weekly hours: where the day stands, and as `clashes` says it.

    A day that runs past midnight must have ended before the next one begins.
    """
    by_weekday = {day.day_of_week: day for day in days if day.intervals}
    for index, day in enumerate(days):
        yield from ((index, words) for words in clashes(day.intervals))
        eve = by_weekday.get((day.day_of_week - 1) % 7)
        if eve and day.intervals:
            yield from ((index, words) for words in _overruns(eve, day))


def check_week(week: Iterable[DayHours], field: str, refusals: Refusals) -> None:
    """Note where a body has a weekday twice, or intervals that overlap."""
    days = list(week)
    refusals.note_twins(field, "day_of_week", [day.day_of_week for day in days])
    for index, words in clashes_of_week(days):
        refusals.note(f"{field}[{index}].intervals", f"{words}.")


def check_day(intervals: Iterable[Span], field: str, refusals: Refusals) -> None:
    """Note where intervals of a body overlap."""
    for words in clashes(intervals):
        refusals.note(field, f"{words}.")


def wall_intervals(intervals: Iterable[Span]) -> tuple[WallInterval, ...]:
    """Texts to minutes after midnight."""
    return tuple(WallInterval(_minutes(span.start), _minutes(span.end)) for span in intervals)


def _overlaps(intervals: Iterable[Span]) -> Iterator[str]:
    previous, opened_until = "", 0
    for span in _in_order(intervals):
        if previous and _minutes(span.start) < opened_until:
            yield f"{previous} and {_text(span)} overlap"
        previous, opened_until = _text(span), max(opened_until, _closing(span))


def _overruns(eve: DayHours, day: DayHours) -> Iterator[str]:
    late, first = max(eve.intervals, key=_closing), min(day.intervals, key=lambda span: span.start)
    if _minutes(first.start) < _closing(late) - MINUTES_A_DAY:
        yield f"{_text(late)} of {_DAYS[eve.day_of_week]} and {_text(first)} of {_DAYS[day.day_of_week]} overlap"


def _closing(span: Span) -> int:
    """In minutes after the midnight before its start."""
    start, end = _minutes(span.start), _minutes(span.end)
    return end if end > start else end + MINUTES_A_DAY


def _text(span: Span) -> str:
    return f"{span.start}-{span.end}"


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _in_order(intervals: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(sorted(intervals, key=lambda span: (span.start, span.end)))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
