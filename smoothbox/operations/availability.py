"""When a service is free: the question that the list, a booking, a reschedule, a hold and a refusal all ask."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from operator import itemgetter
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from smoothbox.contract.availability import Availability, Day, Emptiness, Slot
from smoothbox.errors import Problem
from smoothbox.operations.diaries import Offer, OpenSession, Surroundings, surroundings
from smoothbox.operations.offers import new_offer, offer_again
from smoothbox.operations.times import wall_text, zone_named
from smoothbox.scheduling.assignment import able, rounds
from smoothbox.scheduling.availability import Diary, Terms, bookable, companion_starts, free_starts, is_open, open_sessions
from smoothbox.scheduling.hours import days_window
from smoothbox.scheduling.intervals import Interval, meet
from smoothbox.store import bookings, business, holds, services
from smoothbox.store.allocations import Aside
from smoothbox.store.bookings import BookingRow
from smoothbox.store.connection import Tx

_FIRST_LOOK: Final = 6 * 3600  # doubled until something is found: mostly it is near, and a refusal must not cost a week
_TWO_MONTHS: Final = 63 * 86400

Times = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Question:
    """Which free times are asked for. Dates are local ones of `timezone`, or of the business when that is None.

    `without_booking` is to be moved: its own time counts as free, and it keeps the terms and, unless `party` says otherwise,
    the party that it was made with. The time of `hold_id` counts as free for its `owner` (a token's lineage).
    """

    service_id: int
    first: date
    last: date
    resource_ids: tuple[int, ...] = ()
    timezone: str | None = None
    without_booking: int = 0
    party: int | None = None
    hold_id: int = 0
    owner: int = 0


class Room(Struct, frozen=True):
    """Who can take a booking at one time, and how many people still fit."""

    resource_ids: list[int]
    remaining: int


def free_times(tx: Tx, question: Question) -> Availability:
    """Every free start of the days asked for, with the resources that can take it.

    Raises Problem: 'not_found' for an unknown service, 'resource_not_eligible' for a resource that does not offer it,
    'invalid_parameter' for a party that is too large, a booking of another service, or a hold that is not the caller's.
    """
    offer = _offer(tx, question)
    zone = offer.zone if question.timezone is None else zone_named(question.timezone)
    window = meet(days_window(question.first, question.last, zone), bookable(offer.terms, tx.now, offer.zone))
    around = surroundings(tx, offer, window)
    slots = free_slots(around, offer, window)
    return Availability(
        question.service_id,
        zone.key,
        offer.terms.duration // 60,
        list(_days(question, slots, zone)),
        None if slots else _why_empty(offer, around, window),
        None if slots else _text(next_free(tx, offer, window.start, 1, _TWO_MONTHS), zone),
    )


def next_free(tx: Tx, offer: Offer, after: int, count: int, ahead: int) -> list[int]:
    """The next free starts at or after a second, at most `count`, looking so many seconds ahead."""
    if not offer.is_open:
        return []
    allowed = bookable(offer.terms, tx.now, offer.zone)
    start, span = max(after, allowed.start), _FIRST_LOOK
    end = min(start + ahead, allowed.end)
    found: list[int] = []
    while start < end and len(found) < count:
        window = Interval(start, min(start + span, end))
        found += sorted({begin for begin, _ in free_slots(surroundings(tx, offer, window), offer, window)})
        start, span = window.end, span * 2
    return found[:count]


def free_slots(around: Surroundings, offer: Offer, window: Interval) -> Mapping[Times, Room]:
    """The free times (start, end) within a window that respects notice and advance."""
    if not offer.is_open:
        return {}
    duration, capacity = offer.terms.duration, offer.terms.capacity
    fresh = _fresh_starts(around, offer, window)
    slots = {(start, start + duration): Room(ids, count * capacity) for start, (ids, count) in fresh.items()}
    for session in joinable(around, offer, window):
        place = session.place
        others = slots.get((place.start, place.end), Room([], 0))
        ids = sorted({*others.resource_ids, *place.resource_ids})
        slots[place.start, place.end] = Room(ids, others.remaining + session.left)
    return slots


def joinable(around: Surroundings, offer: Offer, window: Interval) -> Iterator[OpenSession]:
    """The sessions that start within the window, have seats for the party, and whose resources are all there."""
    for id_, sessions in around.sessions.items():
        starts = {session.start for session in open_sessions(around.diaries[id_], window, offer.party)}
        for session in sessions:
            place = session.place
            beside = (around.diaries[each] for each in place.resource_ids[1:])
            if place.start in starts and all(is_open(diary, place.start, place.end) for diary in beside):
                yield session


def _offer(tx: Tx, question: Question) -> Offer:
    own, service = business.get(tx), services.get(tx, question.service_id)
    if service is None:
        raise Problem("not_found", f"There is no service {question.service_id}.")
    if question.without_booking:
        moved = _booking_of(tx, question)
        offer = offer_again(tx, own, moved, question.resource_ids)
    else:
        offer = new_offer(tx, own, service, question.resource_ids, 1)
    party = question.party or offer.party
    if party > offer.terms.capacity:
        raise _wrong("party_size", f"This service takes at most {offer.terms.capacity} at a time.")
    if question.hold_id and holds.live(tx, question.hold_id, question.owner) is None:
        raise _wrong("hold_id", f"There is no hold {question.hold_id} of this token; it may have expired.")
    return structs.replace(offer, party=party, aside=Aside(question.without_booking, question.hold_id))


def _booking_of(tx: Tx, question: Question) -> BookingRow:
    row = bookings.get(tx, question.without_booking)
    if row is None or row.service_id != question.service_id:
        message = f"There is no booking {question.without_booking} of service {question.service_id}."
        raise _wrong("exclude_booking_id", message)
    return row


def _wrong(parameter: str, message: str) -> Problem:
    return Problem("invalid_parameter", None, {parameter: [message]})


def _fresh_starts(around: Surroundings, offer: Offer, window: Interval) -> Mapping[int, tuple[list[int], int]]:
    """Starts at which nobody is there yet, the resources that can be asked for, and how many bookings fit beside each other."""
    found: dict[int, tuple[list[int], int]] = {}
    for way in around.ways:
        for start, ids, count in _starts_of(way, around, offer, window):
            others, most = found.get(start, ((), 0))
            found[start] = (sorted({*others, *ids}), max(most, count)) if others else (ids, count)
    return found


def _starts_of(
    way: Sequence[Sequence[int]], around: Surroundings, offer: Offer, window: Interval
) -> Iterator[tuple[int, list[int], int]]:
    starts: defaultdict[int, list[int]] = defaultdict(list)
    first, *companions = way
    for id_ in first:
        for start in free_starts(around.diaries[id_], offer.terms, window):
            starts[start].append(id_)
    if not companions:
        yield from ((start, ids, len(ids)) for start, ids in starts.items())
        return
    in_order = sorted(starts)
    free = [_members(group, in_order, around, offer.terms, window) for group in companions]
    for start, ids in starts.items():
        groups = [ids, *[members[start] for members in free]]
        if found := able(groups):
            yield start, found, rounds(groups)


def _members(
    group: Sequence[int], starts: Sequence[int], around: Surroundings, terms: Terms, window: Interval
) -> Mapping[int, list[int]]:
    """Who of a group could come along at each of the starts, which are sorted."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for id_ in group:
        for first, end in companion_starts(around.diaries[id_], terms, window):
            for start in starts[bisect_left(starts, first) : bisect_left(starts, end)]:
                found[start].append(id_)
    return found


def _days(question: Question, found: Mapping[Times, Room], zone: ZoneInfo) -> Iterator[Day]:
    shown = {second: wall_text(second, zone) for second in set(chain(*found))}  # most slots end when another starts
    slots: defaultdict[str, list[Slot]] = defaultdict(list)
    for (start, end), room in sorted(found.items(), key=itemgetter(0)):
        slots[shown[start][:10]].append(Slot(shown[start], shown[end], room.resource_ids, room.remaining))
    for offset in range((question.last - question.first).days + 1):
        day = str(question.first + timedelta(days=offset))
        yield Day(day, slots[day])


def _why_empty(offer: Offer, around: Surroundings, window: Interval) -> Emptiness:
    if not offer.takes_bookings:
        return "manual_scheduling" if offer.service.is_active else "inactive"
    if not offer.can_be_staffed:
        return "no_eligible_resource"
    undisturbed = {id_: Diary(each.hours, each.closed, each.time_off) for id_, each in around.diaries.items()}
    return "fully_booked" if free_slots(Surroundings(around.ways, undisturbed, {}), offer, window) else "closed"


def _text(found: list[int], zone: ZoneInfo) -> str | None:
    return wall_text(found[0], zone) if found else None
