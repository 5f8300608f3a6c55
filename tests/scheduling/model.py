"""A slow, obvious answer to "when is it free?": it looks at one instant after the other and knows no interval algebra.

It is written from the rules P1 to P12 alone. Of the code under test it borrows only the plain data that describe a case.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from smoothbox.scheduling.availability import Session, Terms
from smoothbox.scheduling.hours import Hours

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
MARGIN = 4
"""Days around the asked dates whose hours, clocks and date lines could matter."""


@dataclass(frozen=True)
class Question:
    """One resource of one business, and the local dates a party asks about. Every boundary is a multiple of `tick`."""

    hours: Hours
    terms: Terms
    first: date
    last: date
    asked_in: ZoneInfo
    business: ZoneInfo
    now: float
    closures: Sequence[date] = ()
    time_off: Sequence[tuple[int, int]] = ()
    busy: Sequence[tuple[int, int]] = ()
    held: Sequence[tuple[int, int]] = ()
    sessions: Sequence[Session] = ()
    party: int = 1
    tick: int = 60


class Model:
    """The answers to one question."""

    def __init__(self, question: Question) -> None:
        self.question = question

    def free_starts(self) -> list[int]:
        """Every start on the asked dates at which nobody is yet and that can be booked."""
        return sorted(start for start in self.grid if self.is_asked(start) and self.is_fresh(start))

    def open_sessions(self) -> list[Session]:
        """Every session on the asked dates that the party can join."""
        return sorted(each for each in self.question.sessions if self.is_asked(each.start) and self.is_joinable(each))

    def is_free(self, start: int) -> bool:
        """Whether the party may book this start, whatever dates were asked for."""
        joined = any(each.start == start and self.is_joinable(each) for each in self.question.sessions)
        return joined or (self.question.party <= self.question.terms.capacity and self.is_fresh(start))

    def is_fresh(self, start: int) -> bool:
        """Whether the service fits where nobody is yet."""
        return start in self.grid and self.is_bookable(start) and self.is_companion_free(start)

    def is_joinable(self, session: Session) -> bool:
        """P11: the party still fits, the resource is still there; neither the grid nor the present terms matter."""
        start, end, left = session
        return left >= self.question.party and self.is_bookable(start) and self.is_there(start, end)

    def is_companion_free(self, start: int) -> bool:
        """P12: open and free, whatever the grid."""
        taken = self.is_taken(start, self.question.busy) or self.is_taken(start, self.question.held)
        return self.is_there(start, start + self.question.terms.duration) and not taken

    def reason(self, start: int) -> str | None:
        """The first rule, in the order of the specification, that forbids the party this start."""
        question = self.question
        if self.is_free(start):
            return None
        if start < question.now:
            return "in_past"
        if not self.is_bookable(start):
            return "too_soon" if start < question.now + question.terms.min_notice else "too_far_ahead"
        lengths = [end - begin for begin, end, _ in question.sessions if begin == start]
        if lengths:
            return self.absence(start, start + lengths[0]) or "capacity"
        absence = self.absence(start, start + question.terms.duration)
        if absence != "outside_availability" and start not in self.grid:
            return "not_on_slot_grid"
        return absence or self.occupation(start) or "capacity"

    def companion_reason(self, start: int) -> str | None:
        """The same for a resource of another than the first group."""
        return self.absence(start, start + self.question.terms.duration) or self.occupation(start)

    def is_asked(self, start: int) -> bool:
        """P8: dates are inclusive local dates of the query's zone and select starts."""
        return self.question.first <= clock(start, self.question.asked_in).date() <= self.question.last

    def is_bookable(self, start: int) -> bool:
        """P10: not before now + notice, not after the local date max_advance_days from today."""
        terms, now, zone = self.question.terms, self.question.now, self.question.business
        last = clock(now, zone).date() + terms.max_advance_days * DAY
        return start >= now + terms.min_notice and clock(start, zone).date() <= last

    def is_there(self, start: int, end: int) -> bool:
        """P1, P3, P9: every instant of the appointment is open, on no closed day and in no time off."""
        return self.absence(start, end) is None

    def absence(self, start: int, end: int) -> str | None:
        """P1: what keeps the resource from being there for all of an appointment."""
        during = range(start, end, self.question.tick)
        if any(instant not in self.open or self.is_closed(instant) for instant in during):
            return "outside_availability"
        return (
            "time_off" if any(begin <= instant < over for instant in during for begin, over in self.question.time_off) else None
        )

    def is_closed(self, instant: int) -> bool:
        """P1: the business is closed the whole local day."""
        closures = self.question.closures
        return bool(closures) and clock(instant, self.question.business).date() in closures

    def occupation(self, start: int) -> str | None:
        """P6: a booking is named before a hold."""
        if self.is_taken(start, self.question.busy):
            return "booking"
        return "hold" if self.is_taken(start, self.question.held) else None

    def is_taken(self, start: int, blocked: Sequence[tuple[int, int]]) -> bool:
        """P6, P7: some instant of the appointment or its buffers is blocked by another."""
        terms = self.question.terms
        ours = range(start - terms.buffer_before, start + terms.duration + terms.buffer_after, self.question.tick)
        return any(begin <= instant < end for instant in ours for begin, end in blocked)

    @cached_property
    def open(self) -> set[int]:
        """Every instant of the declared hours."""
        ticks = self.question.tick
        return {instant for start, end in self.declared() for instant in range(start, end, ticks)}

    @cached_property
    def grid(self) -> set[int]:
        """P3: from each opening in steps of elapsed time."""
        step = self.question.terms.slot_interval
        return {instant for start, end in self.declared() for instant in range(start, end, step)}

    def declared(self) -> Iterator[tuple[int, int]]:
        """P1, P4: opening and closing instants of each interval, by the date on which it begins."""
        hours, question = self.question.hours, self.question
        for day in days_around(question.first, question.last, MARGIN - 1):
            intervals = hours.exceptions[day] if day in hours.exceptions else hours.weekly.get(day.weekday(), ())
            for start, end in intervals:
                closing_day = day + DAY if end <= start else day
                yield self.instant(day, start), self.instant(closing_day, end)

    def instant(self, day: date, minutes: int) -> int:
        """P2: the first time the clock shows it; if it never does, count on from the last minute it did show."""
        zone = self.question.hours.zone
        shown = first_shown(zone, self.question.first, self.question.last)
        wall, skipped = datetime.combine(day, time.min) + minutes * MINUTE, 0
        while wall - skipped * MINUTE not in shown:
            skipped += 1
        return shown[wall - skipped * MINUTE] + skipped * 60


@lru_cache(maxsize=256)
def first_shown(zone: ZoneInfo, first: date, last: date) -> dict[datetime, int]:
    """Each minute that a clock in the zone shows around these dates, and the instant when it first does."""
    shown: dict[datetime, int] = {}
    for day in days_around(first, last, MARGIN + 1):
        midnight = (day - date(1970, 1, 1)).days * 86400
        for instant in range(midnight, midnight + 86400, 60):
            shown.setdefault(clock(instant, zone), instant)
    return shown


def clock(instant: float, zone: ZoneInfo) -> datetime:
    """What a clock in the zone shows."""
    return datetime.fromtimestamp(instant, zone).replace(tzinfo=None)


def days_around(first: date, last: date, margin: int) -> Iterable[date]:
    """The dates from some days before the first to some days after the last."""
    return [first + number * DAY for number in range(-margin, (last - first).days + margin + 1)]
