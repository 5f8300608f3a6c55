"""How the tables of this room are written: hours, spans and answers as short text, read without the code under test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from smoothbox.scheduling.availability import Diary, Terms, bookable, free_starts
from smoothbox.scheduling.hours import Hours, WallInterval, days_window, whole_days
from smoothbox.scheduling.intervals import Interval, clip

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NOW = "2027-01-04T12:00Z"
"""The clock of the worked values: a Monday."""


def at(text: str) -> int:
    """The UTC second of an ISO instant such as 2027-01-04T12:00Z."""
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None, f"{text} names no offset"
    return int(moment.timestamp())


def span(text: str) -> Interval:
    """Two instants with a slash between them; the second may leave out a date that is the same."""
    first, last = text.split("/")
    return Interval(at(first), at(last if "T" in last else first[:11] + last))


def dates(text: str) -> tuple[date, date]:
    """One date, or the first and the last with a slash between them."""
    first, _, last = text.partition("/")
    return date.fromisoformat(first), date.fromisoformat(last or first)


def walls(text: str) -> tuple[WallInterval, ...]:
    """Opening hours of one day, such as "09-12 12:30-17:30"; nothing means shut."""
    return tuple(WallInterval(*map(_minutes, part.split("-"))) for part in text.split())


def hours(zone: str, text: str, exceptions: Mapping[str, str] | None = None) -> Hours:
    """A week such as "daily 09-12", "Mon-Fri 09-17" or "Fri 22-02; Sun 10-12", and the dates that differ from it."""
    weekly: dict[int, tuple[WallInterval, ...]] = {}
    for rule in text.split(";"):
        days, _, intervals = rule.strip().partition(" ")
        weekly |= dict.fromkeys(_weekdays(days), walls(intervals))
    special = {date.fromisoformat(day): walls(intervals) for day, intervals in (exceptions or {}).items()}
    return Hours(ZoneInfo(zone), weekly, special)


def terms(text: str, buffers: tuple[int, int] = (0, 0), notice: int = 0, advance: int = 365) -> Terms:
    """An hour on a grid of half hours is "60/30"; buffers and notice are minutes too, advance is days."""
    duration, slot_interval = (60 * int(part) for part in text.split("/"))
    return Terms(duration, slot_interval, 60 * buffers[0], 60 * buffers[1], 60 * notice, advance)


def shown(starts: Sequence[int], zone: str) -> str:
    """The starts as a clock in the zone shows them; weekday and offset name are said again only when they change."""
    words: list[str] = []
    said = ("", "")
    for start in starts:
        moment = datetime.fromtimestamp(start, UTC).astimezone(ZoneInfo(zone))
        names = (DAYS[moment.weekday()], moment.strftime("%Z"))
        words += [name for name, before in zip(names, said, strict=True) if name != before]
        words.append(moment.strftime("%H:%M"))
        said = names
    return " ".join(words)


@dataclass(frozen=True)
class Case:
    """One row of a table: a resource of a business in the same zone, what is asked about it, and the answer."""

    title: str
    hours: Hours
    terms: Terms
    days: str
    answer: str
    shown_in: str = ""
    asked_in: str = ""
    booked: Sequence[str] = ()
    time_off: Sequence[str] = ()
    closures: Sequence[str] = ()
    business: str = ""
    now: str = field(default=NOW)

    def __str__(self) -> str:
        return self.title

    def free(self) -> str:
        """What the code under test answers, as text; bookings have the buffers of the terms that are asked about."""
        zone = self.hours.zone.key
        business = ZoneInfo(self.business or zone)
        before, after = self.terms.buffer_before, self.terms.buffer_after
        diary = Diary(
            self.hours,
            closed=whole_days(map(date.fromisoformat, self.closures), business),
            time_off=[span(text) for text in self.time_off],
            busy=[Interval(start - before, end + after) for start, end in map(span, self.booked)],
        )
        asked = days_window(*dates(self.days), ZoneInfo(self.asked_in or zone))
        starts = [
            start
            for window in clip([asked], bookable(self.terms, at(self.now), business))
            for start in free_starts(diary, self.terms, window)
        ]
        return shown(starts, self.shown_in or self.asked_in or zone)


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    return 60 * int(hour) + int(minute or 0)


def _weekdays(text: str) -> range:
    if text == "daily":
        return range(7)
    first, _, last = text.partition("-")
    return range(DAYS.index(first), DAYS.index(last or first) + 1)
