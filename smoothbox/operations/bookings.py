"""Bookings: found, listed, and made. Each verb runs whole inside one transaction."""

from typing import Any

from smoothbox.contract.bookings import Booking, NewBooking
from smoothbox.contract.customers import NewCustomer
from smoothbox.contract.listing import ListQuery, Page
from smoothbox.errors import Problem, invalid
from smoothbox.operations import customers, holds
from smoothbox.operations.booking_shapes import new_columns, placed, search_key, wire
from smoothbox.operations.diaries import Offer
from smoothbox.operations.events import tell
from smoothbox.operations.lists import pictured
from smoothbox.operations.offers import new_offer, offer_for, service_for
from smoothbox.operations.slots import choose
from smoothbox.operations.times import parse_start, zone_named
from smoothbox.store import allocations, bookings, business, resources, services
from smoothbox.store.allocations import Place
from smoothbox.store.bookings import BookingRow
from smoothbox.store.business import BusinessRow
from smoothbox.store.connection import Tx
from smoothbox.store.customers import Person
from smoothbox.store.holds import HoldRow
from smoothbox.store.services import ServiceRow


def find(tx: Tx, booking_id: int) -> Booking:
    """One booking. Raises Problem 'not_found'."""
    return wire(row_of(tx, booking_id), business.timezone(tx))


def list_page(tx: Tx, query: ListQuery) -> Page:
    """One page of bookings."""
    timezone = business.timezone(tx)
    return pictured(tx, bookings.SOURCE, query, zone_named(timezone), lambda row: wire(BookingRow(*row), timezone))


def book(tx: Tx, new: NewBooking, owner: int) -> Booking:
    """Make an appointment, or note a request for a service that is scheduled by hand; `owner` owns the hold that it names.

    Raises Problem: 'validation_error', a booking rule, 'resource_not_eligible', 'customer_blocked', or 'slot_unavailable'.
    """
    own = business.get(tx)
    if new.hold_id is not None:
        hold = holds.named_in_body(tx, new.hold_id, owner)
        new = holds.filled_in(new, hold, zone_named(own.timezone))
        if holds.keeps(hold, new, zone_named(own.timezone)):
            return told(tx, _take_over(tx, own, new, hold), own)
        holds.remove(tx, hold.id)  # its holder wants another place instead
    service = service_for(tx, new.service_id, new.party_size or 1)
    book_one = _request if service.requires_manual_scheduling else _book_at
    return told(tx, book_one(tx, own, service, new), own)


def told(tx: Tx, row: BookingRow, own: BusinessRow) -> Booking:
    """A booking that was just made, as the API shows it; whoever wants to hear of it does."""
    shown = wire(row, own.timezone)
    tell(tx, "booking.created", shown)
    return shown


def customer_of(tx: Tx, new: NewBooking, own: BusinessRow) -> Person:
    """The customer that a body names or describes. Raises Problem 'validation_error' or 'customer_blocked'."""
    if new.customer is not None and new.customer_id is None:
        customer = _inline_customer(tx, new.customer, own)
    elif new.customer_id is not None and new.customer is None:
        customer = customers.named_in_body(tx, new.customer_id)
    else:
        raise invalid("customer_id", "Send either customer_id or customer.")
    if customer.status == "BLOCKED":
        raise Problem("customer_blocked")
    return customer


def insert_at(tx: Tx, offer: Offer, columns: dict[str, Any], place: Place) -> BookingRow:
    """Write a new booking down, and what it occupies. Raises Problem 'slot_unavailable' when the database refuses it."""
    row = _insert(tx, columns, place, offer.name_of(place.resource_ids[0]))
    allocations.take_for_booking(tx, row.id, place, row.party_size)
    return row


def row_of(tx: Tx, booking_id: int) -> BookingRow:
    """One booking as stored. Raises Problem 'not_found'."""
    row = bookings.get(tx, booking_id)
    if row is None:
        raise Problem("not_found", f"There is no booking {booking_id}.")
    return row


def _book_at(tx: Tx, own: BusinessRow, service: ServiceRow, new: NewBooking) -> BookingRow:
    if new.start_time is None:
        raise invalid("start_time", "This field is required.")
    start = parse_start(new.start_time, zone_named(own.timezone), "start_time")
    party = new.party_size or 1
    offer = offer_for(tx, own, service, new.resource_id, party)
    holds.expire(tx)
    place = choose(tx, offer, start)
    return insert_at(tx, offer, new_columns(tx, new, service, customer_of(tx, new, own), party), place)


def _request(tx: Tx, own: BusinessRow, service: ServiceRow, new: NewBooking) -> BookingRow:
    """A request without a time; it occupies nothing, and a resource that it names is only a wish."""
    if new.start_time is not None:
        message = f"Service {service.id} is scheduled by hand; leave start_time out, and the business gives the request a time."
        raise invalid("start_time", message)
    columns = new_columns(tx, new, service, customer_of(tx, new, own), new.party_size or 1)
    if new.resource_id is not None:
        name = new_offer(tx, own, service, [new.resource_id], 1).name_of(new.resource_id)
        columns |= {"resource_id": new.resource_id, "resource_name": name}
        columns["search_key"] = search_key(columns["customer_name"], service.name, name)
    return bookings.insert(tx, columns)


def _take_over(tx: Tx, own: BusinessRow, new: NewBooking, hold: HoldRow) -> BookingRow:
    """The booking has what the hold keeps: place, terms and price were settled when the hold was made."""
    service = services.get(tx, hold.service_id)
    assert service is not None  # noqa: S101 -- a foreign key says so
    party, place = new.party_size or 1, holds.place_of(hold)
    columns = new_columns(tx, new, service, customer_of(tx, new, own), party) | {"price": hold.price}
    row = _insert(tx, columns, place, resources.name(tx, place.resource_ids[0]))
    allocations.hand_over(tx, hold.id, row.id, party)
    holds.remove(tx, hold.id)
    return row


def _insert(tx: Tx, columns: dict[str, Any], place: Place, resource_name: str) -> BookingRow:
    times = placed(place, resource_name, columns["customer_name"], columns["service_name"])
    return bookings.insert(tx, {**columns, **times, "status": "SCHEDULED"})


def _inline_customer(tx: Tx, given: NewCustomer, own: BusinessRow) -> Person:
    """The customer given in the body; what is wrong with one is told under the names that its fields have there."""
    try:
        return customers.matching_or_new(tx, given, zone_named(own.timezone))
    except Problem as problem:
        if problem.code != "validation_error":
            raise
        details = {f"customer.{field}": messages for field, messages in problem.details.items()}
        raise Problem(problem.code, None, details) from None
