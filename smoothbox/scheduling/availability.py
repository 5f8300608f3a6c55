"""What is free: one pure function that the list, a new booking and a reschedule all ask.

The trick that keeps it small and fast: it works on *starts*. Every rule says which starts it allows or forbids, each as
intervals of seconds, and what is left is crossed with the grid. Rules P1 to P10 of the scheduling specification.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from smoothbox.scheduling.hours import Hours, days_window, local_date, openings
from smoothbox.scheduling.intervals import Interval, clip, covers, meet, merge, overlaps, subtract

Reason = Literal["in_past", "too_soon", "too_far_ahead", "outside_availability", "not_on_slot_grid", "time_off", "booking"]

# From the least to the most hopeful: of several resources the client hears of the one that came closest.
_HOPE: Final[tuple[Reason, ...]] = (
    "in_past",
    "too_far_ahead",
    "too_soon",
    "outside_availability",
    "not_on_slot_grid",
    "time_off",
    "booking",
)


@dataclass(frozen=True, slots=True)
class Terms:
    """How a service may be booked; every span in seconds, `max_advance_days` in local dates of the business."""

    duration: int
    slot_interval: int
    buffer_before: int = 0
    buffer_after: int = 0
    min_notice: int = 0
    max_advance_days: int = 365


@dataclass(frozen=True, slots=True)
class Diary:
    """What is known of one resource around a window.

    `hours` are its declared openings; `closed` are closures of the business, `time_off` its own absences, and `busy` the
    blocked ranges of bookings, their buffers included. None of the three needs to be sorted or disjoint.
    """

    hours: Hours
    closed: Sequence[tuple[int, int]] = ()
    time_off: Sequence[tuple[int, int]] = ()
    busy: Sequence[tuple[int, int]] = ()


def free_starts(diary: Diary, terms: Terms, window: Interval) -> list[int]:
    """Every start within the window at which the service fits this resource: sorted UTC seconds.

    The window must already respect notice and advance (see `bookable`).
    """
    if window.end <= window.start:
        return []
    declared = openings(diary.hours, Interval(window.start, window.end + terms.duration))
    allowed = clip(_fitting_starts(declared, diary, terms), window)
    return sorted({start for opening in declared for start in _grid(opening, terms.slot_interval, allowed)})


def bookable(terms: Terms, now: float, zone: ZoneInfo) -> Interval:
    """The starts that notice and advance allow: from now + notice to the end of the last bookable local date."""
    last = local_date(int(now), zone) + timedelta(days=terms.max_advance_days)
    return Interval(math.ceil(now) + terms.min_notice, days_window(last, last, zone).end)


def judge(diary: Diary, terms: Terms, start: int, now: float, zone: ZoneInfo) -> Reason | None:
    """None when the service may start at this second, else the first rule that forbids it.

    Free is what `free_starts` says is free; the rest of this function only finds the words.
    """
    allowed = bookable(terms, now, zone)
    if free_starts(diary, terms, meet(allowed, Interval(start, start + 1))) == [start]:
        return None
    if start < now:
        return "in_past"
    if start < allowed.start:
        return "too_soon"
    if start >= allowed.end:
        return "too_far_ahead"
    return _obstacle(diary, terms, start)


def most_hopeful(reasons: Iterable[Reason]) -> Reason:
    """Of the refusals of several resources, the one that tells the client most."""
    return max(reasons, key=_HOPE.index)


def blocked_range(terms: Terms, start: int) -> Interval:
    """The time that a booking takes of its resource: the appointment and its buffers."""
    return Interval(start - terms.buffer_before, start + terms.duration + terms.buffer_after)


def _fitting_starts(declared: Sequence[Interval], diary: Diary, terms: Terms) -> list[Interval]:
    away = merge((*diary.closed, *diary.time_off))
    fits = [
        Interval(start, end - terms.duration + 1)
        for start, end in subtract(merge(declared), away)
        if end - start >= terms.duration
    ]
    reach = terms.duration + terms.buffer_after
    taken = merge((start - reach + 1, end + terms.buffer_before) for start, end in diary.busy)
    return subtract(fits, taken)


def _grid(opening: Interval, step: int, allowed: Iterable[Interval]) -> Iterable[int]:
    for start, end in clip(allowed, opening):
        first = opening.start + -(-(start - opening.start) // step) * step
        yield from range(first, end, step)


def _obstacle(diary: Diary, terms: Terms, start: int) -> Reason:
    end = start + terms.duration
    declared = openings(diary.hours, Interval(start, end))
    if not covers(subtract(merge(declared), merge(diary.closed)), start, end):
        return "outside_availability"
    if all((start - opening.start) % terms.slot_interval or start < opening.start for opening in declared):
        return "not_on_slot_grid"
    if overlaps(diary.time_off, start, end):
        return "time_off"
    return "booking"
