"""Holds: a place is kept while its customer decides or pays. They end by the clock, by request, or in a booking."""

import math
from zoneinfo import ZoneInfo

import msgspec
from msgspec import structs

from smoothbox.clock import instant_text
from smoothbox.contract.bookings import NewBooking
from smoothbox.contract.holds import Hold, NewHold
from smoothbox.errors import Problem, invalid
from smoothbox.operations.booking_shapes import json_of
from smoothbox.operations.events import tell
from smoothbox.operations.offers import offer_for, service_for
from smoothbox.operations.slots import choose
from smoothbox.operations.times import parse_start, wall_text, zone_named
from smoothbox.store import allocations, business, holds
from smoothbox.store.allocations import Place
from smoothbox.store.business import BusinessRow
from smoothbox.store.connection import Tx
from smoothbox.store.holds import HoldRow


def create(tx: Tx, new: NewHold, owner: int) -> Hold:
    """Keep a place for the owner, a token's lineage; judged as a booking is.

    Raises Problem: 'validation_error', a booking rule, 'resource_not_eligible' or 'slot_unavailable'.
    """
    own = business.get(tx)
    service = service_for(tx, new.service_id, new.party_size)
    if service.requires_manual_scheduling:
        raise invalid("service_id", f"Service {service.id} is scheduled by hand; send a booking without start_time instead.")
    offer = offer_for(tx, own, service, new.resource_id, new.party_size)
    expire(tx)
    place = choose(tx, offer, parse_start(new.start_time, offer.zone, "start_time"))
    agreed = {"price": service.price, "expires_at": math.ceil(tx.now) + new.ttl_seconds}
    row = holds.insert(tx, _columns(place, new.party_size, owner) | agreed)
    allocations.take_for_hold(tx, row.id, place, new.party_size)
    return wire(row, own)


def find(tx: Tx, hold_id: int, owner: int) -> Hold:
    """One hold of the owner. Raises Problem 'not_found' for one that is over, or is another's."""
    return wire(_row(tx, hold_id, owner), business.get(tx))


def release(tx: Tx, hold_id: int, owner: int) -> None:
    """Give a place back. Raises Problem 'not_found' as `find` does."""
    remove(tx, _row(tx, hold_id, owner).id)


def remove(tx: Tx, hold_id: int) -> None:
    """End a hold; what a booking took over of it stays taken."""
    holds.delete(tx, hold_id)


def expire(tx: Tx) -> int:
    """End every hold whose time is over: before whoever needs a place looks for one, and by the sweep. How many ended."""
    over = holds.expired(tx)
    for hold in over:
        remove(tx, hold.id)
        tell(tx, "hold.expired", wire(hold, business.get(tx)))
    return len(over)


def named_in_body(tx: Tx, hold_id: int, owner: int) -> HoldRow:
    """The hold that a booking names. Raises Problem 'validation_error' for one that is over, or is another token's."""
    hold = holds.live(tx, hold_id, owner)
    if hold is None:
        message = f"There is no hold {hold_id} of this token; it may have expired. Book without it, or make another."
        raise invalid("hold_id", message)
    return hold


def filled_in(new: NewBooking, hold: HoldRow, zone: ZoneInfo) -> NewBooking:
    """The booking with the time and the party of its hold where it names none."""
    start_time = wall_text(hold.start_at, zone) if new.start_time is None else new.start_time
    return structs.replace(new, start_time=start_time, party_size=new.party_size or hold.party_size)


def keeps(hold: HoldRow, new: NewBooking, zone: ZoneInfo) -> bool:
    """Whether the hold keeps what the booking asks for."""
    start = parse_start(new.start_time or "", zone, "start_time")
    is_there = (new.service_id, start) == (hold.service_id, hold.start_at)
    return is_there and (new.party_size or 1) <= hold.party_size and new.resource_id in {None, *_resource_ids(hold)}


def place_of(hold: HoldRow) -> Place:
    """What a hold occupies."""
    busy = hold.start_at - hold.buffer_before * 60, hold.end_at + hold.buffer_after * 60
    return Place(hold.service_id, _resource_ids(hold), hold.start_at, hold.end_at, *busy, hold.capacity)


def wire(row: HoldRow, own: BusinessRow) -> Hold:
    """A hold as the API shows it."""
    zone, ids = zone_named(own.timezone), _resource_ids(row)
    return Hold(
        row.id,
        row.service_id,
        ids[0],
        ids,
        wall_text(row.start_at, zone),
        wall_text(row.end_at, zone),
        own.timezone,
        row.price,
        row.party_size,
        instant_text(row.expires_at),
        row.created_at,
    )


def _columns(place: Place, party: int, owner: int) -> dict[str, int | str]:
    return {
        "owner": owner,
        "service_id": place.service_id,
        "resource_ids": json_of(place.resource_ids),
        "start_at": place.start,
        "end_at": place.end,
        "buffer_before": (place.start - place.busy_start) // 60,
        "buffer_after": (place.busy_end - place.end) // 60,
        "capacity": place.capacity,
        "party_size": party,
    }


def _row(tx: Tx, hold_id: int, owner: int) -> HoldRow:
    row = holds.live(tx, hold_id, owner)
    if row is None:
        raise Problem("not_found", f"There is no hold {hold_id} of this token; it may have expired.")
    return row


def _resource_ids(hold: HoldRow) -> tuple[int, ...]:
    return msgspec.json.decode(hold.resource_ids, type=tuple[int, ...])
