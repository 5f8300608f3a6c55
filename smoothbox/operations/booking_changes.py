"""The life of a booking that exists: rescheduled, moved on, edited, cancelled. Each verb runs whole inside one transaction."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET, structs

from smoothbox.contract.bookings import Booking, BookingChange, Cancellation
from smoothbox.contract.events import EventType
from smoothbox.errors import Problem, invalid
from smoothbox.operations import holds
from smoothbox.operations.booking_shapes import placed, wire
from smoothbox.operations.bookings import row_of
from smoothbox.operations.events import tell
from smoothbox.operations.offers import occupied_by, offer_again, staffed
from smoothbox.operations.slots import choose, taken_again
from smoothbox.operations.times import parse_start, wall_text, zone_named
from smoothbox.scheduling import lifecycle
from smoothbox.scheduling.lifecycle import Status
from smoothbox.store import allocations, bookings, business, series
from smoothbox.store.bookings import BookingRow
from smoothbox.store.business import BusinessRow
from smoothbox.store.connection import Tx

_PLAIN: Final = ("notes", "internal_notes", "external_id", "metadata")
_MOVES: Final[Mapping[str, EventType]] = {
    "CONFIRMED": "booking.confirmed",
    "COMPLETED": "booking.completed",
    "CANCELLED": "booking.cancelled",
    "NO_SHOW": "booking.no_show",
}


def change(tx: Tx, booking_id: int, change: BookingChange) -> Booking:
    """Reschedule, move on, or edit: all that the change names, or nothing. What is so already stays as it is.

    Raises Problem: 'not_found', 'invalid_status_transition', 'cancellation_window_passed', or what `book` raises for a time.
    """
    own, row = business.get(tx), row_of(tx, booking_id)
    _refuse_to_move_and_end(change)
    columns = _edited(row, change) | _moved_in_time(tx, own, row, change)
    now = structs.replace(row, **{name: value for name, value in columns.items() if name != "search_key"})
    columns |= _moved_on(tx, own, now, change)
    return _written(tx, own, row, columns) if columns else wire(row, own.timezone)


def cancel(tx: Tx, booking_id: int, cancellation: Cancellation) -> Booking:
    """Cancel a booking and give its time back; one that is cancelled already stays as it is.

    `following` cancels with it those of its series that start later, have not begun and are not ended yet.
    Raises Problem: 'not_found', 'invalid_status_transition' for one that is over, or 'cancellation_window_passed'.
    """
    own, row = business.get(tx), row_of(tx, booking_id)
    if cancellation.following:
        _cancel_following(tx, own, row, cancellation)
    return _cancelled(tx, own, row, cancellation)


def refuse_late(tx: Tx, own: BusinessRow, row: BookingRow) -> bool:
    """Whether it is late to cancel a booking. Raises Problem 'cancellation_window_passed' where the business forbids that."""
    late = lifecycle.is_late(row.start_at, tx.now, own.cancellation_window_hours)
    if late and not own.late_cancellation_allowed:
        raise _too_late(own, row)
    return late


def _cancel_following(tx: Tx, own: BusinessRow, row: BookingRow, cancellation: Cancellation) -> None:
    if row.series_id is None or row.start_at is None:
        raise invalid("following", f"Booking {row.id} belongs to no series; leave this field out.")
    for booking_id in series.following(tx, row.series_id, row.start_at + 1):
        later = row_of(tx, booking_id)
        has_begun = later.start_at is not None and later.start_at <= tx.now
        if not has_begun and "CANCELLED" in lifecycle.moves_from(later.status):
            _cancelled(tx, own, later, cancellation)


def _cancelled(tx: Tx, own: BusinessRow, row: BookingRow, cancellation: Cancellation) -> Booking:
    if row.status == "CANCELLED":
        return wire(row, own.timezone)
    columns = _transition(tx, own, row, "CANCELLED") | {"cancellation_reason": cancellation.reason.strip()}
    return _written(tx, own, row, columns)


def _written(tx: Tx, own: BusinessRow, row: BookingRow, columns: Mapping[str, Any]) -> Booking:
    """The booking with these columns changed; each transition that this makes is told once."""
    before = wire(row, own.timezone)
    shown = wire(bookings.update(tx, row.id, columns), own.timezone)
    for event_type in _transitions(before, shown):
        tell(tx, event_type, shown, before)
    return shown


def _transitions(before: Booking, shown: Booking) -> list[EventType]:
    """A request may reschedule and move on at once; an edit is told of only where it comes alone."""
    found: list[EventType] = []
    if (before.start_time, before.resource_ids) != (shown.start_time, shown.resource_ids):
        found.append("booking.rescheduled")
    if before.status != shown.status and shown.status in _MOVES:
        found.append(_MOVES[shown.status])
    return found or ["booking.updated"]


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
    """The columns of a reschedule, and its place taken; judged by the same rule as a new booking, itself excluded."""
    zone = zone_named(own.timezone)
    start = row.start_at if change.start_time is UNSET else parse_start(change.start_time, zone, "start_time")
    named = () if change.resource_id is UNSET else (change.resource_id,)
    occupied = occupied_by(row)
    if start == row.start_at and set(named) <= set(occupied):
        return {}
    _refuse_unless(lifecycle.may_change_time(row.status), row, "rescheduled")
    if start is None:
        raise invalid("start_time", "Give the request a time as well.")
    offer = staffed(offer_again(tx, own, row, named))
    holds.expire(tx)
    place = choose(tx, offer, start, occupied)
    allocations.give_up(tx, row.id)
    allocations.take_for_booking(tx, row.id, place, row.party_size)
    columns = placed(place, offer.name_of(place.resource_ids[0]), row.customer_name, row.service_name)
    if row.status == "PENDING":
        return columns | {"status": "SCHEDULED"}
    return columns | ({"previous_start_at": row.start_at} if start != row.start_at else {})


def _moved_on(tx: Tx, own: BusinessRow, row: BookingRow, change: BookingChange) -> dict[str, Any]:
    if change.status is UNSET or change.status == row.status:
        return {}
    return _transition(tx, own, row, change.status)


def _transition(tx: Tx, own: BusinessRow, row: BookingRow, status: Status) -> dict[str, Any]:
    """The columns of a move of status, its time given back or taken again."""
    _refuse_unless(status in lifecycle.moves_from(row.status), row, f"set to {status}")
    if status not in lifecycle.BLOCKING:
        allocations.release(tx, row.id)
    elif row.status not in lifecycle.BLOCKING and row.start_at is not None:
        _take_again(tx, own, row, row.start_at)
    if status != "CANCELLED":
        return {"status": status}
    late = refuse_late(tx, own, row)
    return {"status": status, "cancelled_at": tx.stamp, "cancelled_by": tx.origin.channel, "late_cancellation": int(late)}


def _too_late(own: BusinessRow, row: BookingRow) -> Problem:
    assert row.start_at is not None  # noqa: S101 -- only what has a time can be late
    last = wall_text(row.start_at - own.cancellation_window_hours * 3600, zone_named(own.timezone))
    message = f"Booking {row.id} could be cancelled until {last}; ask the business."
    return Problem("cancellation_window_passed", message, {"booking_id": row.id, "cancellable_until": last})


def _take_again(tx: Tx, own: BusinessRow, row: BookingRow, start: int) -> None:
    holds.expire(tx)
    try:
        allocations.retake(tx, row.id)
    except Problem:
        raise taken_again(tx, offer_again(tx, own, row), start, occupied_by(row)) from None


def _refuse_unless(allowed: bool, row: BookingRow, what: str) -> None:  # noqa: FBT001 -- reads as the sentence it is
    if allowed:
        return
    moves = sorted(lifecycle.moves_from(row.status))
    hint = "; give it a start_time" if row.status == "PENDING" else ""
    message = f"A booking that is {row.status} cannot be {what}{hint}."
    raise Problem("invalid_status_transition", message, {"status": [message], "allowed": moves})
