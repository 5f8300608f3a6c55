"""The verbs of a booking: book, change, cancel. Each runs whole inside one transaction."""

from dataclasses import replace
from typing import Any, Final

import msgspec
from msgspec import UNSET

from smoothbox.contract.bookings import Booking, BookingChange, Cancellation, NewBooking
from smoothbox.contract.customers import NewCustomer
from smoothbox.contract.listing import ListQuery, Page
from smoothbox.errors import Problem, invalid
from smoothbox.operations import customers
from smoothbox.operations.booking_shapes import frozen_terms, new_columns, search_key, wire
from smoothbox.operations.diaries import Offer, terms_of
from smoothbox.operations.lists import page
from smoothbox.operations.slots import choose, taken
from smoothbox.operations.times import parse_start, zone_named
from smoothbox.scheduling import lifecycle
from smoothbox.scheduling.availability import Terms, blocked_range
from smoothbox.scheduling.lifecycle import Status
from smoothbox.store import allocations, bookings, business, resources, services
from smoothbox.store.bookings import BookingRow
from smoothbox.store.business import BusinessRow
from smoothbox.store.connection import Tx
from smoothbox.store.customers import Person
from smoothbox.store.services import ServiceRow

_PLAIN: Final = ("notes", "internal_notes", "external_id", "metadata")


def find(tx: Tx, booking_id: int) -> Booking:
    """One booking. Raises Problem 'not_found'."""
    return wire(_row(tx, booking_id), business.timezone(tx))


def list_page(tx: Tx, query: ListQuery) -> Page:
    """One page of bookings."""
    timezone = business.timezone(tx)
    return page(tx, bookings.SOURCE, query, zone_named(timezone), lambda row: wire(BookingRow(*row), timezone))


def book(tx: Tx, new: NewBooking) -> Booking:
    """Make an appointment.

    Raises Problem: 'validation_error', a booking rule, 'resource_not_eligible', 'customer_blocked', or 'slot_unavailable'.
    """
    own = business.get(tx)
    service = _service_to_book(tx, new)
    start = parse_start(new.start_time, zone_named(own.timezone), "start_time")
    terms = terms_of(service, own)
    taker = choose(tx, _offer(tx, own, service, terms, new.resource_id), start)
    customer = _customer(tx, new, own)
    row = bookings.insert(tx, new_columns(new, service, customer, start, terms, taker.id, taker.name))
    allocations.insert(tx, row.id, taker.id, *blocked_range(terms, start))
    return wire(row, own.timezone)


def change(tx: Tx, booking_id: int, change: BookingChange) -> Booking:
    """Reschedule, move on, or edit: all that the change names, or nothing. What is so already stays as it is.

    Raises Problem: 'not_found', 'invalid_status_transition', or what `book` raises for a time.
    """
    own, row = business.get(tx), _row(tx, booking_id)
    _refuse_to_move_and_end(change)
    columns = _edited(row, change)
    columns |= _moved_in_time(tx, own, row, change)
    columns |= _moved_on(tx, own, row, change)
    if columns:
        row = bookings.update(tx, booking_id, columns)
    return wire(row, own.timezone)


def cancel(tx: Tx, booking_id: int, cancellation: Cancellation) -> Booking:
    """Cancel a booking and give its time back; one that is cancelled already stays as it is.

    Raises Problem: 'not_found', or 'invalid_status_transition' for one that is completed.
    """
    own, row = business.get(tx), _row(tx, booking_id)
    if row.status != "CANCELLED":
        columns = _transition(tx, own, row, "CANCELLED") | {"cancellation_reason": cancellation.reason.strip()}
        row = bookings.update(tx, booking_id, columns)
    return wire(row, own.timezone)


def _row(tx: Tx, booking_id: int) -> BookingRow:
    row = bookings.get(tx, booking_id)
    if row is None:
        raise Problem("not_found", f"There is no booking {booking_id}.")
    return row


def _service_to_book(tx: Tx, new: NewBooking) -> ServiceRow:
    service = services.get(tx, new.service_id)
    if service is None:
        raise invalid("service_id", f"There is no service {new.service_id}.")
    if not service.is_active:
        raise invalid("service_id", f"Service {service.id} can no longer be booked.")
    if service.requires_manual_scheduling:
        raise invalid("service_id", f"Service {service.id} is scheduled by hand; ask the business for a time.")
    if new.party_size > service.capacity:
        raise invalid("party_size", f"This service takes at most {service.capacity} at a time.")
    return service


def _offer(
    tx: Tx, own: BusinessRow, service: ServiceRow, terms: Terms, resource_id: int | None, moving: BookingRow | None = None
) -> Offer:
    """The resources that may take the booking: the one asked for, else all, the one that has it now before the others."""
    found = resources.bookable_for(tx, service.id)
    if resource_id is not None:
        found = [each for each in found if each.id == resource_id]
        if not found:
            message = f"Resource {resource_id} does not offer service {service.id}, or is not active."
            raise Problem("resource_not_eligible", None, {"resource_id": [message]})
    if moving is None:
        return Offer(own, service, found, terms)
    return Offer(own, service, sorted(found, key=lambda each: each.id != moving.resource_id), terms, moving.id)


def _offer_again(tx: Tx, own: BusinessRow, row: BookingRow, resource_id: int | None = None) -> Offer:
    """The resources that may have a booking that exists, on the terms that were agreed when it was made."""
    service = services.get(tx, row.service_id)
    assert service is not None  # noqa: S101 -- a foreign key says so
    return _offer(tx, own, service, replace(terms_of(service, own), **frozen_terms(row)), resource_id, row)


def _customer(tx: Tx, new: NewBooking, own: BusinessRow) -> Person:
    if new.customer is not None and new.customer_id is None:
        customer = _inline_customer(tx, new.customer, own)
    elif new.customer_id is not None and new.customer is None:
        customer = customers.named_in_body(tx, new.customer_id)
    else:
        raise invalid("customer_id", "Send either customer_id or customer.")
    if customer.status == "BLOCKED":
        raise Problem("customer_blocked")
    return customer


def _inline_customer(tx: Tx, given: NewCustomer, own: BusinessRow) -> Person:
    """The customer given in the body; what is wrong with one is told under the names that its fields have there."""
    try:
        return customers.matching_or_new(tx, given, zone_named(own.timezone))
    except Problem as problem:
        if problem.code != "validation_error":
            raise
        details = {f"customer.{field}": messages for field, messages in problem.details.items()}
        raise Problem(problem.code, None, details) from None


def _refuse_to_move_and_end(change: BookingChange) -> None:
    moves = change.start_time is not UNSET or change.resource_id is not UNSET
    if moves and change.status is not UNSET and change.status not in lifecycle.BLOCKING:
        raise invalid("status", f"Send either another time or resource, or {change.status}; not both at once.")


def _edited(row: BookingRow, change: BookingChange) -> dict[str, Any]:
    given = {name: value for name in _PLAIN if (value := getattr(change, name)) is not UNSET}
    for name in given.keys() & {"notes", "internal_notes"}:
        given[name] = given[name].strip()
    if "metadata" in given:
        given["metadata"] = msgspec.json.encode(given["metadata"]).decode()
    return {name: value for name, value in given.items() if value != getattr(row, name)}


def _moved_in_time(tx: Tx, own: BusinessRow, row: BookingRow, change: BookingChange) -> dict[str, Any]:
    """The columns of a reschedule, and its time taken; judged by the same rule as a new booking, itself excluded."""
    zone = zone_named(own.timezone)
    start = row.start_at if change.start_time is UNSET else parse_start(change.start_time, zone, "start_time")
    resource_id = None if change.resource_id is UNSET else change.resource_id
    if start == row.start_at and resource_id in {None, row.resource_id}:
        return {}
    _refuse_unless(lifecycle.may_change_time(row.status), row, "rescheduled")
    offer = _offer_again(tx, own, row, resource_id)
    taker = choose(tx, offer, start)
    allocations.move(tx, row.id, taker.id, *blocked_range(offer.terms, start))
    return {
        "start_at": start,
        "end_at": start + offer.terms.duration,
        "previous_start_at": row.start_at if start != row.start_at else row.previous_start_at,
        "resource_id": taker.id,
        "resource_ids": f"[{taker.id}]",
        "resource_name": taker.name,
        "search_key": search_key(row.customer_name, row.service_name, taker.name),
    }


def _moved_on(tx: Tx, own: BusinessRow, row: BookingRow, change: BookingChange) -> dict[str, Any]:
    if change.status is UNSET or change.status == row.status:
        return {}
    return _transition(tx, own, row, change.status)


def _transition(tx: Tx, own: BusinessRow, row: BookingRow, status: Status) -> dict[str, Any]:
    """The columns of a move of status, its time given back or taken again."""
    _refuse_unless(status in lifecycle.moves_from(row.status), row, f"set to {status}")
    if status not in lifecycle.BLOCKING:
        allocations.release(tx, row.id)
    elif row.status not in lifecycle.BLOCKING and row.resource_id is not None:
        _take_again(tx, own, row, row.resource_id)
    if status != "CANCELLED":
        return {"status": status}
    late = lifecycle.is_late(row.start_at, tx.now, own.cancellation_window_hours)
    return {"status": status, "cancelled_at": tx.stamp, "cancelled_by": "api", "late_cancellation": int(late)}


def _take_again(tx: Tx, own: BusinessRow, row: BookingRow, resource_id: int) -> None:
    offer = _offer_again(tx, own, row)
    try:
        allocations.move(tx, row.id, resource_id, *blocked_range(offer.terms, row.start_at))
    except Problem:
        raise taken(tx, offer, row.start_at, "booking") from None


def _refuse_unless(allowed: bool, row: BookingRow, what: str) -> None:  # noqa: FBT001 -- reads as the sentence it is
    if allowed:
        return
    moves = sorted(lifecycle.moves_from(row.status))
    message = f"A booking that is {row.status} cannot be {what}."
    raise Problem("invalid_status_transition", message, {"status": [message], "allowed": moves})
