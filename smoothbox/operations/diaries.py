"""What scheduling needs to know, read in a fixed number of statements however many resources and days there are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from smoothbox.operations.hours import one_day, weekly
from smoothbox.operations.times import zone_named
from smoothbox.scheduling.availability import Diary, Terms
from smoothbox.scheduling.hours import Hours, WallInterval, days_window, whole_days
from smoothbox.scheduling.intervals import Interval
from smoothbox.store import allocations, business, resources
from smoothbox.store.business import BusinessRow
from smoothbox.store.connection import Tx
from smoothbox.store.resources import Bookable
from smoothbox.store.services import ServiceRow

_MARGIN: Final = timedelta(days=3)  # a local date is at most one off the UTC date; its hours reach two days further
_EPOCH: Final = date(1970, 1, 1).toordinal()


class Offer(Struct, frozen=True):
    """A service, the resources that may take it, and how.

    The time of `without_booking` counts as free: a reschedule is judged with itself excluded.
    """

    own: BusinessRow
    service: ServiceRow
    found: Sequence[Bookable]
    terms: Terms
    without_booking: int = 0

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the business."""
        return zone_named(self.own.timezone)


class Candidate(Struct, frozen=True):
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


def candidates(tx: Tx, offer: Offer, window: Interval) -> list[Candidate]:
    """The diaries of the offered resources, as far as starts within the window depend on them."""
    if not offer.found:
        return []
    terms = offer.terms
    reach = Interval(window.start - terms.buffer_before, window.end + terms.duration + terms.buffer_after)
    around = _absences_around(tx, offer, reach)
    ids = [each.id for each in offer.found]
    busy = _by_resource(allocations.busy(tx, ids, *reach, offer.without_booking))
    return [
        Candidate(
            each.id,
            each.name,
            Diary(
                _hours(each, offer.own, around.exceptions.get(each.id, {})),
                around.closed,
                around.time_off.get(each.id, ()),
                busy.get(each.id, ()),
            ),
        )
        for each in offer.found
    ]


class _Absences(Struct, frozen=True):
    """When a service's resources are away, or open otherwise than usual, around some days."""

    closed: Sequence[Interval]
    exceptions: Mapping[int, Mapping[date, tuple[WallInterval, ...]]]
    time_off: Mapping[int, Sequence[tuple[int, int]]]


def _absences_around(tx: Tx, offer: Offer, reach: Interval) -> _Absences:
    """By whole days, so that bookings of one day that are made together read them once."""
    first, last = _utc_date(reach.start) - _MARGIN, _utc_date(reach.end) + _MARGIN
    service_id = offer.service.id
    return tx.remembered(("absences", service_id, first, last), lambda: _read_absences(tx, service_id, first, last, offer.zone))


def _utc_date(second: int) -> date:
    return date.fromordinal(_EPOCH + second // 86400)


def _read_absences(tx: Tx, service_id: int, first: date, last: date, zone: ZoneInfo) -> _Absences:
    closed = business.closed_dates(tx, str(first), str(last))
    exceptions: defaultdict[int, dict[date, tuple[WallInterval, ...]]] = defaultdict(dict)
    for resource_id, day, stored in resources.hours_exceptions(tx, service_id, str(first), str(last)):
        exceptions[resource_id][date.fromisoformat(day)] = one_day(stored)
    time_off = resources.time_off(tx, service_id, *days_window(first, last, zone))
    return _Absences(whole_days(map(date.fromisoformat, closed), zone), exceptions, _by_resource(time_off))


def _hours(resource: Bookable, own: BusinessRow, exceptions: Mapping[date, tuple[WallInterval, ...]]) -> Hours:
    rules = weekly(own.hours if resource.uses_business_hours else resource.hours)
    return Hours(zone_named(resource.timezone or own.timezone), rules, exceptions)


def _by_resource(rows: Sequence[tuple[int, int, int]]) -> Mapping[int, Sequence[tuple[int, int]]]:
    found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for resource_id, start, end in rows:
        found[resource_id].append((start, end))
    return found
