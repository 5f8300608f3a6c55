"""What scheduling needs to know, read in a fixed number of statements however many resources and days there are."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from smoothbox.operations.hours import one_day, weekly
from smoothbox.operations.times import zone_named
from smoothbox.scheduling.availability import Diary, Terms
from smoothbox.scheduling.hours import Hours, local_date, whole_days
from smoothbox.scheduling.intervals import Interval
from smoothbox.store import allocations, business, resources
from smoothbox.store.business import BusinessRow
from smoothbox.store.connection import Tx
from smoothbox.store.resources import Bookable
from smoothbox.store.services import ServiceRow

_MARGIN = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A resource that could take a booking, and its diary."""

    id: int
    name: str
    diary: Diary


def terms_of(service: ServiceRow, own: BusinessRow) -> Terms:
    """How a service may be booked; what it leaves open is the business's."""
    interval = own.slot_interval if service.slot_interval is None else service.slot_interval
    notice = own.min_notice if service.min_notice is None else service.min_notice
    return Terms(
        duration=service.duration * 60,
        slot_interval=interval * 60,
        buffer_before=service.buffer_before * 60,
        buffer_after=service.buffer_after * 60,
        min_notice=notice * 60,
        max_advance_days=own.max_advance_days if service.max_advance_days is None else service.max_advance_days,
    )


def candidates(
    tx: Tx, own: BusinessRow, found: Sequence[Bookable], terms: Terms, window: Interval, without_booking: int = 0
) -> list[Candidate]:
    """The diaries of these resources, as far as starts within the window depend on them.

    The time of `without_booking` counts as free: a reschedule is judged with itself excluded.
    """
    if not found:
        return []
    ids = [each.id for each in found]
    zone = zone_named(own.timezone)
    reach = Interval(window.start - terms.buffer_before, window.end + terms.duration + terms.buffer_after)
    first, last = local_date(reach.start, zone) - _MARGIN, local_date(reach.end, zone) + _MARGIN
    closed = whole_days(map(date.fromisoformat, business.closed_dates(tx, str(first), str(last))), zone)
    exceptions = _exceptions(tx, ids, first, last)
    away = _ranges(resources.time_off(tx, ids, *reach))
    busy = _ranges(allocations.busy(tx, ids, *reach, without_booking))
    return [
        Candidate(each.id, each.name, Diary(_hours(each, own, exceptions[each.id]), closed, away[each.id], busy[each.id]))
        for each in found
    ]


def _hours(resource: Bookable, own: BusinessRow, exceptions: dict[date, str]) -> Hours:
    rules = weekly(own.hours if resource.uses_business_hours else resource.hours)
    return Hours(_zone(resource, own), rules, {day: one_day(stored) for day, stored in exceptions.items()})


def _zone(resource: Bookable, own: BusinessRow) -> ZoneInfo:
    return zone_named(resource.timezone or own.timezone)


def _exceptions(tx: Tx, ids: Sequence[int], first: date, last: date) -> defaultdict[int, dict[date, str]]:
    found: defaultdict[int, dict[date, str]] = defaultdict(dict)
    for resource_id, day, stored in resources.hours_exceptions(tx, ids, str(first), str(last)):
        found[resource_id][date.fromisoformat(day)] = stored
    return found


def _ranges(rows: Sequence[tuple[int, int, int]]) -> defaultdict[int, list[tuple[int, int]]]:
    found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for resource_id, start, end in rows:
        found[resource_id].append((start, end))
    return found
