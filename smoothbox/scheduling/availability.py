"""What is free: one pure function that the list, a new booking and a reschedule all ask.

A service fits where its resource is open for all of it and nobody else is in the way. A session that is open already is
joined as it is. Rules P1 to P12 of the scheduling specification.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

from smoothbox.scheduling.hours import Hours, days_window, local_date, openings
from smoothbox.scheduling.intervals import Interval, clip, covers, meet, merge, overlaps, subtract

# From the least to the most hopeful: of several resources the client hears of the one that came closest.
Reason = Literal[
    "in_past",
    "too_far_ahead",
    "too_soon",
    "outside_availability",
    "not_on_slot_grid",
    "time_off",
    "booking",
    "hold",
    "capacity",
]
_HOPE: Final[tuple[Reason, ...]] = get_args(Reason)
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
    return _absence(diary, openings(diary.hours, Interval(start, end)), start, end) is None


def bookable(terms: Terms, now: float, zone: ZoneInfo) -> Interval:
    """The starts that notice and advance allow: from now + notice to the end of the last bookable local date."""
    last = local_date(int(now), zone) + timedelta(days=terms.max_advance_days)
    return Interval(math.ceil(now) + terms.min_notice, days_window(last, last, zone).end)


def judge(diary: Diary, terms: Terms, start: int, now: float, zone: ZoneInfo, party: int = 1) -> Reason | None:
    """None when a party may start the service, or join its session, at this second; else the first rule that forbids it.

    Free is what `free_starts` and `open_sessions` say is free; the rest of this function only finds the words.
    """
    allowed = bookable(terms, now, zone)
    window = meet(allowed, Interval(start, start + 1))
    if (party <= terms.capacity and free_starts(diary, terms, window)) or open_sessions(diary, window, party):
        return None
    if start < now:
        return "in_past"
    if start < allowed.start:
        return "too_soon"
    if start >= allowed.end:
        return "too_far_ahead"
    return _obstacle(diary, terms, start)


def judge_companion(diary: Diary, terms: Terms, start: int) -> Reason | None:
    """None when a resource of another than the first group is open and free for the service, else why not (P12).

    It has no grid, and notice and advance were judged with the first group.
    """
    appointment = Interval(start, start + terms.duration)
    return _absence(diary, openings(diary.hours, appointment), *appointment) or _occupation(diary, terms, start)


def most_hopeful(reasons: Iterable[Reason]) -> Reason:
    """Of the refusals of several resources, the one that tells the client most."""
    return max(reasons, key=_HOPE.index)


def blocked_range(terms: Terms, start: int) -> Interval:
    """The time that a booking takes of its resource: the appointment and its buffers."""
    return Interval(start - terms.buffer_before, start + terms.duration + terms.buffer_after)


def _fitting_grid(hours: Hours, terms: Terms, window: Interval) -> list[int]:
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
    return sorted(starts)


def _clear(starts: list[int], before: int, after: int, ranges: Sequence[tuple[int, int]]) -> list[int]:
    """The starts, of sorted ones, whose [start - before, start + after) shares no time with any of the ranges.

    One walk along both: of the ranges that begin by the end of a stretch, the longest must be over when it starts.
    """
    if not ranges:
        return starts
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
    return merge((*diary.closed, *diary.time_off))


def _open(diary: Diary, window: Interval) -> list[Interval]:
    return subtract(merge(openings(diary.hours, window)), _away(diary))


def _obstacle(diary: Diary, terms: Terms, start: int) -> Reason:
    session = next((each for each in diary.sessions if each.start == start), None)
    end = session.end if session else start + terms.duration
    declared = openings(diary.hours, Interval(start, end))
    absence = _absence(diary, declared, start, end)
    if session:
        return absence or "capacity"
    if absence != "outside_availability" and not _is_on_grid(declared, terms, start):
        return "not_on_slot_grid"
    return absence or _occupation(diary, terms, start) or "capacity"


def _absence(diary: Diary, declared: Sequence[Interval], start: int, end: int) -> Reason | None:
    if not covers(subtract(merge(declared), merge(diary.closed)), start, end):
        return "outside_availability"
    return "time_off" if overlaps(diary.time_off, start, end) else None


def _is_on_grid(declared: Sequence[Interval], terms: Terms, start: int) -> bool:
    return any(opening <= start and (start - opening) % terms.slot_interval == 0 for opening, _ in declared)


def _occupation(diary: Diary, terms: Terms, start: int) -> Reason | None:
    blocked = blocked_range(terms, start)
    if overlaps(diary.busy, *blocked):
        return "booking"
    return "hold" if overlaps(diary.held, *blocked) else None
