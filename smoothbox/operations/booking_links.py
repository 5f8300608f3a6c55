"""A customer's own link to one booking: signed, and good as long as the booking is what the customer agreed to.

The link names what it was made of: the start and the resources. Another time or resource ends it, and so does the end of
the booking by cancellation, visit or no-show. A confirmation or a note of the business does not: the link in the customer's
mail has to outlive the business's saying yes. A booking that changes for good gets a new link.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct

from smoothbox.contract.bookings import Booking, BookingChange, Cancellation
from smoothbox.errors import Problem
from smoothbox.ids import MODES, Mode
from smoothbox.keyring import Keyring, SignatureBrokenError
from smoothbox.operations import booking_changes
from smoothbox.operations.booking_shapes import wire
from smoothbox.store import bookings, business
from smoothbox.store.bookings import BookingRow
from smoothbox.store.connection import Tx

OPEN: Final = frozenset({"PENDING", "SCHEDULED", "CONFIRMED"})
_AFTER_THE_END: Final = 86_400  # seconds
_FOR_A_REQUEST: Final = 90 * 86_400  # seconds, of what has no time yet
_KEPT: Final = 1024


class Link(Struct, frozen=True):
    """What a link says: whose file, which booking, and what was agreed to. `start_at` is in UTC seconds."""

    folder: str
    mode: Mode
    booking_id: int
    start_at: int | None
    resource_ids: str


def link_to(keyring: Keyring, folder: str, mode: Mode, booking: Booking) -> str | None:
    """The signed text of a booking's link, the same whenever asked for; None for one that is over."""
    if booking.status not in OPEN:
        return None
    start = None if booking.start_time is None else _second(booking.start_time)
    end = (
        _second(booking.created_at) + _FOR_A_REQUEST if booking.end_time is None else _second(booking.end_time) + _AFTER_THE_END
    )
    return _signed(keyring, f"{folder}/{mode}/{booking.id}", start, bytes(booking.resource_ids).decode(), end)


def opened(keyring: Keyring, signed: str, now: float) -> Link:
    """What a signed text says. Raises Problem 'not_found' for what this box has not signed, 'link_expired'."""
    try:
        claims = keyring.claims("booking", signed)
        link, end = _link(claims), claims["exp"]
    except (SignatureBrokenError, KeyError, ValueError):
        raise Problem("not_found") from None
    if end <= now:
        raise Problem("link_expired")
    return link


def show(tx: Tx, link: Link) -> Booking:
    """The booking, if the link still holds. Raises Problem 'link_expired'."""
    return wire(_row(tx, link), business.timezone(tx))


def reschedule(tx: Tx, link: Link, start_time: str) -> Booking:
    """Move the booking; the link ends with that, and the booking has another.

    Raises Problem 'link_expired', 'invalid_status_transition' for a request that has no time yet, what a new time may raise,
    or 'cancellation_window_passed' where the business forbids late cancellations: who may not cancel may not move either.
    """
    row, own = _row(tx, link), business.get(tx)
    if row.start_at is None:
        raise Problem("invalid_status_transition", "The business gives this request its time.")
    booking_changes.refuse_late(tx, own, row)
    return booking_changes.change(tx, row.id, BookingChange(start_time=start_time))


def cancel(tx: Tx, link: Link, reason: str) -> Booking:
    """Cancel the booking. Raises Problem 'link_expired' or 'cancellation_window_passed'."""
    return booking_changes.cancel(tx, _row(tx, link).id, Cancellation(reason))


def _row(tx: Tx, link: Link) -> BookingRow:
    row = bookings.get(tx, link.booking_id)
    if row is None or row.status not in OPEN or (row.start_at, row.resource_ids) != (link.start_at, link.resource_ids):
        raise Problem("link_expired", "This booking has changed since the link was made; ask the business for a new one.")
    return row


@lru_cache(_KEPT)
def _signed(keyring: Keyring, subject: str, start: int | None, resource_ids: str, end: int) -> str:
    return keyring.sign("booking", {"sub": subject, "at": start, "by": resource_ids, "exp": end})


def _link(claims: Mapping[str, Any]) -> Link:
    """Raises KeyError or ValueError for claims of another make."""
    folder, mode, booking_id = claims["sub"].rsplit("/", 2)
    if mode not in MODES:
        raise ValueError(mode)
    return Link(folder, mode, int(booking_id), claims["at"], claims["by"])


def _second(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
