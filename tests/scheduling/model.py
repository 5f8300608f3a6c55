"""A slow, obvious answer to "when is it free?": it looks at one instant after the other and knows no interval algebra.

It is written from the rules P1 to P10 alone. Of the code under test it borrows only the plain data that describe a case.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from smoothbox.scheduling.availability import Terms
from smoothbox.scheduling.hours import Hours

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
MARGIN = 4
"""Days around the asked dates whose hours, clocks and date lines could matter."""


@dataclass(frozen=True)
class Question:
    """One resource of one business, and the local dates somebody asks about. Every boundary is a multiple of `tick`."""

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
    tick: int = 60


class Model:
    """The answers to one question."""

    def __init__(self, question: Question) -> None:
        self.question = question

    def free_starts(self) -> list[int]:
        """Every start on the asked dates that can be booked."""
        return sorted(start for start in self.grid if self.is_asked(start) and self.is_free(start))

    def is_free(self, start: int) -> bool:
        """Whether a booking may start here, whatever dates were asked for."""
        return start in self.grid and self.is_bookable(start) and self.fits(start) and not self.is_taken(start)

    def is_asked(self, start: int) -> bool:
        """P8: dates are inclusive local dates of the query's zone and select starts."""
        return self.question.first <= clock(start, self.question.asked_in).date() <= self.question.last

    def is_bookable(self, start: int) -> bool:
        """P10: not before now + notice, not after the local date max_advance_days from today."""
        terms, now, zone = self.question.terms, self.question.now, self.question.business
        last = clock(now, zone).date() + terms.max_advance_days * DAY
        return start >= now + terms.min_notice and clock(start, zone).date() <= last

    def fits(self, start: int) -> bool:
        """P1, P3, P9: every instant of the appointment is open, on no closed day and in no time off."""
        during = range(start, start + self.question.terms.duration, self.question.tick)
        return all(instant in self.open and not self.is_away(instant) for instant in during)

    def is_away(self, instant: int) -> bool:
        """P1: the business is closed the whole local day, or the resource is off."""
        if self.question.closures and clock(instant, self.question.business).date() in self.question.closures:
            return True
        return any(start <= instant < end for start, end in self.question.time_off)

    def is_taken(self, start: int) -> bool:
        """P6, P7: some instant of the appointment or its buffers is blocked by another."""
        terms = self.question.terms
        ours = range(start - terms.buffer_before, start + terms.duration + terms.buffer_after, self.question.tick)
        return any(begin <= instant < end for instant in ours for begin, end in self.question.busy)

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
