"""What is free: one pure function that the list, a new booking and a reschedule all ask.

A service fits where its resource is open for all of it and nobody else is in the way. A session that is open already is
joined as it is. Rules P1 to P12 of the scheduling specification.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from smoothbox.scheduling.hours import Hours, days_window, local_date, openings
from smoothbox.scheduling.intervals import Interval, clip, covers, merge, subtract

_NEVER: Final = (math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Terms:
    """How a service may be booked; every span in seconds, `max_advance_days` in local dates of the business.

    `capacity` is the number of seats where nobody is yet.
    """

    duration: int
    slot_interval: int
    buffer_before: int = 0
    buffer_after: int = 0
    min_notice: int = 0
    max_advance_days: int = 365
    capacity: int = 1


class Session(NamedTuple):
    """An open session of the service in question: its appointment in UTC seconds, and the seats that are left (P11).

    A session runs as it was opened: whoever joins takes its times, even if the service was edited since (P15).
    """

    start: int
    end: int
    left: int


@dataclass(frozen=True, slots=True)
class Diary:
    """What is known of one resource around a window.

    `hours` are its declared openings; `closed` are closures of the business and `time_off` its own absences. `busy` and
    `held` are the blocked ranges of bookings and of live holds, buffers included and never empty; the ranges of
    `sessions` are among them. Nothing needs to be sorted or disjoint.
    """

    hours: Hours
    closed: Sequence[tuple[int, int]] = ()
    time_off: Sequence[tuple[int, int]] = ()
    busy: Sequence[tuple[int, int]] = ()
    held: Sequence[tuple[int, int]] = ()
    sessions: Sequence[Session] = ()


def free_starts(diary: Diary, terms: Terms, window: Interval) -> list[int]:
    """Every start within the window at which the service fits this resource and nobody is yet: sorted UTC seconds.

    The window must already respect notice and advance (see `bookable`).
    """
    if window.end <= window.start:
        return []
    present = _clear(_fitting_grid(diary.hours, terms, window), 0, terms.duration, _away(diary))
    reach = terms.duration + terms.buffer_after
    return _clear(present, terms.buffer_before, reach, (*diary.busy, *diary.held))


def open_sessions(diary: Diary, window: Interval, party: int) -> list[Session]:
    """The sessions, sorted, that start within the window, have a seat for each of the party, and are still open (P11).

    They keep their place even where the grid has moved. The window must already respect notice and advance.
    """
    found = sorted(each for each in diary.sessions if window.start <= each.start < window.end and each.left >= party)
    if not found:
        return []
    open_hours = _open(diary, Interval(found[0].start, max(each.end for each in found)))
    return [each for each in found if covers(open_hours, each.start, each.end)]


def companion_starts(diary: Diary, terms: Terms, window: Interval) -> list[Interval]:
    """The starts at which a resource of another than the first group is open and free, whatever the grid (P12).

    Intervals of UTC seconds within the window: merged, and holding every start that will do.
    """
    if window.end <= window.start:
        return []
    duration, reach = terms.duration, terms.duration + terms.buffer_after
    open_hours = _open(diary, Interval(window.start, window.end + duration))
    fits = [Interval(start, end - duration + 1) for start, end in open_hours if end - start >= duration]
    taken = merge([(start - reach + 1, end + terms.buffer_before) for start, end in (*diary.busy, *diary.held)])
    return clip(subtract(fits, taken), window)


def is_open(diary: Diary, start: int, end: int) -> bool:
    """Whether the resource is open, and not away, for all of [start, end): what a session that it is part of asks."""
    return covers(_open(diary, Interval(start, end)), start, end)


def bookable(terms: Terms, now: float, zone: ZoneInfo) -> Interval:
    """The starts that notice and advance allow: from now + notice to the end of the last bookable local date."""
    return Interval(math.ceil(now) + terms.min_notice, _end_of_advance(int(now), terms.max_advance_days, zone))


def blocked_range(terms: Terms, start: int) -> Interval:
    """The time that a booking takes of its resource: the appointment and its buffers."""
    return Interval(start - terms.buffer_before, start + terms.duration + terms.buffer_after)


@lru_cache(maxsize=256)
def _end_of_advance(second: int, days: int, zone: ZoneInfo) -> int:
    """The end of the local date so many days after the one of this second."""
    last = local_date(second, zone) + timedelta(days=days)
    return days_window(last, last, zone).end


@lru_cache(maxsize=8)  # many who keep the same hours are asked about one after the other
def _fitting_grid(hours: Hours, terms: Terms, window: Interval) -> Sequence[int]:
    """P3: steps from each opening's own start; its end counts for the grid, that of all that touch it for the fit."""
    declared = openings(hours, Interval(window.start, window.end + terms.duration))
    joined = iter(merge(declared))
    starts: set[int] = set()
    closing = window.start
    for opening, end in declared:
        if closing < end:  # it is the first of the next that touch
            closing = next(joined).end
        first = opening + max(0, -(-(window.start - opening) // terms.slot_interval)) * terms.slot_interval
        starts.update(range(first, min(end, closing - terms.duration + 1, window.end), terms.slot_interval))
    return tuple(sorted(starts))


def _clear(starts: Sequence[int], before: int, after: int, ranges: Sequence[tuple[int, int]]) -> list[int]:
    """The starts, of sorted ones, whose [start - before, start + after) shares no time with any of the ranges.

    One walk along both: of the ranges that begin by the end of a stretch, the longest must be over when it starts.
    """
    if not ranges:
        return list(starts)
    coming: Iterator[tuple[float, float]] = iter(sorted(ranges))
    begin, end = next(coming)
    clear, over = [], -math.inf
    for start in starts:
        while begin < start + after:
            if end > over:  # noqa: PLR1730 -- max() would make the whole walk half as fast
                over = end
            begin, end = next(coming, _NEVER)
        if over <= start - before:
            clear.append(start)
    return clear


def _away(diary: Diary) -> list[Interval]:
    return merge((*diary.closed, *diary.time_off)) if diary.closed or diary.time_off else []


def _open(diary: Diary, window: Interval) -> list[Interval]:
    return subtract(merge(openings(diary.hours, window)), _away(diary))
