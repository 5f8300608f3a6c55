"""Opening hours: wall-clock rules and a zone, turned into UTC intervals. DST lives here and nowhere else.

A wall-clock time becomes an instant by RFC 5545 §3.3.5: an ambiguous one is its first occurrence, one in a gap uses the
offset before the gap. Python's `fold=0` means exactly that.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from smoothbox.scheduling.intervals import Interval

MINUTES_A_DAY = 24 * 60
_DAY = timedelta(days=1)


class WallInterval(NamedTuple):
    """Opening and closing in minutes after local midnight, up to 1440; an end ≤ start lies on the next day."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """When one resource, or the business, is open by its own rules; what it is made of is never changed.

    `weekly` maps a weekday (0 = Monday) to its intervals; `exceptions` replaces those that begin on a date.
    """

    zone: ZoneInfo
    weekly: Mapping[int, tuple[WallInterval, ...]] = field(default_factory=dict)
    exceptions: Mapping[date, tuple[WallInterval, ...]] = field(default_factory=dict)

    def on(self, day: date) -> tuple[WallInterval, ...]:
        """The wall-clock intervals that begin on this local date."""
        return self.exceptions.get(day, self.weekly.get(day.weekday(), ()))


def openings(hours: Hours, window: Interval) -> list[Interval]:
    """Every declared interval that shares time with the window: in order, whole, neither joined nor clipped.

    One that begins on the day before may run into the first local date of the window; one day more is for the zone.
    """
    first, last = local_date(window.start, hours.zone) - 2 * _DAY, local_date(window.end, hours.zone) + _DAY
    return [each for each in _of_days(hours, first, last) if each.start < window.end and window.start < each.end]


@lru_cache(maxsize=256)
def _of_days(hours: Hours, first: date, last: date) -> tuple[Interval, ...]:
    """The intervals that begin on these local dates, sorted: bookings of one day that follow each other ask for the same."""
    found = (_opening(day, wall, hours.zone) for day in _days(first, last) for wall in hours.on(day))
    return tuple(sorted(opening for opening in found if opening.start < opening.end))


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY


def days_window(first: date, last: date, zone: ZoneInfo) -> Interval:
    """The instants from the start of one local date to the end of another: a day is 23, 24 or 25 hours long."""
    return Interval(_day_start(first, zone), _day_start(last + _DAY, zone))


def local_date(instant: int, zone: ZoneInfo) -> date:
    """The date that a clock in the zone shows at the instant."""
    return datetime.fromtimestamp(instant, zone).date()


def whole_days(days: Iterable[date], zone: ZoneInfo) -> list[Interval]:
    """Each of the local dates as one interval, in the given order."""
    return [days_window(day, day, zone) for day in days]


def instant(wall: datetime, zone: ZoneInfo) -> int:
    """The UTC second of a wall-clock time in a zone."""
    return int(wall.replace(tzinfo=zone, fold=0).timestamp())


def occurrences(wall: datetime, zone: ZoneInfo) -> list[int]:
    """The UTC seconds at which clocks in the zone show this time: none in a gap, two on an autumn night."""
    found = {int(wall.replace(tzinfo=zone, fold=fold).timestamp()) for fold in (0, 1)}
    return sorted(second for second in found if _wall(second, zone) == wall)


def _wall(second: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(second, zone).replace(tzinfo=None, fold=0)


@lru_cache(maxsize=4096)
def _day_start(day: date, zone: ZoneInfo) -> int:
    return instant(datetime.combine(day, time.min), zone)


@lru_cache(maxsize=4096)
def _opening(day: date, wall: WallInterval, zone: ZoneInfo) -> Interval:
    midnight = datetime.combine(day, time.min)
    closing = wall.end if wall.end > wall.start else wall.end + MINUTES_A_DAY
    return Interval(
        instant(midnight + timedelta(minutes=wall.start), zone),
        instant(midnight + timedelta(minutes=closing), zone),
    )
