"""What scheduling needs to know, read in a fixed number of statements however many resources and days there are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from smoothbox.operations.hours import one_day, weekly
from smoothbox.operations.times import zone_named
from smoothbox.operations.ways import Groups
from smoothbox.scheduling.assignment import one_of_each
from smoothbox.scheduling.availability import Diary, Session, Terms
from smoothbox.scheduling.hours import Hours, WallInterval, days_window, whole_days
from smoothbox.scheduling.intervals import Interval
from smoothbox.store import allocations, business, resources
from smoothbox.store.allocations import Aside, Place
from smoothbox.store.business import BusinessRow
from smoothbox.store.connection import Tx
from smoothbox.store.resources import Bookable
from smoothbox.store.services import ServiceRow

_MARGIN: Final = timedelta(days=3)  # a local date is at most one off the UTC date; its hours reach two days further
_EPOCH: Final = date(1970, 1, 1).toordinal()


class Offer(Struct, frozen=True):
    """A service, the groups of resources of which it takes one each, how, and for how many people.

    `ways` are the groups as often as there are ways in which those asked for by name can be among them.
    The time of what is `aside` counts as free: a reschedule is judged with itself excluded, a hold serves its holder.
    """

    own: BusinessRow
    service: ServiceRow
    groups: Groups
    ways: Sequence[Groups]
    terms: Terms
    party: int = 1
    aside: Aside = Aside()

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the business."""
        return zone_named(self.own.timezone)

    @property
    def can_be_staffed(self) -> bool:
        """Whether every group could have somebody of its own, were nobody busy."""
        return bool(self.groups) and one_of_each([[each.id for each in group] for group in self.groups]) is not None

    @property
    def takes_bookings(self) -> bool:
        """Whether anybody may choose a time: a booking that is moved needs no service that still takes new ones."""
        return bool(self.aside.booking_id or (self.service.is_active and not self.service.requires_manual_scheduling))

    @property
    def is_open(self) -> bool:
        """Whether there can be free times at all."""
        return self.takes_bookings and self.can_be_staffed

    def name_of(self, resource_id: int) -> str:
        """The name of one of its resources."""
        return next(each.name for group in self.groups for each in group if each.id == resource_id)


class OpenSession(Struct, frozen=True):
    """A session that has begun to fill: its place, and the seats that are left in it."""

    place: Place
    left: int


class Surroundings(Struct, frozen=True):
    """The diaries of an offer's resources, by id, and the service's sessions, by the id of their resource of group 0."""

    ways: Sequence[Sequence[Sequence[int]]]
    diaries: Mapping[int, Diary]
    sessions: Mapping[int, Sequence[OpenSession]]


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
        capacity=service.capacity,
    )


def surroundings(tx: Tx, offer: Offer, window: Interval) -> Surroundings:
    """All that starts within the window depend on."""
    terms = offer.terms
    reach = Interval(window.start - terms.buffer_before, window.end + terms.duration + terms.buffer_after)
    around = _presence_around(tx, offer, reach)
    ids = list({each.id: None for way in _within_reach(offer) for group in way for each in group})
    rows = allocations.busy(tx, ids, *reach, offer.aside)
    busy, held = _taken(rows)
    sessions = _sessions(tx, offer, window) if any(capacity > 1 for *_, capacity in rows) else {}
    diaries = {
        id_: Diary(
            around.hours[id_],
            around.closed,
            around.time_off.get(id_, ()),
            busy.get(id_, ()),
            held.get(id_, ()),
            [Session(one.place.start, one.place.end, one.left) for one in sessions.get(id_, ())],
        )
        for id_ in ids
    }
    ways = [[[each.id for each in group] for group in way] for way in offer.ways]
    return Surroundings(ways, diaries, sessions)


def _sessions(tx: Tx, offer: Offer, window: Interval) -> Mapping[int, Sequence[OpenSession]]:
    found: defaultdict[int, list[OpenSession]] = defaultdict(list)
    first = [each.id for each in offer.groups[0]]
    known = {each.id for way in _within_reach(offer) for group in way for each in group}
    ways = [[{each.id for each in group} for group in way] for way in offer.ways]
    for occupied, *times, seats in allocations.sessions(tx, offer.service.id, first, *window, offer.aside):
        place = Place(offer.service.id, msgspec.json.decode(occupied, type=tuple[int, ...]), *times)
        if _can_join(place, known, ways):
            found[place.resource_ids[0]].append(OpenSession(place, place.capacity - seats))
    return found


def _within_reach(offer: Offer) -> Sequence[Groups]:
    """Whose diaries count: those asked for and whom they need; for a class also who may be in a session with them."""
    return (offer.groups,) if offer.terms.capacity > 1 else offer.ways


def _can_join(place: Place, known: set[int], ways: Sequence[Sequence[set[int]]]) -> bool:
    """Whoever joins a session takes all of its resources: each must be on offer, and each group be served."""
    occupied = set(place.resource_ids)
    return occupied <= known and any(all(group & occupied for group in way) for way in ways)


class _Presence(Struct, frozen=True):
    """When a service's resources are open, and when they are away, around some days."""

    hours: Mapping[int, Hours]
    closed: Sequence[Interval]
    time_off: Mapping[int, Sequence[tuple[int, int]]]


def _presence_around(tx: Tx, offer: Offer, reach: Interval) -> _Presence:
    """By whole days, so that bookings of one day read them once."""
    first, last = _utc_date(reach.start) - _MARGIN, _utc_date(reach.end) + _MARGIN
    return tx.remembered(("presence", offer.service.id, first, last), lambda: _read_presence(tx, offer, first, last))


def _utc_date(second: int) -> date:
    return date.fromordinal(_EPOCH + second // 86400)


def _read_presence(tx: Tx, offer: Offer, first: date, last: date) -> _Presence:
    service_id, zone = offer.service.id, offer.zone
    closed = business.closed_dates(tx, str(first), str(last))
    exceptions: defaultdict[int, dict[date, tuple[WallInterval, ...]]] = defaultdict(dict)
    for resource_id, day, stored in resources.hours_exceptions(tx, service_id, str(first), str(last)):
        exceptions[resource_id][date.fromisoformat(day)] = one_day(stored)
    absent: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for resource_id, start, end in resources.time_off(tx, service_id, *days_window(first, last, zone)):
        absent[resource_id].append((start, end))
    members = {each.id: each for group in offer.groups for each in group}
    alike: dict[tuple[str, str], Hours] = {}  # those who keep the same hours share them: they are reckoned once
    hours = {
        id_: _hours(each, offer.own, exceptions[id_])
        if id_ in exceptions
        else alike.setdefault(_rules(each, offer.own), _hours(each, offer.own, {}))
        for id_, each in members.items()
    }
    return _Presence(hours, whole_days(map(date.fromisoformat, closed), zone), absent)


def _hours(resource: Bookable, own: BusinessRow, exceptions: Mapping[date, tuple[WallInterval, ...]]) -> Hours:
    zone, rules = _rules(resource, own)
    return Hours(zone_named(zone), weekly(rules), exceptions)


def _rules(resource: Bookable, own: BusinessRow) -> tuple[str, str]:
    """The name of the zone, and the weekly hours as they are stored."""
    return resource.timezone or own.timezone, own.hours if resource.uses_business_hours else resource.hours


Ranges = Mapping[int, Sequence[tuple[int, int]]]


def _taken(rows: Sequence[tuple[int, int, int, int, int]]) -> tuple[Ranges, Ranges]:
    """What bookings block and what holds block, by resource."""
    busy: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    held: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for resource_id, start, end, is_hold, _ in rows:
        (held if is_hold else busy)[resource_id].append((start, end))
    return busy, held
