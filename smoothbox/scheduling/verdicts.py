"""Why a time is refused: the one rule of availability, asked about a single start, and the words for its answer."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

from smoothbox.scheduling.availability import Diary, Terms, blocked_range, bookable, free_starts, open_sessions
from smoothbox.scheduling.hours import openings
from smoothbox.scheduling.intervals import Interval, covers, meet, merge, overlaps, subtract

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
